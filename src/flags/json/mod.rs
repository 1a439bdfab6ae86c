//! Reading JSON in place: skipping what is not asked for, and reading strictly what is.

mod cursor;
mod decimal;
mod number;
mod skip;
mod text;
mod validate;

pub(super) use self::cursor::{Cursor, Kind};
pub(super) use self::number::Number;
pub(super) use self::skip::{Objects, blank, string, value};
pub(super) use self::validate::validated;

/// How deep arrays and objects may be within each other.
pub(super) const MAX_DEPTH: usize = 128;

/// What is not JSON, or not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// The byte at which reading stopped.
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// What has been validated, and yet is not JSON. It does not happen, so that nobody says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotJson;

impl SyntaxError {
    pub(super) fn new(at: usize, what: &'static str) -> Self {
        SyntaxError { at, what }
    }
}
