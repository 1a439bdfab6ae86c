//! What is wrong with the configuration: where, and what to do.

use std::path::{Path, PathBuf};

/// Something in a configuration file that cannot be used.
///
/// Its text names the file, the line, the key and the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct ConfigError {
    file: PathBuf,
    line: Option<usize>,
    key: Option<String>,
    problem: String,
}

impl ConfigError {
    pub(crate) fn of_file(file: &Path, problem: impl Into<String>) -> Self {
        ConfigError {
            file: file.to_owned(),
            line: None,
            key: None,
            problem: problem.into(),
        }
    }

    pub(crate) fn of_line(file: &Path, line: usize, problem: impl Into<String>) -> Self {
        ConfigError {
            line: Some(line),
            ..ConfigError::of_file(file, problem)
        }
    }

    pub(crate) fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    fn text(&self) -> String {
        let mut text = self.file.display().to_string();
        if let Some(line) = self.line {
            text.push_str(&format!(":{line}"));
        }
        if let Some(key) = &self.key {
            text.push_str(&format!(": {key}"));
        }
        format!("{text}: {}", self.problem)
    }
}

pub(crate) fn read_error(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}
