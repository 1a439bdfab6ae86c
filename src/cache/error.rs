//! How using the cache fails.

use fastedge_host::CacheError;

use crate::NoHostInstalled;
use crate::error::error_of_kind;
use crate::host::cache::{Failure, explain};
use crate::value::DecodeError;

error_of_kind!("using the cache");

/// The ways in which using the cache fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no cache for this app.
    #[error(
        "cache key `{key}`: access-denied: the app's plan has no cache, or the host was started \
         without one"
    )]
    AccessDenied {
        /// The key, or the prefix of a purge.
        key: String,
    },
    /// The host failed.
    #[error("cache key `{key}`: the host failed (internal-error)")]
    Internal {
        /// The key, or the prefix of a purge.
        key: String,
    },
    /// The host answered in its own words.
    #[error("cache key `{key}`: {message}")]
    Other {
        /// The key, or the prefix of a purge.
        key: String,
        /// What the host said.
        message: String,
    },
    /// The value is not what it was to be read as.
    #[error("cache key `{key}` cannot be decoded: {reason}")]
    Decode {
        /// The key.
        key: String,
        /// What is wrong with the value.
        reason: DecodeError,
    },
    /// A value cannot be written as JSON.
    #[error("the value for cache key `{key}` cannot be written as JSON: {reason}")]
    Encode {
        /// The key.
        key: String,
        /// What is wrong with the value.
        reason: serde_json::Error,
    },
    /// `i64::MIN` cannot be subtracted.
    #[error("cache key `{key}`: i64::MIN cannot be subtracted")]
    DeltaOutOfRange {
        /// The key.
        key: String,
    },
    /// A counter has counted, but its expiry could not be set.
    #[error(
        "counter `{key}` has counted to {count}, but its expiry could not be set ({reason}): it stays \
         for weeks unless `Cache::expire` sets one"
    )]
    NoExpiry {
        /// The counter's key.
        key: String,
        /// What it has counted to.
        count: i64,
        /// Why the expiry could not be set.
        reason: Error,
    },
    /// Another request is at it, and takes longer than this one waits.
    #[error("cache key `{key}`: another request is at it: try again in a moment")]
    Locked {
        /// The key.
        key: String,
    },
    /// What was asked for cannot be: a limit of 0, a window of 0 seconds.
    #[error("{problem}")]
    InvalidArgument {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}

impl Error {
    /// Whether a call that failed with this may have had its effect, or certainly has
    /// ([`ErrorKind::NoExpiry`]). What the host says in its own words is taken for a refusal, as those
    /// are that are known: the value is no integer, for one.
    pub fn may_have_happened(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Internal { .. } | ErrorKind::NoExpiry { .. }
        )
    }

    /// Whether the same call may succeed in a moment: see [`Retry`](super::Retry).
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Internal { .. } | ErrorKind::Locked { .. }
        )
    }

    #[cold]
    pub(super) fn invalid(problem: &'static str) -> Self {
        ErrorKind::InvalidArgument { problem }.into()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn of_call(key: &str, failure: Failure) -> Self {
        let key = key.to_owned();
        let kind = match explain(failure) {
            CacheError::AccessDenied => ErrorKind::AccessDenied { key },
            CacheError::InternalError => ErrorKind::Internal { key },
            CacheError::Other(message) => ErrorKind::Other { key, message },
            CacheError::NoHostInstalled(error) => ErrorKind::NoHostInstalled(error),
        };
        kind.into()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn of_decoding(key: &str, reason: DecodeError) -> Self {
        ErrorKind::Decode {
            key: key.to_owned(),
            reason,
        }
        .into()
    }
}
