//! The header `Idempotency-Key`.

use ::http::HeaderMap;

/// The longest key.
const LONGEST: usize = 255;

/// Why a request's `Idempotency-Key` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// There is none, and this request needs one.
    #[error("This request needs an Idempotency-Key")]
    Missing,
    /// There are several.
    #[error("A request has one Idempotency-Key")]
    Several,
    /// It is empty, longer than 255 bytes, or has other characters than printable ASCII.
    #[error("An Idempotency-Key is a string of 1 to 255 printable ASCII characters")]
    Malformed,
}

/// A request's key: a string of RFC 9651, as the draft has it, or, since most clients send it so, its
/// bare characters.
pub(super) fn of(headers: &HeaderMap) -> Result<Option<String>, InvalidKey> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(InvalidKey::Several);
    }
    let text = value.to_str().map_err(|_| InvalidKey::Malformed)?.trim();
    let key = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest).ok_or(InvalidKey::Malformed)?,
        None => text.to_owned(),
    };
    let is_printable = |byte| matches!(byte, b' '..=b'~');
    if key.is_empty() || key.len() > LONGEST || !key.bytes().all(is_printable) {
        return Err(InvalidKey::Malformed);
    }
    Ok(Some(key))
}

/// What follows the first quote, up to the last one. Parameters are left out.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => break,
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => key.push(escaped),
                _ => return None,
            },
            character => key.push(character),
        }
    }
    let rest = characters.as_str().trim_start();
    (rest.is_empty() || rest.starts_with(';')).then_some(key)
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;

    fn key_of(value: &[u8]) -> Result<Option<String>, InvalidKey> {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", HeaderValue::from_bytes(value).unwrap());
        of(&headers)
    }

    #[test]
    fn keys_are_strings_or_bare() {
        for (value, key) in [
            (r#""8e03978e-40d5""#, "8e03978e-40d5"),
            ("8e03978e-40d5", "8e03978e-40d5"),
            (r#""a \"b\" \\ c""#, r#"a "b" \ c"#),
            (r#""a";version=1"#, "a"),
            ("  a  ", "a"),
        ] {
            assert_eq!(
                key_of(value.as_bytes()).unwrap().as_deref(),
                Some(key),
                "{value}"
            );
        }
        assert_eq!(of(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn what_is_no_key_is_told() {
        let long = "k".repeat(256);
        for value in [
            "", "\"", "\"\"", "\"a", "\"a\"b", "\"\\x\"", "a\tb", "ü", &long,
        ] {
            assert_eq!(
                key_of(value.as_bytes()),
                Err(InvalidKey::Malformed),
                "{value}"
            );
        }
        let mut headers = HeaderMap::new();
        headers.append("idempotency-key", HeaderValue::from_static("a"));
        headers.append("idempotency-key", HeaderValue::from_static("b"));
        assert_eq!(of(&headers), Err(InvalidKey::Several));
    }
}
