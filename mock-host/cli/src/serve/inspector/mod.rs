//! `/_edge`: a page that shows what is behind the apps, and moves it; and what the page asks, for
//! scripts.

mod control;
mod state;

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::answer::refuse;
use super::site::Site;

/// Where the inspector is.
pub(super) const PATH: &str = "/_edge";

pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The page may load and ask what is its own, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const NO_SNIFF: (HeaderName, HeaderValue) = (
    http::header::X_CONTENT_TYPE_OPTIONS,
    HeaderValue::from_static("nosniff"),
);

pub(super) fn answer(site: &Site, client: IpAddr, request: &Request<Bytes>) -> Response<Bytes> {
    if let Err(problem) = check(site, client, request) {
        return refuse(StatusCode::FORBIDDEN, problem);
    }
    let path = request.uri().path();
    let path = path.strip_prefix(PATH).unwrap_or(path);
    let file = |content_type, text: &'static str| {
        answered(content_type, Bytes::from_static(text.as_bytes()))
    };
    match (request.method(), path) {
        (&Method::GET | &Method::HEAD, "") => {
            let mut moved = refuse(StatusCode::PERMANENT_REDIRECT, "/_edge/");
            let there = HeaderValue::from_static("/_edge/");
            moved.headers_mut().insert(LOCATION, there);
            moved
        }
        (&Method::GET | &Method::HEAD, "/") => {
            file("text/html; charset=utf-8", include_str!("page.html"))
        }
        (&Method::GET | &Method::HEAD, "/page.js") => {
            file("text/javascript; charset=utf-8", include_str!("page.js"))
        }
        (&Method::GET | &Method::HEAD, "/page.css") => {
            file("text/css; charset=utf-8", include_str!("page.css"))
        }
        (&Method::GET, "/state") => json_answer(&state::state(site)),
        (&Method::GET, "/store") => match state::store(site, request.uri().query()) {
            Ok(store) => json_answer(&store),
            Err(problem) => refuse(StatusCode::BAD_REQUEST, &problem),
        },
        (&Method::POST | &Method::DELETE, path) => {
            match control::control(site, request.method(), path, request.body()) {
                Some(Ok(())) => json_answer(&json!({ "done": true })),
                Some(Err(problem)) => refuse(StatusCode::BAD_REQUEST, &problem),
                None => refuse(StatusCode::NOT_FOUND, "there is nothing here to change"),
            }
        }
        (_, _) => refuse(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

/// Whether the client may look: one on this machine, whose browser was not talked into it by a page
/// of somebody else.
fn check(site: &Site, client: IpAddr, request: &Request<Bytes>) -> Result<(), &'static str> {
    if !site.shows_everybody() {
        if !client.to_canonical().is_loopback() {
            return Err("the inspector is for this machine only (see --inspector-for-all)");
        }
        // A name of somebody else that leads here is a trick (DNS rebinding).
        if !is_of_this_machine(request.headers(), request.uri().host()) {
            return Err("the inspector is at localhost, 127.0.0.1 and [::1] only");
        }
    }
    // A form of another page cannot send JSON, nor DELETE.
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    match *request.method() {
        Method::POST if !is_json => Err("the content-type of a request is application/json"),
        _ => Ok(()),
    }
}

/// Whether a request is for a name that is always this machine's.
pub(super) fn is_of_this_machine(headers: &HeaderMap, uri_host: Option<&str>) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = host.and_then(|host| host.parse::<http::uri::Authority>().ok());
    let host = authority.as_ref().map(|authority| authority.host());
    let Some(host) = host.or(uri_host) else {
        return false;
    };
    let name = host.trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost"),
    }
}

fn json_answer(value: &Value) -> Response<Bytes> {
    answered("application/json", Bytes::from(value.to_string()))
}

fn answered(content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(NO_SNIFF.0, NO_SNIFF.1);
    response
}
