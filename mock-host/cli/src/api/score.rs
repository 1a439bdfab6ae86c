//! Scores as JSON numbers.
//!
//! A score can be infinite. JSON has no infinite numbers, and the schema allows only numbers. So
//! the API writes and reads `1e999`, a number beyond the range of doubles, which many parsers round
//! to infinity. Parsers that check the range, such as those of Go and `serde_json`, refuse it.

use serde_json::value::RawValue;

/// Parses the text of a JSON number. A number beyond the range of doubles is infinite.
pub(super) fn parse(text: &str) -> Option<f64> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    // Rust would read `inf` and `nan`, too.
    let score = text.chars().all(is_number).then(|| text.parse::<f64>());
    score?.ok()
}

/// Returns a score as a JSON number.
pub(super) fn number(score: f64) -> Option<Box<RawValue>> {
    let text = match score {
        f64::INFINITY => "1e999".to_owned(),
        f64::NEG_INFINITY => "-1e999".to_owned(),
        score => serde_json::to_string(&score).ok()?,
    };
    RawValue::from_string(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_is_read_as_it_was_written() {
        let mut random = fastrand::Rng::with_seed(1);
        let odd = [
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            f64::MAX,
            5e-324,
            0.1 + 0.2,
        ];
        let scores = (0..10_000).map(|_| f64::from_bits(random.u64(..)));
        for score in odd
            .into_iter()
            .chain(scores.filter(|score| !score.is_nan()))
        {
            let text = number(score).unwrap();
            let read = parse(text.get()).unwrap();
            assert_eq!(read.to_bits(), score.to_bits(), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_number_is_no_score() {
        for text in [
            "", "inf", "-inf", "nan", "infinity", "1,5", "1e", "0x1", " 1", "--1",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
