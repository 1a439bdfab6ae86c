//! The changes in the body of a write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge_mock_host::BloomOptions;
use fastedge_mock_host::central::{Change, DataType, MAX_KEY_BYTES, MAX_VALUE_CHARS};
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::body::{self, Object};
use super::score;

/// Reads the changes of a body.
///
/// # Errors
///
/// The problem of the first invalid change, with its place in the array.
pub(super) fn read(body: &[u8]) -> Result<Vec<Change>, String> {
    let elements = body::array(body::json(body)?, "the body")?;
    let mut changes = Vec::with_capacity(elements.len());
    for (i, element) in elements.iter().enumerate() {
        read_change(element, &mut changes).map_err(|problem| format!("change {i}: {problem}"))?;
    }
    Ok(changes)
}

/// The three operations.
enum Op {
    Add,
    DeleteKey,
    DeleteEntries,
}

fn read_change(json: &RawValue, changes: &mut Vec<Change>) -> Result<(), String> {
    let object = Object::read(json, "it")?;
    let key = object.text("key")?;
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        let bytes = key.len();
        return Err(format!(
            "the key has {bytes} bytes; use 1 to {MAX_KEY_BYTES}"
        ));
    }
    let datatype = object.text("datatype")?;
    let data_type = DataType::from_name(&datatype).ok_or_else(|| {
        format!("`datatype` is {datatype:?}; send kv, sorted_set or bloom_filter")
    })?;
    let op = match object.text("op")?.as_str() {
        "add" => Op::Add,
        "del_key" => Op::DeleteKey,
        "del_entries" => Op::DeleteEntries,
        other => {
            return Err(format!(
                "`op` is {other:?}; send add, del_key or del_entries"
            ));
        }
    };
    let payload = match (&op, object.get("payload")) {
        (Op::DeleteKey, Some(payload)) => {
            // The payload is not used, but must have a valid type.
            check_payload(payload)?;
            None
        }
        (Op::DeleteKey, None) => None,
        (_, Some(payload)) => Some(payload),
        (_, None) => return Err("`payload` is missing".to_owned()),
    };
    let mut masked = Vec::new();
    changes.push(match (op, data_type, payload) {
        (Op::Add, DataType::Plain, Some(payload)) => {
            let pair = Object::read(payload, "`payload`")?;
            Change::Put {
                key: key.clone(),
                value: read_value(&pair)?.masked_into(&mut masked),
                expires_at_ms: read_expiry(&pair)?,
            }
        }
        (Op::Add, DataType::SortedSet, Some(payload)) => {
            let mut members = Vec::new();
            for item in read_items(payload)? {
                let score = read_score(&item)?.ok_or("`score` is missing")?;
                members.push((score, read_value(&item)?.masked_into(&mut masked)));
            }
            Change::AddMembers {
                key: key.clone(),
                members,
            }
        }
        (Op::Add, DataType::BloomFilter, Some(payload)) => {
            let mut items = Vec::new();
            for item in read_items(payload)? {
                items.push(read_value(&item)?.masked_into(&mut masked));
            }
            Change::AddItems {
                key: key.clone(),
                options: BloomOptions::default(),
                items,
            }
        }
        (Op::DeleteEntries, DataType::SortedSet, Some(payload)) => {
            let mut members = Vec::new();
            for item in read_items(payload)? {
                read_score(&item)?;
                members.push(read_value(&item)?.bytes);
            }
            Change::RemoveMembers {
                key: key.clone(),
                members,
            }
        }
        (Op::DeleteEntries, ..) => {
            return Err(format!(
                "a {datatype} has no entries that can be deleted; delete the key with del_key"
            ));
        }
        (_, _, None) | (Op::DeleteKey, ..) => Change::Delete {
            key: key.clone(),
            data_type: Some(data_type),
        },
    });
    if !masked.is_empty() {
        changes.push(Change::Mask {
            key,
            values: masked,
        });
    }
    Ok(())
}

/// Checks that a payload is a value, or an array of values.
fn check_payload(payload: &RawValue) -> Result<(), String> {
    if body::kind(payload) != "an array" {
        return read_value(&Object::read(payload, "`payload`")?).map(|_| ());
    }
    for item in read_items(payload)? {
        read_score(&item)?;
        read_value(&item)?;
    }
    Ok(())
}

fn read_items(payload: &RawValue) -> Result<Vec<Object<'_>>, String> {
    let items = body::array(payload, "`payload`")?.into_iter();
    items.map(|item| Object::read(item, "an element")).collect()
}

/// A value of a request.
struct Value {
    bytes: Vec<u8>,
    is_masked: bool,
}

impl Value {
    /// Returns the bytes, and adds them to `masked` if the value is masked.
    fn masked_into(self, masked: &mut Vec<Vec<u8>>) -> Vec<u8> {
        if self.is_masked {
            masked.push(self.bytes.clone());
        }
        self.bytes
    }
}

fn read_value(object: &Object<'_>) -> Result<Value, String> {
    let text = object.text("value")?;
    let chars = text.chars().count();
    if chars > MAX_VALUE_CHARS {
        return Err(format!(
            "`value` has {chars} characters as it is encoded; send at most {MAX_VALUE_CHARS}"
        ));
    }
    let encoding = object.optional_text("encoding")?;
    let (bytes, is_masked) = match encoding.as_deref() {
        None | Some("plain") => (text.into_bytes(), false),
        Some("masked") => (text.into_bytes(), true),
        Some("base64") => {
            let bytes = BASE64.decode(text);
            let bytes = bytes.map_err(|error| format!("`value` is not base64: {error}"))?;
            (bytes, false)
        }
        Some("sha256") => {
            return Err(
                "`encoding` is sha256, which is for responses only; send the value itself".into(),
            );
        }
        Some(other) => {
            return Err(format!(
                "`encoding` is {other:?}; send plain, base64 or masked"
            ));
        }
    };
    Ok(Value { bytes, is_masked })
}

fn read_score(object: &Object<'_>) -> Result<Option<f64>, String> {
    let score = object.get("score").map(|json| {
        let score = score::parse(json.get());
        score.ok_or_else(|| format!("`score` is {}; send a number", body::kind(json)))
    });
    score.transpose()
}

fn read_expiry(pair: &Object<'_>) -> Result<Option<u64>, String> {
    let Some(text) = pair.optional_text("expiry")? else {
        return Ok(None);
    };
    let moment = parse_rfc3339(&text).ok_or_else(|| {
        format!("`expiry` is {text:?}; send a time of RFC 3339, as 2030-12-31T23:59:59Z")
    })?;
    // A pair that expired before 1970 has expired.
    Ok(Some(u64::try_from(moment.as_millisecond()).unwrap_or(0)))
}

/// Parses a time of RFC 3339. `jiff` accepts more forms than that.
fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let is_like = |text: &str, form: &str| {
        let mut pairs = text.bytes().zip(form.bytes());
        text.len() == form.len()
            && pairs.all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't' | b' '),
                b'+' => matches!(byte, b'+' | b'-'),
                wanted => byte == wanted,
            })
    };
    let (time, rest) = text.split_at_checked("0000-00-00T00:00:00".len())?;
    let fraction = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest.get(..digits).filter(|digits| !digits.is_empty())?
        }
        None => "",
    };
    let zone = match fraction {
        "" => rest,
        fraction => rest.get(1 + fraction.len()..)?,
    };
    let is_zone = matches!(zone, "Z" | "z") || is_like(zone, "+00:00");
    if !is_like(time, "0000-00-00T00:00:00") || !is_zone {
        return None;
    }
    // `jiff` reads nine digits at most; milliseconds are kept.
    let nanos = fraction.get(..9).unwrap_or(fraction);
    match nanos {
        "" => text.parse().ok(),
        nanos => format!("{time}.{nanos}{zone}").parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_of_rfc_3339_only() {
        let ms = |text: &str| parse_rfc3339(text).map(Timestamp::as_millisecond);
        for (text, wanted) in [
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-01t00:00:01z", 1_000),
            ("1970-01-01 00:00:01.5Z", 1_500),
            ("1970-01-01T01:00:00.123456789012+01:00", 123),
            ("1970-01-01T00:00:00-00:30", 1_800_000),
            ("1969-12-31T23:59:59Z", -1_000),
        ] {
            assert_eq!(ms(text), Some(wanted), "{text}");
        }
        for text in [
            "",
            "soon",
            "2030-12-31",
            "2030-12-31T23:59:59",
            "2030-12-31T23:59Z",
            "2030-12-31T23Z",
            "20301231T235959Z",
            "2030-12-31T235959Z",
            "2030-12-31T23:59:59.Z",
            "2030-12-31T23:59:59,5Z",
            "2030-12-31T23:59:59+01",
            "2030-12-31T23:59:59+0100",
            "2030-12-31T23:59:59+01:00:00",
            "2030-12-31T23:59:59Z[UTC]",
            "2030-12-31T23:59:59+01:00[Europe/Berlin]",
            "+002030-12-31T23:59:59Z",
            " 2030-12-31T23:59:59Z",
            "2030-12-31T23:59:59Z ",
            "2030-13-31T23:59:59Z",
            "2030-02-30T23:59:59Z",
            "2030-12-31T24:00:00Z",
            "2030-12-31T23:59:5üZ",
        ] {
            assert_eq!(ms(text), None, "{text:?}");
        }
    }
}
