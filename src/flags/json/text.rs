//! The text of a string, without its escapes.

use std::borrow::Cow;

/// What is between the quotes of a string whose grammar has been checked.
///
/// A half of a surrogate pair that stands alone, which no text can hold, is U+FFFD.
pub(super) fn unescaped(raw: &str) -> Cow<'_, str> {
    let Some((plain, mut rest)) = raw.split_once('\\') else {
        return Cow::Borrowed(raw);
    };
    let mut text = String::with_capacity(raw.len());
    text.push_str(plain);
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('u') => {
                let (character, behind) = unicode(characters.as_str());
                text.push(character);
                rest = behind;
            }
            Some(letter) => {
                text.push(simple(letter));
                rest = characters.as_str();
            }
            None => return Cow::Owned(text),
        }
        match rest.split_once('\\') {
            Some((plain, behind)) => {
                text.push_str(plain);
                rest = behind;
            }
            None => {
                text.push_str(rest);
                return Cow::Owned(text);
            }
        }
    }
}

fn simple(letter: char) -> char {
    match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        itself => itself,
    }
}

/// The character of the four digits that a text begins with, or of two escapes, and what is behind.
fn unicode(text: &str) -> (char, &str) {
    let (unit, rest) = code_unit(text);
    let second = match unit {
        0xd800..0xdc00 => rest.strip_prefix("\\u").map(code_unit),
        _ => None,
    };
    let (code, behind) = match second {
        Some((low @ 0xdc00..0xe000, behind)) => {
            (0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), behind)
        }
        _ => (unit, rest),
    };
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    (character, behind)
}

fn code_unit(text: &str) -> (u32, &str) {
    let unit = text
        .get(..4)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    (unit.unwrap_or(0xfffd), text.get(4..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_escapes_as_serde_json_does() {
        for raw in [
            "",
            "plain",
            r"a\nb",
            r#"\"\\\/\b\f\n\r\t"#,
            r"\u00fc\u00FCx",
            r"\ud83d\ude00!",
            r"x\\\\n",
            "ü\\u0000",
        ] {
            let expected: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
            assert_eq!(unescaped(raw), expected, "{raw}");
        }
        assert_eq!(unescaped(r"a\ud83dx\ude00"), "a\u{fffd}x\u{fffd}");
        assert_eq!(unescaped(r"\ud83d\n"), "\u{fffd}\n");
    }
}
