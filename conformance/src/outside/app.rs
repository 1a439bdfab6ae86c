//! What becomes of requests.

use std::time::{Duration, SystemTime};

use fastedge::http::{HeaderValue, Method, Uri};
use http::Request;
use serde::Deserialize;
use serde_json::json;

use super::{Conversation, deed};
use crate::Kind;
use crate::case::{Case, Need};
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};

pub(super) const CASES: &[Case] = &[
    Case::outside("abi-kinds", &["ABI-2"], kinds),
    Case::outside("app-request", &["APP-1"], request).of(&["#[fastedge::http]"]),
    Case::outside("app-response", &["APP-2"], response),
    Case::outside("app-methods", &["APP-1", "APP-3"], methods),
    Case::outside("app-other-methods", &["APP-3"], other_methods).needs(&[
        Need::RawHttp,
        Need::Component,
        Need::Kind(Kind::Reactor),
    ]),
    Case::outside("app-origin-form", &["APP-4"], origin_form)
        .needs(&[Need::Component, Need::Kind(Kind::Reactor)]),
    Case::outside("app-absolute-form", &["APP-4"], absolute_form)
        .needs(&[Need::Component, Need::Kind(Kind::WasiHttp)]),
    Case::outside("app-bytes-in-headers", &["APP-5"], bytes_in_headers).needs(&[
        Need::RawHttp,
        Need::Component,
        Need::Kind(Kind::Reactor),
    ]),
    Case::outside("app-instances", &["APP-6"], instances).needs(&[Need::Component]),
    Case::outside("app-error", &["APP-7"], error)
        .needs(&[Need::Component, Need::Kind(Kind::Reactor)]),
    Case::outside("app-clock", &["APP-8"], clock).needs(&[Need::RealTime]),
    Case::outside("app-randomness", &["APP-8"], randomness).needs(&[Need::Component]),
];

/// What the probe has seen of a request.
#[derive(Debug, Deserialize)]
struct Echo {
    method: String,
    uri: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Echo {
    fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

fn echo(conversation: &mut Conversation<'_>, request: Request<Vec<u8>>) -> Result<Echo, Stop> {
    let response = conversation.send(request)?;
    super::read("/echo", &response)
}

fn kinds(conversation: &mut Conversation<'_>) -> Verdict {
    Ok(Seen::Choice(match conversation.kind() {
        Kind::Reactor => "a reactor app is served",
        Kind::WasiHttp => "a WASI-HTTP app is served",
    }))
}

fn request(conversation: &mut Conversation<'_>) -> Verdict {
    let body: Vec<u8> = (0..=255).collect();
    let request = Request::post("/echo?q=a%20b&q=%C3%BC&empty=")
        .header("x-one", "1")
        .header("x-two", "2")
        .header("x-two", "3")
        .header("x-text", HeaderValue::from_bytes("grüße".as_bytes())?)
        .body(body.clone())?;
    let echo = echo(conversation, request)?;
    ensure_eq!(echo.method, "POST", "the method");
    let uri: Uri = echo.uri.parse()?;
    let path = uri.path_and_query().map(ToString::to_string);
    ensure_eq!(
        path.as_deref(),
        Some("/echo?q=a%20b&q=%C3%BC&empty="),
        "path and query"
    );
    ensure_eq!(echo.values("x-one"), ["1"], "a header");
    ensure_eq!(echo.values("x-text"), ["grüße"], "a header of UTF-8");
    let two = echo.values("x-two").join(", ");
    ensure_eq!(two, "2, 3", "a header that comes twice");
    ensure_eq!(echo.body, body, "a body of all 256 bytes");
    Ok(Seen::AsPromised)
}

fn response(conversation: &mut Conversation<'_>) -> Verdict {
    let body: Vec<u8> = (0..=255).collect();
    for status in [200, 201, 404, 418, 503, 599] {
        let given = json!({
            "status": status,
            "headers": [["x-one", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]],
            "body": body,
        });
        let response = conversation.attempt("/answer", &given.to_string())?;
        ensure_eq!(response.status().as_u16(), status, "the status");
        ensure_eq!(response.body(), &body, "a body of all 256 bytes");
        let one = response.headers().get("x-one");
        ensure!(one.is_some_and(|one| one == "1"), "a header is gone");
        let cookies = response.headers().get_all("set-cookie");
        ensure_eq!(cookies.iter().count(), 2, "how many cookies are set");
    }
    let empty = json!({ "status": 204, "headers": [], "body": [] });
    let response = conversation.attempt("/answer", &empty.to_string())?;
    ensure_eq!(response.status().as_u16(), 204, "the status without a body");
    ensure!(response.body().is_empty(), "there is a body nevertheless");
    Ok(Seen::AsPromised)
}

fn methods(conversation: &mut Conversation<'_>) -> Verdict {
    for method in [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
    ] {
        let request = Request::builder()
            .method(&method)
            .uri("/echo")
            .body(Vec::new())?;
        let echo = echo(conversation, request)?;
        ensure_eq!(echo.method, method.as_str(), "the method");
    }
    let head = Request::head("/echo").body(Vec::new())?;
    let response = conversation.send(head)?;
    ensure_eq!(response.status().as_u16(), 200, "the status of a HEAD");
    Ok(Seen::AsPromised)
}

fn other_methods(conversation: &mut Conversation<'_>) -> Verdict {
    let request = Request::builder()
        .method(Method::TRACE)
        .uri("/echo")
        .body(Vec::new())?;
    let status = conversation.send(request)?.status().as_u16();
    match status {
        530 => Ok(Seen::Choice("530")),
        400..=599 => Ok(Seen::Choice("refused")),
        other => Err(Stop::failed(format!("TRACE is answered with {other}"))),
    }
}

fn origin_form(conversation: &mut Conversation<'_>) -> Verdict {
    let seen = echo(conversation, Request::get("/echo?x").body(Vec::new())?)?;
    ensure_eq!(seen.uri, "/echo?x", "the URI");
    let request = Request::get("/echo?x")
        .header("x-cdn-real-host", "shop.example")
        .body(Vec::new())?;
    let seen = echo(conversation, request)?;
    ensure_eq!(
        seen.uri,
        "http://shop.example/echo?x",
        "the URI with x-cdn-real-host"
    );
    Ok(Seen::AsPromised)
}

fn absolute_form(conversation: &mut Conversation<'_>) -> Verdict {
    let seen = echo(conversation, Request::get("/echo?x").body(Vec::new())?)?;
    let uri: Uri = seen.uri.parse()?;
    ensure!(uri.host().is_some(), "the URI {uri} has no host");
    ensure_eq!(uri.path(), "/echo", "the path");
    Ok(Seen::AsPromised)
}

fn bytes_in_headers(conversation: &mut Conversation<'_>) -> Verdict {
    let request = Request::get("/echo")
        .header("x-bytes", HeaderValue::from_bytes(&[0xff, 0xfe])?)
        .header("x-text", "text")
        .body(Vec::new())?;
    let echo = echo(conversation, request)?;
    ensure!(
        echo.values("x-bytes").is_empty(),
        "a header that is not UTF-8 has arrived: {:?}",
        echo.values("x-bytes")
    );
    ensure_eq!(echo.values("x-text"), ["text"], "the header beside it");
    Ok(Seen::AsPromised)
}

fn instances(conversation: &mut Conversation<'_>) -> Verdict {
    for _ in 0..3 {
        let answered: u64 = conversation.ask("/instance", "")?;
        ensure_eq!(answered, 1, "how many requests this instance has answered");
    }
    Ok(Seen::AsPromised)
}

fn error(conversation: &mut Conversation<'_>) -> Verdict {
    let response = conversation.send(deed("/error", "")?)?;
    ensure_eq!(response.status().as_u16(), 500, "the status");
    let body = String::from_utf8_lossy(response.body());
    ensure!(
        !body.contains("hunter2"),
        "the answer tells the error: {body}"
    );
    Ok(Seen::AsPromised)
}

#[derive(Deserialize)]
struct Moment {
    first_ms: u64,
    second_ms: u64,
    random: String,
}

fn clock(conversation: &mut Conversation<'_>) -> Verdict {
    let moment: Moment = conversation.ask("/moment", "")?;
    let seen = SystemTime::UNIX_EPOCH + Duration::from_millis(moment.first_ms);
    let now = SystemTime::now();
    let off = now
        .duration_since(seen)
        .or_else(|_| seen.duration_since(now));
    let off = off?;
    ensure!(
        off < Duration::from_secs(60),
        "the clock is {} s off",
        off.as_secs()
    );
    ensure!(moment.second_ms >= moment.first_ms, "it runs backwards");
    Ok(Seen::AsPromised)
}

fn randomness(conversation: &mut Conversation<'_>) -> Verdict {
    let first: Moment = conversation.ask("/moment", "")?;
    let second: Moment = conversation.ask("/moment", "")?;
    ensure!(first.random != second.random, "chance says the same twice");
    Ok(Seen::AsPromised)
}
