//! Whether and for how long a response is stored (RFC 9111, sections 3 and 4.2).

use std::time::Duration;

use ::http::header::{AGE, DATE, EXPIRES, HeaderMap, HeaderName, SET_COOKIE};
use ::http::{Request, Response, StatusCode};

use super::directives::ResponseDirectives;
use super::{is_authorized, now_secs, vary_names};
use crate::cache::memoize::entry::Lifetimes;
use crate::http::Body;

/// For how long a response is good, and how old it is already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Freshness {
    pub(super) lifetimes: Lifetimes,
    /// In seconds, when it was stored.
    pub(super) age: u64,
    /// How many seconds after it was made it is stale.
    pub(super) lifetime: u64,
    /// Whether it may answer a request with `Authorization`.
    pub(super) is_for_all: bool,
    /// Whether it must not be served stale, whoever asks for it.
    pub(super) must_revalidate: bool,
}

impl Freshness {
    /// `None` if it is not to be stored.
    pub(super) fn of(
        request: &Request<Body>,
        response: &Response<Body>,
        default_ttl: Option<Duration>,
    ) -> Option<Freshness> {
        let headers = response.headers();
        let directives = ResponseDirectives::of(headers);
        let is_for_all =
            directives.is_public || directives.must_revalidate || directives.s_maxage.is_some();
        let is_forbidden = directives.no_store
            || directives.no_cache
            || directives.is_private
            || response.status() == StatusCode::PARTIAL_CONTENT
            || response.status() == StatusCode::NOT_MODIFIED
            || response.status().is_informational()
            || is_authorized(request.headers()) && !is_for_all
            || headers.contains_key(SET_COOKIE) && !directives.is_public
            || vary_names(headers).iter().any(|name| name == "*");
        if is_forbidden {
            return None;
        }
        let lifetime = lifetime(response, &directives, default_ttl)?;
        let age = age(headers);
        let fresh = lifetime.checked_sub(age).filter(|fresh| *fresh > 0)?;
        // A shared cache that is told its own maximum is told to revalidate (section 5.2.2.10).
        let must_revalidate = directives.must_revalidate || directives.s_maxage.is_some();
        let stale = |seconds: Option<u64>| match (seconds, must_revalidate) {
            (Some(seconds), false) => Duration::from_secs(seconds),
            _ => Duration::ZERO,
        };
        Some(Freshness {
            lifetimes: Lifetimes {
                fresh: Duration::from_secs(fresh),
                while_revalidate: stale(directives.stale_while_revalidate),
                if_error: stale(directives.stale_if_error),
            },
            age,
            lifetime,
            is_for_all,
            must_revalidate,
        })
    }
}

/// In seconds, from when the response was made.
fn lifetime(
    response: &Response<Body>,
    directives: &ResponseDirectives,
    default_ttl: Option<Duration>,
) -> Option<u64> {
    if let Some(seconds) = directives.s_maxage.or(directives.max_age) {
        return Some(seconds);
    }
    if response.headers().contains_key(EXPIRES) {
        let made = date(response.headers(), &DATE).unwrap_or_else(now_secs);
        // A date that is none is in the past (section 5.3).
        let expires = date(response.headers(), &EXPIRES).unwrap_or(0);
        return Some(expires.saturating_sub(made));
    }
    let is_heuristic = matches!(
        response.status().as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    );
    let default_ttl = default_ttl.filter(|_| is_heuristic || directives.is_public)?;
    Some(default_ttl.as_secs())
}

/// How old a response says it is, where it comes from another cache (section 4.2.3).
fn age(headers: &HeaderMap) -> u64 {
    let said = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.parse().ok());
    let apparent = date(headers, &DATE).map(|made| now_secs().saturating_sub(made));
    said.unwrap_or(0).max(apparent.unwrap_or(0))
}

/// A date, in seconds since 1970.
pub(super) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    let since = date.duration_since(std::time::SystemTime::UNIX_EPOCH);
    Some(since.ok()?.as_secs())
}
