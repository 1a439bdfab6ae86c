//! A verdict in the words of HTTP.

use std::fmt::Write;
use std::time::Duration;

use ::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use ::http::{Response, StatusCode};

use super::super::structured::string;
use super::{Standing, Verdict};
use crate::http::{Body, Problem};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The problem type of the IETF draft "RateLimit header fields for HTTP".
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

impl Verdict {
    /// Sets the headers `RateLimit-Policy` and `RateLimit` (IETF draft
    /// [ratelimit-headers](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)),
    /// and, if the request is denied, `Retry-After` (RFC 9110, section 10.2.3). Times are whole
    /// seconds, rounded up. Where nothing is known, since the cache failed, there is the policy only.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastedge::{RateLimit, http::HeaderMap};
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// let limit = RateLimit::fixed_window("api", 100, Duration::from_secs(60))?;
    /// let mut headers = HeaderMap::new();
    /// limit.check("ann").write_headers(&mut headers);
    /// assert_eq!(headers["ratelimit-policy"], r#""api";q=100;w=60"#);
    /// assert_eq!(headers["ratelimit"], r#""api";r=99;t=60"#);
    /// # Ok::<(), fastedge::cache::Error>(())
    /// ```
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let policies = self.standings().iter().map(policy);
        insert(headers, RATE_LIMIT_POLICY, &list(policies));
        let services = self.standings().iter().filter_map(service);
        insert(headers, RATE_LIMIT, &list(services));
        if self.is_denied() {
            let retry_after = match self.retry_after() {
                // When the cache will answer again nobody knows: soon, as it fails in bursts.
                None if self.is_denied_by_failure() => Some(Duration::from_secs(1)),
                retry_after => retry_after,
            };
            if let Some(retry_after) = retry_after {
                insert(headers, RETRY_AFTER, &seconds(retry_after).to_string());
            }
        }
    }

    /// The answer to a denied request: 429 (RFC 6585) with the headers and problem details (RFC
    /// 9457). 503 where the limit fell back and is closed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastedge::RateLimit;
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// let limit = RateLimit::fixed_window("api", 1, Duration::from_secs(60))?;
    /// assert!(limit.check("ann").is_allowed());
    /// let response = limit.check("ann").to_response();
    /// assert_eq!(response.status(), 429);
    /// assert_eq!(response.headers()["retry-after"], "60");
    /// assert_eq!(response.headers()["content-type"], "application/problem+json");
    /// # Ok::<(), fastedge::cache::Error>(())
    /// ```
    pub fn to_response(&self) -> Response<Body> {
        let problem = match self.is_denied_by_failure() {
            true => Problem::new(StatusCode::SERVICE_UNAVAILABLE)
                .detail("Whether this request is within its limits is not known."),
            false => {
                let violated = self.denying().map(|standing| standing.name.as_str());
                Problem::new(StatusCode::TOO_MANY_REQUESTS)
                    .type_uri(QUOTA_EXCEEDED)
                    .title("The quota for these requests is used up")
                    .with("violated-policies", Vec::from_iter(violated))
            }
        };
        let mut response = problem.to_response();
        self.write_headers(response.headers_mut());
        response
    }
}

fn policy(standing: &Standing) -> String {
    let mut item = string(&standing.name);
    // Writing to a `String` does not fail, here and below.
    let _infallible = write!(item, ";q={}", standing.limit);
    // The draft's windows are whole seconds.
    if standing.window.subsec_nanos() == 0 {
        let _infallible = write!(item, ";w={}", standing.window.as_secs());
    }
    item
}

fn service(standing: &Standing) -> Option<String> {
    let mut item = string(&standing.name);
    let _infallible = write!(item, ";r={}", standing.remaining?);
    if let Some(reset_after) = standing.reset_after {
        let _infallible = write!(item, ";t={}", seconds(reset_after));
    }
    Some(item)
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn seconds(duration: Duration) -> u64 {
    duration
        .as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // It is ASCII.
    if !value.is_empty()
        && let Ok(value) = HeaderValue::from_str(value)
    {
        headers.insert(name, value);
    }
}
