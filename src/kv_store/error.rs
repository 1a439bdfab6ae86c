//! How reading Edge Storage fails.

use fastedge_host::KeyValueError;

use crate::NoHostInstalled;
use crate::value::DecodeError;

/// How reading Edge Storage fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store is not linked to the app. Hosts do not say whether it exists.
    #[error(
        "store `{store}` is not available: link it to the app under this name (for fastedge-mock: \
         `[stores.{store}]` in fastedge.toml; in a test: `MockHost::new().kv(\"{store}\", …)`)"
    )]
    NotAvailable {
        /// The name that was asked for.
        store: String,
    },
    /// The host answered `internal-error`.
    #[error(
        "the host could not read key `{key}` of store `{store}` (internal-error): either the key \
         holds another data type than the one asked for, or the store's backend is down"
    )]
    Internal {
        /// The store.
        store: String,
        /// The key, or the pattern of a scan.
        key: String,
    },
    /// The host answered in its own words.
    #[error("the host could not read key `{key}` of store `{store}`: {message}")]
    Other {
        /// The store.
        store: String,
        /// The key, or the pattern of a scan.
        key: String,
        /// What the host said.
        message: String,
    },
    /// The value is not what it was to be read as.
    #[error("key `{key}` of store `{store}` cannot be decoded: {source}")]
    Decode {
        /// The store.
        store: String,
        /// The key.
        key: String,
        /// What is wrong with the value.
        source: DecodeError,
    },
    /// A bound of a score range is NaN.
    #[error("a bound of the score range for key `{key}` of store `{store}` is NaN")]
    NotANumber {
        /// The store.
        store: String,
        /// The key.
        key: String,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

impl Error {
    #[cold]
    pub(super) fn of_open(store: &str, error: KeyValueError) -> Self {
        Error::of_call(store, "", error)
    }

    #[cold]
    pub(super) fn of_call(store: &str, key: &str, error: KeyValueError) -> Self {
        let store = store.to_owned();
        let key = key.to_owned();
        match error {
            KeyValueError::NoSuchStore | KeyValueError::AccessDenied => {
                Error::NotAvailable { store }
            }
            KeyValueError::InternalError => Error::Internal { store, key },
            KeyValueError::Other(message) => Error::Other {
                store,
                key,
                message,
            },
            KeyValueError::NoHostInstalled(error) => Error::NoHostInstalled(error),
            error => Error::Other {
                store,
                key,
                message: error.to_string(),
            },
        }
    }

    #[cold]
    pub(super) fn of_decoding(store: &str, key: &str, source: DecodeError) -> Self {
        Error::Decode {
            store: store.to_owned(),
            key: key.to_owned(),
            source,
        }
    }
}
