//! Skipping values without looking into them.
//!
//! It takes the bytes for JSON: what is not, is skipped to wherever, and found out by whoever reads strictly what
//! comes of it. Where it matters, it looks at eight bytes at once (SWAR: Lamport, "Multiple byte processing
//! with full-word instructions", 1975).

mod objects;

pub(in crate::flags) use self::objects::Objects;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
const WORD: usize = size_of::<u64>();

const QUOTES: u64 = ONES * b'"' as u64;

/// The first byte from `at` on that is no white space.
#[inline]
pub(in crate::flags) fn blank(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Behind the value that begins at `at`; `None` if it does not end.
pub(in crate::flags) fn value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'{' | b'[' => container(bytes, at),
        b'"' => string(bytes, at),
        _ => {
            let rest = bytes.get(at..)?;
            let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
            let length = rest.iter().take_while(is_part).count();
            (length > 0).then_some(at + length)
        }
    }
}

/// Behind the string whose first quote is at `at`; `None` if it does not end.
#[inline(never)]
pub(in crate::flags) fn string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let quote = next_quote(bytes, from)?;
        if bytes.get(quote.wrapping_sub(1)) != Some(&b'\\') || !is_escaped(bytes, from, quote) {
            return Some(quote + 1);
        }
        from = quote + 1;
    }
}

/// Behind the object or array that begins at `at`; `None` if it does not end, or is neither. Byte by byte:
/// these are parts of a flag.
fn container(bytes: &[u8], at: usize) -> Option<usize> {
    // Brackets of the other kind are balanced where these are.
    let (open, close) = match bytes.get(at)? {
        b'{' => (b'{', b'}'),
        b'[' => (b'[', b']'),
        _ => return None,
    };
    let mut place = at;
    let mut depth = 0_usize;
    loop {
        let byte = *bytes.get(place)?;
        place += 1;
        if byte == b'"' {
            place = string(bytes, place - 1)?;
        } else if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(place);
            }
        }
    }
}

#[inline]
fn next_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let Some(word) = word(bytes, at) else {
            let rest = bytes.get(at..)?;
            return Some(at + rest.iter().position(|byte| *byte == b'"')?);
        };
        let quotes = equal(word, QUOTES);
        if quotes != 0 {
            return Some(at + first(quotes));
        }
        at += WORD;
    }
}

/// Whether an odd number of backslashes is before a quote.
#[cold]
fn is_escaped(bytes: &[u8], from: usize, quote: usize) -> bool {
    let text = bytes.get(from..quote).unwrap_or_default();
    let backslashes = text.iter().rev().take_while(|byte| **byte == b'\\').count();
    backslashes % 2 == 1
}

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..)?.first_chunk::<WORD>()?;
    Some(u64::from_le_bytes(*word))
}

/// The highest bit of each byte that is that of a pattern, whatever is among them.
#[inline]
fn equal(word: u64, pattern: u64) -> u64 {
    let difference = word ^ pattern;
    !((difference & !HIGHS).wrapping_add(!HIGHS) | difference) & HIGHS
}

/// The place of the first byte that is marked.
#[inline]
fn first(marks: u64) -> usize {
    marks.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn plainly(bytes: &[u8]) -> Option<usize> {
        let (open, close) = match bytes.first()? {
            b'{' => (b'{', b'}'),
            b'[' => (b'[', b']'),
            _ => return None,
        };
        let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                byte if *byte == open && !in_text => depth += 1,
                byte if *byte == close && !in_text => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    #[test]
    fn skips_as_a_plain_loop_does() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut ended, mut open) = (0, 0);
        for _ in 0..200_000 {
            let bytes = garbage(&mut random);
            let expected = plainly(&bytes);
            assert_eq!(container(&bytes, 0), expected, "{bytes:?}");
            *(if expected.is_some() {
                &mut ended
            } else {
                &mut open
            }) += 1;
        }
        assert!(ended > 20_000 && open > 20_000, "{ended} {open}");
    }

    pub(super) fn garbage(random: &mut fastrand::Rng) -> Vec<u8> {
        let alphabet = b"{}{}[]\"\"\\ab,:yYxz|~_\x01\x7f\xc3\xbc\xff ";
        let length = random.usize(0..60);
        let mut bytes = vec![if random.bool() { b'{' } else { b'[' }];
        for _ in 0..length {
            bytes.push(alphabet[random.usize(..alphabet.len())]);
        }
        bytes
    }

    #[test]
    fn finds_the_end_of_a_string() {
        for (text, end) in [
            (r#""""#, Some(2)),
            (r#""a\"b" "#, Some(6)),
            (r#""a\\" "#, Some(5)),
            (r#""\\\"a long text behind it" "#, Some(27)),
            (r#"""#, None),
            (r#""a\""#, None),
        ] {
            assert_eq!(string(text.as_bytes(), 0), end, "{text}");
        }
        assert_eq!(string(b"", 0), None);
    }
}
