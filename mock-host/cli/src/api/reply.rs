//! Responses: JSON, and errors.

use bytes::Bytes;
use fastedge_mock_host::central::WriteError;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::ApiRules;

/// The result of a call: a response, or an error.
pub(super) type Reply = Result<Response<Bytes>, Refusal>;

/// An error of a call.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The path, the store or the key does not exist: 404, without a body.
    NotFound,
    /// The path has no such method; its methods, as the header `Allow` lists them.
    NotAllowed(Method, &'static str),
    /// The store is linked to apps, which have these numbers.
    Linked(Vec<usize>),
    /// Any other error: a status, and the reason.
    Other(StatusCode, String),
}

impl Refusal {
    pub(super) fn bad_request(problem: impl Into<String>) -> Self {
        Refusal::Other(StatusCode::BAD_REQUEST, problem.into())
    }

    pub(super) fn of_write(error: WriteError, rules: ApiRules) -> Self {
        let status = match &error {
            WriteError::NoSuchStore => return Refusal::NotFound,
            WriteError::NameTaken(_) => rules.conflict_status.into(),
            WriteError::OtherType { key, holds } => {
                let problem = format!(
                    "key {key:?} holds the type {}; delete it first, or write with `force=true`",
                    holds.name()
                );
                return Refusal::Other(rules.conflict_status.into(), problem);
            }
            WriteError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Refusal::Other(status, error.to_string())
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        match self {
            Refusal::NotFound => refuse(StatusCode::NOT_FOUND, ""),
            Refusal::NotAllowed(method, allowed) => {
                let problem = format!("{method} is not allowed here; use one of {allowed}");
                let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, &problem);
                let allowed = HeaderValue::from_static(allowed);
                response.headers_mut().insert(ALLOW, allowed);
                response
            }
            Refusal::Linked(apps) => {
                let count = apps.len();
                let error = format!("the store is linked to {count} app(s); unlink it first");
                let body = json!({ "error": error, "conflicting_ids": apps });
                json_response(StatusCode::CONFLICT, &body)
            }
            Refusal::Other(status, problem) => refuse(status, &problem),
        }
    }
}

/// Creates the response for an error: `{"error": …}`, and for 404 no body.
pub fn refuse(status: StatusCode, problem: &str) -> Response<Bytes> {
    match status {
        StatusCode::NOT_FOUND => empty(status),
        status => json_response(status, &json!({ "error": problem })),
    }
}

pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

pub(super) fn ok(body: &impl Serialize) -> Reply {
    Ok(json_response(StatusCode::OK, body))
}

fn json_response(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    let Ok(mut text) = serde_json::to_vec(body) else {
        // Serialization cannot fail: the keys of maps are strings, and numbers are finite.
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    text.push(b'\n');
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
