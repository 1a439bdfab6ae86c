//! `sem_ver`: versions by Semantic Versioning 2.0 (<https://semver.org>).
//!
//! The crate for it would be half of what it takes here, once more: a version is compared once, so it need
//! not be kept.

use std::cmp::Ordering;

use super::arguments::Arguments;
use super::{Evaluator, Value};

/// A version. Its build does not count.
struct Version<'a> {
    /// Major, minor and patch.
    core: [u64; 3],
    /// Empty for a release.
    pre_release: &'a str,
}

impl<'a> Evaluator<'a> {
    /// Two versions and what is between them: exactly three, else null.
    pub(super) fn sem_ver(&self, all: Arguments) -> Value<'a> {
        let (mut text, mut other) = (String::new(), String::new());
        let version = Version::of(self.argument(all, 0), &mut text);
        let reference = Version::of(self.argument(all, 2), &mut other);
        let (Some(a), Some(b), Value::Text(operator), 3) =
            (version, reference, self.argument(all, 1), self.count(all))
        else {
            return Value::Null;
        };
        let ordering = a.compare(&b);
        Value::Bool(match operator {
            "=" => ordering == Ordering::Equal,
            "!=" => ordering != Ordering::Equal,
            "<" => ordering == Ordering::Less,
            "<=" => ordering != Ordering::Greater,
            ">" => ordering == Ordering::Greater,
            ">=" => ordering != Ordering::Less,
            "^" => a.core[0] == b.core[0],
            "~" => a.core[..2] == b.core[..2],
            _ => return Value::Null,
        })
    }
}

impl<'a> Version<'a> {
    /// The version that a text or a number is, of which minor and patch may be missing.
    fn of(value: Value<'_>, text: &'a mut String) -> Option<Version<'a>> {
        match value {
            Value::Text(version) => text.push_str(version),
            Value::Number(number) => number.write_to(text),
            _ => return None,
        }
        let text: &str = match text.as_bytes().first()? {
            b'v' | b'V' => text.get(1..)?,
            _ => text,
        };
        let (version, build) = cut(text, b'+');
        let (core, pre_release) = cut(version, b'-');
        let is_identifier = |identifier: &str| {
            let mut bytes = identifier.bytes();
            !identifier.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let is_whole = |identifier: &str| is_identifier(identifier) && !is_padded(identifier);
        if !build.is_none_or(|build| parts(build).all(is_identifier))
            || !pre_release.is_none_or(|pre_release| parts(pre_release).all(is_whole))
        {
            return None;
        }
        let mut numbers = [0; 3];
        for (place, number) in parts(core).enumerate() {
            let is_number = !number.is_empty() && is_numeric(number) && !is_padded(number);
            *numbers.get_mut(place)? = is_number.then(|| number.parse().ok()).flatten()?;
        }
        Some(Version {
            core: numbers,
            pre_release: pre_release.unwrap_or_default(),
        })
    }

    /// Which takes precedence.
    fn compare(&self, other: &Version<'_>) -> Ordering {
        let by_core = self.core.cmp(&other.core);
        if by_core != Ordering::Equal {
            return by_core;
        }
        match (self.pre_release, other.pre_release) {
            ("", "") => return Ordering::Equal,
            ("", _) => return Ordering::Greater,
            (_, "") => return Ordering::Less,
            _ => {}
        }
        let (mut parts, mut others) = (parts(self.pre_release), parts(other.pre_release));
        loop {
            let (a, b) = match (parts.next(), others.next()) {
                (Some(a), Some(b)) => (a, b),
                (a, b) => return a.is_some().cmp(&b.is_some()),
            };
            let ordering = match (is_numeric(a), is_numeric(b)) {
                // Without zeros in front, the longer one is the larger one.
                (true, true) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
                (a_is_number, b_is_number) => b_is_number.cmp(&a_is_number).then_with(|| a.cmp(b)),
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
    }
}

/// What is before a byte of ASCII, and what is behind it, if it is there.
fn cut(text: &str, byte: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|other| other == byte) {
        Some(place) => (text.get(..place).unwrap_or_default(), text.get(place + 1..)),
        None => (text, None),
    }
}

/// What is between the points.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (part, behind) = cut(rest?, b'.');
        rest = behind;
        Some(part)
    })
}

fn is_numeric(identifier: &str) -> bool {
    identifier.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a number with zeros in front.
fn is_padded(identifier: &str) -> bool {
    identifier.len() > 1 && identifier.starts_with('0') && is_numeric(identifier)
}
