//! An account of the platform whose API is called in this process, request by request.

use bytes::Bytes;
use fastedge_mock::api::{Api, ApiRules, PATH};
use fastedge_mock_host::{Edge, Settings};
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use serde_json::{Value, json};

use super::openapi::{OpenApi, parse};

/// A platform without apps, unless a test adds some.
pub(crate) struct Account {
    pub(crate) edge: Edge,
    pub(crate) apps: Vec<Vec<u64>>,
    pub(crate) rules: ApiRules,
}

/// The response to a call, which conforms to the OpenAPI document.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The body as it was sent.
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Account {
    pub(crate) fn new() -> Self {
        Account {
            edge: Edge::for_tests(&[], Settings::platform()),
            apps: Vec::new(),
            rules: ApiRules::default(),
        }
    }

    /// Creates an account with one hosted store, number 1, named `data`.
    pub(crate) fn with_store() -> Self {
        let account = Account::new();
        let created = account.call("POST", "", r#"{"name": "data"}"#);
        assert_eq!((created.status, &created.json["id"]), (200, &json!(1)));
        account
    }

    pub(crate) fn rules(mut self, rules: ApiRules) -> Self {
        self.rules = rules;
        self
    }

    /// Calls the API, below its path.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, below: &str, body: &str) -> Reply {
        let response = self.raw(method, &format!("{PATH}{below}"), body);
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.map(|name| name.to_str().unwrap());
        let (status, bytes) = (response.status().as_u16(), response.body());
        if let Some(openapi) = OpenApi::load() {
            let path = format!("{PATH}{}", below.split('?').next().unwrap());
            let checked = openapi.check_response(method, &path, status, bytes, content_type);
            assert_eq!(checked, Ok(()));
        }
        Reply {
            status,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
            json: match bytes.is_empty() {
                true => Value::Null,
                false => parse(bytes).unwrap(),
            },
        }
    }

    /// Sends a request to any path.
    pub(crate) fn raw(&self, method: &str, uri: &str, body: &str) -> Response<Bytes> {
        let api = Api {
            edge: &self.edge,
            apps: &self.apps,
            settings: self.rules,
        };
        let request = Request::builder().method(method).uri(uri);
        api.answer(
            &request
                .body(Bytes::copy_from_slice(body.as_bytes()))
                .unwrap(),
        )
    }

    /// Reads a resource that must exist.
    #[track_caller]
    pub(crate) fn get(&self, below: &str) -> Value {
        let reply = self.call("GET", below, "");
        assert_eq!(reply.status, 200, "{below}: {}", reply.text);
        reply.json
    }

    /// Writes to store 1. Returns the summary.
    #[track_caller]
    pub(crate) fn write(&self, changes: Value) -> Value {
        let reply = self.call("PUT", "/1/data", &changes.to_string());
        assert_eq!(reply.status, 200, "{changes}: {}", reply.text);
        reply.json
    }

    /// Sends a request that must fail. Returns the error.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, method: &str, below: &str, body: &str) -> String {
        let reply = self.call(method, below, body);
        assert_eq!(reply.status, status, "{method} {below}: {}", reply.text);
        reply.json["error"].as_str().unwrap_or_default().to_owned()
    }
}
