//! Skipping values without looking into them.
//!
//! It takes the bytes for JSON: what is not, is skipped to wherever, and found out by whoever reads strictly what
//! comes of it. Where it matters, it looks at eight bytes at once (SWAR: Lamport, "Multiple byte processing
//! with full-word instructions", 1975).

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
const WORD: usize = size_of::<u64>();

const QUOTES: u64 = ONES * b'"' as u64;
const BACKSLASHES: u64 = ONES * b'\\' as u64;
const OPEN_BRACES: u64 = ONES * b'{' as u64;
const CLOSE_BRACES: u64 = ONES * b'}' as u64;

/// In what `{` and `[` differ, and `|` and the backslash.
const CASE: u64 = ONES * 0x20;

/// The first byte from `at` on that is no white space.
#[inline]
pub(in super::super) fn blank(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Behind the value that begins at `at`; `None` if it does not end.
pub(in super::super) fn value(bytes: &[u8], at: usize) -> Option<usize> {
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
pub(in super::super) fn string(bytes: &[u8], at: usize) -> Option<usize> {
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

/// The objects in an object, as far as they have been found.
#[derive(Debug)]
pub(in super::super) struct Objects {
    /// Where they begin and end.
    found: Vec<(usize, usize)>,
    /// Behind the last of them, or behind all.
    at: usize,
    is_at_end: bool,
}

impl Objects {
    /// Those of the object that begins at `at`.
    pub(in super::super) fn within(at: usize) -> Self {
        Objects {
            found: Vec::new(),
            at: at + 1,
            is_at_end: false,
        }
    }

    /// Those that have been found.
    pub(in super::super) fn found(&self) -> &[(usize, usize)] {
        &self.found
    }

    /// Behind them all, once they have been found.
    pub(in super::super) fn end(&self) -> Option<usize> {
        self.is_at_end.then_some(self.at)
    }

    /// Finds objects up to one that is wanted, of which only the beginning is known. `None` at the end of
    /// them, and where the document ends before.
    ///
    /// A document of hundreds of flags is skipped to the one that is asked for, so this is most of what an
    /// evaluation costs: 35 instructions for eight bytes without braces, about 90 for those with some.
    pub(in super::super) fn find(
        &mut self,
        bytes: &[u8],
        is_wanted: impl Fn(usize) -> bool,
    ) -> Option<(usize, usize)> {
        if self.is_at_end {
            return None;
        }
        let mut start = self.at;
        let mut at = Among {
            depth: 1,
            object: start,
            is_wanted: false,
        };
        // Odd within a string.
        let mut quotes = 0_u64;
        loop {
            let (words, _) = bytes.get(start..)?.as_chunks::<WORD>();
            let mut rest = words.iter();
            let mut passed = words.len();
            while let Some(word) = rest.next() {
                let text = u64::from_le_bytes(*word);
                let no_quotes = unequal(text, QUOTES) & HIGHS;
                // Most words hold none of `[\]^_{|}~`, nor what is beyond ASCII.
                if ((text | CASE).wrapping_add(ONES * (0x80 - b'{' as u64)) | text) & HIGHS != 0 {
                    if (text | !unequal(text, BACKSLASHES)) & HIGHS != 0 {
                        passed = words.len() - rest.len() - 1;
                        break;
                    }
                    // A byte's product is how many quotes there are up to it: odd ones are within a
                    // string.
                    let up_to = ((no_quotes ^ HIGHS) >> 7).wrapping_mul(ONES);
                    let in_text = up_to ^ (quotes & 1).wrapping_mul(ONES);
                    let outside = !(in_text << 7) & HIGHS;
                    let opens = outside & !unequal(text, OPEN_BRACES);
                    let closes = outside & !unequal(text, CLOSE_BRACES);
                    if at.depth > closes.count_ones() + 1 {
                        at.depth = at.depth + opens.count_ones() - closes.count_ones();
                    } else if opens | closes != 0 {
                        let place = start + (words.len() - rest.len() - 1) * WORD;
                        if let Some(found) = self.pass(place, opens, closes, &mut at, &is_wanted) {
                            return found;
                        }
                    }
                }
                // Of eight bytes, those that are no quotes are odd if the quotes are.
                quotes += u64::from(no_quotes.count_ones());
            }
            start += passed * WORD;
            let (opens, closes, length) = braces(bytes.get(start..)?, &mut quotes)?;
            if let Some(found) = self.pass(start, opens, closes, &mut at, &is_wanted) {
                return found;
            }
            start += length;
        }
    }
}

/// Where among objects one is.
struct Among {
    /// 1 between them.
    depth: u32,
    /// Where the latest one begins.
    object: usize,
    is_wanted: bool,
}

impl Objects {
    /// Passes the braces of the bytes from `start` on. What the answer is, if there is one.
    #[inline(always)]
    fn pass(
        &mut self,
        start: usize,
        opens: u64,
        closes: u64,
        at: &mut Among,
        is_wanted: &impl Fn(usize) -> bool,
    ) -> Option<Option<(usize, usize)>> {
        let mut both = opens | closes;
        while both != 0 {
            let lowest = both & both.wrapping_neg();
            both ^= lowest;
            if opens & lowest != 0 {
                if at.depth == 1 {
                    at.object = start + first(lowest);
                    at.is_wanted = is_wanted(at.object);
                }
                at.depth += 1;
                continue;
            }
            at.depth -= 1;
            if at.depth <= 1 {
                self.at = start + first(lowest) + 1;
                if at.depth == 0 {
                    self.is_at_end = true;
                    return Some(None);
                }
                self.found.push((at.object, self.at));
                if at.is_wanted {
                    return Some(Some((at.object, self.at)));
                }
            }
        }
        None
    }
}

/// The braces outside of strings among the next eight bytes, one by one, and how many bytes that are: one
/// more if the last of them is a backslash. `None` if there are no bytes.
#[inline(never)]
fn braces(bytes: &[u8], quotes: &mut u64) -> Option<(u64, u64, usize)> {
    let (mut opens, mut closes) = (0, 0);
    let mut place = 0;
    while place < WORD {
        let mark = 0x80 << (8 * place);
        match (bytes.get(place), *quotes % 2 == 1) {
            (None, _) => break,
            (Some(b'"'), _) => *quotes += 1,
            (Some(b'\\'), true) => place += 1,
            (Some(b'{'), false) => opens |= mark,
            (Some(b'}'), false) => closes |= mark,
            _ => {}
        }
        place += 1;
    }
    (place > 0).then_some((opens, closes, place))
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

/// Of bytes of ASCII, the highest bit of each that differs from those of a pattern, which are ASCII as well.
#[inline]
fn unequal(word: u64, pattern: u64) -> u64 {
    (word ^ pattern).wrapping_add(!HIGHS)
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

    /// Where the objects in an object begin and end, and where it ends, byte by byte.
    fn objects_plainly(bytes: &[u8]) -> (Vec<(usize, usize)>, Option<usize>) {
        let (mut depth, mut in_text, mut escaped, mut start) = (0_u32, false, false, 0);
        let mut found = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' if !in_text => {
                    if depth == 1 {
                        start = at;
                    }
                    depth += 1;
                }
                b'}' if !in_text => {
                    depth -= 1;
                    match depth {
                        0 => return (found, Some(at + 1)),
                        1 => found.push((start, at + 1)),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        (found, None)
    }

    #[test]
    fn finds_objects_as_a_plain_loop_does() {
        let mut random = fastrand::Rng::with_seed(9);
        let (mut ended, mut several) = (0, 0);
        for _ in 0..300_000 {
            let mut bytes = garbage(&mut random);
            bytes[0] = b'{';
            let (found, end) = objects_plainly(&bytes);
            let mut objects = Objects::within(0);
            // In steps, and all at once.
            if random.bool() {
                while objects.find(&bytes, |_| true).is_some() {}
            }
            assert_eq!(objects.find(&bytes, |_| false), None);
            assert_eq!(objects.found(), found, "{bytes:?}");
            assert_eq!(objects.end(), end, "{bytes:?}");
            ended += u32::from(end.is_some());
            several += u32::from(found.len() > 1);
        }
        assert!(ended > 20_000 && several > 5_000, "{ended} {several}");
    }

    #[test]
    fn objects_are_wanted_by_where_they_begin() {
        let bytes = br#"{"a":{"x":{}},"b":{"y":"}{"},"c":{}}"#;
        let mut objects = Objects::within(0);
        assert_eq!(
            objects.find(bytes, |at| bytes[at - 3] == b'b'),
            Some((18, 28))
        );
        assert_eq!(objects.found(), [(5, 13), (18, 28)]);
        assert_eq!(objects.find(bytes, |_| true), Some((33, 35)));
        assert_eq!(objects.find(bytes, |_| true), None);
        assert_eq!(objects.end(), Some(bytes.len()));
    }

    fn garbage(random: &mut fastrand::Rng) -> Vec<u8> {
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
