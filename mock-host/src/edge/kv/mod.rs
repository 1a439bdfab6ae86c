//! The data of Edge Storage.

mod bloom;
mod entry;
mod sorted_set;

pub use self::bloom::BloomOptions;
pub(crate) use self::entry::Data;
pub use self::entry::{DataType, Entry};

/// The longest key that the platform takes, in bytes.
pub const MAX_KEY_BYTES: usize = 256;

/// The largest value that the platform takes, in bytes: 1 MB, read as the SDK reads it where it
/// writes.
pub const MAX_VALUE_BYTES: usize = 1_000_000;
