//! The types of flags.

use super::json::{Cursor, Kind, Number};

/// A type that a flag's value can be read as.
pub(super) trait FlagValue: Sized {
    /// What was asked for, for people.
    const NAME: &'static str;

    /// The value that a text of JSON is, if it is one of this type.
    fn read(json: &str) -> Option<Self>;
}

impl FlagValue for bool {
    const NAME: &'static str = "a boolean";

    fn read(json: &str) -> Option<Self> {
        match Cursor::new(json).kind().ok()? {
            Kind::Bool(bool) => Some(bool),
            _ => None,
        }
    }
}

impl FlagValue for String {
    const NAME: &'static str = "a string";

    fn read(json: &str) -> Option<Self> {
        let mut cursor = Cursor::new(json);
        match cursor.kind().ok()? {
            Kind::String => Some(cursor.string().ok()?.into_owned()),
            _ => None,
        }
    }
}

/// A float that is whole is one as well.
impl FlagValue for i64 {
    const NAME: &'static str = "an integer";

    fn read(json: &str) -> Option<Self> {
        number(json)?.to_integer()?.try_into().ok()
    }
}

/// An integer that a float holds exactly is one as well.
impl FlagValue for f64 {
    const NAME: &'static str = "a float";

    fn read(json: &str) -> Option<Self> {
        number(json)?
            .to_exact_f64()
            .filter(|float| float.is_finite())
    }
}

fn number(json: &str) -> Option<Number> {
    let mut cursor = Cursor::new(json);
    match cursor.kind().ok()? {
        Kind::Number => cursor.number().ok(),
        _ => None,
    }
}

/// A value of any type. A text is read as those of flags are, of which nothing is refused.
pub(super) fn json_of(json: &str) -> Option<serde_json::Value> {
    match String::read(json) {
        Some(text) => Some(text.into()),
        None => serde_json::from_str(json).ok(),
    }
}

/// An object, as whatever it is deserialized into.
pub(super) struct Object<T>(pub(super) T);

impl<T: serde::de::DeserializeOwned> FlagValue for Object<T> {
    const NAME: &'static str = "an object of the asked type";

    fn read(json: &str) -> Option<Self> {
        match Cursor::new(json).kind().ok()? {
            Kind::Object => serde_json::from_str(json).ok().map(Object),
            _ => None,
        }
    }
}
