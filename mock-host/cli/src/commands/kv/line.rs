//! Entries as lines of JSON: the API's own shape, one a line.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge::edge_storage_api::{Entry, Stored, StoredEntry};
use fastedge_conformance::fixture::Content;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api;

pub(super) fn datatype(entry: &StoredEntry) -> &str {
    match &entry.stored {
        Stored::Plain { .. } => "kv",
        Stored::SortedSet(_) => "sorted_set",
        Stored::BloomFilter(_) => "bloom_filter",
        Stored::Other { datatype, .. } => datatype,
        _ => "unknown",
    }
}

pub(in crate::commands) fn of(entry: &StoredEntry) -> Value {
    let payload = match &entry.stored {
        Stored::Plain { value, expiry } => {
            let mut payload = bytes(value.as_bytes());
            if let Some(expiry) = expiry {
                payload["expiry"] = json!(expiry);
            }
            payload
        }
        Stored::SortedSet(members) => members
            .iter()
            .map(|(member, score)| scored(member.as_bytes(), *score))
            .collect(),
        Stored::BloomFilter(items) => items.iter().map(|item| bytes(item.as_bytes())).collect(),
        Stored::Other { payload, .. } => payload.clone(),
        _ => Value::Null,
    };
    json!({ "key": entry.key, "datatype": datatype(entry), "payload": payload })
}

/// What is to be written, in the same shape.
pub(in crate::commands) fn of_content(key: &str, content: &Content) -> Value {
    let (datatype, payload) = match content {
        Content::Plain(value) => ("kv", bytes(value)),
        Content::SortedSet(members) => {
            let members = members.iter().map(|(score, member)| scored(member, *score));
            ("sorted_set", members.collect())
        }
        Content::BloomFilter(items) => {
            let items = items.iter().map(|item| bytes(item.as_bytes()));
            ("bloom_filter", items.collect())
        }
        _ => ("unknown", Value::Null),
    };
    json!({ "key": key, "datatype": datatype, "payload": payload })
}

/// A member of a sorted set.
fn scored(member: &[u8], score: f64) -> Value {
    let mut payload = bytes(member);
    payload["score"] = api::score_json(score);
    payload
}

fn bytes(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) => json!({ "value": text, "encoding": "plain" }),
        Err(_) => json!({ "value": BASE64.encode(bytes), "encoding": "base64" }),
    }
}

/// The entry of a line, and how many entries it counts as: one, or its members, or its items.
pub(super) fn parse(line: &str) -> Result<(Entry, u64), String> {
    let line: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let key = line.get("key").and_then(Value::as_str);
    let key = key.ok_or("`key` is missing, or no string")?;
    // The short form: {"key": …, "value": …}
    let payload = line.get("payload").unwrap_or(&line);
    let datatype = match line.get("datatype") {
        Some(datatype) => datatype.as_str().unwrap_or_default(),
        None => "kv",
    };
    let items = || {
        let items = payload.as_array();
        items.ok_or_else(|| "`payload` has to be an array".to_owned())
    };
    let entry = match datatype {
        "kv" => {
            let entry = Entry::plain(key, decoded(payload)?);
            let entry = entry.map_err(|error| error.to_string())?;
            match payload.get("expiry").filter(|expiry| !expiry.is_null()) {
                Some(expiry) => entry.expiring_at(moment(expiry)?),
                None => Ok(entry),
            }
        }
        "sorted_set" => {
            let members = items()?.iter().map(|item| {
                let score = item.get("score");
                let number = score.and_then(Value::as_f64);
                // An infinite one, which the API does not take: it says so.
                let text = || score.and_then(Value::as_str)?.parse().ok();
                let score = number.or_else(text);
                Ok((
                    score.ok_or("`score` is missing, or no number")?,
                    decoded(item)?,
                ))
            });
            Entry::sorted_set(key, members.collect::<Result<Vec<_>, String>>()?)
        }
        "bloom_filter" => {
            let texts = items()?.iter().map(|item| {
                let item = decoded(item)?;
                String::from_utf8(item).map_err(|_| "an item that is not text".to_owned())
            });
            Entry::bloom_filter(key, texts.collect::<Result<Vec<_>, String>>()?)
        }
        other => {
            return Err(format!(
                "`datatype` is kv, sorted_set or bloom_filter, not {other:?}"
            ));
        }
    };
    let count = payload.as_array().map_or(1, |items| items.len() as u64);
    Ok((entry.map_err(|error| error.to_string())?, count))
}

fn decoded(item: &Value) -> Result<Vec<u8>, String> {
    let value = item.get("value").and_then(Value::as_str);
    let value = value.ok_or("`value` is missing, or no string")?;
    match item.get("encoding").map(Value::as_str) {
        None | Some(Some("plain")) => Ok(value.as_bytes().to_vec()),
        Some(Some("base64")) => BASE64
            .decode(value)
            .map_err(|error| format!("`value` is not base64: {error}")),
        Some(_) => Err("`encoding` is plain or base64".to_owned()),
    }
}

fn moment(expiry: &Value) -> Result<SystemTime, String> {
    let text = expiry.as_str().unwrap_or_default();
    let moment: Timestamp = text
        .parse()
        .map_err(|error| format!("`expiry` is not a moment of RFC 3339: {error}"))?;
    Ok(moment.into())
}
