//! The members of a document's objects: their keys, and where their values are.

use std::ops::Range;

use crate::flags::json::{Cursor, SyntaxError, blank, string, validated, value};

/// Members that have been read one by one, and what is broken behind them.
pub(super) type Members = (Vec<Member>, Option<SyntaxError>);

/// A flag: its key, and where its definition is.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: Key,
    pub(super) definition: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Key {
    /// Where it is, with its quotes.
    Written(Range<usize>),
    Read(String),
}

impl Key {
    pub(super) fn is(&self, bytes: &[u8], text: &str) -> bool {
        let quoted = match self {
            Key::Read(key) => return key == text,
            Key::Written(quoted) => bytes.get(quoted.clone()).unwrap_or_default(),
        };
        // An escape is longer than what it stands for.
        if quoted.len() < text.len() + 2 {
            return false;
        }
        let written = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        let is_as_written = written == text.as_bytes();
        let may_be_escaped = is_as_written || written.len() > text.len();
        match may_be_escaped && written.contains(&b'\\') {
            true => self.text(bytes).as_deref() == Some(text),
            false => is_as_written,
        }
    }

    /// The key, if it is text.
    pub(super) fn text(&self, bytes: &[u8]) -> Option<String> {
        match self {
            Key::Read(key) => Some(key.clone()),
            Key::Written(quoted) => key_text(bytes, quoted.clone()),
        }
    }
}

pub(super) const NO_END: &str = "a value does not end";

/// Whether a key is before the value that begins at `start`, as it is written.
pub(super) fn is_key_before(bytes: &[u8], start: usize, key: &[u8]) -> bool {
    let Some(b':') = bytes.get(start.wrapping_sub(1)) else {
        return is_key_before_blank(bytes, start, key);
    };
    let Some(b'"') = bytes.get(start.wrapping_sub(2)) else {
        return is_key_before_blank(bytes, start, key);
    };
    // Keys begin alike more often than they end alike.
    bytes.get(start.wrapping_sub(3)) == key.last().or(Some(&b'"'))
        && ends_with_key(bytes.get(..start - 2).unwrap_or_default(), key)
}

/// The same with white space around the colon.
#[inline(never)]
fn is_key_before_blank(bytes: &[u8], start: usize, key: &[u8]) -> bool {
    let before = bytes.get(..start).unwrap_or_default().trim_ascii_end();
    let before = before
        .strip_suffix(b":")
        .unwrap_or_default()
        .trim_ascii_end();
    ends_with_key(before.strip_suffix(b"\"").unwrap_or_default(), key)
}

/// Whether it is a quote and the key. A quote that is escaped is another key's.
#[inline(never)]
fn ends_with_key(bytes: &[u8], key: &[u8]) -> bool {
    let quoted = bytes.strip_suffix(key);
    let before = quoted.and_then(|quoted| quoted.strip_suffix(b"\""));
    before.is_some_and(|before| before.last() != Some(&b'\\'))
}

/// The members of an object. Of some it is known where their values are.
pub(super) fn object_members(bytes: &[u8], at: usize, known: &[(usize, usize)]) -> Members {
    let mut known = known.iter();
    let mut members = Vec::new();
    let mut read = || {
        let mut more = enter(bytes, at, b'{', b'}');
        while let Some(at) = more {
            let (key, start) = member(bytes, at)?;
            let end = match known.find(|(object, _)| *object >= start) {
                Some((object, end)) if *object == start => *end,
                _ => behind(bytes, start)?,
            };
            members.push(Member {
                key: Key::Written(key),
                definition: start..end,
            });
            more = separator(bytes, end, b'}')?.ok();
        }
        Ok(())
    };
    let broken = read().err();
    (members, broken)
}

/// The flags of an array, as flagd's own documents can have them: their keys are in them. One without a key
/// cannot be asked for.
pub(super) fn array_members(bytes: &[u8], at: usize) -> Members {
    let mut members = Vec::new();
    let mut read = || {
        let mut more = enter(bytes, at, b'[', b']');
        while let Some(at) = more {
            let start = blank(bytes, at);
            let end = behind(bytes, start)?;
            if let Some(key) = key_in(bytes.get(start..end).unwrap_or_default()) {
                members.push(Member {
                    key: Key::Read(key),
                    definition: start..end,
                });
            }
            more = separator(bytes, end, b']')?.ok();
        }
        Ok(())
    };
    let broken = read().err();
    (members, broken)
}

/// The member `key` of a definition.
fn key_in(definition: &[u8]) -> Option<String> {
    let definition = Cursor::new(validated(definition).ok()?);
    let mut key = definition.member("key").ok()??;
    Some(key.string().ok()?.into_owned())
}

/// The first member of an object or array that begins at `at`; `None` if there is none.
pub(super) fn enter(bytes: &[u8], at: usize, open: u8, close: u8) -> Option<usize> {
    let first = blank(bytes, at + 1);
    (bytes.get(at) == Some(&open) && bytes.get(first) != Some(&close)).then_some(first)
}

/// A member's key with its quotes, and where its value begins.
#[inline(never)]
pub(super) fn member(bytes: &[u8], at: usize) -> Result<(Range<usize>, usize), SyntaxError> {
    let start = blank(bytes, at);
    if bytes.get(start) != Some(&b'"') {
        return Err(SyntaxError::new(start, "expected a key"));
    }
    let Some(end) = string(bytes, start) else {
        return Err(SyntaxError::new(start, "a key does not end"));
    };
    let colon = blank(bytes, end);
    if bytes.get(colon) != Some(&b':') {
        return Err(SyntaxError::new(colon, "expected `:`"));
    }
    Ok((start..end, blank(bytes, colon + 1)))
}

/// The text of a key, if it is one.
#[inline(never)]
pub(super) fn key_text(bytes: &[u8], quoted: Range<usize>) -> Option<String> {
    let mut cursor = Cursor::new(validated(bytes.get(quoted)?).ok()?);
    Some(cursor.string().ok()?.into_owned())
}

pub(super) fn behind(bytes: &[u8], start: usize) -> Result<usize, SyntaxError> {
    value(bytes, start).ok_or(SyntaxError::new(start, NO_END))
}

/// Behind a value: the next member, or else what is behind the last one.
pub(super) fn separator(
    bytes: &[u8],
    end: usize,
    close: u8,
) -> Result<Result<usize, usize>, SyntaxError> {
    let at = blank(bytes, end);
    match bytes.get(at) {
        Some(b',') => Ok(Ok(at + 1)),
        Some(byte) if *byte == close => Ok(Err(at + 1)),
        _ => Err(SyntaxError::new(at, "expected `,` or an end")),
    }
}
