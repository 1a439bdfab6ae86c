//! Which globs are well-formed.

use super::PatternError;

/// Walks a glob as Redis does.
pub(super) fn check(glob: &str) -> Result<(), PatternError> {
    if glob.is_empty() {
        return Err(PatternError::Empty);
    }
    let bytes = glob.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at = match bytes[at] {
            b'[' => after_class(bytes, at)?,
            b'\\' if at + 1 == bytes.len() => return Err(PatternError::DanglingEscape),
            b'\\' => at + 2,
            _ => at + 1,
        };
    }
    Ok(())
}

/// Where the class that begins at `open` ends.
fn after_class(bytes: &[u8], open: usize) -> Result<usize, PatternError> {
    let unclosed = PatternError::UnclosedClass { at: open };
    let first = match bytes.get(open + 1) {
        Some(b'^') => open + 2,
        _ => open + 1,
    };
    let mut at = first;
    loop {
        at = match &bytes[at..] {
            [b'\\', _, ..] => at + 2,
            [b']', ..] if at == first => return Err(PatternError::EmptyClass { at: open }),
            [b']', ..] => return Ok(at + 1),
            [_, b'-', _, ..] => at + 3,
            [_, ..] => at + 1,
            [] => return Err(unclosed),
        };
    }
}
