//! The decimal digits of numbers.

/// The shortest digits of a float, as [`digits_of`] has them. It is neither negative nor infinite. `serde_json`
/// knows them, and is there anyway.
pub(super) fn decimal(float: f64) -> (String, i32) {
    digits_of(&serde_json::to_string(&float).unwrap_or_default())
}

/// The digits of a number without a sign, without zeros at their ends, and how many of them are before the
/// point.
pub(super) fn digits_of(written: &str) -> (String, i32) {
    let (mantissa, exponent) = match written.bytes().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(place) => (written.get(..place), written.get(place + 1..)),
        None => (Some(written), None),
    };
    let mantissa = mantissa.unwrap_or_default();
    let exponent: i32 = exponent.and_then(|text| text.parse().ok()).unwrap_or(0);
    let point = mantissa.bytes().position(|byte| byte == b'.');
    let before_point = point.unwrap_or(mantissa.len()) as i32;
    let mut digits: String = mantissa.chars().filter(|digit| *digit != '.').collect();
    let zeros = digits.bytes().take_while(|digit| *digit == b'0').count();
    digits.drain(..zeros);
    while digits.ends_with('0') {
        digits.pop();
    }
    match digits.is_empty() {
        true => ("0".to_owned(), 1),
        false => (
            digits,
            before_point
                .saturating_add(exponent)
                .saturating_sub(zeros as i32),
        ),
    }
}

/// By how much numbers differ that are about the same, in units of their nineteenth digit.
pub(super) fn difference(a: &(String, i32), b: &(String, i32)) -> u64 {
    let unit = |digits: &str| {
        let digits = digits.bytes().chain(std::iter::repeat(b'0')).take(19);
        digits.fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'))
    };
    match a.1 == b.1 {
        true => unit(&a.0).abs_diff(unit(&b.0)),
        false => u64::MAX,
    }
}

pub(super) fn write_integer(is_negative: bool, mut magnitude: u64, text: &mut String) {
    if is_negative {
        text.push('-');
    }
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (magnitude % 10) as u8;
        magnitude /= 10;
        start -= 1;
        if magnitude == 0 {
            break;
        }
    }
    for digit in digits.iter().skip(start) {
        text.push(char::from(*digit));
    }
}

/// How much of a text is a number: a sign, digits with a point among them, an exponent.
pub(super) fn numeric_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits_from = |from: usize| {
        let digits = bytes.iter().skip(from);
        digits.take_while(|byte| byte.is_ascii_digit()).count()
    };
    let is_one_of =
        |at: usize, some: [u8; 2]| bytes.get(at).is_some_and(|byte| some.contains(byte));
    let sign_at = |at: usize| usize::from(is_one_of(at, *b"+-"));

    let sign = sign_at(0);
    if text
        .get(sign..)
        .is_some_and(|rest| rest.starts_with("Infinity"))
    {
        return sign + "Infinity".len();
    }
    let whole = digits_from(sign);
    let mut length = sign + whole;
    let mut all = whole;
    if bytes.get(length) == Some(&b'.') {
        let fraction = digits_from(length + 1);
        all += fraction;
        length += 1 + fraction;
    }
    if all == 0 {
        return 0;
    }
    if is_one_of(length, *b"eE") {
        let sign = sign_at(length + 1);
        let exponent = digits_from(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}
