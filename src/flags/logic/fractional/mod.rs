//! `fractional`: deterministic, pseudorandom shares.

mod cbor;
mod murmur3;

use super::{Arguments, Evaluated, Evaluator, Fault, Value};
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

pub(super) fn fractional<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let first = arguments.next_or_null()?;
    let is_bucketing_value = first.length().is_none();
    let bytes = match is_bucketing_value {
        true => explicit(evaluator, &first)?,
        false => implicit(evaluator)?,
    };

    // All are evaluated whoever asks, so that what is wrong in one is wrong for everybody.
    let mut shares = Vec::new();
    let mut total = 0_u64;
    let mut next = match is_bucketing_value {
        true => arguments.next()?,
        false => Some(first),
    };
    while let Some(share) = next {
        let Some((variant, weight)) = share_of(&share) else {
            return Ok(Value::Null);
        };
        total += u64::from(weight);
        shares.push((variant, weight));
        next = arguments.next()?;
    }
    let Some(bytes) = bytes else {
        return Ok(Value::Null);
    };
    if total == 0 || total > MAX_TOTAL {
        return Ok(Value::Null);
    }

    evaluator.budget.spend_on_bytes(bytes.len())?;
    let bucket = (u64::from(murmur3::x86_32(&bytes)) * total) >> 32;
    let mut end = 0;
    for (variant, weight) in shares {
        end += u64::from(weight);
        if bucket < end {
            return Ok(variant);
        }
    }
    Ok(Value::Null)
}

/// A variant and its weight, which is an integer: 1 if it is not there, 0 if it is negative.
fn share_of<'a>(share: &Value<'a>) -> Option<(Value<'a>, u32)> {
    let variant = share.item(0)?;
    let weight = match share.item(1) {
        None => 1,
        Some(Value::Number(number)) => {
            let weight = number.to_integer()?.max(0);
            // Larger ones are too large together.
            u32::try_from(weight).unwrap_or(u32::MAX)
        }
        Some(_) => return None,
    };
    Some((variant, weight))
}

/// The bytes of a bucketing value; `None` if there is nothing to hash.
fn explicit<'a>(evaluator: &Evaluator<'a>, value: &Value<'a>) -> Result<Option<Vec<u8>>, Fault> {
    match (evaluator.fractional, value) {
        (FractionalVersion::V2, Value::Text(text)) => Ok(Some(text.as_bytes().to_vec())),
        (FractionalVersion::V2, _) => implicit(evaluator),
        (FractionalVersion::V3, Value::Null) => Ok(None),
        (FractionalVersion::V3, value) => cbor::encoded(evaluator, value).map(Some),
    }
}

/// The bytes of flag and subject; `None` if the context has no subject.
fn implicit(evaluator: &Evaluator<'_>) -> Result<Option<Vec<u8>>, Fault> {
    let subject = evaluator.attribute(TARGETING_KEY);
    let (Some(flag_key), Some(Value::Text(subject))) = (evaluator.flag_key, subject) else {
        return Ok(None);
    };
    if subject.is_empty() {
        return Ok(None);
    }
    match evaluator.fractional {
        FractionalVersion::V2 => Ok(Some([flag_key.as_bytes(), subject.as_bytes()].concat())),
        FractionalVersion::V3 => {
            let both = Value::list(vec![Value::Text(flag_key.into()), Value::Text(subject)])?;
            cbor::encoded(evaluator, &both).map(Some)
        }
    }
}
