//! How loading flags fails.

use crate::kv_store;

/// Why there are no flags.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no document.
    #[error(
        "there are no flags at key `{key}` of store `{store}`: publish them with `fastedge-mock flags \
         publish`"
    )]
    Missing {
        /// The store.
        store: String,
        /// The key.
        key: String,
    },
    /// The store cannot be opened or read.
    #[error(transparent)]
    Unavailable(#[from] kv_store::Error),
}
