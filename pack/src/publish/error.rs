//! Why a list is not published.

use std::time::Duration;

use fastedge::blocklist::format::Malformed;
use fastedge::edge_storage_api::{self, EntryError};

/// Why a list is not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The API failed. What has been written is written down: publishing again goes on.
    #[error(transparent)]
    Api(#[from] edge_storage_api::Error),
    /// Something cannot be written: the list's key is too long, for one.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// What is at the key is no list.
    #[error("what is published at this key is no packed list: {0}")]
    Malformed(#[from] Malformed),
    /// What is written down about the list cannot be read.
    #[error("key `{key}`, in which the state of publishing is, cannot be read: {reason}")]
    State {
        /// The key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// Somebody else has published the list meanwhile.
    #[error("somebody else publishes this list at the same time: publish it again")]
    Overtaken,
    /// There is no generation to go back to.
    #[error("there is no generation before the present one")]
    NothingBefore,
    /// Readers may still need what is to be deleted.
    #[error("readers may still need it: {} s more", .wait.as_secs())]
    TooEarly {
        /// For how long.
        wait: Duration,
    },
    /// A prefilter is for texts, under the salt that lists have by default.
    #[error("a prefilter is for tokens, and for tables by text, without a salt of their own")]
    NoPrefilter,
    /// Fewer keys were deleted than there were.
    #[error(
        "of {asked} keys, {deleted} were deleted: somebody else deletes them as well, or overwrites them"
    )]
    NotDeleted {
        /// How many were to be deleted.
        asked: u64,
        /// How many were.
        deleted: u64,
    },
}
