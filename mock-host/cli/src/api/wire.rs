//! The JSON of the platform's API for Edge Storage.
//!
//! The platform documents the shape of a plain pair; those of the members of sorted sets and of the
//! items of Bloom filters are undocumented, and can be corrected here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge_mock_host::central::{
    Change, DataType, Entry, MAX_KEY_BYTES, MAX_VALUE_BYTES, StoreInfo,
};
use fastedge_mock_host::{BloomOptions, StoreState};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a store is created or replaced with.
#[derive(Deserialize)]
pub(super) struct StoreSettings {
    pub(super) name: String,
    pub(super) comment: Option<String>,
    pub(super) byod: Option<Byod>,
}

#[derive(Deserialize)]
pub(super) struct Byod {
    pub(super) url: String,
    #[serde(default)]
    pub(super) prefix: String,
}

/// A store in a list.
pub(super) fn listed_store(store: &StoreState, app_count: usize) -> Value {
    let mut listed = json!({
        "id": store.info.id,
        "name": store.info.name,
        "app_count": app_count,
        "size": store.size,
    });
    if let Some(comment) = &store.info.comment {
        listed["comment"] = json!(comment);
    }
    listed
}

/// A store by itself.
pub(super) fn whole_store(store: &StoreState, app_count: usize) -> Value {
    let StoreInfo {
        byod,
        revision,
        updated_at_ms,
        ..
    } = &store.info;
    let mut whole = listed_store(store, app_count);
    if let Some(byod) = byod {
        whole["byod"] = json!({ "url": byod.url, "prefix": byod.prefix });
    }
    whole["revision"] = json!(revision);
    whole["updated_at"] = json!(rfc3339(*updated_at_ms));
    whole
}

/// An entry; of a sorted set only the members with these scores.
pub(super) fn entry(key: &str, entry: &Entry, (min, max): (f64, f64)) -> Value {
    let payload = if let Some(value) = entry.value() {
        let mut payload = bytes(value);
        if let Some(at) = entry.expires_at_ms() {
            payload.insert("expiry".to_owned(), json!(rfc3339(at)));
        }
        Value::Object(payload)
    } else if let Some(members) = entry.members() {
        members
            .filter(|(_, score)| (min..=max).contains(score))
            .map(|(member, score)| {
                let mut payload = bytes(member);
                payload.insert("score".to_owned(), score_json(score));
                Value::Object(payload)
            })
            .collect()
    } else {
        // A filter does not know its items.
        Value::Null
    };
    json!({ "key": key, "datatype": entry.data_type().name(), "payload": payload })
}

/// A score; JSON has no infinite numbers, so these are texts.
pub(crate) fn score_json(score: f64) -> Value {
    match score {
        f64::INFINITY => json!("inf"),
        f64::NEG_INFINITY => json!("-inf"),
        score => json!(score),
    }
}

/// Bytes, as text where they are text that JSON carries as it is.
fn bytes(bytes: &[u8]) -> Map<String, Value> {
    let is_binary = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    let (value, encoding) = match str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_binary) => (text.to_owned(), "plain"),
        _ => (BASE64.encode(bytes), "base64"),
    };
    let mut map = Map::new();
    map.insert("value".to_owned(), json!(value));
    map.insert("encoding".to_owned(), json!(encoding));
    map
}

fn rfc3339(ms: u64) -> String {
    let moment = i64::try_from(ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    moment.unwrap_or(Timestamp::MAX).to_string()
}

/// The changes that a write asks for.
///
/// # Errors
///
/// What is wrong with the first that cannot be, with its number.
pub(super) fn changes(body: &[u8]) -> Result<Vec<Change>, String> {
    let changes: Vec<Value> = serde_json::from_slice(body)
        .map_err(|error| format!("the body has to be a JSON array of changes: {error}"))?;
    let changes = changes.iter().enumerate();
    changes
        .map(|(i, value)| change(value).map_err(|problem| format!("change {i}: {problem}")))
        .collect()
}

fn change(value: &Value) -> Result<Change, String> {
    let text = |name: &str| match value.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(other) => Err(format!("`{name}` has to be a string, not {other}")),
        None => Err(format!("`{name}` is missing")),
    };
    let key = text("key")?.to_owned();
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(format!(
            "a key has 1 to {MAX_KEY_BYTES} bytes, and this one has {}",
            key.len()
        ));
    }
    let datatype = text("datatype")?;
    let data_type = DataType::from_name(datatype)
        .ok_or_else(|| format!("`datatype` is kv, sorted_set or bloom_filter, not {datatype:?}"))?;
    let payload = value.get("payload").filter(|payload| !payload.is_null());
    let payload = || payload.ok_or_else(|| "`payload` is missing".to_owned());
    match (text("op")?, data_type) {
        ("del_key", _) => Ok(Change::Delete {
            key,
            data_type: Some(data_type),
        }),
        ("add", DataType::Plain) => {
            let payload = payload()?;
            Ok(Change::Put {
                key,
                value: decoded(payload)?,
                expires_at_ms: expiry(payload)?,
            })
        }
        ("add", DataType::SortedSet) => {
            let members = items(payload()?)?.map(|item| Ok((score(item)?, decoded(item)?)));
            Ok(Change::AddMembers {
                key,
                members: members.collect::<Result<_, String>>()?,
            })
        }
        ("add", DataType::BloomFilter) => Ok(Change::AddItems {
            key,
            options: BloomOptions::default(),
            items: items(payload()?)?.map(decoded).collect::<Result<_, _>>()?,
        }),
        ("del_entries", DataType::SortedSet) => Ok(Change::RemoveMembers {
            key,
            members: items(payload()?)?.map(decoded).collect::<Result<_, _>>()?,
        }),
        ("del_entries", _) => Err(format!("a {datatype} has no entries to delete")),
        (op, _) => Err(format!("`op` is add, del_key or del_entries, not {op:?}")),
    }
}

fn items(payload: &Value) -> Result<std::slice::Iter<'_, Value>, String> {
    let items = payload.as_array();
    Ok(items.ok_or("`payload` has to be an array")?.iter())
}

fn score(item: &Value) -> Result<f64, String> {
    let score = item.get("score").ok_or("`score` is missing")?;
    score
        .as_f64()
        .ok_or_else(|| format!("`score` has to be a number, not {score}"))
}

fn decoded(item: &Value) -> Result<Vec<u8>, String> {
    let value = match item.get("value") {
        Some(Value::String(value)) => value,
        Some(other) => return Err(format!("`value` has to be a string, not {other}")),
        None => return Err("`value` is missing".to_owned()),
    };
    let bytes = match item.get("encoding").map(|encoding| encoding.as_str()) {
        None | Some(Some("plain")) => value.clone().into_bytes(),
        Some(Some("base64")) => BASE64
            .decode(value)
            .map_err(|error| format!("`value` is not base64: {error}"))?,
        Some(_) => return Err("`encoding` is plain or base64".to_owned()),
    };
    match bytes.len() > MAX_VALUE_BYTES {
        true => Err(format!(
            "a value has at most {MAX_VALUE_BYTES} bytes, and this one has {}",
            bytes.len()
        )),
        false => Ok(bytes),
    }
}

fn expiry(payload: &Value) -> Result<Option<u64>, String> {
    let text = match payload.get("expiry") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => return Err(format!("`expiry` has to be a string, not {other}")),
    };
    let moment: Timestamp = text
        .parse()
        .map_err(|error| format!("`expiry` is not a moment of RFC 3339: {error}"))?;
    // What expired before 1970 has expired.
    Ok(Some(u64::try_from(moment.as_millisecond()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_change_is_said() {
        for (change, problem) in [
            (r#"{}"#, "the body has to be a JSON array"),
            (r#"[1]"#, "change 0: `key` is missing"),
            (r#"[{"key": ""}]"#, "1 to 256 bytes"),
            (r#"[{"key": "k"}]"#, "`datatype` is missing"),
            (r#"[{"key": "k", "datatype": "x"}]"#, "not \"x\""),
            (r#"[{"key": "k", "datatype": "kv"}]"#, "`op` is missing"),
            (
                r#"[{"key": "k", "datatype": "kv", "op": "set"}]"#,
                "not \"set\"",
            ),
            (
                r#"[{"key": "k", "datatype": "kv", "op": "add"}]"#,
                "`payload` is missing",
            ),
            (
                r#"[{"key": "k", "datatype": "kv", "op": "add", "payload": {}}]"#,
                "`value` is missing",
            ),
            (
                r#"[{"key": "k", "datatype": "kv", "op": "add", "payload": {"value": "?", "encoding": "base64"}}]"#,
                "not base64",
            ),
            (
                r#"[{"key": "k", "datatype": "kv", "op": "add", "payload": {"value": "", "expiry": "soon"}}]"#,
                "not a moment of RFC 3339",
            ),
            (
                r#"[{"key": "k", "datatype": "sorted_set", "op": "add", "payload": [{"value": "m"}]}]"#,
                "`score` is missing",
            ),
            (
                r#"[{"key": "k", "datatype": "bloom_filter", "op": "del_entries", "payload": []}]"#,
                "no entries to delete",
            ),
        ] {
            let refused = changes(change.as_bytes()).unwrap_err();
            assert!(refused.contains(problem), "{change}: {refused}");
        }
    }

    #[test]
    fn no_body_makes_it_panic() {
        let good = br#"[{"key":"k","datatype":"sorted_set","op":"add","payload":[{"value":"m","encoding":"plain","score":1e300}]}]"#;
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let mut body = good.to_vec();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..body.len());
                body[at] = random.u8(..);
            }
            let _either = changes(&body);
        }
    }
}
