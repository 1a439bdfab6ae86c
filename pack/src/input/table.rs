//! Lines with a key and a value.

use serde::Deserialize;

use super::{Line, LineOptions, Unusable};
use crate::rules::TableRules;

#[derive(Deserialize)]
struct Row {
    key: String,
    value: serde_json::Value,
}

pub(super) fn add(
    rows: &mut TableRules,
    line: &str,
    options: &LineOptions,
) -> Result<Line, Unusable> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(Line::Nothing);
    }
    if line.starts_with('{') {
        let row: Row =
            serde_json::from_str(line).map_err(|_| Unusable::Json("`key` and `value`"))?;
        match &row.value {
            serde_json::Value::String(text) => rows.add(&row.key, text)?,
            serde_json::Value::Null => return Err(Unusable::Json("a `value`")),
            other => rows.add(&row.key, other.to_string())?,
        }
        return Ok(Line::Rules(1));
    }
    match line.split_once(options.separator) {
        Some((key, value)) => {
            rows.add(key.trim(), value.trim())?;
            Ok(Line::Rules(1))
        }
        None => Err(Unusable::NoValue(options.separator)),
    }
}
