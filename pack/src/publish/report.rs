//! What publishing does, and has done.

use std::fmt;
use std::time::Duration;

use super::PublishError;

/// A step of publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Values are written.
    Written {
        /// So many so far.
        done: usize,
        /// Of so many.
        all: usize,
    },
    /// Items are added to the prefilter.
    Filtered {
        /// So many so far.
        done: usize,
        /// Of so many.
        all: usize,
    },
    /// What has been written gets time for arriving.
    Pausing(Duration),
    /// Readers find the generation.
    Flipped {
        /// Its number.
        generation: u32,
    },
    /// Keys of former generations are deleted.
    Cleaned {
        /// How many.
        keys: usize,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Written { done, all } => write!(f, "{done} of {all} values are written"),
            Step::Filtered { done, all } => write!(f, "{done} of {all} items are in the prefilter"),
            Step::Pausing(pause) => {
                write!(
                    f,
                    "they have {} s for arriving everywhere",
                    pause.as_secs_f32()
                )
            }
            Step::Flipped { generation } => write!(f, "generation {generation} is published"),
            Step::Cleaned { keys } => write!(f, "{keys} keys of former generations are deleted"),
        }
    }
}

/// What publishing has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The generation that readers find.
    pub generation: u32,
    /// Whether it is a new one: not if the list is as it has been.
    pub is_new: bool,
    /// How many shards it has that are new.
    pub written: usize,
    /// How many are as they have been.
    pub unchanged: usize,
    /// Of a rollback, which generation it is once more.
    pub rolled_back_to: Option<u32>,
    /// How many keys of former generations were deleted.
    pub deleted: usize,
    /// Why they could not be deleted. The list is published all the same; the next publication tries again.
    pub clean_failure: Option<String>,
    /// Why the former pointer could not be removed from the sorted set. Readers take the new one all the same.
    pub prompt_failure: Option<String>,
}

impl Report {
    pub(super) fn clean(&mut self, cleaned: Result<usize, PublishError>) {
        match cleaned {
            Ok(deleted) => self.deleted = deleted,
            Err(error) => self.clean_failure = Some(error.to_string()),
        }
    }
}
