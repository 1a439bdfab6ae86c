//! The data of Edge Storage.

mod bloom;
mod entry;
mod item_set;
mod limits;
mod sorted_set;

pub use self::bloom::BloomOptions;
pub(crate) use self::entry::Data;
pub use self::entry::{DataType, Entry};
pub use self::limits::{MAX_KEY_BYTES, MAX_VALUE_CHARS, is_text, value_chars};
