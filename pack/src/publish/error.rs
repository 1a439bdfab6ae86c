//! Why a list is not published.

use std::time::Duration;

use fastedge::edge_storage_api::{self, EntryError};

/// Why a list is not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The API failed. What has been written is written down: publishing again goes on.
    #[error(transparent)]
    Api(#[from] edge_storage_api::Error),
    /// Something cannot be written.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// No list can have this key.
    #[error("`{key}` cannot be a list's key: {reason}")]
    Key {
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// What is at the key is no list.
    #[error(
        "what is at key `{key}` is no packed list: {reason}. Use another key, or publish over it (--force)"
    )]
    NotAList {
        /// The key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// The list at the key is of another kind: readers of the one cannot read the other.
    #[error(
        "at key `{key}` is {found}, and this is {given}. Use another key, or publish over it (--force)"
    )]
    OtherKind {
        /// The key.
        key: String,
        /// What is there.
        found: String,
        /// What was to be published.
        given: String,
    },
    /// The list has lost more than a half of its entries.
    #[error(
        "the list had {before} entries, and has {after} now: if that is right, force it (--force)"
    )]
    Shrunk {
        /// How many there are.
        before: u64,
        /// How many there would be.
        after: u64,
    },
    /// What is written down about the list cannot be read.
    #[error(
        "cannot read the publishing state in key `{key}`: {reason}; publish with --force to rebuild \
         it"
    )]
    State {
        /// The key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A generation's record is missing.
    #[error(
        "cannot read the names of a generation's shards in key `{key}`: it is missing or damaged; \
         publish the list again (nothing was deleted)"
    )]
    Missing {
        /// The key.
        key: String,
    },
    /// The API returns the value only as a hash, which is not that of a known generation.
    #[error(
        "cannot read back key `{key}`: the API returns only its SHA-256, which is not that of a \
         generation that was published here; use another key, or publish over it (--force)"
    )]
    UnknownValue {
        /// The key.
        key: String,
    },
    /// A pointer in the sorted set cannot be removed.
    #[error(
        "cannot remove generation {generation} from sorted set `{key}`: the API returns only the \
         SHA-256 of the member; readers take the highest generation, so this does no harm"
    )]
    UnknownPointer {
        /// The key.
        key: String,
        /// The score of the member.
        generation: f64,
    },
    /// Somebody else has published the list meanwhile.
    #[error("somebody else publishes this list at the same time: publish it again")]
    Overtaken,
    /// There is no generation to go back to.
    #[error("there is no generation before the present one to go back to")]
    NothingBefore,
    /// That would undo a rollback.
    #[error(
        "generation {generation} is a former one already: once more would undo that. If it is meant, force it (--force)"
    )]
    RolledBack {
        /// The present generation.
        generation: u32,
    },
    /// Readers may still need what is to be deleted.
    #[error("nothing is deleted yet: readers may still need former generations; try again in {} s", .wait.as_secs())]
    TooEarly {
        /// For how long.
        wait: Duration,
    },
    /// A prefilter is for texts, under the salt that lists have by default.
    #[error("a prefilter is for tokens, and for tables by text, without a salt of their own")]
    NoPrefilter,
    /// There have been as many generations as there can be.
    #[error("there are no more numbers for generations: use another key")]
    NoMoreNumbers,
}
