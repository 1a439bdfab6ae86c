//! The files that people have.

mod addresses;
mod domains;
mod json;
mod numbers;
mod problem;
mod rules;
mod table;
mod texts;

use std::io::{self, BufRead};

pub use self::problem::{Problem, Read};
pub use self::rules::{ListRules, Subject};
use crate::action::Effect;
use crate::error::RuleError;

/// How the lines of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineOptions {
    /// What the lines do.
    pub action: crate::Action,
    /// Whether the second column is the tag, a number: above 255 it counts as 255.
    pub tag_column: bool,
    /// What is between the key and the value of a table's row.
    pub separator: char,
}

impl Default for LineOptions {
    fn default() -> Self {
        LineOptions {
            action: crate::Action::Deny { tag: 0 },
            tag_column: false,
            separator: '\t',
        }
    }
}

impl LineOptions {
    /// What a line does, whose second column may be a tag.
    fn effect(&self, column: Option<&str>) -> Result<Effect, Unusable> {
        let effect = Effect::from(self.action);
        match (self.tag_column, effect, column) {
            (true, Effect::Deny(_), Some(column)) => match column.trim().parse::<u64>() {
                Ok(tag) => Ok(Effect::Deny(tag.min(255) as u32)),
                Err(_) => Err(Unusable::Tag(column.trim().to_owned())),
            },
            (true, Effect::Deny(_), None) => Err(Unusable::NoTag),
            _ => Ok(effect),
        }
    }
}

/// Why a line cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// It is no rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// It is not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// The second column is no tag.
    #[error("`{0}` is no tag: a number is expected in the second column")]
    Tag(String),
    /// There is no second column.
    #[error("there is no second column, which would be the tag")]
    NoTag,
    /// It is no JSON, or has nothing that a list is of.
    #[error("it is no line of JSON with {0}")]
    Json(&'static str),
    /// It is a rule of an ad blocker that is for something else than whole domains.
    #[error("a rule of ad blockers for {0}")]
    AdBlock(&'static str),
    /// It is an address, where domains are expected.
    #[error("`{0}` is an address, and no domain")]
    IsAddress(String),
    /// A carriage return is within it.
    #[error("there is a carriage return within it: lines end with a line feed")]
    CarriageReturn,
    /// There are several words where one is expected.
    #[error("there is more than one word")]
    SeveralWords,
    /// It has no value.
    #[error("there is no value: key and value have {0:?} between them")]
    NoValue(char),
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// So many rules.
    Rules(u64),
    /// A comment, a heading, what comes with a format.
    Nothing,
}

impl ListRules {
    /// Adds the lines of a file. Those that cannot be used are told, with their numbers, and left out.
    ///
    /// What is understood depends on what the list is of; see `docs/packed-lists.md`.
    ///
    /// ```
    /// use fastedge_pack::{LineOptions, ListRules, Subject};
    ///
    /// let file = "# a list\n192.0.2.0/24\n198.51.100.1-198.51.100.9 ; comment\nexample.com\n";
    /// let mut rules = ListRules::new(Subject::Addresses);
    /// let mut problems = Vec::new();
    /// let read = rules.read(file.as_bytes(), "my.txt", &LineOptions::default(), &mut |problem| {
    ///     problems.push(problem.to_string());
    /// })?;
    /// assert_eq!((read.rules, read.unusable), (2, 1));
    /// assert_eq!(
    ///     problems,
    ///     ["my.txt:4: `example.com` is no address, network (192.0.2.0/24) or range (192.0.2.1-192.0.2.9)"],
    /// );
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn read(
        &mut self,
        file: impl BufRead,
        name: &str,
        options: &LineOptions,
        tell: &mut dyn FnMut(Problem),
    ) -> io::Result<Read> {
        let mut file = file;
        let mut read = Read::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            if file.read_until(b'\n', &mut line)? == 0 {
                return Ok(read);
            }
            read.lines += 1;
            let without_mark = match read.lines {
                1 => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line),
                _ => &line,
            };
            let text = str::from_utf8(without_mark).map_err(|_| Unusable::NotUtf8);
            match text.and_then(|text| self.add_line(text.trim(), options)) {
                Ok(Line::Rules(count)) => read.rules += count,
                Ok(Line::Nothing) => {}
                Err(reason) => {
                    read.unusable += 1;
                    tell(Problem {
                        file: name.to_owned(),
                        line: read.lines,
                        reason,
                    });
                }
            }
        }
    }
}
