//! The JSON of entries. No other module knows their shapes.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::value::StoredValue;
use crate::key::plain_text;

/// A change of one key.
#[derive(Serialize)]
pub(super) struct Change<'a> {
    pub(super) key: &'a str,
    pub(super) datatype: &'static str,
    pub(super) op: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Payload<'a>>,
}

/// A value to write: of a plain pair, a member or an item.
#[derive(Serialize)]
pub(super) struct Payload<'a> {
    value: Cow<'a, str>,
    encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// A score that is infinite, as a JSON number.
    #[serde(skip)]
    pub(super) infinite_score: Option<&'static str>,
}

impl<'a> Payload<'a> {
    /// Encodes bytes: as text where they are text that JSON carries as it is, otherwise as base64.
    /// A masked value is always text.
    pub(super) fn of(bytes: &'a [u8], is_masked: bool) -> Self {
        let (value, encoding) = match (is_masked, plain_text(bytes)) {
            (true, _) => (String::from_utf8_lossy(bytes), "masked"),
            (false, Some(text)) => (Cow::Borrowed(text), "plain"),
            (false, None) => (Cow::Owned(STANDARD.encode(bytes)), "base64"),
        };
        Payload {
            value,
            encoding,
            expiry: None,
            score: None,
            infinite_score: None,
        }
    }

    pub(super) fn expiring(mut self, expiry: Option<&'a str>) -> Self {
        self.expiry = expiry;
        self
    }

    pub(super) fn scored(mut self, score: f64) -> Self {
        // JSON has no infinite numbers. Many readers of doubles round these to infinity.
        match score.is_infinite() {
            true => self.infinite_score = Some(if score > 0.0 { "1e999" } else { "-1e999" }),
            false => self.score = Some(score),
        }
        self
    }
}

/// A value in a response.
#[derive(Deserialize)]
pub(super) struct Returned<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(borrow, default)]
    encoding: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) expiry: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    score: Option<&'a RawValue>,
}

/// Reads a member that is present, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl Returned<'_> {
    pub(super) fn value(&self) -> Result<StoredValue, String> {
        match self.encoding.as_deref().unwrap_or("plain") {
            "plain" => Ok(StoredValue::Bytes(self.value.as_bytes().to_vec().into())),
            "base64" => STANDARD
                .decode(self.value.as_bytes())
                .map(|bytes| StoredValue::Bytes(bytes.into()))
                .map_err(|error| format!("a value is not base64: {error}")),
            "sha256" => StoredValue::from_sha256_hex(&self.value)
                .ok_or_else(|| format!("a SHA-256 is not 64 hexadecimal digits: {}", self.value)),
            other => Err(format!("a value has the unknown encoding `{other}`")),
        }
    }

    /// Returns a member's score: a number, or the text of one. JSON encoders that leave out zeros
    /// leave out the score 0. Encoders that have no infinite numbers write `null`, which is an error.
    pub(super) fn score(&self) -> Result<f64, String> {
        let Some(score) = self.score.map(RawValue::get) else {
            return Ok(0.0);
        };
        match score.trim_matches('"').parse() {
            Ok(score) if !f64::is_nan(score) => Ok(score),
            _ => Err(format!("a score is not a number: {score}")),
        }
    }
}

/// Reads a list that may be missing or `null` when it is empty.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An entry in a response. The payload's shape depends on the data type.
#[derive(Deserialize)]
pub(super) struct ReturnedEntry<'a> {
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) datatype: Cow<'a, str>,
    #[serde(default)]
    pub(super) count: Option<u64>,
    #[serde(borrow, default)]
    pub(super) payload: Option<&'a RawValue>,
}

/// The key of an entry that cannot be read otherwise.
#[derive(Deserialize)]
pub(super) struct KeyOnly {
    #[serde(default)]
    pub(super) key: String,
}
