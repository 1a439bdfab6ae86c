//! All flags at once.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::EvaluationDetails;

/// All flags of a source for one context: what [`Flags::all`](super::Flags::all) answers, for a page that
/// is to know them from the start.
///
/// As JSON it is an object of the flags that have a value. What resolves to the caller's default, for
/// whichever reason, is not in it, so that whoever reads it uses their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AllFlags {
    pub(super) flags: Vec<EvaluationDetails<Option<serde_json::Value>>>,
    pub(super) failure: Option<String>,
}

impl AllFlags {
    /// The flags in their order: `None` is the caller's default.
    pub fn iter(&self) -> impl Iterator<Item = &EvaluationDetails<Option<serde_json::Value>>> {
        self.flags.iter()
    }

    /// Why there are not all, or none: the document is not there, or is broken somewhere.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The flags' values as JSON that can stand within `<script>`: `<`, `>` and `&`, which are only in its
    /// strings, are escaped, and so are the line separators that are none in JSON.
    ///
    /// ```
    /// use fastedge::flags::{EvaluationContext, Flags};
    ///
    /// let flags = Flags::from_json(r#"{"flags": {
    ///     "title": {"state": "ENABLED", "variants": {"a": "</script>"}, "defaultVariant": "a"},
    ///     "beta": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"}
    /// }}"#);
    /// let all = flags.all(&EvaluationContext::new());
    /// let page = format!("<script>const flags = {};</script>", all.to_script());
    /// assert_eq!(page, r#"<script>const flags = {"title":"\u003c/script\u003e"};</script>"#);
    /// ```
    pub fn to_script(&self) -> String {
        // Keys are strings, and values of JSON can be written.
        let json = serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned());
        let mut script = String::with_capacity(json.len());
        for character in json.chars() {
            match character {
                '<' => script.push_str("\\u003c"),
                '>' => script.push_str("\\u003e"),
                '&' => script.push_str("\\u0026"),
                '\u{2028}' => script.push_str("\\u2028"),
                '\u{2029}' => script.push_str("\\u2029"),
                other => script.push(other),
            }
        }
        script
    }
}

impl Serialize for AllFlags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for flag in &self.flags {
            if let Some(value) = &flag.value {
                map.serialize_entry(&flag.flag_key, value)?;
            }
        }
        map.end()
    }
}
