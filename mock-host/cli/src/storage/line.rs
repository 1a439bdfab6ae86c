//! Entries as lines of JSON: the API's own shape, one entry a line.

use std::collections::HashSet;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge::edge_storage_api::{Entry, EntryError, Stored, StoredEntry, StoredValue};
use fastedge::kv_store::SENTINEL;
use fastedge_conformance::fixture::Content;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::api;
use crate::suggestion::did_you_mean;

/// Returns the line of an entry. Hashes are written as such, and masked values as masked.
pub(crate) fn of(entry: &StoredEntry, masked: &HashSet<Vec<u8>>) -> Value {
    let encoded = |value: &StoredValue| match value.bytes() {
        Some(bytes) if masked.contains(bytes) => {
            json!({ "value": String::from_utf8_lossy(bytes), "encoding": "masked" })
        }
        Some(bytes) => self::bytes(bytes),
        None => {
            let digits = value.to_string();
            let digits = digits.trim_start_matches("sha256:");
            json!({ "value": digits, "encoding": "sha256" })
        }
    };
    let payload = match &entry.stored {
        Stored::Plain { value, expiry } => {
            let mut payload = encoded(value);
            if let Some(expiry) = expiry {
                payload["expiry"] = json!(expiry);
            }
            payload
        }
        Stored::SortedSet(members) => members
            .iter()
            .map(|(member, score)| {
                let mut payload = encoded(member);
                payload["score"] = api::score_json(*score);
                payload
            })
            .collect(),
        Stored::BloomFilter(items) => items.iter().map(encoded).collect(),
        _ => Value::Null,
    };
    let mut line =
        json!({ "key": entry.key, "datatype": entry.stored.datatype(), "payload": payload });
    if let Stored::BloomFilter(items) = &entry.stored
        && !items.iter().any(|item| item.is(SENTINEL.as_bytes()))
    {
        line["sentinel"] = json!(false);
    }
    line
}

/// Returns the line of an entry to write.
pub(crate) fn of_content(key: &str, content: &Content) -> Value {
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

/// Returns a member of a sorted set as JSON.
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

/// Reads the entries of a line, and the number of their values. Masked and other values of a key
/// are entries of their own.
///
/// # Errors
///
/// A description, if the line is not that of an entry.
pub fn parse(line: &str) -> Result<(Vec<Entry>, u64), String> {
    let line: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let key = line.get("key").and_then(Value::as_str);
    let key = key.ok_or("`key` is missing, or is not a string")?;
    check_members(&line, &ENTRY)?;
    // The short form: {"key": …, "value": …}
    let payload = line.get("payload").unwrap_or(&line);
    let datatype = match line.get("datatype") {
        Some(datatype) => datatype.as_str().unwrap_or_default(),
        None => "kv",
    };
    let values = match datatype {
        "kv" => std::slice::from_ref(payload),
        _ => payload.as_array().ok_or("`payload` is not an array")?,
    };
    // A filter without the sentinel looks like one that is missing: only an export has such lines.
    let has_sentinel = line
        .get("sentinel")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    if line.get("payload").is_some() {
        values
            .iter()
            .try_for_each(|value| check_members(value, &VALUE))?;
    }
    let mut entries = Vec::new();
    for is_masked in [false, true] {
        let mut chosen = Vec::new();
        for value in values {
            let (bytes, masked) = decoded(value)?;
            if masked == is_masked {
                chosen.push((value, bytes));
            }
        }
        // A key without values is checked too.
        if chosen.is_empty() && (is_masked || !values.is_empty()) {
            continue;
        }
        let is_first = entries.is_empty() && has_sentinel;
        let entry = match datatype {
            "kv" => {
                let bytes = chosen.pop().map(|(_, bytes)| bytes);
                let entry = Entry::plain(key, bytes.unwrap_or_default());
                match payload.get("expiry").filter(|expiry| !expiry.is_null()) {
                    Some(expiry) => {
                        let moment = moment(expiry)?;
                        entry.and_then(|entry| entry.expiring_at(moment))
                    }
                    None => entry,
                }
            }
            "sorted_set" => {
                let members = chosen.into_iter();
                let members = members.map(|(value, bytes)| Ok((score(value)?, bytes)));
                let members = members.collect::<Result<Vec<_>, String>>()?;
                Entry::sorted_set(key, members)
            }
            "bloom_filter" => {
                let items: Vec<Vec<u8>> = chosen.into_iter().map(|(_, bytes)| bytes).collect();
                let lacks_it = is_first && !items.iter().any(|item| item == SENTINEL.as_bytes());
                let sentinel = lacks_it.then(|| SENTINEL.as_bytes().to_vec());
                Entry::bloom_filter_items(key, sentinel.into_iter().chain(items))
            }
            other => {
                return Err(format!(
                    "`datatype` is kv, sorted_set or bloom_filter, not {other:?}"
                ));
            }
        };
        let entry = entry.and_then(|entry| match is_masked {
            true => entry.masked(),
            false => Ok(entry),
        });
        entries.push(entry.map_err(|error: EntryError| error.to_string())?);
    }
    Ok((entries, values.len() as u64))
}

/// The members of a line. The API's own entries have a count.
const ENTRY: [&str; 8] = [
    "key", "datatype", "payload", "count", "sentinel", "value", "encoding", "expiry",
];

/// The members of a value.
const VALUE: [&str; 4] = ["value", "encoding", "expiry", "score"];

/// Checks that an object has no other members: a misspelled one would be lost.
fn check_members(object: &Value, known: &[&str]) -> Result<(), String> {
    let members = object.as_object().into_iter().flatten();
    for (name, _) in members {
        if !known.contains(&name.as_str()) {
            return Err(format!(
                "unknown field `{name}`; {}",
                did_you_mean(name, known)
            ));
        }
    }
    Ok(())
}

/// Reads a score: a number, or the text of an infinite one.
fn score(value: &Value) -> Result<f64, String> {
    let score = value.get("score");
    let number = score.and_then(Value::as_f64);
    let text = || score.and_then(Value::as_str)?.parse().ok();
    number
        .or_else(text)
        .ok_or_else(|| "`score` is missing, or is not a number".to_owned())
}

/// Decodes a value, and returns whether it is masked.
fn decoded(item: &Value) -> Result<(Vec<u8>, bool), String> {
    let value = item.get("value").and_then(Value::as_str);
    let value = value.ok_or("`value` is missing, or is not a string")?;
    match item.get("encoding").map(Value::as_str) {
        None | Some(Some("plain")) => Ok((value.as_bytes().to_vec(), false)),
        Some(Some("masked")) => Ok((value.as_bytes().to_vec(), true)),
        Some(Some("base64")) => BASE64
            .decode(value)
            .map(|bytes| (bytes, false))
            .map_err(|error| format!("`value` is not base64: {error}")),
        Some(Some("sha256")) => {
            Err("the value is a hash, from which it cannot be restored".to_owned())
        }
        Some(_) => Err("`encoding` is plain, base64 or masked".to_owned()),
    }
}

fn moment(expiry: &Value) -> Result<SystemTime, String> {
    let text = expiry.as_str().unwrap_or_default();
    let moment: Timestamp = text
        .parse()
        .map_err(|error| format!("`expiry` is not an RFC 3339 time: {error}"))?;
    Ok(moment.into())
}
