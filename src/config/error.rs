//! How loading settings fails.

use std::fmt::Display;

use crate::kv_store;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no document.
    #[error(
        "there is no document at key `{key}` of store `{store}`: write one, or say with `when_missing` \
         what holds without it"
    )]
    Missing {
        /// The store.
        store: String,
        /// The key.
        key: String,
    },
    /// The document cannot be read, or is not valid.
    #[error("the document at key `{key}` of store `{store}` is broken: {reason}")]
    Broken {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store cannot be opened or read.
    #[error(transparent)]
    Unavailable(#[from] kv_store::Error),
}

impl Error {
    pub(super) fn missing(store: &str, key: &str) -> Self {
        Error::Missing {
            store: store.to_owned(),
            key: key.to_owned(),
        }
    }

    pub(super) fn broken(store: &str, key: &str, reason: &dyn Display) -> Self {
        Error::Broken {
            store: store.to_owned(),
            key: key.to_owned(),
            reason: reason.to_string(),
        }
    }
}
