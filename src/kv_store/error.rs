//! How reading Edge Storage fails.

use fastedge_host::KeyValueError;

use crate::NoHostInstalled;
use crate::error::error_of_kind;
use crate::host::{KeyValueFailure, explain_key_value};
use crate::value::DecodeError;

error_of_kind!("reading Edge Storage");

/// The ways in which reading Edge Storage fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The store is not linked to the app. Hosts do not say whether it exists.
    #[error(
        "store `{store}` is not available: link it to the app under this name (for fastedge-mock: \
         `[stores.{store}]` in fastedge.toml; in a test: `MockHost::new().kv(\"{store}\", …)`)"
    )]
    NotAvailable {
        /// The name that was asked for.
        store: String,
    },
    /// The store is there, but the host could not open it.
    #[error("store `{store}` could not be opened: {message}")]
    NotOpened {
        /// The store.
        store: String,
        /// What the host said.
        message: String,
    },
    /// The store was opened, and this was denied nevertheless.
    #[error("the app may not read `{key}` of store `{store}` (access-denied)")]
    AccessDenied {
        /// The store.
        store: String,
        /// The key, or the pattern of a scan.
        key: String,
    },
    /// The host answered `internal-error`.
    #[error(
        "the host could not read `{key}` of store `{store}` (internal-error): the key holds another \
         data type than the one asked for, or the store's backend is down or slow"
    )]
    Internal {
        /// The store.
        store: String,
        /// The key, or the pattern of a scan.
        key: String,
    },
    /// The host answered in its own words.
    #[error("the host could not read `{key}` of store `{store}`: {message}")]
    Other {
        /// The store.
        store: String,
        /// The key, or the pattern of a scan.
        key: String,
        /// What the host said.
        message: String,
    },
    /// The value is not what it was to be read as.
    #[error("key `{key}` of store `{store}` cannot be decoded: {reason}")]
    Decode {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What is wrong with the value.
        reason: DecodeError,
    },
    /// A bound of a score range is NaN.
    #[error("a bound of the score range for key `{key}` of store `{store}` is NaN")]
    NotANumber {
        /// The store.
        store: String,
        /// The key.
        key: String,
    },
    /// A sorted set is not one by which a number is published.
    #[error("key `{key}` of store `{store}` does not hold a published number: {reason}")]
    NotAPointer {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

impl Error {
    #[cold]
    #[inline(never)]
    pub(super) fn of_open(store: &str, failure: KeyValueFailure) -> Self {
        let store = store.to_owned();
        let kind = match explain_key_value(failure) {
            KeyValueError::NoSuchStore | KeyValueError::AccessDenied => {
                ErrorKind::NotAvailable { store }
            }
            KeyValueError::NoHostInstalled(error) => ErrorKind::NoHostInstalled(error),
            KeyValueError::InternalError => {
                let message = "internal-error".to_owned();
                ErrorKind::NotOpened { store, message }
            }
            KeyValueError::Other(message) => ErrorKind::NotOpened { store, message },
        };
        kind.into()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn of_call(store: &str, key: &str, failure: KeyValueFailure) -> Self {
        let store = store.to_owned();
        let key = key.to_owned();
        let kind = match explain_key_value(failure) {
            KeyValueError::NoSuchStore => ErrorKind::NotAvailable { store },
            KeyValueError::AccessDenied => ErrorKind::AccessDenied { store, key },
            KeyValueError::InternalError => ErrorKind::Internal { store, key },
            KeyValueError::Other(message) => ErrorKind::Other {
                store,
                key,
                message,
            },
            KeyValueError::NoHostInstalled(error) => ErrorKind::NoHostInstalled(error),
        };
        kind.into()
    }

    #[cold]
    pub(super) fn of_nan(store: &str, key: &str) -> Self {
        ErrorKind::NotANumber {
            store: store.to_owned(),
            key: key.to_owned(),
        }
        .into()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn of_decoding(store: &str, key: &str, reason: DecodeError) -> Self {
        ErrorKind::Decode {
            store: store.to_owned(),
            key: key.to_owned(),
            reason,
        }
        .into()
    }
}
