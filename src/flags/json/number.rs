//! Numbers: integers of 64 bits exactly, and what is no such integer as a float.

use std::cmp::Ordering;
use std::fmt::Write;

/// A number.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Number {
    /// From -2⁶³ to 2⁶⁴ - 1.
    Integer(i128),
    Float(f64),
}

const SMALLEST: i128 = i64::MIN as i128;
const LARGEST: i128 = u64::MAX as i128;

impl Number {
    pub(in super::super) const NAN: Number = Number::Float(f64::NAN);

    /// An integer, or a float if it is too large for one.
    pub(in super::super) fn of(integer: i128) -> Self {
        match integer {
            SMALLEST..=LARGEST => Number::Integer(integer),
            _ => Number::Float(integer as f64),
        }
    }

    /// The number that a text of JSON is. Its grammar has been checked.
    pub(in super::super) fn parse(text: &str) -> Self {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        // 20 digits hold every integer of 64 bits, and fit into more.
        let is_integer = digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_integer && (digits != "0" || !is_negative) {
            let magnitude = digits
                .bytes()
                .fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
            return Number::of(if is_negative { -magnitude } else { magnitude });
        }
        Number::Float(text.parse().unwrap_or(f64::NAN))
    }

    /// The same for a text that has a sign, zeros in front, or ends with its point.
    pub(in super::super) fn parse_loosely(text: &str) -> Self {
        let text = text.strip_prefix('+').unwrap_or(text);
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text),
        };
        let significant = digits.trim_start_matches('0');
        match significant.as_bytes().first() {
            Some(b'1'..=b'9') if sign.is_empty() => Number::parse(significant),
            Some(b'1'..=b'9') => Number::parse(significant).negate(),
            _ => Number::parse(text),
        }
    }

    pub(in super::super) fn to_f64(self) -> f64 {
        match self {
            Number::Integer(integer) => integer as f64,
            Number::Float(float) => float,
        }
    }

    /// The integer that it is: 10.0 is one.
    pub(in super::super) fn to_integer(self) -> Option<i128> {
        match self {
            Number::Integer(integer) => Some(integer),
            Number::Float(float) if float.trunc() == float => {
                // Beyond its range the conversion saturates, outside that of integers.
                Some(float as i128).filter(|integer| (SMALLEST..=LARGEST).contains(integer))
            }
            Number::Float(_) => None,
        }
    }

    /// As a float, if that is the same number.
    pub(in super::super) fn to_exact_f64(self) -> Option<f64> {
        match self {
            Number::Integer(integer) => {
                let float = integer as f64;
                (float as i128 == integer).then_some(float)
            }
            Number::Float(float) => Some(float),
        }
    }

    pub(in super::super) fn is_truthy(self) -> bool {
        match self {
            Number::Integer(integer) => integer != 0,
            Number::Float(float) => float != 0.0 && !float.is_nan(),
        }
    }

    /// `None` if one is not a number.
    pub(in super::super) fn compare(self, other: Number) -> Option<Ordering> {
        match (self.to_integer(), other.to_integer()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            // A float that is no integer of 64 bits is beyond all of them, or has so few digits before
            // the point that an integer near it is exact.
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    pub(in super::super) fn negate(self) -> Number {
        match self {
            Number::Integer(0) => Number::Float(-0.0),
            Number::Integer(integer) => Number::of(-integer),
            Number::Float(float) => Number::Float(-float),
        }
    }

    pub(in super::super) fn add(self, other: Number) -> Number {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => Number::of(a + b),
            (a, b) => Number::Float(a.to_f64() + b.to_f64()),
        }
    }

    pub(in super::super) fn subtract(self, other: Number) -> Number {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => Number::of(a - b),
            (a, b) => Number::Float(a.to_f64() - b.to_f64()),
        }
    }

    pub(in super::super) fn multiply(self, other: Number) -> Number {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => match a.checked_mul(b) {
                Some(product) => Number::of(product),
                None => Number::Float(a as f64 * b as f64),
            },
            (a, b) => Number::Float(a.to_f64() * b.to_f64()),
        }
    }

    pub(in super::super) fn divide(self, other: Number) -> Number {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) if b != 0 && a % b == 0 => Number::of(a / b),
            (a, b) => Number::Float(a.to_f64() / b.to_f64()),
        }
    }

    /// With the sign of the dividend.
    pub(in super::super) fn remainder(self, other: Number) -> Number {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) if b != 0 => Number::of(a % b),
            (a, b) => Number::Float(a.to_f64() % b.to_f64()),
        }
    }

    /// As JavaScript writes it (ECMA-262, `Number::toString`).
    pub(in super::super) fn write_to(self, text: &mut String) {
        // Writing to a `String` does not fail.
        let _infallible = match self {
            Number::Integer(integer) => write!(text, "{integer}"),
            Number::Float(float) if float.is_nan() => text.write_str("NaN"),
            Number::Float(float) if float.is_infinite() => {
                text.write_str(if float < 0.0 { "-Infinity" } else { "Infinity" })
            }
            Number::Float(0.0) => text.write_str("0"),
            Number::Float(float) if (1e-6..1e21).contains(&float.abs()) => {
                write!(text, "{float}")
            }
            Number::Float(float) => {
                let written = format!("{float:e}");
                match written.split_once('e') {
                    Some((digits, exponent)) if !exponent.starts_with('-') => {
                        write!(text, "{digits}e+{exponent}")
                    }
                    _ => text.write_str(&written),
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: Number) -> String {
        let mut text = String::new();
        number.write_to(&mut text);
        text
    }

    #[test]
    fn integers_of_64_bits_are_exact() {
        for integer in [
            "-9223372036854775808",
            "18446744073709551615",
            "9007199254740993",
            "0",
        ] {
            assert_eq!(text(Number::parse(integer)), integer);
        }
        assert!(matches!(
            Number::parse("18446744073709551616"),
            Number::Float(_)
        ));
        assert!(matches!(
            Number::parse("-9223372036854775809"),
            Number::Float(_)
        ));
        assert!(matches!(Number::parse("-0"), Number::Float(zero) if zero.is_sign_negative()));
        assert!(
            matches!(Number::parse(&"9".repeat(400)), Number::Float(float) if float.is_infinite())
        );

        let (a, b) = (
            Number::parse("9007199254740993"),
            Number::parse("9007199254740992.0"),
        );
        assert_eq!(a.compare(b), Some(Ordering::Greater));
        assert_eq!(a.to_exact_f64(), None);
        assert_eq!(b.to_integer(), Some(1 << 53));
        assert_eq!(text(a.multiply(Number::of(2))), "18014398509481986");
        assert_eq!(
            text(Number::parse("18446744073709551615").add(Number::of(1))),
            "18446744073709552000"
        );
        assert_eq!(text(Number::of(7).remainder(Number::of(-4))), "3");
        assert_eq!(text(Number::of(7).divide(Number::of(0))), "Infinity");
        assert_eq!(text(Number::of(0).remainder(Number::of(0))), "NaN");
        assert_eq!(
            text(Number::of(i128::from(u64::MAX)).negate()),
            "-18446744073709552000"
        );
    }

    #[test]
    fn floats_are_written_as_javascript_writes_them() {
        for (float, written) in [
            (10.0, "10"),
            (0.1, "0.1"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e-7, "1e-7"),
            (0.000_001, "0.000001"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
        ] {
            assert_eq!(text(Number::Float(float)), written);
        }
    }
}
