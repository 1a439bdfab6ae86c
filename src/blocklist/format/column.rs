//! Sorted keys of a fixed width, without what all of them share.

use super::bytes::{Malformed, take, take_count, take_u8, take_u16};

/// Sorted keys of up to 16 bytes, compared as bytes: of each, only some in the middle are there. What
/// comes before is the same for all, and is there once; what comes after is zero.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    shared: &'a [u8],
    width: usize,
    count: usize,
    keys: &'a [u8],
}

impl<'a> Column<'a> {
    /// Takes a column of keys of up to `length` bytes off the front.
    ///
    /// # Errors
    ///
    /// If there are too few bytes, or the keys would be longer.
    pub fn read(bytes: &mut &'a [u8], length: usize) -> Result<Self, Malformed> {
        const SHORT: &str = "a column of keys is cut off";
        let shared = usize::from(take_u8(bytes, SHORT)?);
        let width = usize::from(take_u8(bytes, SHORT)?);
        take_u16(bytes, SHORT)?;
        let count = take_count(bytes, SHORT)?;
        if shared + width > length.min(16) {
            return Err(Malformed("the keys of a column are too long"));
        }
        if width == 0 && count > 1 {
            return Err(Malformed("the keys of a column are all the same"));
        }
        let shared = take(bytes, shared, SHORT)?;
        let size = count.checked_mul(width).ok_or(Malformed(SHORT))?;
        Ok(Column {
            shared,
            width,
            count,
            keys: take(bytes, size, SHORT)?,
        })
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of the last key that is not above this one.
    pub fn predecessor(&self, key: &[u8; 16]) -> Option<usize> {
        let (head, rest) = key.split_at(self.shared.len());
        let not_above = match head.cmp(self.shared) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Greater => self.count,
            std::cmp::Ordering::Equal => {
                let wanted = rest.get(..self.width).unwrap_or(rest);
                let (mut low, mut high) = (0, self.count);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if self.stored(middle) <= wanted {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                low
            }
        };
        not_above.checked_sub(1)
    }

    /// A key, filled up with zeros.
    pub fn get(&self, index: usize) -> [u8; 16] {
        let mut key = [0; 16];
        let stored = self.stored(index);
        let parts = key.iter_mut().zip(self.shared.iter().chain(stored));
        for (byte, part) in parts {
            *byte = *part;
        }
        key
    }

    fn stored(&self, index: usize) -> &'a [u8] {
        let start = index * self.width;
        self.keys.get(start..start + self.width).unwrap_or_default()
    }
}
