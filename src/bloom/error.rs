//! What is no Bloom filter.

use super::{MAX_RATE, MIN_RATE};
use crate::key::MAX_VALUE_BYTES;

/// Why there is no such filter, or why bytes are none.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The rate of false positives that was asked for.
    #[error("a false-positive rate of {rate}: it has to be from {MIN_RATE} to {MAX_RATE}")]
    Rate {
        /// What was asked for.
        rate: f64,
    },
    /// A filter for no items.
    #[error("a Bloom filter for 0 items: its capacity is at least 1")]
    NoCapacity,
    /// The filter would not fit a value.
    #[error(
        "a Bloom filter for {capacity} items at a rate of {rate} has {bytes} bytes, and a value at \
         most {MAX_VALUE_BYTES}: ask for a higher rate, or split the items among several filters"
    )]
    TooLarge {
        /// The number of items.
        capacity: usize,
        /// The rate.
        rate: f64,
        /// The bytes it would have.
        bytes: usize,
    },
    /// The bytes do not end like a filter's.
    #[error("not a Bloom filter: the bytes do not end with `FEBLOO`")]
    NotAFilter,
    /// A version of the format that this version of the crate does not know.
    #[error("a Bloom filter of version {version} of the format: this app reads version 1")]
    Version {
        /// The version.
        version: u8,
    },
    /// The filter is one of other items.
    #[error("a Bloom filter of {found}, which cannot be asked for {wanted}")]
    Items {
        /// What its items are.
        found: &'static str,
        /// What it was to be read as.
        wanted: &'static str,
    },
    /// The bytes are damaged.
    #[error("a damaged Bloom filter: {reason}")]
    Damaged {
        /// What is wrong with them.
        reason: &'static str,
    },
}
