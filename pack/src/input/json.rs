//! Lines of JSON.

use serde_json::Value;

use super::Unusable;

/// The first of these members that a line's object has, as text; `None` for a line about the list itself.
pub(super) fn member(
    line: &str,
    names: &[&str],
    wanted: &'static str,
) -> Result<Option<String>, Unusable> {
    let object: Value = serde_json::from_str(line).map_err(|_| Unusable::Json(wanted))?;
    if object.get("type").and_then(Value::as_str) == Some("metadata") {
        return Ok(None);
    }
    let mut found = names.iter().filter_map(|name| object.get(name));
    match found.next() {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        _ => Err(Unusable::Json(wanted)),
    }
}
