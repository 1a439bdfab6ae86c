//! The error of a handler that uses several rooms of this crate.

use std::error::Error as StdError;

use super::SendError;
use crate::value::DecodeError;
use crate::{
    NoHostInstalled, blocklist, bloom, cache, codec, config, diagnostics, dictionary,
    edge_storage_api, flags, key, kv_store, pattern, secret, session,
};

/// Any error that an app meets in this crate, and by [`Error::other`] any other: the error for a handler
/// to return, so that `?` works on all of it.
///
/// A handler is free to return another type: all that
/// [`#[fastedge::http]`](macro@crate::http) asks of it is [`Display`](std::fmt::Display).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A request or a response could not be built.
    #[error(transparent)]
    Http(#[from] ::http::Error),
    /// Edge Storage.
    #[error(transparent)]
    KvStore(#[from] kv_store::Error),
    /// The API for writing to Edge Storage.
    #[error(transparent)]
    EdgeStorageApi(#[from] edge_storage_api::Error),
    /// The token for that API.
    #[error(transparent)]
    Token(#[from] edge_storage_api::TokenError),
    /// An entry that cannot be written through that API.
    #[error(transparent)]
    Entry(#[from] edge_storage_api::EntryError),
    /// A value that cannot be written to its key.
    #[error(transparent)]
    WriteValue(#[from] key::WriteValueError),
    /// A key or a value that is too large.
    #[error(transparent)]
    Limit(#[from] key::LimitError),
    /// A value that cannot be written.
    #[error(transparent)]
    Encode(#[from] codec::EncodeError),
    /// A pattern.
    #[error(transparent)]
    Pattern(#[from] pattern::PatternError),
    /// A packed list.
    #[error(transparent)]
    Blocklist(#[from] blocklist::Error),
    /// A text that is no domain.
    #[error("that is no domain: {0}")]
    Domain(#[from] blocklist::canonical::NotADomain),
    /// A Bloom filter.
    #[error(transparent)]
    Filter(#[from] bloom::FilterError),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// No permit to do something at the same time as others.
    #[error(transparent)]
    Permit(#[from] cache::NoPermit),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// Feature flags.
    #[error(transparent)]
    Flags(#[from] flags::Error),
    /// Overrides of feature flags.
    #[error(transparent)]
    FlagOverride(#[from] flags::OverrideError),
    /// A visitor who has no number yet.
    #[error(transparent)]
    Visitor(#[from] flags::VisitorError),
    /// A rule of JsonLogic.
    #[error(transparent)]
    Rule(#[from] flags::json_logic::RuleError),
    /// A time to live.
    #[error(transparent)]
    Ttl(#[from] cache::TtlError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] secret::Error),
    /// A session.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// The dictionary.
    #[error(transparent)]
    Dictionary(#[from] dictionary::Error),
    /// The diagnostics.
    #[error(transparent)]
    Diagnostics(#[from] diagnostics::Error),
    /// An outbound request.
    #[error(transparent)]
    Send(#[from] SendError),
    /// What the platform says of the client.
    #[error(transparent)]
    ClientInfo(#[from] super::ClientInfoError),
    /// A value or a body that is not what it was to be read as.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
    /// Any other error.
    #[error(transparent)]
    Other(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// Any error, or a text.
    ///
    /// ```
    /// use fastedge::http::Error;
    ///
    /// let from_text = Error::other("no such page");
    /// assert_eq!(from_text.to_string(), "no such page");
    /// let from_error = "x".parse::<u8>().map_err(Error::other).unwrap_err();
    /// assert_eq!(from_error.to_string(), "invalid digit found in string");
    /// ```
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Error::Other(error.into())
    }
}
