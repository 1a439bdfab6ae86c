//! What has been found, and where.

use std::fmt;

use jsonc_parser::common::Ranged;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// How bad it is.
    pub level: Level,
    /// What is wrong.
    pub message: String,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A flag does not do what is written.
    Error,
    /// It may be meant.
    Warning,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(
            f,
            "{}:{}: {level}: {}",
            self.line, self.column, self.message
        )
    }
}

/// Collects problems.
pub(super) struct Report<'a> {
    text: &'a str,
    /// Where lines begin.
    lines: Vec<usize>,
    found: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = newlines.map(|(place, _)| place + 1);
        Report {
            text,
            lines: std::iter::once(0).chain(starts).collect(),
            found: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, place: &impl Ranged, message: impl Into<String>) {
        self.note(place, Level::Error, message.into());
    }

    pub(super) fn warning(&mut self, place: &impl Ranged, message: impl Into<String>) {
        self.note(place, Level::Warning, message.into());
    }

    pub(super) fn at_byte(&mut self, byte: usize, message: String) {
        self.add(byte, Level::Error, message);
    }

    /// Lines and bytes are counted from 1.
    pub(super) fn at_byte_of_line(&mut self, line: usize, byte: usize, message: String) {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        self.add(start + byte.saturating_sub(1), Level::Error, message);
    }

    fn note(&mut self, place: &impl Ranged, level: Level, message: String) {
        self.add(place.start(), level, message);
    }

    fn add(&mut self, byte: usize, level: Level, message: String) {
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.as_bytes().get(start..byte).unwrap_or_default();
        self.found.push(Problem {
            line,
            column: String::from_utf8_lossy(before).chars().count() + 1,
            level,
            message,
        });
    }

    /// In the order of the document.
    pub(super) fn problems(mut self) -> Vec<Problem> {
        self.found
            .sort_by_key(|problem| (problem.line, problem.column));
        self.found
    }
}
