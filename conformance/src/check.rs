//! How a case ends.

use std::fmt::{Debug, Display};

/// What a case has found.
pub(crate) type Verdict = Result<Seen, Stop>;

/// The case has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is as the contract says.
    AsPromised,
    /// The contract leaves it to the host, which does this.
    Choice(&'static str),
}

impl Seen {
    pub(crate) fn into_choice(self) -> Option<String> {
        match self {
            Seen::AsPromised => None,
            Seen::Choice(choice) => Some(choice.to_owned()),
        }
    }
}

/// The case has not passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The host does otherwise.
    Failed(String),
    /// It cannot be told.
    Skipped(String),
}

impl Stop {
    pub(crate) fn failed(why: impl Display) -> Self {
        Stop::Failed(why.to_string())
    }

    pub(crate) fn skipped(why: impl Display) -> Self {
        Stop::Skipped(why.to_string())
    }
}

/// What fails where nothing was to fail.
impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::failed(error)
    }
}

/// Shortens what is shown of a value: a megabyte tells nobody more than its beginning.
pub(crate) fn shown(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

/// Fails the case unless something holds.
macro_rules! ensure {
    ($holds:expr, $($why:tt)+) => {
        if !$holds {
            return Err($crate::check::Stop::failed(format!($($why)+)));
        }
    };
}

/// Fails the case unless what is there is what is wanted.
macro_rules! ensure_eq {
    ($there:expr, $wanted:expr, $($what:tt)+) => {
        // As in `assert_eq!`: what is temporary lives until the match has ended.
        match (&$there, &$wanted) {
            (there, wanted) => {
                if there != wanted {
                    return Err($crate::check::Stop::failed(format!(
                        "{}: {}, where {} is wanted",
                        format_args!($($what)+),
                        $crate::check::shown(there),
                        $crate::check::shown(wanted),
                    )));
                }
            }
        }
    };
}

pub(crate) use {ensure, ensure_eq};
