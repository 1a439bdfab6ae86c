//! What has been read, and what could not be used.

use super::Unusable;

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line's number, from 1.
    pub line: u64,
    /// Why it cannot be used.
    pub reason: Unusable,
}

/// How much has been read of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// All lines.
    pub lines: u64,
    /// What was taken from them.
    pub rules: u64,
    /// Lines that cannot be used.
    pub unusable: u64,
}
