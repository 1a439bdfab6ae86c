//! Patterns of keys and members: Redis's globs.

mod parse;

use std::fmt::{self, Write};
use std::str::FromStr;

use fastedge_host::glob;

/// A pattern for the keys of a store or the members of a sorted set: a Redis glob, well-formed.
///
/// It is built of literals, which match themselves whatever is in them, and wildcards; or it is
/// [parsed](Pattern::parse) from a glob's text. It matches natively, without a host, exactly as Redis
/// does: byte by byte, and `*` crosses `:` and `/`.
///
/// ```
/// use fastedge::Pattern;
///
/// // Safe for any input: a client that is called `*` is that client only.
/// let client = "*";
/// let sessions = Pattern::prefix(format!("session:{client}:"));
/// assert_eq!(sessions.as_str(), r"session:\*:*");
/// assert!(sessions.matches("session:*:1"));
/// assert!(!sessions.matches("session:ann:1"));
///
/// let built = Pattern::exact("page:").any().literal(":v").one_of("12")?;
/// assert_eq!(built, Pattern::parse("page:*:v[12]")?);
/// # Ok::<(), fastedge::pattern::PatternError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// What is this text, and nothing else. More can be appended.
    pub fn exact(text: impl AsRef<str>) -> Self {
        Pattern(String::new()).literal(text)
    }

    /// What begins with this text.
    pub fn prefix(text: impl AsRef<str>) -> Self {
        Pattern::exact(text).any()
    }

    /// What ends with this text.
    pub fn suffix(text: impl AsRef<str>) -> Self {
        Pattern::everything().literal(text)
    }

    /// What has this text in it.
    pub fn containing(text: impl AsRef<str>) -> Self {
        Pattern::suffix(text).any()
    }

    /// Everything: `*`.
    pub fn everything() -> Self {
        Pattern("*".to_owned())
    }

    /// The pattern, followed by exactly this text.
    #[must_use]
    pub fn literal(mut self, text: impl AsRef<str>) -> Self {
        for character in text.as_ref().chars() {
            if matches!(character, '*' | '?' | '[' | ']' | '\\') {
                self.0.push('\\');
            }
            self.0.push(character);
        }
        self
    }

    /// The pattern, followed by anything, nothing included: `*`.
    #[must_use]
    pub fn any(mut self) -> Self {
        self.0.push('*');
        self
    }

    /// The pattern, followed by any one byte: `?`. A character outside ASCII is several bytes.
    #[must_use]
    pub fn one(mut self) -> Self {
        self.0.push('?');
        self
    }

    /// The pattern, followed by one of these ASCII characters: `[abc]`.
    ///
    /// # Errors
    ///
    /// [`PatternError::EmptyClass`] for none, [`PatternError::NotAscii`] for a character of several
    /// bytes: a class stands for one byte.
    pub fn one_of(self, characters: &str) -> Result<Self, PatternError> {
        self.class("[", characters)
    }

    /// The pattern, followed by any one byte but these ASCII characters: `[^abc]`.
    ///
    /// # Errors
    ///
    /// Those of [`one_of`](Self::one_of).
    pub fn none_of(self, characters: &str) -> Result<Self, PatternError> {
        self.class("[^", characters)
    }

    fn class(mut self, open: &str, characters: &str) -> Result<Self, PatternError> {
        if characters.is_empty() {
            return Err(PatternError::EmptyClass { at: self.0.len() });
        }
        if let Some(character) = characters.chars().find(|c| !c.is_ascii()) {
            return Err(PatternError::NotAscii { character });
        }
        self.0.push_str(open);
        for character in characters.chars() {
            // Escaped, each stands for itself: no `]` closes, no `-` spans, no `^` negates.
            if character.is_ascii_punctuation() {
                self.0.push('\\');
            }
            self.0.push(character);
        }
        self.0.push(']');
        Ok(self)
    }

    /// The pattern, followed by one ASCII character of a range, ends included: `[a-z]`.
    ///
    /// # Errors
    ///
    /// [`PatternError::NotAscii`] for an end of several bytes, [`PatternError::Range`] for ends in the
    /// wrong order, or a range that begins with `\`, `]` or `^`, which cannot be written.
    pub fn one_in(mut self, range: std::ops::RangeInclusive<char>) -> Result<Self, PatternError> {
        let (first, last) = range.into_inner();
        for end in [first, last] {
            if !end.is_ascii() {
                return Err(PatternError::NotAscii { character: end });
            }
        }
        let cannot_begin = matches!(first, '\\' | ']' | '^');
        if first > last || cannot_begin {
            return Err(PatternError::Range { first, last });
        }
        // Into a `String`: it does not fail.
        let _infallible = write!(self.0, "[{first}-{last}]");
        Ok(self)
    }

    /// Reads a Redis glob: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, and `\` to escape.
    ///
    /// # Errors
    ///
    /// For what Redis takes, but for something that nobody means: an empty pattern, a class that is
    /// empty or not closed, a `\` at the end.
    ///
    /// ```
    /// use fastedge::Pattern;
    /// use fastedge::pattern::PatternError;
    ///
    /// let pattern = Pattern::parse("user:[0-9]*")?;
    /// assert!(pattern.matches("user:42"));
    /// assert!(!pattern.matches("user:ann"));
    /// assert_eq!(Pattern::parse("user:[0-9"), Err(PatternError::UnclosedClass { at: 5 }));
    /// # Ok::<(), PatternError>(())
    /// ```
    pub fn parse(glob: &str) -> Result<Self, PatternError> {
        parse::check(glob)?;
        Ok(Pattern(glob.to_owned()))
    }

    /// Whether the pattern matches: what Redis would answer, without asking it.
    ///
    /// At worst, the time is the product of the two lengths.
    pub fn matches(&self, text: impl AsRef<[u8]>) -> bool {
        glob::matches(self.0.as_bytes(), text.as_ref())
    }

    /// The glob's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Pattern {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(glob: &str) -> Result<Self, PatternError> {
        Pattern::parse(glob)
    }
}

/// Why something is no pattern. Positions are bytes from the glob's beginning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// It matches nothing.
    #[error("an empty pattern matches nothing: `*` matches everything")]
    Empty,
    /// A `[` without its `]`.
    #[error("the class that begins at byte {at} is not closed: add `]`, or escape it: `\\[`")]
    UnclosedClass {
        /// Where the `[` is.
        at: usize,
    },
    /// A class in which there is nothing.
    #[error("the class that begins at byte {at} is empty")]
    EmptyClass {
        /// Where the `[` is.
        at: usize,
    },
    /// A `\` that escapes nothing.
    #[error("the `\\` at the end escapes nothing: write `\\\\` for the character itself")]
    DanglingEscape,
    /// A class stands for one byte, and this is several.
    #[error("`{character}` is several bytes, and a class of a pattern stands for one")]
    NotAscii {
        /// The character.
        character: char,
    },
    /// A range that cannot be written.
    #[error(
        "there is no range from `{first}` to `{last}`: the first comes before the last, and is \
             not one of `\\`, `]` and `^`"
    )]
    Range {
        /// Its first character.
        first: char,
        /// Its last character.
        last: char,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_match_themselves_only() {
        for text in ["*", "?", "[a]", "a]", r"\", r"\*", "^-", "ü*", "a-z"] {
            assert!(Pattern::exact(text).matches(text), "{text}");
            assert!(Pattern::prefix(text).matches(format!("{text}x")), "{text}");
            assert!(Pattern::suffix(text).matches(format!("x{text}")), "{text}");
            assert!(
                Pattern::containing(text).matches(format!("x{text}x")),
                "{text}"
            );
            assert!(!Pattern::exact(text).matches(format!("x{text}")), "{text}");
            assert!(!Pattern::prefix(text).matches("other"), "{text}");
            assert!(Pattern::parse(Pattern::exact(text).as_str()).is_ok());
        }
    }

    #[test]
    fn a_class_has_what_it_was_given() {
        let special = r"]^-\[*?a";
        let one = Pattern::exact("").one_of(special).unwrap();
        let none = Pattern::exact("").none_of(special).unwrap();
        for byte in 1..=127_u8 {
            let is_in = special.as_bytes().contains(&byte);
            assert_eq!(one.matches([byte]), is_in, "{byte}");
            assert_eq!(none.matches([byte]), !is_in, "{byte}");
        }
        assert!(Pattern::parse(one.as_str()).is_ok());
        assert!(Pattern::parse(none.as_str()).is_ok());
    }

    #[test]
    fn a_range_has_what_lies_between_its_ends() {
        for (first, last) in [('a', 'z'), ('!', '~'), ('-', '-'), ('[', '\\'), ('+', ']')] {
            let pattern = Pattern::exact("").one_in(first..=last).unwrap();
            assert!(Pattern::parse(pattern.as_str()).is_ok(), "{pattern}");
            for byte in 1..=127_u8 {
                let is_in = (first..=last).contains(&char::from(byte));
                assert_eq!(pattern.matches([byte]), is_in, "{pattern} {byte}");
            }
        }
        assert!(Pattern::exact("").one_in('z'..='a').is_err());
        assert!(Pattern::exact("").one_in(']'..='a').is_err());
        assert!(Pattern::exact("").one_in('a'..='ü').is_err());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(Pattern::parse(""), Err(PatternError::Empty));
        assert_eq!(
            Pattern::parse("a["),
            Err(PatternError::UnclosedClass { at: 1 })
        );
        assert_eq!(
            Pattern::parse("[]"),
            Err(PatternError::EmptyClass { at: 0 })
        );
        assert_eq!(
            Pattern::parse("a[^]"),
            Err(PatternError::EmptyClass { at: 1 })
        );
        assert_eq!(Pattern::parse(r"a\"), Err(PatternError::DanglingEscape));
        assert_eq!(
            Pattern::parse(r"[a\"),
            Err(PatternError::UnclosedClass { at: 0 })
        );
        assert_eq!(
            Pattern::parse("[a-]"),
            Err(PatternError::UnclosedClass { at: 0 }),
            "in Redis, the range from `a` to `]` goes on"
        );
        assert!(Pattern::exact("").one_of("").is_err());
        assert!(Pattern::exact("").one_of("ü").is_err());
        assert!(r"[a\]]*?\*".parse::<Pattern>().is_ok());
    }
}
