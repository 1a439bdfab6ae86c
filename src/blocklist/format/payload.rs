//! What entries carry: nothing, a tag, or a value.

use super::Hit;
use super::bytes::{Malformed, take, take_all, take_count};

/// What the entries of a list carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadKind {
    /// Nothing.
    None,
    /// A byte.
    Tag,
    /// Bytes, of any length.
    Value,
}

impl PayloadKind {
    pub(super) fn read(number: u8) -> Result<Self, Malformed> {
        match number {
            0 => Ok(PayloadKind::None),
            1 => Ok(PayloadKind::Tag),
            2 => Ok(PayloadKind::Value),
            _ => Err(Malformed("what its entries carry is unknown")),
        }
    }

    pub(super) fn number(self) -> u8 {
        match self {
            PayloadKind::None => 0,
            PayloadKind::Tag => 1,
            PayloadKind::Value => 2,
        }
    }
}

/// What an entry carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Nothing.
    None,
    /// A tag.
    Tag(u8),
    /// A value.
    Value(&'a [u8]),
}

impl<'a> Hit<'a> {
    /// What the entry carries.
    ///
    /// # Errors
    ///
    /// If the payloads are too short, or contradict themselves.
    pub fn payload(&self, kind: PayloadKind) -> Result<Payload<'a>, Malformed> {
        match kind {
            PayloadKind::None => Ok(Payload::None),
            PayloadKind::Tag => {
                let tag = self.payload.get(self.index);
                tag.map(|&tag| Payload::Tag(tag))
                    .ok_or(Malformed("there are fewer tags than entries"))
            }
            PayloadKind::Value => {
                const SHORT: &str = "the values are cut off";
                let mut rest = self.payload;
                let values = take_count(&mut rest, SHORT)?;
                let numbers: &[[u8; 2]] = take_all(&mut rest, self.entries, SHORT)?;
                let ends: &[[u8; 4]] = take_all(&mut rest, values, SHORT)?;
                let number = numbers
                    .get(self.index)
                    .ok_or(Malformed("there are fewer values than entries"))?;
                let number = usize::from(u16::from_le_bytes(*number));
                let end_of = |number: usize| ends.get(number).map(|end| u32::from_le_bytes(*end));
                let end = end_of(number).ok_or(Malformed("an entry's value is none"))? as usize;
                let start = match number.checked_sub(1) {
                    Some(former) => end_of(former).unwrap_or_default() as usize,
                    None => 0,
                };
                let length = end
                    .checked_sub(start)
                    .ok_or(Malformed("a value ends before it begins"))?;
                take(&mut rest, start, SHORT)?;
                take(&mut rest, length, SHORT).map(Payload::Value)
            }
        }
    }
}
