//! How writing fails.

use std::time::Duration;

use ::http::StatusCode;

use super::entry::EntryError;
use super::token::TokenError;
use super::transport::TransportError;
use crate::NoHostInstalled;
use crate::error::error_of_kind;
use crate::key::{LimitError, WriteValueError};

error_of_kind!("a call of the API for Edge Storage");

/// The ways in which a call of the API fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API refused the request.
    #[error("{call}: {status}{}", refusal(message, conflicting_ids))]
    Refused {
        /// The method and the path.
        call: String,
        /// The status.
        status: StatusCode,
        /// The API's message, or the text of its body; empty for most 404s.
        message: String,
        /// The numbers of conflicting resources: the apps that a store is linked to.
        conflicting_ids: Vec<u64>,
        /// How long the API asks to wait.
        retry_after: Option<Duration>,
    },
    /// The API answered success, and something that cannot be read. What was asked for may have
    /// been done.
    #[error("{call}: the answer ({status}) cannot be read: {reason}")]
    Answer {
        /// The method and the path.
        call: String,
        /// The status.
        status: StatusCode,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no answer.
    #[error("{call}: {reason}")]
    NotAnswered {
        /// The method and the path.
        call: String,
        /// What the client says.
        reason: String,
        /// Whether the request may have arrived, and been done.
        may_have_arrived: bool,
        /// Whether the same request will not be sent later either: it is too large, or goes where the app
        /// may not, or the app has used up its requests.
        is_permanent: bool,
    },
    /// Fewer keys were deleted than asked for: the others do not exist, or hold another data type
    /// than the one they were deleted as. What was deleted is deleted.
    #[error(
        "of {asked} keys, {deleted} were deleted: the others do not exist, or hold another data \
         type than the one they were to be deleted as"
    )]
    NotDeleted {
        /// How many were to be deleted.
        asked: u64,
        /// How many were.
        deleted: u64,
    },
    /// The API does not return the contents of a key, or returns only a part of them.
    #[error("cannot read back key `{key}`: {reason}")]
    NotReadable {
        /// The key.
        key: String,
        /// The reason.
        reason: String,
    },
    /// A listing changed so often while it was read that pages did not fit together.
    #[error("cannot read {listing}: it changed too often meanwhile; try again")]
    Unstable {
        /// The listing.
        listing: String,
    },
    /// A key that no URL can name: the empty one, `.` and `..`.
    #[error("key `{key}` cannot be part of a URL")]
    Key {
        /// The key.
        key: String,
    },
    /// What is no URL of an API, or is too long for one.
    #[error(
        "`{url}` is not a URL of the API, or makes one that is too long: a base is `https://host`, \
         with a path or without, and has no user, query or fragment"
    )]
    Url {
        /// How it begins.
        url: String,
    },
    /// An entry that cannot be written.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

/// Formats the API's message about a refusal. A 404 has no body.
fn refusal(message: &str, conflicting_ids: &[u64]) -> String {
    let mut text = match message {
        "" => String::new(),
        message => format!(": {message}"),
    };
    if !conflicting_ids.is_empty() {
        let ids: Vec<_> = conflicting_ids.iter().map(u64::to_string).collect();
        text.push_str(&format!(" (conflicting ids: {})", ids.join(", ")));
    }
    text
}

impl Error {
    /// Returns whether the store or the key does not exist: the status is 404.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), ErrorKind::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    /// Whether what was asked for may have been done all the same: the answer was lost, or the API
    /// failed on the way.
    pub fn may_have_happened(&self) -> bool {
        match self.kind() {
            ErrorKind::Refused { status, .. } => status.is_server_error(),
            ErrorKind::NotAnswered {
                may_have_arrived, ..
            } => *may_have_arrived,
            ErrorKind::Answer { .. } | ErrorKind::NotDeleted { .. } => true,
            _ => false,
        }
    }

    /// A user in a URL has a password, which errors do not repeat.
    pub(super) fn url(url: &str) -> Self {
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let url = match (url.split_once("://"), url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
            (None, Some((_, rest))) => format!("…@{rest}"),
            (_, None) => url.to_owned(),
        };
        let url = url.chars().take(200).collect();
        ErrorKind::Url { url }.into()
    }

    pub(super) fn not_answered(call: String, error: TransportError) -> Self {
        match error.no_host {
            Some(no_host) => no_host.into(),
            None => ErrorKind::NotAnswered {
                call,
                reason: error.reason,
                may_have_arrived: error.may_have_arrived,
                is_permanent: error.is_permanent,
            }
            .into(),
        }
    }
}

impl From<EntryError> for Error {
    fn from(error: EntryError) -> Self {
        ErrorKind::Entry(error).into()
    }
}

impl From<WriteValueError> for Error {
    fn from(error: WriteValueError) -> Self {
        EntryError::from(error).into()
    }
}

impl From<LimitError> for Error {
    fn from(error: LimitError) -> Self {
        EntryError::from(error).into()
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        ErrorKind::Token(error).into()
    }
}
