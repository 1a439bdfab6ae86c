//! The JSON of entries: the one place where their shapes are.
//!
//! The platform documents the shape of a plain pair. Those of the members of sorted sets and of the
//! items of Bloom filters are undocumented, and may have to be corrected here.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// A change of one key, whose payload is JSON already.
#[derive(Serialize)]
pub(super) struct Change<'a> {
    pub(super) key: &'a str,
    pub(super) datatype: &'static str,
    pub(super) op: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<&'a Plain<'a>>,
}

/// Bytes, as text where they are text that JSON carries as it is.
#[derive(Serialize, Deserialize)]
pub(super) struct Bytes<'a> {
    value: Cow<'a, str>,
    #[serde(default)]
    encoding: Encoding,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    #[default]
    Plain,
    Base64,
}

impl<'a> Bytes<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        // Control characters take six bytes each in JSON, and databases do not take all of them.
        let is_binary = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
        match str::from_utf8(bytes) {
            Ok(text) if !text.contains(is_binary) => Bytes {
                value: Cow::Borrowed(text),
                encoding: Encoding::Plain,
            },
            _ => Bytes {
                value: Cow::Owned(STANDARD.encode(bytes)),
                encoding: Encoding::Base64,
            },
        }
    }

    pub(super) fn into_bytes(self) -> Result<Vec<u8>, String> {
        match self.encoding {
            Encoding::Plain => Ok(self.value.into_owned().into_bytes()),
            Encoding::Base64 => STANDARD
                .decode(self.value.as_bytes())
                .map_err(|error| format!("a value that is not base64: {error}")),
        }
    }
}

/// The payload of a plain pair.
#[derive(Serialize, Deserialize)]
pub(super) struct Plain<'a> {
    #[serde(flatten)]
    pub(super) bytes: Bytes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expiry: Option<Cow<'a, str>>,
}

/// A member of a sorted set; the payload is an array of them.
#[derive(Serialize, Deserialize)]
pub(super) struct Member<'a> {
    #[serde(flatten)]
    pub(super) bytes: Bytes<'a>,
    #[serde(deserialize_with = "score")]
    pub(super) score: f64,
}

/// A number, or the text of one: JSON has no infinite numbers.
fn score<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }
    match Written::deserialize(deserializer)? {
        Written::Number(score) => Ok(score),
        Written::Text(text) => match text.parse() {
            Ok(score) if !f64::is_nan(score) => Ok(score),
            _ => Err(D::Error::custom(format_args!("{text:?} is no score"))),
        },
    }
}

/// A list, whose emptiness can be written as `null`.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An entry in an answer. The payload's shape depends on the data type.
#[derive(Deserialize)]
pub(super) struct Answered {
    pub(super) key: String,
    pub(super) datatype: String,
    #[serde(default)]
    pub(super) count: Option<u64>,
    #[serde(default)]
    pub(super) payload: serde_json::Value,
}
