//! The objects in an object, found without looking into them: eight bytes at once.

use super::{HIGHS, ONES, QUOTES, WORD, first};

const BACKSLASHES: u64 = ONES * b'\\' as u64;
const OPEN_BRACES: u64 = ONES * b'{' as u64;
const CLOSE_BRACES: u64 = ONES * b'}' as u64;

/// In what `{` and `[` differ, and `|` and the backslash.
const CASE: u64 = ONES * 0x20;

/// The objects in an object, as far as they have been found.
#[derive(Debug)]
pub(in crate::flags) struct Objects {
    /// Where they begin and end.
    found: Vec<(usize, usize)>,
    /// Behind the last of them, or behind all.
    at: usize,
    is_at_end: bool,
}

impl Objects {
    /// Those of the object that begins at `at`.
    pub(in crate::flags) fn within(at: usize) -> Self {
        Objects {
            found: Vec::new(),
            at: at + 1,
            is_at_end: false,
        }
    }

    /// Those that have been found.
    pub(in crate::flags) fn found(&self) -> &[(usize, usize)] {
        &self.found
    }

    /// Behind them all, once they have been found.
    pub(in crate::flags) fn end(&self) -> Option<usize> {
        self.is_at_end.then_some(self.at)
    }

    /// Finds objects up to one that is wanted, of which only the beginning is known. `None` at the end of
    /// them, and where the document ends before.
    ///
    /// A document of hundreds of flags is skipped to the one that is asked for, so this is most of what an
    /// evaluation costs: 35 instructions for eight bytes without braces, about 90 for those with some.
    pub(in crate::flags) fn find(
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

/// Of bytes of ASCII, the highest bit of each that differs from those of a pattern, which are ASCII as well.
#[inline]
fn unequal(word: u64, pattern: u64) -> u64 {
    (word ^ pattern).wrapping_add(!HIGHS)
}

#[cfg(test)]
mod tests {
    use super::super::tests::garbage;
    use super::*;

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
}
