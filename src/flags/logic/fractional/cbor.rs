//! Values as deterministic CBOR (RFC 8949, 4.2.1): shortest forms, sorted keys. Whole floats are integers.

use super::{Evaluator, Fault};
use crate::flags::json::Number;
use crate::flags::logic::{Root, Value};

const POSITIVE: u8 = 0;
const NEGATIVE: u8 = 1 << 5;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const MAP: u8 = 5 << 5;

const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;

/// What a half-precision NaN is.
const NAN: [u8; 2] = [0x7e, 0x00];

impl<'a> Evaluator<'a> {
    pub(super) fn encode(&mut self, value: Value<'a>, bytes: &mut Vec<u8>) -> Result<(), Fault> {
        match value {
            Value::Null => bytes.push(NULL),
            Value::Bool(bool) => bytes.push(if bool { TRUE } else { FALSE }),
            Value::Number(number) => encode_number(number, bytes),
            Value::Text(text) => {
                self.budget.spend_on_bytes(text.len())?;
                encode_text(text, bytes);
            }
            Value::Json(serde_json::Value::Object(members)) => {
                let mut encoded = Members::default();
                self.budget.step_into(members.len())?;
                for (name, member) in members {
                    self.encode_member(name, Value::of(member), &mut encoded)?;
                }
                self.budget.step_out();
                encoded.write_to(bytes);
            }
            Value::Context => match self.surroundings.root {
                Root::Context(context) => {
                    let mut encoded = Members::default();
                    for (name, attribute) in context.iter() {
                        self.encode_member(name, Value::of(attribute), &mut encoded)?;
                    }
                    encoded.write_to(bytes);
                }
                Root::Json(data) => self.encode(Value::of(data), bytes)?,
            },
            Value::Flagd => {
                let mut encoded = Members::default();
                for name in ["flagKey", "timestamp"] {
                    if let Some(member) = self.flagd(name) {
                        self.encode_member(name, member, &mut encoded)?;
                    }
                }
                encoded.write_to(bytes);
            }
            Value::Reduction((current, accumulator)) => {
                let mut encoded = Members::default();
                self.budget.step_into(2)?;
                self.encode_member("current", *current, &mut encoded)?;
                self.encode_member("accumulator", *accumulator, &mut encoded)?;
                self.budget.step_out();
                encoded.write_to(bytes);
            }
            list => match list.length() {
                Some(length) => {
                    self.budget.step_into(length)?;
                    encode_head(ARRAY, length as u64, bytes);
                    for place in 0..length {
                        self.encode(list.item(place), bytes)?;
                    }
                    self.budget.step_out();
                }
                None => encode_head(MAP, 0, bytes),
            },
        }
        Ok(())
    }

    fn encode_member(
        &mut self,
        name: &str,
        member: Value<'a>,
        members: &mut Members,
    ) -> Result<(), Fault> {
        let (mut key, mut value) = (Vec::new(), Vec::new());
        encode_text(name, &mut key);
        self.encode(member, &mut value)?;
        let place = members.0.partition_point(|(other, _)| *other < key);
        // To move those behind it costs as well.
        self.budget.spend((members.0.len() - place) / 8)?;
        members.0.insert(place, (key, value));
        Ok(())
    }
}

/// Encoded keys and values, in the order of the keys.
#[derive(Default)]
struct Members(Vec<(Vec<u8>, Vec<u8>)>);

impl Members {
    fn write_to(&self, bytes: &mut Vec<u8>) {
        encode_head(MAP, self.0.len() as u64, bytes);
        for (key, value) in &self.0 {
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(value);
        }
    }
}

fn encode_text(text: &str, bytes: &mut Vec<u8>) {
    encode_head(TEXT, text.len() as u64, bytes);
    bytes.extend_from_slice(text.as_bytes());
}

fn encode_number(number: Number, bytes: &mut Vec<u8>) {
    if let Some(integer) = number.to_integer() {
        let (kind, magnitude) = match integer < 0 {
            false => (POSITIVE, integer),
            true => (NEGATIVE, -1 - integer),
        };
        // It is one of 64 bits.
        return encode_head(kind, magnitude as u64, bytes);
    }
    let double = number.to_f64();
    let single = double as f32;
    if double.is_nan() {
        bytes.push(HALF);
        bytes.extend_from_slice(&NAN);
    } else if f64::from(single) != double {
        bytes.push(DOUBLE);
        bytes.extend_from_slice(&double.to_be_bytes());
    } else if let Some(half) = half(single) {
        bytes.push(HALF);
        bytes.extend_from_slice(&half.to_be_bytes());
    } else {
        bytes.push(SINGLE);
        bytes.extend_from_slice(&single.to_be_bytes());
    }
}

/// The bits of a half-precision float, if it is the same number. It is not 0, and no NaN.
fn half(single: f32) -> Option<u16> {
    const MANTISSA: u32 = 0x007f_ffff;
    let bits = single.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let exponent = (bits >> 23 & 0xff) as i32 - 127;
    let mantissa = bits & MANTISSA;
    match exponent {
        128 => Some(sign | 0x7c00),
        -14..=15 if mantissa.trailing_zeros() >= 13 => {
            let exponent = (exponent + 15) as u16;
            Some(sign | exponent << 10 | (mantissa >> 13) as u16)
        }
        // Subnormal: so many units of 2^-24, without a remainder.
        -24..=-15 => {
            let shift = (-1 - exponent) as u32;
            let significand = mantissa | 0x0080_0000;
            let is_exact = significand.trailing_zeros() >= shift;
            is_exact.then(|| sign | (significand >> shift) as u16)
        }
        _ => None,
    }
}

fn encode_head(kind: u8, number: u64, bytes: &mut Vec<u8>) {
    match number {
        0..=23 => bytes.push(kind | number as u8),
        24..=0xff => bytes.extend_from_slice(&[kind | 24, number as u8]),
        0x100..=0xffff => {
            bytes.push(kind | 25);
            bytes.extend_from_slice(&(number as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            bytes.push(kind | 26);
            bytes.extend_from_slice(&(number as u32).to_be_bytes());
        }
        _ => {
            bytes.push(kind | 27);
            bytes.extend_from_slice(&number.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use serde_json::json;

    use super::*;
    use crate::flags::logic::{Budget, FractionalVersion, Surroundings};

    fn hex(json: &serde_json::Value) -> String {
        let arena = Bump::new();
        let mut evaluator = Evaluator {
            surroundings: Surroundings {
                root: Root::Json(json),
                flag_key: None,
                moment: None,
                fractional: FractionalVersion::V3,
                references: &|_| Err(Fault::malformed("there are none")),
                arena: &arena,
            },
            budget: Budget::new(),
            stack: Vec::new(),
            is_in_reference: false,
        };
        let mut bytes = Vec::new();
        evaluator.encode(Value::of(json), &mut bytes).unwrap();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn encodes_as_the_rfc_says() {
        // Mostly of RFC 8949, appendix A.
        for (json, expected) in [
            (json!(0), "00"),
            (json!(23), "17"),
            (json!(24), "1818"),
            (json!(1000), "1903e8"),
            (json!(1_000_000), "1a000f4240"),
            (json!(u64::MAX), "1bffffffffffffffff"),
            (json!(-1), "20"),
            (json!(-100), "3863"),
            (json!(i64::MIN), "3b7fffffffffffffff"),
            (json!(10.0), "0a"),
            (json!(-0.0), "00"),
            (json!(18_446_744_073_709_551_616.0), "fa5f800000"),
            (json!(1.5), "f93e00"),
            (json!(1.1), "fb3ff199999999999a"),
            (json!(100_000.5), "fa47c35040"),
            (json!(5.960_464_477_539_063e-8), "f90001"),
            (json!(0.000_061_035_156_25), "f90400"),
            (json!(-4.1), "fbc010666666666666"),
            (json!(1.0e300), "fb7e37e43c8800759c"),
            (json!(false), "f4"),
            (json!(true), "f5"),
            (json!(null), "f6"),
            (json!("IETF"), "6449455446"),
            (json!("ü"), "62c3bc"),
            (json!({"a": 1, "b": [2, 3]}), "a26161016162820203"),
            // Shorter keys first.
            (json!({"aa": 1, "b": 2, "": 3}), "a3600361620262616101"),
            (
                json!(["new-checkout", "user-1"]),
                "826c6e65772d636865636b6f757466757365722d31",
            ),
        ] {
            assert_eq!(hex(&json), expected, "{json}");
        }
    }

    #[test]
    fn halves_are_used_exactly_where_they_are_exact() {
        for bits in 0..=u16::MAX {
            let (sign, exponent, mantissa) = (bits >> 15, bits >> 10 & 0x1f, bits & 0x3ff);
            let magnitude = match exponent {
                0 => f32::from(mantissa) * 2_f32.powi(-24),
                31 if mantissa == 0 => f32::INFINITY,
                31 => continue,
                exponent => {
                    (1.0 + f32::from(mantissa) / 1024.0) * 2_f32.powi(i32::from(exponent) - 15)
                }
            };
            let single = if sign == 1 { -magnitude } else { magnitude };
            if single != 0.0 {
                assert_eq!(half(single), Some(bits), "{single}");
                if single.is_finite() {
                    assert_eq!(half(f32::from_bits(single.to_bits() | 1)), None, "{single}");
                }
            }
        }
    }
}
