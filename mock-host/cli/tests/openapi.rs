//! Requests and responses of the API against the published OpenAPI document.
//!
//! The document is in the folder that `FASTEDGE_TEST_DATA` names; without it, the tests report that
//! and pass.

mod common;

use common::account::Account;
use common::openapi::OpenApi;
use fastedge_mock::api::PATH;
use serde_json::{Value, json};

/// A call of the scenario: a method, what follows the path of the API, and a body.
struct Call(&'static str, String, Value);

fn call(method: &'static str, below: impl Into<String>, body: Value) -> Call {
    Call(method, below.into(), body)
}

fn scenario() -> Vec<Call> {
    let values = json!([
        { "key": "text", "datatype": "kv", "op": "add", "payload": { "value": "grüße" } },
        { "key": "bytes", "datatype": "kv", "op": "add",
          "payload": { "value": "/wA=", "encoding": "base64", "expiry": "2100-01-01T00:00:00Z" } },
        { "key": "masked", "datatype": "kv", "op": "add",
          "payload": { "value": "s3cr3t", "encoding": "masked" } },
        { "key": "large", "datatype": "kv", "op": "add", "payload": { "value": "x".repeat(5000) } },
        { "key": "set", "datatype": "sorted_set", "op": "add", "payload": [
            { "value": "a", "score": 1 }, { "value": "b", "score": -2.5 },
            { "value": "c", "encoding": "masked", "score": 3 } ] },
        { "key": "filter", "datatype": "bloom_filter", "op": "add", "payload": [
            { "value": "x" }, { "value": "/w==", "encoding": "base64" } ] },
    ]);
    let fewer = json!([
        { "key": "set", "datatype": "sorted_set", "op": "del_entries", "payload": [{ "value": "a" }] },
        { "key": "text", "datatype": "kv", "op": "del_key" },
    ]);
    let retyped =
        json!([{ "key": "bytes", "datatype": "bloom_filter", "op": "add", "payload": [] }]);
    let mut calls = vec![
        call("POST", "", json!({ "name": "hosted" })),
        call(
            "POST",
            "",
            json!({ "name": "second", "comment": "a comment" }),
        ),
        call("POST", "", json!({ "name": "hosted" })),
        call(
            "POST",
            "",
            json!({ "name": "own",
            "byod": { "url": "redis://127.0.0.1:1", "prefix": "p:" } }),
        ),
        call("GET", "", Value::Null),
        call(
            "GET",
            "?search=HOST&app_id=1&limit=1000&offset=0",
            Value::Null,
        ),
        call("GET", "/1", Value::Null),
        call("GET", "/9", Value::Null),
        call(
            "PUT",
            "/1",
            json!({ "name": "renamed", "comment": "another" }),
        ),
        call("PUT", "/1", json!({ "name": "second" })),
        call("PUT", "/9", json!({ "name": "x" })),
        call("PUT", "/1/data", values),
        call("PUT", "/1/data?force=false", retyped.clone()),
        call("PUT", "/9/data", json!([])),
        call("GET", "/1/data", Value::Null),
        call(
            "GET",
            "/1/data?data_type=kv&data_type=sorted_set&search=s&min_score=-1.5&max_score=10&limit=10000&offset=1",
            Value::Null,
        ),
        call("GET", "/9/data", Value::Null),
        call("GET", "/1/data/missing", Value::Null),
    ];
    for key in ["text", "bytes", "masked", "large", "set", "filter"] {
        calls.push(call("GET", format!("/1/data/{key}"), Value::Null));
        let query = "search=a&hash=00&min_score=0&max_score=1&limit=1&offset=0";
        calls.push(call("GET", format!("/1/data/{key}?{query}"), Value::Null));
    }
    calls.extend([
        call("PUT", "/1/data", fewer),
        call("PUT", "/1/data?force=true", retyped),
        call("GET", "/1/data/bytes", Value::Null),
        call("DELETE", "/1", Value::Null),
        call("DELETE", "/2", Value::Null),
        call("DELETE", "/2", Value::Null),
    ]);
    calls
}

#[test]
fn responses_and_requests_are_as_documented() {
    let Some(openapi) = OpenApi::load() else {
        println!("skipped: FASTEDGE_TEST_DATA is not set");
        return;
    };
    let mut account = Account::new();
    account.apps = vec![vec![1]];
    let mut statuses = Vec::new();
    for Call(method, below, body) in scenario() {
        let body = match body.is_null() {
            true => String::new(),
            false => body.to_string(),
        };
        let uri = format!("{PATH}{below}");
        assert_eq!(openapi.check_request(method, &uri, body.as_bytes()), Ok(()));
        // The account checks the response.
        statuses.push(account.call(method, &below, &body).status);
    }
    for status in [200, 204, 400, 404, 409] {
        assert!(
            statuses.contains(&status),
            "{status} is not in the scenario"
        );
    }
}

#[test]
fn invalid_requests_have_documented_responses() {
    let account = Account::with_store();
    for (method, below, body, status) in [
        ("GET", "?limit=0", "", 400),
        ("GET", "/x", "", 400),
        ("DELETE", "/x", "", 400),
        ("GET", "/1/data?limit=x", "", 400),
        ("GET", "/1/data/k?min_score=x", "", 400),
        ("PUT", "/1/data", "{}", 400),
        ("POST", "", "{}", 400),
        ("PATCH", "", "", 405),
        ("GET", "/1/data/a/b", "", 404),
    ] {
        assert_eq!(
            account.call(method, below, body).status,
            status,
            "{method} {below}"
        );
    }
}

/// The check must not accept everything.
#[test]
fn undocumented_request_or_response_is_found() {
    let Some(openapi) = OpenApi::load() else {
        return;
    };
    let json = Some("application/json");
    let response = |method: &str, below: &str, status: u16, body: &str, content_type| {
        let path = format!("{PATH}{below}");
        openapi.check_response(method, &path, status, body.as_bytes(), content_type)
    };
    assert_eq!(response("GET", "/1", 200, r#"{"name":"n"}"#, json), Ok(()));
    for (method, below, status, body, content_type) in [
        ("GET", "/1", 200, r#"{"name":"n","id":1}"#, json),
        (
            "GET",
            "/1",
            200,
            r#"{"name":"n","updated_at":"today"}"#,
            json,
        ),
        ("GET", "/1", 200, r#"{"comment":"c"}"#, json),
        ("GET", "/1", 200, r#"{"name":"n"}"#, Some("text/plain")),
        ("GET", "/1", 404, r#"{"error":"e"}"#, json),
        ("GET", "/1", 418, r#"{"error":"e"}"#, json),
        ("POST", "", 400, r#"{"message":"m"}"#, json),
        ("DELETE", "/1", 409, r#"{"error":"e"}"#, json),
        ("DELETE", "/1", 204, "{}", json),
        (
            "GET",
            "/1/data",
            200,
            r#"{"count":1,"entries":[{"key":"k","datatype":"list"}]}"#,
            json,
        ),
    ] {
        let checked = response(method, below, status, body, content_type);
        assert!(checked.is_err(), "{method} {below} {status} {body}");
    }
    let request = |method: &str, below: &str, body: &str| {
        openapi.check_request(method, &format!("{PATH}{below}"), body.as_bytes())
    };
    for (method, below, body) in [
        ("GET", "/1/data?prefix=a", ""),
        ("GET", "/1/data?limit=0", ""),
        ("GET", "/1/data?data_type=list", ""),
        ("GET", "/x/data", ""),
        ("PATCH", "/1", "{}"),
        ("POST", "", ""),
        ("POST", "", "{}"),
        (
            "PUT",
            "/1/data",
            r#"[{"key":"","datatype":"kv","op":"add"}]"#,
        ),
        (
            "PUT",
            "/1/data",
            r#"[{"key":"k","datatype":"kv","op":"set"}]"#,
        ),
        ("GET", "/1", "{}"),
    ] {
        assert!(
            request(method, below, body).is_err(),
            "{method} {below} {body}"
        );
    }
}

/// Removes the members that stand for fields of a later version of the API.
fn without_unknown(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("unknown_"));
            members.values_mut().for_each(without_unknown);
        }
        Value::Array(elements) => elements.iter_mut().for_each(without_unknown),
        _ => {}
    }
}

/// The responses that the client's tests read, and the requests that it sends, are as documented.
#[test]
fn fixtures_of_the_client_are_as_documented() {
    let Some(openapi) = OpenApi::load() else {
        return;
    };
    let fixtures = include_str!("../../../tests/data/edge_storage_api.json");
    let fixtures: serde_json::Map<String, Value> = serde_json::from_str(fixtures).unwrap();
    let mut checked = 0;
    for (name, mut pair) in fixtures {
        let request = &pair["request"];
        let method = request["method"].as_str().unwrap().to_owned();
        let uri = request["uri"].as_str().unwrap();
        let uri = uri
            .strip_prefix("https://api.gcore.com")
            .unwrap()
            .to_owned();
        let body = match request.get("body") {
            Some(body) => body.to_string(),
            None => String::new(),
        };
        let sent = openapi.check_request(&method, &uri, body.as_bytes());
        assert_eq!(sent, Ok(()), "{name}");
        let response = &mut pair["response"];
        // Responses of a gateway are not in the document.
        if response.get("text").is_some() {
            continue;
        }
        let body = match response.get_mut("body") {
            Some(body) => {
                without_unknown(body);
                body.to_string()
            }
            None => String::new(),
        };
        let content_type = (!body.is_empty()).then_some("application/json");
        let status = response["status"].as_u64().unwrap() as u16;
        let path = uri.split('?').next().unwrap();
        let read = openapi.check_response(&method, path, status, body.as_bytes(), content_type);
        assert_eq!(read, Ok(()), "{name}");
        checked += 1;
    }
    assert!(checked > 12, "{checked} fixtures");
}
