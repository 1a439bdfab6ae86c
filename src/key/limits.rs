//! The platform's limits for keys and values.

/// The longest key: 256 bytes.
pub const MAX_KEY_BYTES: usize = 256;

/// The largest value that is not text: 786,432 bytes, which are 1,048,576 characters of base64.
pub const MAX_VALUE_BYTES: usize = MAX_TEXT_CHARS / 4 * 3;

/// The longest value that is text: 1,048,576 characters.
pub const MAX_TEXT_CHARS: usize = 1_048_576;

/// Checks that a key has at most [`MAX_KEY_BYTES`].
///
/// # Errors
///
/// [`LimitError::Key`] if it is longer.
pub fn check_key(key: &str) -> Result<(), LimitError> {
    if key.len() > MAX_KEY_BYTES {
        return Err(LimitError::Key {
            key: key.chars().take(40).collect(),
            bytes: key.len(),
        });
    }
    Ok(())
}

/// Checks that a value has at most [`MAX_TEXT_CHARS`] characters as it is sent: as text, or as
/// base64.
///
/// # Errors
///
/// [`LimitError::Value`] if it is longer.
pub fn check_value(key: &str, value: &[u8]) -> Result<(), LimitError> {
    // No encoding makes a value shorter.
    let fits = value.len() <= MAX_VALUE_BYTES
        || plain_text(value).is_some_and(|text| text.chars().count() <= MAX_TEXT_CHARS);
    match fits {
        true => Ok(()),
        false => Err(LimitError::Value {
            key: key.to_owned(),
            bytes: value.len(),
        }),
    }
}

/// Returns the text that the API takes for a value, if the value can be sent as text.
///
/// Control characters other than tabs and line ends take six bytes each in JSON, so a value with
/// them is sent as base64, unless it is too long for that. Databases do not store U+0000 in texts.
pub(crate) fn plain_text(value: &[u8]) -> Option<&str> {
    let text = str::from_utf8(value).ok()?;
    let is_binary = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    if !text.contains(is_binary) {
        return Some(text);
    }
    let base64 = base64::encoded_len(value.len(), true);
    let is_too_long = base64.is_none_or(|chars| chars > MAX_TEXT_CHARS);
    (is_too_long && !text.contains('\0')).then_some(text)
}

/// A key or a value that is too large for the platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// A key.
    #[error("a key of {bytes} bytes (`{key}…`): the platform takes at most {MAX_KEY_BYTES}")]
    Key {
        /// How it begins.
        key: String,
        /// Its length.
        bytes: usize,
    },
    /// A value.
    #[error(
        "a value of {bytes} bytes for key `{key}`: the platform takes at most {MAX_TEXT_CHARS} \
         characters of text, or {MAX_VALUE_BYTES} bytes of other data"
    )]
    Value {
        /// The key.
        key: String,
        /// Its size.
        bytes: usize,
    },
}
