//! Reading JSON from requests. Numbers stay text, because a score may be larger than any double.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// An object of which some members are read. Others are ignored.
pub(super) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    /// Reads an object; `name` is its place in the body.
    pub(super) fn read(json: &'a RawValue, name: &str) -> Result<Self, String> {
        let object = serde_json::from_str(json.get());
        object.map(Object).map_err(|error| match kind(json) {
            // The name of a member is half of a surrogate pair, for example.
            "an object" => format!("{name} is not a valid object: {error}"),
            kind => format!("{name} is {kind}; send an object"),
        })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied()
    }

    pub(super) fn required(&self, name: &str) -> Result<&'a RawValue, String> {
        self.get(name).ok_or_else(|| format!("`{name}` is missing"))
    }

    /// Returns a text.
    pub(super) fn text(&self, name: &str) -> Result<String, String> {
        text(self.required(name)?, name)
    }

    /// Returns a text that may be missing. `null` is not a text.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, String> {
        self.get(name).map(|json| text(json, name)).transpose()
    }
}

/// Reads the elements of an array; `name` is its place in the body.
pub(super) fn array<'a>(json: &'a RawValue, name: &str) -> Result<Vec<&'a RawValue>, String> {
    serde_json::from_str(json.get()).map_err(|_| format!("{name} is {}; send an array", kind(json)))
}

/// Reads a whole body.
pub(super) fn json(body: &[u8]) -> Result<&RawValue, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))
}

fn text(json: &RawValue, name: &str) -> Result<String, String> {
    serde_json::from_str(json.get()).map_err(|error| match kind(json) {
        // Half of a surrogate pair, for example.
        "a string" => format!("`{name}` is not a valid string: {error}"),
        kind => format!("`{name}` is {kind}; send a string"),
    })
}

/// Returns the type of a JSON value, for errors: the value itself may be a secret, or large.
pub(super) fn kind(json: &RawValue) -> &'static str {
    match json.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
