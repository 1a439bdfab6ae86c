//! Answers, who the client is, and requests that the app sends.

use fastedge::edge_storage_api::Token;
use fastedge::http::{self, Body, ClientInfo, HeaderMap, Request, StatusCode};
use fastedge::kv_store::Writer;

use super::Ground;
use crate::case::{Case, Need};
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};

pub(super) const CASES: &[Case] = &[
    Case::inside("sdk-answers", &[], answers).of(&["http::json", "http::text"]),
    Case::inside("sdk-client-info", &[], client_info).of(&["http::ClientInfo"]),
];

/// What calls `gcore:fastedge/http-client`.
pub(super) const OUTBOUND: &[Case] = &[
    Case::inside("out-send", &["OUT-1"], send)
        .of(&["http::send_request"])
        .needs(&[Need::Upstream]),
    Case::inside("out-private", &["OUT-2"], private),
    Case::inside("out-no-url", &["OUT-3"], no_url),
    Case::inside("out-too-many", &["OUT-4"], too_many).needs(&[Need::Upstream, Need::Limits]),
    Case::inside("sdk-writer", &[], writer).of(&["kv_store::Writer", "edge_storage_api"]),
];

fn answers(_: &Ground<'_>) -> Verdict {
    let json = http::json(StatusCode::OK, &["tea"])?;
    ensure_eq!(
        json.headers()["content-type"],
        "application/json",
        "JSON's type"
    );
    ensure_eq!(json.body().as_bytes(), br#"["tea"]"#, "the document");
    let text = http::text(StatusCode::OK, "tea");
    ensure_eq!(text.body().as_bytes(), b"tea", "the text");
    Ok(Seen::AsPromised)
}

fn client_info(_: &Ground<'_>) -> Verdict {
    let mut headers = HeaderMap::new();
    headers.insert("x-real-ip", "203.0.113.7".parse()?);
    headers.insert("pop-country-code", "LU".parse()?);
    let client = ClientInfo::new(&headers);
    let address = client.address()?.map(|address| address.to_string());
    ensure_eq!(address.as_deref(), Some("203.0.113.7"), "the address");
    let country = client.country_code()?;
    ensure!(
        country.is_some_and(|country| country == "LU"),
        "the country"
    );
    Ok(Seen::AsPromised)
}

fn send(ground: &Ground<'_>) -> Verdict {
    let request = Request::get(ground.upstream()).body(Body::empty())?;
    let response = http::send_request(request)?;
    ensure_eq!(response.status(), StatusCode::OK, "the status");
    let header = response.headers().get("x-upstream");
    ensure!(
        header.is_some_and(|value| value == "yes"),
        "its header is not there"
    );
    ensure_eq!(response.body().as_bytes(), b"upstream", "the body");
    Ok(Seen::AsPromised)
}

fn private(_: &Ground<'_>) -> Verdict {
    for url in [
        "http://127.0.0.1:9/",
        "http://10.255.255.1:9/",
        "http://[::1]:9/",
    ] {
        let request = Request::get(url).body(Body::empty())?;
        ensure!(http::send_request(request).is_err(), "{url} is answered");
    }
    Ok(Seen::AsPromised)
}

fn no_url(_: &Ground<'_>) -> Verdict {
    let request = Request::get("/no-host").body(Body::empty())?;
    match http::send_request(request) {
        Ok(_) => Err(Stop::failed("a path is answered")),
        Err(http::SendError::Failed { reason, .. }) if reason.contains("invalid-url") => {
            Ok(Seen::Choice("invalid-url"))
        }
        Err(_) => Ok(Seen::Choice("another error")),
    }
}

fn too_many(ground: &Ground<'_>) -> Verdict {
    // The largest plan's limit is twenty.
    let mut sent = 0;
    for _ in 0..=20 {
        let request = Request::get(ground.upstream()).body(Body::empty())?;
        match http::send_request(request) {
            Ok(_) => sent += 1,
            Err(http::SendError::TooManyRequests { .. }) => return Ok(Seen::AsPromised),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Stop::failed(format!("{sent} requests were sent")))
}

/// A writer whose API does not answer says so, and remembers nothing.
fn writer(ground: &Ground<'_>) -> Verdict {
    let writer = Writer::new(1, Token::new("conformance")?).at("http://127.0.0.1:9")?;
    let store = ground.store()?.with_writer(writer);
    ensure!(
        store.put("never-written", "x").is_err(),
        "a write to an API that is not there succeeds"
    );
    ensure_eq!(
        store.get_text("never-written")?,
        None,
        "what was not written"
    );
    Ok(Seen::AsPromised)
}
