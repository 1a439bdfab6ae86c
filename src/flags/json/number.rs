//! Numbers: integers of 64 bits exactly, and what is no such integer as a float.

use std::cmp::Ordering;

use super::decimal::{decimal, difference, digits_of, numeric_length, write_integer};

/// A number.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Number(Repr);

#[derive(Clone, Copy, Debug)]
enum Repr {
    Signed(i64),
    /// Beyond the signed ones.
    Unsigned(u64),
    Float(f64),
}

/// By how many floats `serde_json` is wrong at most.
const FURTHEST: u64 = 4;

impl Number {
    pub(in super::super) const NAN: Number = Number(Repr::Float(f64::NAN));

    /// An integer, or a float if it is too large for one.
    pub(in super::super) fn of(integer: i128) -> Self {
        if let Ok(signed) = i64::try_from(integer) {
            return Number(Repr::Signed(signed));
        }
        match u64::try_from(integer) {
            Ok(unsigned) => Number(Repr::Unsigned(unsigned)),
            Err(_) => Number(Repr::Float(integer as f64)),
        }
    }

    pub(in super::super) fn of_json(number: &serde_json::Number) -> Self {
        if let Some(signed) = number.as_i64() {
            return Number(Repr::Signed(signed));
        }
        match number.as_u64() {
            Some(unsigned) => Number(Repr::Unsigned(unsigned)),
            None => Number(Repr::Float(number.as_f64().unwrap_or(f64::NAN))),
        }
    }

    /// The number that a text of JSON is, whose grammar has been checked.
    ///
    /// `serde_json` reads floats of more than 15 digits to the last bits: of its neighbours, the one is meant
    /// whose shortest digits are closest. That is the last bit but for one in thousands, whose neighbours are
    /// equally close. The standard library's reading has no exceptions, and tables of 10 KB.
    pub(in super::super) fn parse(text: &str) -> Self {
        if let Ok(signed) = text.parse() {
            return Number(Repr::Signed(signed));
        }
        if let Ok(unsigned) = text.parse() {
            return Number(Repr::Unsigned(unsigned));
        }
        let is_negative = text.starts_with('-');
        let magnitude = text.get(usize::from(is_negative)..).unwrap_or_default();
        // What is too large for a float is an error there.
        let guess = serde_json::from_slice(magnitude.as_bytes()).unwrap_or(f64::INFINITY);
        let mut float = guess;
        if text.len() > 15 && guess.is_finite() {
            let meant = digits_of(magnitude);
            let bits = guess.to_bits();
            let near = (0..=FURTHEST).flat_map(|by| [bits + by, bits.saturating_sub(by)]);
            let near = near.filter(|bits| f64::from_bits(*bits).is_finite());
            let off = |bits: &u64| difference(&decimal(f64::from_bits(*bits)), &meant);
            float = near.min_by_key(off).map_or(guess, f64::from_bits);
        }
        Number(Repr::Float(if is_negative { -float } else { float }))
    }

    /// The number that a text is, as JavaScript's `Number()` has it.
    pub(in super::super) fn in_text(text: &str) -> Self {
        let text = text.trim();
        match (text.len(), numeric_length(text)) {
            (0, _) => Number::of(0),
            (length, numeric) if numeric == length => Number::parse_loosely(text),
            _ => Number::in_another_base(text).unwrap_or(Number::NAN),
        }
    }

    /// The number that a text with one of JavaScript's prefixes is.
    fn in_another_base(text: &str) -> Option<Self> {
        let radix = match text.get(..2)? {
            "0x" | "0X" => 16,
            "0o" | "0O" => 8,
            "0b" | "0B" => 2,
            _ => return None,
        };
        let digits = text.get(2..).filter(|digits| !digits.is_empty())?;
        let number = digits.chars().try_fold(0.0, |number, digit| {
            Some(number * f64::from(radix) + f64::from(digit.to_digit(radix)?))
        });
        number.map(|number| Number(Repr::Float(number)))
    }

    /// The number that a text begins with, as JavaScript's `parseFloat()` has it.
    pub(in super::super) fn leading(text: &str) -> Self {
        let text = text.trim_start();
        match text.get(..numeric_length(text)) {
            None | Some("") => Number::NAN,
            Some(number) => Number::parse_loosely(number),
        }
    }

    /// Of a text that JSON would write otherwise: with a `+`, zeros in front, or nothing at a side of the
    /// point.
    fn parse_loosely(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 1);
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => ("-", text.get(1..)),
            Some(b'+') => ("", text.get(1..)),
            _ => ("", Some(text)),
        };
        let digits = digits.unwrap_or_default();
        json.push_str(sign);
        let whole = digits.trim_start_matches('0');
        if !whole.starts_with(|first: char| first.is_ascii_digit()) {
            json.push('0');
        }
        for (place, character) in whole.char_indices() {
            // A point has a digit behind it.
            let behind = whole.as_bytes().get(place + 1);
            if character != '.' || behind.is_some_and(u8::is_ascii_digit) {
                json.push(character);
            }
        }
        Number::parse(&json)
    }

    pub(in super::super) fn to_f64(self) -> f64 {
        match self.0 {
            Repr::Signed(integer) => integer as f64,
            Repr::Unsigned(integer) => integer as f64,
            Repr::Float(float) => float,
        }
    }

    /// The integer that it is, from -2⁶³ to 2⁶⁴ - 1: 10.0 is one.
    pub(in super::super) fn to_integer(self) -> Option<i128> {
        const SIGNED: f64 = (1_u64 << 63) as f64;
        match self.0 {
            Repr::Signed(integer) => Some(integer.into()),
            Repr::Unsigned(integer) => Some(integer.into()),
            Repr::Float(float) if float.trunc() != float => None,
            Repr::Float(float) if (-SIGNED..SIGNED).contains(&float) => Some((float as i64).into()),
            Repr::Float(float) if (0.0..2.0 * SIGNED).contains(&float) => {
                Some((float as u64).into())
            }
            Repr::Float(_) => None,
        }
    }

    /// As a float, if that is the same number.
    pub(in super::super) fn to_exact_f64(self) -> Option<f64> {
        let float = self.to_f64();
        let back = Number(Repr::Float(float)).to_integer();
        (back == self.to_integer()).then_some(float)
    }

    pub(in super::super) fn is_truthy(self) -> bool {
        let float = self.to_f64();
        float != 0.0 && !float.is_nan()
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

    pub(in super::super) fn add(self, other: Number) -> Number {
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) => Number::of(a + b),
            _ => Number(Repr::Float(self.to_f64() + other.to_f64())),
        }
    }

    pub(in super::super) fn subtract(self, other: Number) -> Number {
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) => Number::of(a - b),
            _ => Number(Repr::Float(self.to_f64() - other.to_f64())),
        }
    }

    pub(in super::super) fn multiply(self, other: Number) -> Number {
        let product = self.to_f64() * other.to_f64();
        match (self.exact(), other.exact()) {
            // What is far from the limits of 128 bits does not overflow them.
            (Some(a), Some(b)) if product.abs() < 1e38 => Number::of(a.wrapping_mul(b)),
            _ => Number(Repr::Float(product)),
        }
    }

    pub(in super::super) fn divide(self, other: Number) -> Number {
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) if b != 0 && magnitude(a).is_multiple_of(magnitude(b)) => {
                let quotient = i128::from(magnitude(a) / magnitude(b));
                Number::of(if (a < 0) == (b < 0) {
                    quotient
                } else {
                    -quotient
                })
            }
            _ => Number(Repr::Float(self.to_f64() / other.to_f64())),
        }
    }

    /// With the sign of the dividend.
    pub(in super::super) fn remainder(self, other: Number) -> Number {
        match (self.exact(), other.exact()) {
            (Some(a), Some(b)) if b != 0 => {
                let remainder = i128::from(magnitude(a) % magnitude(b));
                Number::of(if a < 0 { -remainder } else { remainder })
            }
            _ => Number(Repr::Float(self.to_f64() % other.to_f64())),
        }
    }

    /// What is held as an integer.
    fn exact(self) -> Option<i128> {
        match self.0 {
            Repr::Signed(integer) => Some(integer.into()),
            Repr::Unsigned(integer) => Some(integer.into()),
            Repr::Float(_) => None,
        }
    }

    /// As JavaScript writes it (ECMA-262, `Number::toString`).
    pub(in super::super) fn write_to(self, text: &mut String) {
        let float = match self.0 {
            Repr::Signed(integer) => {
                return write_integer(integer < 0, integer.unsigned_abs(), text);
            }
            Repr::Unsigned(integer) => return write_integer(false, integer, text),
            Repr::Float(float) => float,
        };
        if float.is_nan() {
            return text.push_str("NaN");
        }
        if float < 0.0 {
            text.push('-');
        }
        if float.is_infinite() {
            return text.push_str("Infinity");
        }
        let (digits, exponent) = decimal(float.abs());
        let count = digits.len() as i32;
        // As many places are before the point as the exponent says.
        match exponent {
            ..=-6 | 22.. => {
                let (first, others) = digits.split_at(1.min(digits.len()));
                text.push_str(first);
                if !others.is_empty() {
                    text.push('.');
                    text.push_str(others);
                }
                text.push_str(if exponent > 0 { "e+" } else { "e-" });
                write_integer(false, (exponent - 1).unsigned_abs().into(), text);
            }
            ..=0 => {
                text.push_str("0.");
                (exponent..0).for_each(|_| text.push('0'));
                text.push_str(&digits);
            }
            _ if exponent >= count => {
                text.push_str(&digits);
                (count..exponent).for_each(|_| text.push('0'));
            }
            _ => {
                let (whole, fraction) = digits.split_at(exponent as usize);
                text.push_str(whole);
                text.push('.');
                text.push_str(fraction);
            }
        }
    }
}

/// Of an integer of 64 bits.
fn magnitude(integer: i128) -> u64 {
    integer.unsigned_abs() as u64
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
        assert_eq!(
            text(Number::parse("18446744073709551616")),
            "18446744073709552000"
        );
        for (large, float) in [
            ("18446744073709551616", "18446744073709552000"),
            ("-9223372036854775809", "-9223372036854776000"),
            ("1e999", "Infinity"),
            ("-1e999", "-Infinity"),
        ] {
            assert_eq!(text(Number::parse(large)), float);
        }

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
            text(Number::of(0).subtract(Number::of(i128::from(u64::MAX)))),
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
            assert_eq!(text(Number(Repr::Float(float))), written);
        }
    }

    #[test]
    fn texts_are_numbers_as_in_javascript() {
        // The text, Number(text), parseFloat(text).
        for (written, whole, leading) in [
            ("", "0", "NaN"),
            (" 12 ", "12", "12"),
            ("+7", "7", "7"),
            ("-.5", "-0.5", "-0.5"),
            ("5.", "5", "5"),
            ("5.e2", "500", "500"),
            (".", "NaN", "NaN"),
            ("1e3", "1000", "1000"),
            ("1e", "NaN", "1"),
            ("3.14abc", "NaN", "3.14"),
            ("inf", "NaN", "NaN"),
            ("nan", "NaN", "NaN"),
            ("-Infinity", "-Infinity", "-Infinity"),
            ("9007199254740993", "9007199254740993", "9007199254740993"),
            ("007", "7", "7"),
            ("-000.50", "-0.5", "-0.5"),
            ("00", "0", "0"),
            ("1 2", "NaN", "1"),
            ("0x1F", "31", "0"),
            ("0Xff", "255", "0"),
            ("0b101", "5", "0"),
            ("0o17", "15", "0"),
            ("0x", "NaN", "0"),
            ("-0x1", "NaN", "0"),
            ("0b12", "NaN", "0"),
        ] {
            assert_eq!(text(Number::in_text(written)), whole, "{written:?}");
            assert_eq!(text(Number::leading(written)), leading, "{written:?}");
        }
    }

    #[test]
    fn floats_are_the_ones_that_are_written() {
        let mut random = fastrand::Rng::with_seed(31);
        let (mut all, mut off) = (0, 0);
        while all < 300_000 {
            let float = f64::from_bits(random.u64(..));
            if !float.is_finite() {
                continue;
            }
            for written in [
                format!("{float:?}"),
                format!("{float:e}"),
                format!("{float}"),
            ] {
                let read = Number::parse(&written).to_f64();
                assert!(read.to_bits().abs_diff(float.to_bits()) <= 1, "{written}");
                all += 1;
                off += u32::from(read.to_bits() != float.to_bits());
            }
        }
        assert!(off < 60, "{off} of {all}");
        assert_eq!(
            Number::parse("31.245270191439438").to_f64(),
            31.245_270_191_439_438
        );
    }
}
