//! What the platform takes.

/// The longest name of a key: 256 bytes.
pub const MAX_KEY_BYTES: usize = 256;

/// The largest value of a plain pair: 1 MB, read as 1,000,000 bytes, which holds whichever megabyte
/// is meant.
pub const MAX_VALUE_BYTES: usize = 1_000_000;

/// Refuses a key that is longer than [`MAX_KEY_BYTES`].
///
/// # Errors
///
/// [`LimitError::Key`].
pub fn check_key(key: &str) -> Result<(), LimitError> {
    if key.len() > MAX_KEY_BYTES {
        return Err(LimitError::Key {
            key: key.chars().take(40).collect(),
            bytes: key.len(),
        });
    }
    Ok(())
}

/// Refuses a value of more than [`MAX_VALUE_BYTES`].
///
/// # Errors
///
/// [`LimitError::Value`].
pub fn check_value(key: &str, bytes: usize) -> Result<(), LimitError> {
    if bytes > MAX_VALUE_BYTES {
        let key = key.to_owned();
        return Err(LimitError::Value { key, bytes });
    }
    Ok(())
}

/// What is too large for the platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// A key's name.
    #[error("a key of {bytes} bytes (`{key}…`): the platform takes at most {MAX_KEY_BYTES}")]
    Key {
        /// How it begins.
        key: String,
        /// How long it is.
        bytes: usize,
    },
    /// A value.
    #[error(
        "a value of {bytes} bytes for key `{key}`: the platform takes at most {MAX_VALUE_BYTES}"
    )]
    Value {
        /// The key.
        key: String,
        /// How large it is.
        bytes: usize,
    },
}
