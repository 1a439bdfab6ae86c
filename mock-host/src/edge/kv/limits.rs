//! The platform's limits for keys and values.

/// The longest key that the platform takes, in bytes.
pub const MAX_KEY_BYTES: usize = 256;

/// The longest value that the platform takes, in characters of its encoding for the API. Text is
/// sent as it is. Other bytes are sent in base64, so at most 786,432 of them fit.
pub const MAX_VALUE_CHARS: usize = 1_048_576;

/// Returns whether a value is sent as it is: text without control characters. Other values are
/// sent in base64.
pub fn is_text(value: &[u8]) -> bool {
    let is_binary = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    str::from_utf8(value).is_ok_and(|text| !text.contains(is_binary))
}

/// Returns the number of characters of a value in its encoding for the API.
pub fn value_chars(value: &[u8]) -> usize {
    match str::from_utf8(value) {
        Ok(text) if is_text(value) => text.chars().count(),
        _ => value.len().div_ceil(3).saturating_mul(4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_characters_are_those_of_its_encoding() {
        assert_eq!(value_chars("grüße\n".as_bytes()), 6);
        assert_eq!(value_chars(b"\0"), 4);
        assert_eq!(value_chars(&[0xff; 786_432]), MAX_VALUE_CHARS);
        assert_eq!(value_chars(&[0xff; 786_433]), MAX_VALUE_CHARS + 4);
    }
}
