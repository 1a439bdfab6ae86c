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
    found: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Report {
            text,
            found: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, place: &impl Ranged, message: impl Into<String>) {
        self.note(place, Level::Error, message.into());
    }

    pub(super) fn warning(&mut self, place: &impl Ranged, message: impl Into<String>) {
        self.note(place, Level::Warning, message.into());
    }

    pub(super) fn at_line(&mut self, line: usize, column: usize, message: String) {
        self.found.push(Problem {
            line: line.max(1),
            column: column.max(1),
            level: Level::Error,
            message,
        });
    }

    fn note(&mut self, place: &impl Ranged, level: Level, message: String) {
        let before = self.text.get(..place.start()).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.get(line_start..).unwrap_or_default();
        self.found.push(Problem {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
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
