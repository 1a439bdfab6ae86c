//! `/_edge`: a page that shows what is behind the apps, and moves it; and what the page asks, for
//! scripts.

mod control;
mod state;

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::answer::refuse;
use super::origin::{is_cross_origin, is_for_this_machine, is_plain_navigation};
use super::site::Site;

/// Where the inspector is.
pub(super) const PATH: &str = "/_edge";

/// The path of the inspector's page.
pub(super) const PAGE: &str = "/_edge/";

/// The largest body of a request.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The page may load and ask what is its own, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Responds to a request that has passed [`check`].
pub(super) fn respond(site: &Site, request: &Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    let path = path.strip_prefix(PATH).unwrap_or(path);
    let file = |content_type, text: &'static str| {
        answered(content_type, Bytes::from_static(text.as_bytes()))
    };
    match (request.method(), path) {
        (&Method::GET | &Method::HEAD, "") => {
            let mut moved = refuse(StatusCode::PERMANENT_REDIRECT, PAGE);
            let there = HeaderValue::from_static(PAGE);
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

/// Checks that the client may use the inspector. It must be on this machine, unless others are
/// allowed, and no page of another origin may have sent the request.
pub(super) fn check<B>(
    site: &Site,
    client: IpAddr,
    request: &Request<B>,
) -> Result<(), &'static str> {
    if !site.shows_everybody() {
        if !client.to_canonical().is_loopback() {
            return Err("the inspector is for this machine only (see --inspector-for-all)");
        }
        // A name of somebody else that leads here is a trick (DNS rebinding).
        if !is_for_this_machine(request) {
            return Err("the inspector is at localhost, 127.0.0.1 and [::1] only");
        }
    }
    // Other sites may link to the page. Everything else is for the page itself.
    let is_link = is_page(request.uri().path()) && is_plain_navigation(request);
    if is_cross_origin(request) && !is_link {
        return Err("the inspector rejects requests that pages of another origin send");
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

/// Returns whether a path is the page's, or redirects to it.
fn is_page(path: &str) -> bool {
    path == PAGE || path == PATH
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
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
