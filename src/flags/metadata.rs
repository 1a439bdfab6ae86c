//! What a document says about a flag beside its value.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::details::Fault;
use super::json::{Cursor, Kind};

/// Metadata of a flag: names, and texts, numbers or booleans.
///
/// ```
/// use fastedge::flags::{EvaluationContext, Flags};
///
/// let flags = Flags::from_json(r#"{
///     "metadata": {"flagSetId": "shop", "owner": "web"},
///     "flags": {"price": {
///         "state": "ENABLED", "variants": {"low": 5}, "defaultVariant": "low",
///         "metadata": {"owner": "billing"}
///     }}
/// }"#);
/// let metadata = flags.int_details("price", 9, &EvaluationContext::new()).flag_metadata;
/// assert_eq!(metadata.get("owner").unwrap(), "billing");
/// assert_eq!(metadata.get("flagSetId").unwrap(), "shop");
/// assert_eq!(metadata.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata(Vec<(String, serde_json::Value)>);

impl Metadata {
    /// What is said under a name: a string, a number or a boolean.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        let named = self.0.iter().find(|(other, _)| other == name);
        named.map(|(_, value)| value)
    }

    /// All that is said.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what an object says, which overrides what has been said. What is no text, number or boolean
    /// is no metadata.
    pub(super) fn extend(&mut self, mut object: Cursor<'_>) -> Result<(), Fault> {
        if object.kind()? != Kind::Object {
            return Ok(());
        }
        let mut more = object.enter()?;
        while more {
            let name = object.key()?;
            let value = object.raw()?;
            let value = serde_json::from_str(value)
                .map_err(|error| Fault::malformed(format!("metadata `{name}`: {error}")))?;
            if let serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::String(_) = value
            {
                self.set(&name, value);
            }
            more = object.next()?;
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: serde_json::Value) {
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, former)) => *former = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
