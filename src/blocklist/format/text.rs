//! Sorted texts, each without what it shares with the one before.

use super::bytes::{Malformed, take, take_all, take_count};

/// So many texts are in a block, of which the first is whole.
pub const TEXTS_IN_BLOCK: usize = 16;

/// Sorted texts, in blocks of 16. The first of a block is whole, so that blocks can be searched; of the
/// others there is how much they share with the one before, and the rest.
#[derive(Clone, Copy, Debug)]
pub struct TextBody<'a> {
    count: usize,
    /// Where blocks begin.
    starts: &'a [[u8; 4]],
    texts: &'a [u8],
}

/// The last text that is not above the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// Its number.
    pub index: usize,
    /// Its length.
    pub length: usize,
    /// How many bytes it shares with the one that was asked for.
    pub shared: usize,
}

impl<'a> TextBody<'a> {
    /// Takes texts off the front.
    ///
    /// # Errors
    ///
    /// If there are too few bytes.
    pub fn read(bytes: &mut &'a [u8]) -> Result<Self, Malformed> {
        const SHORT: &str = "texts are cut off";
        let count = take_count(bytes, SHORT)?;
        let length = take_count(bytes, SHORT)?;
        Ok(TextBody {
            count,
            starts: take_all(bytes, count.div_ceil(TEXTS_IN_BLOCK), SHORT)?,
            texts: take(bytes, length, SHORT)?,
        })
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The last text that is not above this one.
    ///
    /// # Errors
    ///
    /// If the texts contradict themselves.
    pub fn predecessor(&self, wanted: &[u8]) -> Result<Option<TextMatch>, Malformed> {
        let (mut low, mut high) = (0, self.starts.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let (_, first) = next_text(&mut self.block(middle)?)?;
            if first <= wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let Some(block) = low.checked_sub(1) else {
            return Ok(None);
        };
        let mut rest = self.block(block)?;
        let mut best: Option<TextMatch> = None;
        let first = block * TEXTS_IN_BLOCK;
        for index in first..self.count.min(first + TEXTS_IN_BLOCK) {
            let (kept, text) = next_text(&mut rest)?;
            let matched = best.map_or(0, |best| best.shared);
            let former = best.map_or(0, |best| best.length);
            if kept > former {
                return Err(Malformed("a text shares more than there is"));
            }
            // The one before is below what is wanted, and differs from it after `matched` bytes.
            if kept < matched {
                break;
            }
            let shared = if kept > matched {
                matched
            } else {
                let tail = wanted.get(kept..).unwrap_or_default();
                let same = text
                    .iter()
                    .zip(tail)
                    .take_while(|(one, other)| one == other);
                let same = same.count();
                match (text.get(same), tail.get(same)) {
                    (Some(one), Some(other)) if one > other => break,
                    (Some(_), None) => break,
                    _ => kept + same,
                }
            };
            best = Some(TextMatch {
                index,
                length: kept + text.len(),
                shared,
            });
        }
        Ok(best)
    }

    /// All texts, in order.
    pub fn walk(&self) -> TextWalk<'a> {
        TextWalk {
            left: self.count,
            rest: self.texts,
            text: Vec::new(),
        }
    }

    /// A text; empty if there is none of this number.
    pub fn get(&self, index: usize) -> Vec<u8> {
        let mut walk = TextWalk {
            left: index % TEXTS_IN_BLOCK + 1,
            rest: self.block(index / TEXTS_IN_BLOCK).unwrap_or_default(),
            text: Vec::new(),
        };
        while walk.left > 1 && walk.next_text().is_some() {}
        walk.next_text().unwrap_or_default().to_vec()
    }

    fn block(&self, block: usize) -> Result<&'a [u8], Malformed> {
        let start = self.starts.get(block).map(|at| u32::from_le_bytes(*at));
        start
            .and_then(|start| self.texts.get(start as usize..))
            .ok_or(Malformed("a block of texts begins after the end"))
    }
}

/// Texts, one by one.
#[derive(Clone, Debug)]
pub struct TextWalk<'a> {
    left: usize,
    rest: &'a [u8],
    text: Vec<u8>,
}

impl TextWalk<'_> {
    /// The next text; `None` at the end, and where the texts are cut off.
    pub fn next_text(&mut self) -> Option<&[u8]> {
        self.left = self.left.checked_sub(1)?;
        let (kept, text) = next_text(&mut self.rest).ok()?;
        self.text.truncate(kept);
        self.text.extend(text);
        Some(&self.text)
    }
}

/// How much a text shares with the one before, and its rest.
fn next_text<'a>(bytes: &mut &'a [u8]) -> Result<(usize, &'a [u8]), Malformed> {
    let kept = take_varint(bytes)?;
    let length = take_varint(bytes)?;
    Ok((kept, take(bytes, length, "a text is cut off")?))
}

/// Seven bits a byte, the lowest first, of two bytes at most.
fn take_varint(bytes: &mut &[u8]) -> Result<usize, Malformed> {
    match **bytes {
        [low @ ..128, ref rest @ ..] => {
            *bytes = rest;
            Ok(usize::from(low))
        }
        [low, high @ ..128, ref rest @ ..] => {
            *bytes = rest;
            Ok(usize::from(low & 127) | usize::from(high) << 7)
        }
        _ => Err(Malformed("a length is cut off")),
    }
}
