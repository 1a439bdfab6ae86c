//! `fractional`: deterministic, pseudorandom shares.

mod cbor;
mod murmur3;

use super::arguments::Arguments;
use super::{Evaluated, Evaluator, Fault, Value};
use crate::flags::context::TARGETING_KEY;

/// How `fractional` assigns: by which bytes it hashes.
///
/// Both take `bucket = (murmur3(bytes) * total) >> 32`, MurmurHash3 being its 32-bit variant for x86 with
/// seed 0, and the first variant whose cumulative weight is above the bucket. They differ in the bytes,
/// so a user is in different shares under each: services that share a document choose the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FractionalVersion {
    /// The bytes of a text; where there is none, flag key and targeting key, one behind the other. A
    /// bucketing value that is no text counts as none.
    V2,
    /// The deterministic CBOR (RFC 8949, 4.2.1) of whatever the bucketing value is; where there is none,
    /// of the array of flag key and targeting key.
    #[default]
    V3,
}

/// What weights add up to at most.
const MAX_TOTAL: u64 = i32::MAX as u64;

impl<'a> Evaluator<'a> {
    pub(super) fn fractional(&mut self, all: Arguments) -> Evaluated<'a> {
        let first = self.argument(all, 0);
        // The shares are lists.
        let (bytes, shares) = match first.length() {
            Some(_) => (self.implicit()?, 0),
            None => (self.explicit(first)?, 1),
        };
        let mut total = 0;
        for place in shares..self.count(all) {
            match weight_of(self.argument(all, place)) {
                Some(weight) => total += u64::from(weight),
                None => return Ok(Value::Null),
            }
        }
        let Some(bytes) = bytes else {
            return Ok(Value::Null);
        };
        if total > MAX_TOTAL {
            return Ok(Value::Null);
        }
        self.budget.spend_on_bytes(bytes.len())?;
        let bucket = (u64::from(murmur3::x86_32(&bytes)) * total) >> 32;
        let mut end = 0;
        for place in shares..self.count(all) {
            let share = self.argument(all, place);
            end += u64::from(weight_of(share).unwrap_or(0));
            if bucket < end {
                return Ok(share.item(0));
            }
        }
        // There are no shares, or their weights are 0.
        Ok(Value::Null)
    }

    /// The bytes of a bucketing value; `None` if there is nothing to hash.
    fn explicit(&mut self, value: Value<'a>) -> Result<Option<Vec<u8>>, Fault> {
        match (self.surroundings.fractional, value) {
            (FractionalVersion::V2, Value::Text(text)) => Ok(Some(text.as_bytes().to_vec())),
            (FractionalVersion::V2, _) => self.implicit(),
            (FractionalVersion::V3, Value::Null) => Ok(None),
            (FractionalVersion::V3, value) => {
                let mut bytes = Vec::new();
                self.encode(value, &mut bytes)?;
                Ok(Some(bytes))
            }
        }
    }

    /// The bytes of flag and subject; `None` if the context has no subject.
    fn implicit(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let subject = self.attribute(TARGETING_KEY);
        let (Some(flag_key), Some(Value::Text(subject))) = (self.surroundings.flag_key, subject)
        else {
            return Ok(None);
        };
        if subject.is_empty() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        match self.surroundings.fractional {
            FractionalVersion::V2 => {
                bytes.extend_from_slice(flag_key.as_bytes());
                bytes.extend_from_slice(subject.as_bytes());
            }
            FractionalVersion::V3 => {
                let both = [Value::Text(flag_key), Value::Text(subject)];
                let both = Value::List(self.surroundings.arena.alloc_slice_copy(&both));
                self.encode(both, &mut bytes)?;
            }
        }
        Ok(Some(bytes))
    }
}

/// The weight of a share, a variant and an integer: 1 if it is not there, 0 if it is negative. `None` if it
/// is no share.
fn weight_of(share: Value<'_>) -> Option<u32> {
    match (share.length()?, share.item(1)) {
        (0, _) => None,
        (1, _) => Some(1),
        (_, Value::Number(number)) => {
            let weight = number.to_integer()?.max(0);
            // Larger ones are too large together.
            Some(u32::try_from(weight).unwrap_or(u32::MAX))
        }
        _ => None,
    }
}
