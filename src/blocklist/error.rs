//! How a list cannot be asked.

use super::canonical::NotADomain;
use super::format::{Kind, Malformed};
use crate::NoHostInstalled;
use crate::error::error_of_kind;
use crate::kv_store;

error_of_kind!("asking a packed list");

/// The ways in which asking a list fails. Whether what was asked for is listed is not known then: see
/// [`Decision`](super::Decision).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] kv_store::Error),
    /// There is no list.
    #[error(
        "there is no list at key `{key}` of store `{store}`: publish it with `fastedge-mock pack publish`"
    )]
    NotPublished {
        /// The store.
        store: String,
        /// The key.
        key: String,
    },
    /// What is there is no list, or a broken one.
    #[error("key `{key}` of store `{store}` does not hold a packed list: {reason}")]
    Malformed {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What is wrong.
        reason: Malformed,
    },
    /// The list is asked for something else.
    #[error("the list at key `{key}` of store `{store}` is one of {found}, not of {wanted}")]
    OfAnotherKind {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What the list is of.
        found: &'static str,
        /// What it was asked for.
        wanted: &'static str,
    },
    /// A part of the list has not arrived, and the generation before it is gone, or has not arrived either.
    #[error(
        "a part of the list at key `{key}` of store `{store}` is not there, neither that of generation \
         {generation} ({reason}) nor one of the generation before: it is still being replicated, or has to be published \
         again"
    )]
    Unavailable {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// The generation that was looked in first.
        generation: u32,
        /// What was wrong with its part.
        reason: String,
    },
    /// What was asked for is no domain.
    #[error("that is no domain: {0}")]
    NotADomain(#[from] NotADomain),
    /// A value of a table is not what it was to be read as.
    #[error("a value of the table at key `{key}` of store `{store}` cannot be decoded: {reason}")]
    Decode {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What is wrong with the value.
        reason: crate::DecodeError,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

impl From<kv_store::Error> for Error {
    fn from(error: kv_store::Error) -> Self {
        ErrorKind::from(error).into()
    }
}

impl From<NotADomain> for Error {
    fn from(error: NotADomain) -> Self {
        ErrorKind::from(error).into()
    }
}

impl Error {
    #[cold]
    pub(super) fn malformed(store: &str, key: &str, reason: Malformed) -> Self {
        ErrorKind::Malformed {
            store: store.to_owned(),
            key: key.to_owned(),
            reason,
        }
        .into()
    }

    #[cold]
    pub(super) fn of_another_kind(
        store: &str,
        key: &str,
        found: &'static str,
        wanted: Kind,
    ) -> Self {
        ErrorKind::OfAnotherKind {
            store: store.to_owned(),
            key: key.to_owned(),
            found,
            wanted: wanted.name(),
        }
        .into()
    }
}
