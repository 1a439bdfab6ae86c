//! How sessions fail.

use crate::error::error_of_kind;
use crate::value::DecodeError;
use crate::{NoHostInstalled, cache, edge_storage_api, kv_store, secret};

error_of_kind!("a session");

/// The ways in which sessions fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The secret that signs is not set.
    #[error("secret `{name}`, which signs sessions, is not set: set it, and link it to the app")]
    NoSecret {
        /// The secret's name.
        name: String,
    },
    /// The secret that signs is too short.
    #[error(
        "secret `{name}`, which signs sessions, has {bytes} bytes: take 32 random ones, or 16 at least"
    )]
    WeakSecret {
        /// The secret's name.
        name: String,
        /// How long it is.
        bytes: usize,
    },
    /// The secret that signs cannot be read.
    #[error(transparent)]
    Secret(#[from] secret::Error),
    /// The cache, where the state is kept.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The store, where the state is kept.
    #[error(transparent)]
    KvStore(#[from] kv_store::Error),
    /// Writing to the store, where the state is kept.
    #[error(transparent)]
    EdgeStorageApi(#[from] edge_storage_api::Error),
    /// A place of one's own, where the state is kept.
    #[error("the place of sessions: {0}")]
    Place(Box<dyn std::error::Error + Send + Sync>),
    /// What is kept is not a session with such a state.
    #[error("what is kept is not this session's state: {0}")]
    Decode(DecodeError),
    /// The state cannot be written as JSON.
    #[error("the session's state cannot be written as JSON: {0}")]
    Encode(serde_json::Error),
    /// There is no randomness for a new session.
    #[error("there is no randomness for a new session: {0}")]
    Random(String),
    /// The cookie's name is none.
    #[error("`{name}` is not a cookie's name: that is of letters, digits and !#$%&'*+-.^_`|~")]
    CookieName {
        /// The name.
        name: String,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

impl From<secret::Error> for Error {
    fn from(error: secret::Error) -> Self {
        ErrorKind::from(error).into()
    }
}

impl From<cache::Error> for Error {
    fn from(error: cache::Error) -> Self {
        ErrorKind::from(error).into()
    }
}

impl From<kv_store::Error> for Error {
    fn from(error: kv_store::Error) -> Self {
        ErrorKind::from(error).into()
    }
}

impl From<edge_storage_api::Error> for Error {
    fn from(error: edge_storage_api::Error) -> Self {
        ErrorKind::from(error).into()
    }
}
