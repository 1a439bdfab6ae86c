//! A TOML document that knows, at each place, where it is.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use crate::stamp::Stamp;
use crate::suggestion::did_you_mean;

/// The text of a file.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// The paths in it that have been looked up.
    paths: RefCell<Vec<Stamp>>,
}

impl Source {
    pub(crate) fn new(path: &Path, text: String) -> Self {
        Source {
            path: path.to_owned(),
            text,
            paths: RefCell::default(),
        }
    }

    /// The paths in it that have been looked up.
    pub(crate) fn paths(&self) -> Vec<Stamp> {
        self.paths.borrow().clone()
    }

    /// What is about to be read from a path belongs to the document.
    pub(crate) fn note(&self, path: &Path) {
        self.paths.borrow_mut().push(Stamp::of(path));
    }

    pub(crate) fn parse(&self) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        DeTable::parse(&self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(&span));
            ConfigError::of_line(&self.path, line, format!("not TOML: {}", error.message()))
        })
    }

    /// The folder that paths in the file are relative to.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        1 + before.bytes().filter(|byte| *byte == b'\n').count()
    }
}

/// A value and its place.
#[derive(Clone)]
pub(crate) struct Node<'a> {
    source: &'a Source,
    /// The dotted key, as it would be written at the top of the file.
    key: String,
    span: Range<usize>,
    value: &'a DeValue<'a>,
}

/// A table and its place.
#[derive(Clone)]
pub(crate) struct Table<'a> {
    source: &'a Source,
    key: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
}

impl<'a> Node<'a> {
    pub(crate) fn source(&self) -> &'a Source {
        self.source
    }

    pub(crate) fn error(&self, problem: impl Into<String>) -> ConfigError {
        error(self.source, &self.span, &self.key, problem)
    }

    fn not_a(&self, what: &str) -> ConfigError {
        let found = match self.value.type_str() {
            vowel @ ("integer" | "array") => format!("an {vowel}"),
            other => format!("a {other}"),
        };
        self.error(format!("{what} is wanted, not {found}"))
    }

    pub(crate) fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub(crate) fn table(&self) -> Result<Table<'a>, ConfigError> {
        match self.value {
            DeValue::Table(table) => Ok(Table {
                source: self.source,
                key: self.key.clone(),
                span: self.span.clone(),
                table,
            }),
            _ => Err(self.not_a("a table")),
        }
    }

    pub(crate) fn list(&self) -> Result<Vec<Node<'a>>, ConfigError> {
        match self.value {
            DeValue::Array(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(i, item)| Node {
                    source: self.source,
                    key: format!("{}[{i}]", self.key),
                    span: item.span(),
                    value: item.get_ref(),
                })
                .collect()),
            _ => Err(self.not_a("a list")),
        }
    }

    pub(crate) fn text(&self) -> Result<&'a str, ConfigError> {
        self.value.as_str().ok_or_else(|| self.not_a("a text"))
    }

    pub(crate) fn truth(&self) -> Result<bool, ConfigError> {
        self.value
            .as_bool()
            .ok_or_else(|| self.not_a("true or false"))
    }

    /// The value as JSON: moments are texts there.
    pub(crate) fn to_json(&self) -> Result<serde_json::Value, ConfigError> {
        use serde_json::Value;
        Ok(match self.value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(_) => Value::from(self.integer::<i64>("a number")?),
            DeValue::Float(_) => Value::from(self.number()?),
            DeValue::Boolean(truth) => Value::Bool(*truth),
            DeValue::Datetime(moment) => Value::String(moment.to_string()),
            DeValue::Array(_) => {
                let items = self.list()?;
                items.iter().map(Node::to_json).collect::<Result<_, _>>()?
            }
            DeValue::Table(_) => {
                let table = self.table()?;
                let entries = table.entries();
                let entries = entries.map(|(name, node)| Ok((name.to_owned(), node.to_json()?)));
                Value::Object(entries.collect::<Result<_, ConfigError>>()?)
            }
        })
    }

    /// A text, or a number or a truth value as its text: all values of the platform are text.
    pub(crate) fn scalar(&self) -> Result<String, ConfigError> {
        match self.value {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.to_string()),
            DeValue::Float(number) => Ok(number.to_string()),
            DeValue::Boolean(truth) => Ok(truth.to_string()),
            _ => Err(self.not_a("a text")),
        }
    }

    pub(crate) fn integer<T: std::str::FromStr>(&self, what: &str) -> Result<T, ConfigError> {
        match self.value {
            DeValue::Integer(number) if number.radix() == 10 => number
                .as_str()
                .replace('_', "")
                .parse()
                .map_err(|_| self.error(format!("{what} is wanted, not {number}"))),
            _ => Err(self.not_a(what)),
        }
    }

    pub(crate) fn number(&self) -> Result<f64, ConfigError> {
        let text = match self.value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return Err(self.not_a("a number")),
        };
        text.replace('_', "")
            .parse()
            .map_err(|_| self.error(format!("a number is wanted, not {text}")))
    }

    /// A moment in unix seconds: a TOML date and time with a zone, or the seconds.
    pub(crate) fn moment(&self) -> Result<u64, ConfigError> {
        let DeValue::Datetime(moment) = self.value else {
            return self.integer("a moment, as 2026-01-31T12:00:00Z or in unix seconds,");
        };
        moment
            .to_string()
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|moment| u64::try_from(moment.as_second()).ok())
            .ok_or_else(|| {
                self.error("a moment has a date, a time and a zone: 2026-01-31T12:00:00Z")
            })
    }

    /// A path, relative to the file's folder.
    pub(crate) fn path(&self) -> Result<PathBuf, ConfigError> {
        let path = self.source.folder().join(self.text()?);
        self.source.note(&path);
        Ok(path)
    }
}

impl<'a> Table<'a> {
    pub(crate) fn root(source: &'a Source, document: &'a Spanned<DeTable<'a>>) -> Self {
        Table {
            source,
            key: String::new(),
            span: document.span(),
            table: document.get_ref(),
        }
    }

    pub(crate) fn error(&self, problem: impl Into<String>) -> ConfigError {
        error(self.source, &self.span, &self.key, problem)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> + '_ {
        self.table.iter().map(|(name, value)| {
            let node = Node {
                source: self.source,
                key: self.key_of(name.get_ref()),
                span: name.span(),
                value: value.get_ref(),
            };
            (&**name.get_ref(), node)
        })
    }

    pub(crate) fn get(&self, wanted: &str) -> Option<Node<'a>> {
        self.entries()
            .find(|(name, _)| *name == wanted)
            .map(|(_, node)| node)
    }

    /// Refuses entries that are not `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ConfigError> {
        for (name, node) in self.entries() {
            if !known.contains(&name) {
                let hint = did_you_mean(name, known);
                return Err(node.error(format!("unknown key; {hint}")));
            }
        }
        Ok(())
    }

    fn key_of(&self, name: &str) -> String {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name = match !name.is_empty() && name.chars().all(is_bare) {
            true => Cow::Borrowed(name),
            false => Cow::Owned(format!("{name:?}")),
        };
        match self.key.as_str() {
            "" => name.into_owned(),
            key => format!("{key}.{name}"),
        }
    }
}

fn error(
    source: &Source,
    span: &Range<usize>,
    key: &str,
    problem: impl Into<String>,
) -> ConfigError {
    let error = ConfigError::of_line(&source.path, source.line(span), problem);
    match key {
        "" => error,
        key => error.with_key(key),
    }
}
