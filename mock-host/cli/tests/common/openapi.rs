//! The published OpenAPI document, against which requests and responses are checked.
//!
//! It is `gcore/fastedge_api.yaml` in the folder that the variable `FASTEDGE_TEST_DATA` names.

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Value, json};

/// The document.
pub(crate) struct OpenApi(Value);

static DOCUMENT: LazyLock<Option<OpenApi>> = LazyLock::new(|| {
    let data = std::env::var_os("FASTEDGE_TEST_DATA")?;
    let file = Path::new(&data).join("gcore/fastedge_api.yaml");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(OpenApi(serde_saphyr::from_str(&text).unwrap()))
});

/// The responses that the document does not have, by status, method and path (`*` is any).
///
/// They have the document's body for errors, and 404 has none.
const UNDOCUMENTED: [(u16, &str, &str); 11] = [
    // The gateway in front of the API checks the token; the document leaves that out.
    (401, "*", "*"),
    (403, "*", "*"),
    // The document lists the paths and methods that exist, and does not mention others.
    (404, "*", "*"),
    (405, "*", "*"),
    // The document limits the parameters of these calls, and has no status for values out of range.
    (400, "get", "/fastedge/v1/kv"),
    (400, "get", "/fastedge/v1/kv/{store_id}"),
    // A customer's own database can be down while it is read, too.
    (503, "get", "/fastedge/v1/kv/{store_id}/data"),
    (503, "get", "/fastedge/v1/kv/{store_id}/data/{key}"),
    // With `conflict_status = 409`, which other sources hint at.
    (409, "post", "/fastedge/v1/kv"),
    (409, "put", "/fastedge/v1/kv/{store_id}"),
    (409, "put", "/fastedge/v1/kv/{store_id}/data"),
];

impl OpenApi {
    /// Reads the document, if the variable is set.
    pub(crate) fn load() -> Option<&'static OpenApi> {
        if DOCUMENT.is_none() {
            println!("not checked against the OpenAPI document: FASTEDGE_TEST_DATA is not set");
        }
        DOCUMENT.as_ref()
    }

    /// Checks a response: its status is documented for the call, and its body has that status's
    /// schema, and no members beyond it.
    pub(crate) fn check_response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: &[u8],
        content_type: Option<&str>,
    ) -> Result<(), String> {
        let method = method.to_ascii_lowercase();
        let operation = self.operation(&method, path);
        let documented = operation.and_then(|(_, operation)| {
            let response = &operation["responses"][status.to_string()];
            (!response.is_null()).then_some(response)
        });
        let template = operation.map_or("", |(template, _)| template);
        let about = |problem: String| format!("{method} {path} -> {status}: {problem}");
        let schema = match documented {
            Some(response) => match response["content"].as_object() {
                None => None,
                Some(content) => {
                    let name = content_type.unwrap_or("none").split(';').next();
                    let name = name.unwrap_or_default();
                    let media = content.get(name).ok_or_else(|| {
                        about(format!("the content type {name} is not documented"))
                    })?;
                    Some(&media["schema"])
                }
            },
            None => {
                let is_allowed = UNDOCUMENTED.iter().any(|(allowed, of_method, of_path)| {
                    *allowed == status
                        && (*of_method == "*" || *of_method == method)
                        && (*of_path == "*" || *of_path == template)
                });
                if !is_allowed {
                    return Err(about("the status is not documented".to_owned()));
                }
                (status != 404).then(|| &self.0["components"]["schemas"]["error"])
            }
        };
        match schema {
            Some(schema) => {
                let value = parse(body).map_err(about)?;
                self.validate(schema, &value).map_err(about)?;
                let mut unknown = Vec::new();
                self.find_undocumented(&[schema], &value, "", &mut unknown);
                match unknown.is_empty() {
                    true => Ok(()),
                    false => Err(about(format!("undocumented: {unknown:?}"))),
                }
            }
            None if body.is_empty() && content_type.is_none() => Ok(()),
            None => Err(about("a body, or its type, is not documented".to_owned())),
        }
    }

    /// Checks a request: the call is documented, and so are its parameters and its body.
    pub(crate) fn check_request(&self, method: &str, uri: &str, body: &[u8]) -> Result<(), String> {
        let method = method.to_ascii_lowercase();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let about = |problem: String| format!("{method} {uri}: {problem}");
        let (template, operation) = self
            .operation(&method, path)
            .ok_or_else(|| about("the call is not documented".to_owned()))?;
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let parameters: Vec<&Value> = parameters.collect();
        let in_path = template.split('/').zip(path.split('/'));
        let in_path = in_path.filter_map(|(name, segment)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            let segment = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
            Some(("path", Cow::Borrowed(name), segment))
        });
        let in_query = form_urlencoded::parse(query.as_bytes());
        let in_query = in_query.map(|(name, value)| ("query", name, value));
        for (place, name, text) in in_path.chain(in_query) {
            let parameter = parameters
                .iter()
                .find(|parameter| parameter["in"] == place && parameter["name"] == *name)
                .ok_or_else(|| about(format!("the parameter {name} is not documented")))?;
            let schema = &parameter["schema"];
            let value = match schema["type"].as_str() {
                Some("string") => json!(text),
                Some("array") => json!([text]),
                _ => parse(text.as_bytes()).map_err(about)?,
            };
            self.validate(schema, &value).map_err(about)?;
        }
        let documented = &operation["requestBody"];
        let schema = &documented["content"]["application/json"]["schema"];
        match (schema.is_null(), body.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => Err(about("a body is not documented".to_owned())),
            (false, true) if documented["required"] == true => {
                Err(about("the body is missing".to_owned()))
            }
            (false, true) => Ok(()),
            (false, false) => {
                let value = parse(body).map_err(about)?;
                self.validate(schema, &value).map_err(about)
            }
        }
    }

    /// Returns the path and the description of a call.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let is_of = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && template
                    .split('/')
                    .zip(path.split('/'))
                    .all(|(part, segment)| {
                        part == segment || (part.starts_with('{') && !segment.is_empty())
                    })
        };
        let paths = self.0["paths"].as_object().unwrap();
        // A path without a variable takes precedence over one with a variable.
        let exact = paths.get_key_value(path);
        let found = exact.or_else(|| paths.iter().find(|(template, _)| is_of(template)));
        let (template, path) = found?;
        Some((template, path.get(method)?))
    }

    fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        // The references in the schema need their targets.
        let schema = json!({ "allOf": [schema], "components": self.0["components"] });
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| error.to_string())?;
        let problems: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        match problems.is_empty() {
            true => Ok(()),
            false => Err(problems.join("; ")),
        }
    }

    /// Collects the members that no schema of their object names, since schemas allow any.
    fn find_undocumented(
        &self,
        schemas: &[&Value],
        value: &Value,
        place: &str,
        unknown: &mut Vec<String>,
    ) {
        let mut all = Vec::new();
        for schema in schemas {
            self.expand(schema, &mut all);
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let named = all
                        .iter()
                        .filter_map(|schema| schema["properties"].get(name));
                    let named: Vec<&Value> = named.collect();
                    let place = format!("{place}/{name}");
                    match named.is_empty() {
                        true => unknown.push(place),
                        false => self.find_undocumented(&named, member, &place, unknown),
                    }
                }
            }
            Value::Array(elements) => {
                let items: Vec<&Value> = all
                    .iter()
                    .filter_map(|schema| schema.get("items"))
                    .collect();
                for (number, element) in elements.iter().enumerate() {
                    self.find_undocumented(&items, element, &format!("{place}/{number}"), unknown);
                }
            }
            _ => {}
        }
    }

    /// Collects a schema, and those that it refers to or is made of.
    fn expand<'a>(&'a self, schema: &'a Value, all: &mut Vec<&'a Value>) {
        all.push(schema);
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            self.expand(self.0.pointer(pointer).unwrap(), all);
        }
        for parts in ["allOf", "anyOf", "oneOf"] {
            for part in schema[parts].as_array().into_iter().flatten() {
                self.expand(part, all);
            }
        }
    }
}

/// Parses JSON. `1e999` stands for infinity on the wire, and is out of range for `serde_json`.
pub(crate) fn parse(body: &[u8]) -> Result<Value, String> {
    let text = str::from_utf8(body).map_err(|error| error.to_string())?;
    let text = text.replace("\":1e999", "\":1.7e308");
    let text = text.replace("\":-1e999", "\":-1.7e308");
    serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
}
