//! What a document says about a flag beside its value.

use serde::Serialize;
use serde::ser::Serializer;

use super::details::Fault;
use super::json::{Cursor, Kind};
use super::value::json_of;

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
pub struct Metadata(serde_json::Map<String, serde_json::Value>);

impl Metadata {
    /// What is said under a name: a string, a number or a boolean.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name)
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
            if let Some(
                value @ (serde_json::Value::Bool(_)
                | serde_json::Value::Number(_)
                | serde_json::Value::String(_)),
            ) = json_of(object.raw()?)
            {
                self.0.insert(name.into_owned(), value);
            }
            more = object.next()?;
        }
        Ok(())
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
