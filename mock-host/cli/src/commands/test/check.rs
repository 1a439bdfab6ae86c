//! What is expected of an answer.

use http::HeaderName;
use serde_json::Value;

use crate::config::{ConfigError, Table};
use crate::wasm::Outcome;

/// What is expected of an answer.
pub(super) struct Expected {
    status: u16,
    body: Option<String>,
    contains: Vec<String>,
    json: Option<Value>,
    headers: Vec<(HeaderName, String)>,
    kv_reads: Option<u64>,
    cache_calls: Option<u64>,
    requests_sent: Option<u64>,
    max_host_bytes: Option<u64>,
    max_instructions: Option<u64>,
}

impl Default for Expected {
    fn default() -> Self {
        Expected {
            status: 200,
            body: None,
            contains: Vec::new(),
            json: None,
            headers: Vec::new(),
            kv_reads: None,
            cache_calls: None,
            requests_sent: None,
            max_host_bytes: None,
            max_instructions: None,
        }
    }
}

impl Expected {
    pub(super) fn read(table: &Table<'_>) -> Result<Self, ConfigError> {
        table.only(&[
            "status",
            "body",
            "contains",
            "json",
            "headers",
            "kv_reads",
            "cache_calls",
            "requests_sent",
            "max_host_bytes",
            "max_instructions",
        ])?;
        let number = |name: &str| match table.get(name) {
            Some(node) => node.integer("a number").map(Some),
            None => Ok(None),
        };
        let mut expected = Expected {
            kv_reads: number("kv_reads")?,
            cache_calls: number("cache_calls")?,
            requests_sent: number("requests_sent")?,
            max_host_bytes: number("max_host_bytes")?,
            max_instructions: number("max_instructions")?,
            ..Expected::default()
        };
        if let Some(status) = table.get("status") {
            expected.status = status.integer("a status")?;
        }
        if let Some(body) = table.get("body") {
            expected.body = Some(body.text()?.to_owned());
        }
        if let Some(contains) = table.get("contains") {
            expected.contains = match contains.list() {
                Ok(parts) => parts
                    .iter()
                    .map(|part| Ok(part.text()?.to_owned()))
                    .collect::<Result<_, ConfigError>>()?,
                Err(_) => vec![contains.text()?.to_owned()],
            };
        }
        if let Some(json) = table.get("json") {
            expected.json = Some(json.to_json()?);
        }
        if let Some(headers) = table.get("headers") {
            for (name, value) in headers.table()?.entries() {
                let name: HeaderName = name
                    .parse()
                    .map_err(|_| value.error(format!("{name:?} cannot be the name of a header")))?;
                expected.headers.push((name, value.scalar()?));
            }
        }
        Ok(expected)
    }

    /// What of the answer is not as expected.
    pub(super) fn check(&self, outcome: &Outcome) -> Vec<String> {
        let mut problems = Vec::new();
        let response = &outcome.response;
        let status = response.status().as_u16();
        if status != self.status {
            problems.push(format!("status: {status} instead of {}", self.status));
        }
        for (name, value) in &self.headers {
            let got = response.headers().get_all(name).iter();
            let got: Vec<_> = got
                .map(|got| String::from_utf8_lossy(got.as_bytes()))
                .collect();
            if !got.iter().any(|got| got == value) {
                problems.push(format!("header {name}: {got:?} instead of {value:?}"));
            }
        }
        self.check_body(&String::from_utf8_lossy(response.body()), &mut problems);
        let calls = &outcome.calls;
        for (what, got, wanted) in [
            ("kv_reads", calls.kv_reads(), self.kv_reads),
            ("cache_calls", calls.cache_calls(), self.cache_calls),
            ("requests_sent", calls.requests_sent(), self.requests_sent),
        ] {
            if wanted.is_some_and(|wanted| wanted != got as u64) {
                problems.push(format!("{what}: {got} instead of {}", wanted.unwrap_or(0)));
            }
        }
        let bytes = calls.bytes_received() as u64;
        let instructions = outcome.instructions.unwrap_or(0);
        for (what, got, most) in [
            ("max_host_bytes", bytes, self.max_host_bytes),
            ("max_instructions", instructions, self.max_instructions),
        ] {
            if let Some(most) = most
                && got > most
            {
                problems.push(format!("{what}: {got} instead of at most {most}"));
            }
        }
        problems
    }

    fn check_body(&self, body: &str, problems: &mut Vec<String>) {
        if let Some(wanted) = &self.body
            && body != wanted
        {
            problems.push(format!("body: {body:?} instead of {wanted:?}"));
        }
        for part in &self.contains {
            if !body.contains(part) {
                problems.push(format!("body: {body:?} does not contain {part:?}"));
            }
        }
        if let Some(wanted) = &self.json {
            match serde_json::from_str::<Value>(body) {
                Ok(got) if is_same(&got, wanted) => {}
                Ok(got) => problems.push(format!("json: {got} instead of {wanted}")),
                Err(error) => problems.push(format!("json: {body:?} is none: {error}")),
            }
        }
    }
}

/// Whether two values are the same, numbers by their value.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        (a, b) => a == b,
    }
}
