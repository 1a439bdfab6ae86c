//! Checking that a value is JSON (RFC 8259), and not too deep.

use super::{MAX_DEPTH, SyntaxError, blank};

/// The bytes as text, if they are one JSON value.
pub(in super::super) fn validated(bytes: &[u8]) -> Result<&str, SyntaxError> {
    let text = str::from_utf8(bytes)
        .map_err(|error| SyntaxError::new(error.valid_up_to(), "not UTF-8 text"))?;
    let mut check = Check { bytes, at: 0 };
    check.value()?;
    check.skip_blank();
    match check.at == bytes.len() {
        true => Ok(text),
        false => check.error("something behind the value"),
    }
}

struct Check<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Check<'_> {
    /// A value with all that is in it, without recursion.
    fn value(&mut self) -> Result<(), SyntaxError> {
        // Whether what is open is an object, innermost last.
        let mut open = Vec::new();
        'value: loop {
            self.skip_blank();
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    if open.len() == MAX_DEPTH {
                        return self.error("arrays and objects are too deep");
                    }
                    let is_object = bracket == b'{';
                    open.push(is_object);
                    self.at += 1;
                    self.skip_blank();
                    if self.peek() != Some(if is_object { b'}' } else { b']' }) {
                        if is_object {
                            self.key()?;
                        }
                        continue 'value;
                    }
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                _ => self.word()?,
            }
            // Behind a value, or at the end of what is empty.
            loop {
                let Some(is_object) = open.last().copied() else {
                    return Ok(());
                };
                self.skip_blank();
                match (self.peek(), is_object) {
                    (Some(b','), is_object) => {
                        self.at += 1;
                        if is_object {
                            self.key()?;
                        }
                        continue 'value;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        open.pop();
                    }
                    (_, true) => return self.error("expected `,` or `}`"),
                    (_, false) => return self.error("expected `,` or `]`"),
                }
            }
        }
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        self.skip_blank();
        if self.peek() != Some(b'"') {
            return self.error("expected a key");
        }
        self.string()?;
        self.skip_blank();
        if self.peek() != Some(b':') {
            return self.error("expected `:`");
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                            self.at += 1;
                        }
                        Some(b'u') => {
                            let digits = self.bytes.get(self.at + 1..self.at + 5);
                            if !digits.is_some_and(|all| all.iter().all(u8::is_ascii_hexdigit)) {
                                return self.error("expected four hexadecimal digits");
                            }
                            self.at += 5;
                        }
                        _ => return self.error("an unknown escape"),
                    }
                }
                Some(0..=0x1f) => return self.error("a control character in a string"),
                Some(_) => self.at += 1,
                None => return self.error("a string does not end"),
            }
        }
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let first = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.at > first {
            true => Ok(()),
            false => self.error("expected a digit"),
        }
    }

    fn word(&mut self) -> Result<(), SyntaxError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word = ["true", "false", "null"]
            .into_iter()
            .find(|word| rest.starts_with(word.as_bytes()));
        match word {
            Some(word) => {
                self.at += word.len();
                Ok(())
            }
            None => self.error("expected a value"),
        }
    }

    fn skip_blank(&mut self) {
        self.at = blank(self.bytes, self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[cold]
    fn error<T>(&self, what: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError::new(self.at, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_serde_json_takes() {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"\\u00fc\"",
            "\"\\u00f\"",
            "\"\\x\"",
            "1",
            "-",
            "0",
            ".5",
            "e3",
            "E+",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "\"",
            "\u{1}",
            "ü",
            "\\",
        ];
        let mut random = fastrand::Rng::with_seed(11);
        let (mut good, mut bad) = (0, 0);
        for _ in 0..400_000 {
            let mut text = String::new();
            for _ in 0..random.usize(1..9) {
                text.push_str(pieces[random.usize(..pieces.len())]);
            }
            let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            assert_eq!(
                validated(text.as_bytes()).is_ok(),
                parsed.is_ok(),
                "{text:?}"
            );
            *(if parsed.is_ok() { &mut good } else { &mut bad }) += 1;
        }
        assert!(good > 5_000 && bad > 100_000, "{good} {bad}");
    }

    #[test]
    fn says_where_it_stopped() {
        let error = |text: &[u8]| validated(text).unwrap_err();
        assert_eq!(error(b"{\"a\" 1}"), SyntaxError::new(5, "expected `:`"));
        assert_eq!(error(b"\"\xff\""), SyntaxError::new(1, "not UTF-8 text"));
        assert_eq!(
            error(b"1 2"),
            SyntaxError::new(2, "something behind the value")
        );
        let deep = |levels| [b"[".repeat(levels), b"]".repeat(levels)].concat();
        assert!(validated(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(
            error(&deep(MAX_DEPTH + 1)).what,
            "arrays and objects are too deep"
        );
        assert_eq!(
            error(&deep(1_000_000)).what,
            "arrays and objects are too deep"
        );
    }
}
