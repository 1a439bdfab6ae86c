//! Protection against pages of other origins: cross-site requests, and DNS rebinding.
//!
//! A browser names the origin of the page that sends a request, in `Origin` and `Sec-Fetch-Site`.
//! Programs send neither, and are not restricted.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Returns the authority that a request is for: the host's name, with its port if there is one.
pub(super) fn authority_of<B>(request: &Request<B>) -> Option<Authority> {
    let host = request.headers().get(HOST);
    match host.and_then(|host| host.to_str().ok()) {
        Some(host) => host.parse().ok(),
        // In HTTP/2 it is part of the URI.
        None => request.uri().authority().cloned(),
    }
}

/// Returns whether a page of another origin has sent a request.
pub(super) fn is_cross_origin<B>(request: &Request<B>) -> bool {
    has_foreign_origin(request) || !is_sent_by_this_site(request.headers())
}

/// Returns whether a person has followed a link on another site. The requested page replaces the
/// page with the link, which cannot read it.
pub(super) fn is_plain_navigation<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let is_or_is_missing = |name, wanted| headers.get(name).is_none_or(|value| value == wanted);
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !has_foreign_origin(request)
        && headers
            .get(FETCH_MODE)
            .is_some_and(|mode| mode == "navigate")
        // The navigation of a frame would embed the page in a page of another site.
        && is_or_is_missing(FETCH_DEST, "document")
}

fn has_foreign_origin<B>(request: &Request<B>) -> bool {
    let own = authority_of(request);
    let is_own = |origin: &HeaderValue| {
        let origin = origin.to_str().ok()?;
        // The opaque origin, `null`, is never the server's own.
        let (_scheme, authority) = origin.split_once("://")?;
        Some(authority.eq_ignore_ascii_case(own.as_ref()?.as_str()))
    };
    let origins = request.headers().get_all(ORIGIN);
    origins.iter().any(|origin| is_own(origin) != Some(true))
}

fn is_sent_by_this_site(headers: &HeaderMap) -> bool {
    // The value is `none` if a person enters the URL. Any other value is `cross-site`, or
    // `same-site`: apps on another port are the same site, but another origin.
    let mut sites = headers.get_all(FETCH_SITE).iter();
    sites.all(|site| site == "same-origin" || site == "none")
}

/// Returns whether a request is for a name that always leads to this machine.
pub(super) fn is_for_this_machine<B>(request: &Request<B>) -> bool {
    let Some(authority) = authority_of(request) else {
        return false;
    };
    let host = authority.host();
    let name = host.trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost"),
    }
}
