//! The JSON of responses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge_mock_host::StoreState;
use fastedge_mock_host::central::{Entry, EntrySummary, StoreInfo, is_text};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::rules::LargeValues;
use super::score;

/// The longest value that is returned in full, in bytes.
const MAX_SHOWN_BYTES: usize = 1024;

#[derive(Serialize)]
pub(super) struct StoreList<'a> {
    pub(super) count: usize,
    pub(super) stores: Vec<ListedStore<'a>>,
}

/// A store in a list.
#[derive(Serialize)]
pub(super) struct ListedStore<'a> {
    id: u64,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    app_count: usize,
    size: u64,
}

impl<'a> ListedStore<'a> {
    pub(super) fn new(store: &'a StoreState, app_count: usize) -> Self {
        ListedStore {
            id: store.info.id,
            name: &store.info.name,
            comment: store.info.comment.as_deref(),
            app_count,
            size: store.size,
        }
    }
}

/// A single store. Only the response to its creation has its number.
#[derive(Serialize)]
pub(super) struct WholeStore<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u64>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    app_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    byod: Option<Byod<'a>>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

#[derive(Serialize)]
struct Byod<'a> {
    url: &'a str,
    prefix: &'a str,
}

impl<'a> WholeStore<'a> {
    pub(super) fn new(store: &'a StoreState, app_count: usize) -> Self {
        let StoreInfo {
            byod,
            revision,
            updated_at_ms,
            ..
        } = &store.info;
        let is_hosted = byod.is_none();
        WholeStore {
            id: None,
            name: &store.info.name,
            comment: store.info.comment.as_deref(),
            app_count,
            byod: byod.as_ref().map(|byod| Byod {
                url: &byod.url,
                prefix: &byod.prefix,
            }),
            size: store.size,
            revision: is_hosted.then_some(*revision),
            updated_at: is_hosted.then(|| rfc3339(*updated_at_ms)),
        }
    }
}

#[derive(Serialize)]
pub(super) struct EntryList<'a> {
    pub(super) count: usize,
    pub(super) entries: Vec<ListedEntry<'a>>,
}

/// An entry in a list: of a plain pair with its value, of other types without their contents.
#[derive(Serialize)]
pub(super) struct ListedEntry<'a> {
    key: &'a str,
    datatype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Shown>,
}

impl<'a> ListedEntry<'a> {
    pub(super) fn new(entry: &'a EntrySummary, large: LargeValues) -> Self {
        let pair = entry.pair.as_ref();
        ListedEntry {
            key: &entry.key,
            datatype: entry.data_type.name(),
            payload: pair.map(|pair| Shown::pair(pair, large)),
        }
    }
}

/// A single entry.
#[derive(Serialize)]
pub(super) struct WholeEntry<'a> {
    pub(super) key: &'a str,
    pub(super) datatype: &'static str,
    pub(super) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payload: Option<Payload>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Payload {
    Pair(Shown),
    Parts(Vec<Shown>),
}

/// A value as it is returned.
#[derive(Serialize)]
pub(super) struct Shown {
    value: String,
    encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Box<RawValue>>,
}

impl Shown {
    /// Returns the value of a plain pair as it is returned.
    pub(super) fn pair(entry: &Entry, large: LargeValues) -> Self {
        let mut shown = Shown::part(entry, entry.value().unwrap_or_default(), large);
        shown.expiry = entry.expires_at_ms().map(rfc3339);
        shown
    }

    /// Returns a member of a sorted set as it is returned.
    pub(super) fn member(entry: &Entry, member: &[u8], score: f64, large: LargeValues) -> Self {
        let mut shown = Shown::part(entry, member, large);
        shown.score = score::number(score);
        shown
    }

    /// Returns a value of an entry as it is returned.
    pub(super) fn part(entry: &Entry, value: &[u8], large: LargeValues) -> Self {
        let (text, encoding) = encoded(value);
        let is_large = match large {
            LargeValues::Sha256OfValue => value.len() > MAX_SHOWN_BYTES,
            LargeValues::Sha256OfText => text.len() > MAX_SHOWN_BYTES,
            LargeValues::Clear => false,
        };
        let (value, encoding) = match is_large || entry.is_masked(value) {
            true => (hash(value, large), "sha256"),
            false => (text, encoding),
        };
        Shown {
            value,
            encoding,
            expiry: None,
            score: None,
        }
    }
}

/// Encodes a value: as text, or else in base64.
fn encoded(value: &[u8]) -> (String, &'static str) {
    match str::from_utf8(value) {
        Ok(text) if is_text(value) => (text.to_owned(), "plain"),
        _ => (BASE64.encode(value), "base64"),
    }
}

/// Returns the hash that is returned in place of a value, in lower-case hex.
pub(super) fn hash(value: &[u8], large: LargeValues) -> String {
    let digest = match large {
        LargeValues::Sha256OfText => Sha256::digest(encoded(value).0),
        LargeValues::Sha256OfValue | LargeValues::Clear => Sha256::digest(value),
    };
    format!("{digest:x}")
}

/// The counts of a write.
#[derive(Serialize)]
pub(super) struct WriteSummary {
    pub(super) write_count: u64,
    pub(super) write_size: u64,
    pub(super) del_count: u64,
    pub(super) store_size: u64,
    pub(super) revision: u64,
}

/// Returns a score for lines of JSON that people read and edit. Infinite scores are strings there.
pub(crate) fn score_json(score: f64) -> Value {
    match score {
        f64::INFINITY => json!("inf"),
        f64::NEG_INFINITY => json!("-inf"),
        score => json!(score),
    }
}

fn rfc3339(ms: u64) -> String {
    let moment = i64::try_from(ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    moment.unwrap_or(Timestamp::MAX).to_string()
}
