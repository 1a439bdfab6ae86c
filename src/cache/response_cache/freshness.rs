//! Whether and for how long a response is stored (RFC 9111, sections 3 and 4.2).

use std::time::Duration;

use ::http::header::{AGE, DATE, EXPIRES, HeaderMap, HeaderName, SET_COOKIE, VARY};
use ::http::{Request, Response, StatusCode};

use super::directives::{ResponseDirectives, delta_seconds};
use super::{is_authorized, now_secs};
use crate::cache::Ttl;
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
}

impl Freshness {
    /// `None` if it is not to be stored.
    pub(super) fn of(
        request: &Request<Body>,
        response: &Response<Body>,
        default_ttl: Option<Ttl>,
    ) -> Option<Freshness> {
        let headers = response.headers();
        let directives = ResponseDirectives::of(headers);
        let is_for_all =
            directives.is_public || directives.must_revalidate || directives.s_maxage.is_some();
        let is_forbidden = directives.no_store
            || directives.no_cache
            || directives.is_private
            || is_never_stored(response.status())
            || is_authorized(request.headers()) && !is_for_all
            || headers.contains_key(SET_COOKIE)
            || vary_names(headers).iter().any(|name| name == "*");
        if is_forbidden {
            return None;
        }
        let lifetime = lifetime(response, &directives, default_ttl)?;
        let age = age(headers);
        // A shared cache that is told its own maximum is told to revalidate (section 5.2.2.10).
        let must_revalidate = directives.must_revalidate
            || directives.proxy_revalidate
            || directives.s_maxage.is_some();
        let stale = |seconds: Option<u64>| match (seconds, must_revalidate) {
            // As far as it is not used up already.
            (Some(seconds), false) => {
                let over = age.saturating_sub(lifetime);
                Duration::from_secs(seconds.saturating_sub(over))
            }
            _ => Duration::ZERO,
        };
        let lifetimes = Lifetimes {
            fresh: Duration::from_secs(lifetime.saturating_sub(age)),
            while_revalidate: stale(directives.stale_while_revalidate),
            if_error: stale(directives.stale_if_error),
        };
        (lifetimes != Lifetimes::default()).then_some(Freshness {
            lifetimes,
            age,
            lifetime,
            is_for_all,
        })
    }
}

/// Partial and interim answers, answers to a condition, and those that are one client's (RFC 6585).
fn is_never_stored(status: StatusCode) -> bool {
    status.is_informational() || matches!(status.as_u16(), 206 | 304 | 428 | 429 | 431 | 511)
}

/// The headers that a response varies by, in lower case and in order. What cannot be read could name
/// anything: it counts as `*`.
pub(super) fn vary_names(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(VARY).iter();
    let mut names: Vec<String> = values
        .flat_map(|value| value.to_str().unwrap_or("*").split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// In seconds, from when the response was made.
fn lifetime(
    response: &Response<Body>,
    directives: &ResponseDirectives,
    default_ttl: Option<Ttl>,
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
    Some(default_ttl.as_millis().div_ceil(1000))
}

/// How old a response says it is, where it comes from another cache (section 4.2.3).
fn age(headers: &HeaderMap) -> u64 {
    let said = headers.get(AGE).and_then(|age| age.to_str().ok());
    // Of a list the first counts, and what is no number does not (section 5.1).
    let said = said.and_then(|ages| delta_seconds(ages.split(',').next()?.trim()));
    let apparent = date(headers, &DATE).map(|made| now_secs().saturating_sub(made));
    said.unwrap_or(0).max(apparent.unwrap_or(0))
}

/// A date, in seconds since 1970.
pub(super) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    let since = date.duration_since(std::time::SystemTime::UNIX_EPOCH);
    Some(since.ok()?.as_secs())
}
