//! Whole HTTP responses, memoised by what their headers say (RFC 9111).
//!
//! An app is its own origin here: what is memoised is the answer of a function. It is kept as a shared
//! cache keeps a response, since others get it as well:
//!
//! - **Stored** are responses to GET, by `s-maxage`, `max-age` or `Expires`, and by
//!   [`default_ttl`](ResponseCache::default_ttl) where they have none of them. Not those with `no-store`,
//!   `private`, `no-cache` or `Set-Cookie`; not those to requests with `Authorization`, unless they are
//!   `public`, `must-revalidate` or have an `s-maxage`; not partial ones (206), nor those that are one
//!   client's by nature (428, 429, 431, 511); not those with `Vary: *`.
//! - **Served** are they to GET and HEAD of the same host, path and query, whose headers are the same
//!   as far as `Vary` names them, with `Age`. Requests can ask for less by `no-cache`, `no-store`,
//!   `max-age`, `min-fresh` and `only-if-cached`, unless they are
//!   [not listened to](ResponseCache::ignore_request_directives). `max-stale` has no effect.
//! - **Conditional requests**: `If-None-Match` and `If-Modified-Since` are answered with 304, from what
//!   is stored and from what has just been computed.
//! - **Stale** responses are served as `stale-while-revalidate` and `stale-if-error` (RFC 5861) say,
//!   unless `must-revalidate`, `proxy-revalidate` or `s-maxage` forbids it (RFC 9111, section 5.2.2.10). An
//!   error is an `Err` of the function, or a status of 500, 502, 503 or 504.
//! - **Changed** by a successful request with another method, what is stored for its URI is forgotten
//!   with all of its variants (section 4.4). A request that is computing at that moment still stores what
//!   it has.
//!
//! Nothing is revalidated: the function answers in full, and gets the client's conditions with the request.
//! `Cache-Status` (RFC 9211) says what was done.
//!
//! | | host calls |
//! |---|---|
//! | it is stored | 1, or 2 where it varies |
//! | it is not, and this request computes it | 9, or 11 and 12 where it varies |
//! | it was not to be stored a moment ago | 1, or 2 where it varies; more if it now is stored |
//! | HEAD, and requests with `Authorization`, for what is not stored | 1, or 2 where it varies; up to three more to store it |
//! | other methods | 0, or 1 if they succeed |
//!
//! Single flight, waiting and failures are those of [`memoize`](super::memoize).

mod conditional;
mod directives;
mod freshness;
mod kept;
mod lookup;
mod status;

use std::time::Duration;

use ::http::header::AUTHORIZATION;
use ::http::{HeaderMap, Method, Request, Response, StatusCode};

use self::directives::RequestDirectives;
use self::freshness::Freshness;
use self::kept::{Kept, KeptResponse, Varies};
use self::lookup::{Forward, Looked};
use self::status::Status;
use super::memoize::Source;
use super::memoize::entry::{Entry, Lifetimes};
use super::memoize::slot::{self, Policy};
use super::namespace::Name;
use super::{Error, Retry, Ttl, id};
use crate::absorb::{Absorb, carry_on};
use crate::clock::now_ms;
use crate::host;
use crate::http::host::host_of;
use crate::http::{Body, Problem};

/// For how long it is known that a response is not to be stored.
const PASSED_FOR: Duration = Duration::from_secs(10);

/// Memoises HTTP responses: see the [module](self).
///
/// ```
/// use std::time::Duration;
/// use fastedge::cache::ResponseCache;
/// use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
///
/// fn handler(request: Request<Body>) -> Result<Response<Body>, Error> {
///     ResponseCache::new("shop:pages").fetch(&request, || render(&request))
/// }
///
/// fn render(request: &Request<Body>) -> Result<Response<Body>, Error> {
///     let mut response = http::text(StatusCode::OK, "tea");
///     let headers = response.headers_mut();
///     headers.insert("cache-control", "max-age=60, stale-if-error=3600".parse().unwrap());
///     headers.insert("etag", "\"v1\"".parse().unwrap());
///     Ok(response)
/// }
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
/// # let ask = |name, value| {
/// #     handler(Request::get("/").header(name, value).body(Body::empty()).unwrap()).unwrap()
/// # };
/// # assert_eq!(ask("x", "").headers()["cache-status"], "\"shop:pages\"; fwd=uri-miss; stored");
/// # edge.clock().advance(Duration::from_secs(7));
/// # assert_eq!(ask("x", "").headers()["age"], "7");
/// # assert_eq!(ask("if-none-match", "\"v1\"").status(), 304);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it serves with `fetch`"]
pub struct ResponseCache {
    name: Name,
    default_ttl: Option<Ttl>,
    policy: Policy,
    obeys_requests: bool,
}

impl ResponseCache {
    /// The name begins with the app's.
    pub fn new(name: impl Into<Name>) -> Self {
        ResponseCache {
            name: name.into(),
            default_ttl: None,
            policy: Policy::USUAL,
            obeys_requests: true,
        }
    }

    /// For how long responses are fresh that do not say it, and whose status allows it (RFC 9110,
    /// section 15.1), in whole seconds, rounded up. They are not stored otherwise.
    pub fn default_ttl(mut self, time: Ttl) -> Self {
        self.default_ttl = Some(time);
        self
    }

    /// Does not listen to the `Cache-Control` of requests, which RFC 9111 leaves to a cache: where
    /// anybody could have everything computed anew by sending `no-cache`.
    pub fn ignore_request_directives(mut self) -> Self {
        self.obeys_requests = false;
        self
    }

    /// How long a request waits for the response that another one computes: 25 ms unless said
    /// otherwise. It counts against the app's time.
    pub fn wait(mut self, longest: Duration) -> Self {
        self.policy.wait(longest);
        self
    }

    /// For how long one request may compute alone: 10 s unless said otherwise. It is the same for all who
    /// use this name.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a time that is not from 1 ms to a day.
    pub fn lease(mut self, lease: Duration) -> Result<Self, Error> {
        self.policy.lease(lease)?;
        Ok(self)
    }

    /// Everybody who finds no fresh response computes it: two host calls instead of nine.
    pub fn without_single_flight(mut self) -> Self {
        self.policy.single_flight = None;
        self
    }

    /// The response: the one that is stored, or what `compute` answers to this very request.
    ///
    /// # Errors
    ///
    /// Those of `compute`, and no others: when the cache fails, the response is computed.
    pub fn fetch<E>(
        &self,
        request: &Request<Body>,
        compute: impl FnOnce() -> Result<Response<Body>, E>,
    ) -> Result<Response<Body>, E> {
        let key = match self.key(request) {
            Ok(key) => key,
            Err(error) => {
                carry_on(&error);
                let status = Status::forwarded("bypass").detail("cache-failed");
                return Ok(self.answer(request, compute()?, status));
            }
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return self.pass_on(request, &key, compute()?);
        }
        let asked = match self.obeys_requests {
            true => RequestDirectives::of(request.headers()),
            false => RequestDirectives::default(),
        };
        if asked.no_store {
            return Ok(self.answer(request, compute()?, Status::forwarded("request")));
        }
        let forward = match lookup::look(request, key, &asked, &self.policy) {
            Looked::Served(response, status) => return Ok(self.answer(request, response, status)),
            Looked::Forward(_) if asked.only_if_cached => {
                let problem = Problem::new(StatusCode::GATEWAY_TIMEOUT);
                let problem = problem.detail("There is no stored response that would do.");
                let status = Status::only("only-if-cached");
                return Ok(self.answer(request, problem.to_response(), status));
            }
            Looked::Forward(forward) => *forward,
        };
        let (failed, forward) = match compute() {
            Ok(response) if is_failure(response.status()) && forward.computation.has_stale() => {
                (Ok(response), forward)
            }
            Ok(response) => {
                let (response, status) = self.keep(request, response, forward);
                return Ok(self.answer(request, response, status));
            }
            Err(error) => (Err(error), forward),
        };
        let Forward {
            computation,
            status,
            ..
        } = forward;
        let stale = computation.failed().and_then(|entry| stale(request, entry));
        match (stale, failed) {
            (Some((stale, status)), _) => Ok(self.answer(request, stale, status)),
            (None, failed) => failed.map(|response| self.answer(request, response, status)),
        }
    }

    /// Forgets what is stored for the URI of a request. One host call; what varies is forgotten with all
    /// of its variants.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    pub fn forget(&self, request: &Request<Body>) -> Result<(), Error> {
        slot::forget(&self.key(request)?)
    }

    /// Another method: it is not answered from here, and what it changes is forgotten.
    fn pass_on<E>(
        &self,
        request: &Request<Body>,
        key: &str,
        response: Response<Body>,
    ) -> Result<Response<Body>, E> {
        let is_unsafe = !matches!(*request.method(), Method::OPTIONS | Method::TRACE);
        if is_unsafe && (response.status().is_success() || response.status().is_redirection()) {
            slot::forget(key).absorb();
        }
        Ok(self.answer(request, response, Status::forwarded("method")))
    }

    /// Stores a response, if it may be.
    fn keep(
        &self,
        request: &Request<Body>,
        response: Response<Body>,
        forward: Forward,
    ) -> (Response<Body>, Status) {
        if !forward.computation.is_ours() {
            return (response, forward.status.detail("another-is-at-it"));
        }
        if *request.method() == Method::HEAD {
            return (response, forward.status);
        }
        let is_stored = match Freshness::of(request, &response, self.default_ttl) {
            Some(freshness) => self.store(request, &response, &freshness, &forward),
            None => {
                self.pass(request, &response, &forward);
                false
            }
        };
        forward.computation.release();
        let status = match is_stored {
            true => forward.status.stored(),
            false => forward.status,
        };
        (response, status)
    }

    fn store(
        &self,
        request: &Request<Body>,
        response: &Response<Body>,
        freshness: &Freshness,
        forward: &Forward,
    ) -> bool {
        let Forward {
            key, computation, ..
        } = forward;
        let kept = KeptResponse::bytes(response, freshness);
        let write = |at: &str, value, lifetimes| {
            computation
                .write(at, value, lifetimes)
                .absorb()
                .is_some_and(|is_stored| is_stored)
        };
        let names = freshness::vary_names(response.headers());
        if names.is_empty() {
            return write(key, kept, freshness.lifetimes);
        }
        // As it is now: what was found before may have been forgotten meanwhile, with all its variants.
        let known = lookup::varies_at(key).filter(|known| known.names == names);
        let is_known = known.is_some();
        let varies = known.unwrap_or_else(|| Varies::by(names));
        let at = varies.key(key, request.headers());
        // What leads there comes after it, and lives as long as anything that it leads to.
        let lifetimes = freshness.lifetimes;
        let whole = lifetimes.fresh + lifetimes.while_revalidate.max(lifetimes.if_error);
        let left_ms = varies.until_ms.saturating_sub(now_ms().unwrap_or(u64::MAX));
        if !write(&at, kept, lifetimes) {
            return false;
        }
        if !is_known {
            let leads = Lifetimes {
                fresh: whole,
                ..Lifetimes::default()
            };
            return write(key, Kept::varies(&varies), leads);
        }
        // It is lengthened and not written again, which would bring it back if it is forgotten now.
        let longer = Ttl::try_from(whole).ok();
        let longer = longer.filter(|_| whole > Duration::from_millis(left_ms));
        longer.is_none_or(|ttl| {
            let expiry = Retry::default().expire(key, ttl);
            expiry.absorb().unwrap_or(false)
        })
    }

    /// Notes that a response is not to be stored, so that those who come next do not wait for each other in
    /// vain: if it is not this very request's fault, and nothing of use is lost.
    fn pass(&self, request: &Request<Body>, response: &Response<Body>, forward: &Forward) {
        let is_of_the_request = is_authorized(request.headers())
            || response.status().is_client_error()
            || matches!(response.status().as_u16(), 206 | 304 | 511);
        if forward.is_for_passing && !is_of_the_request && !forward.computation.has_stale() {
            let lifetimes = Lifetimes {
                fresh: PASSED_FOR,
                ..Lifetimes::default()
            };
            let at = forward.computation.key();
            let passed = forward.computation.write(at, Kept::passed(), lifetimes);
            passed.absorb();
        }
    }

    /// What the client gets: conditions are looked at, and what was done is told.
    fn answer(
        &self,
        request: &Request<Body>,
        response: Response<Body>,
        status: Status,
    ) -> Response<Body> {
        let mut response = conditional::answer(request, response);
        status.write(self.name.text(), response.headers_mut());
        response
    }

    fn key(&self, request: &Request<Body>) -> Result<String, Error> {
        let target = request.uri().path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        Ok(format!(
            "{}#http:{}",
            self.name.resolved()?,
            id::subject(&(host_of(request), target))
        ))
    }
}

/// What is served where computing has failed.
fn stale(request: &Request<Body>, entry: Entry) -> Option<(Response<Body>, Status)> {
    match Kept::read(&entry.value)? {
        Kept::Response(kept) if kept.is_for(request) => Some(kept.served(Source::StaleOnError)),
        _ => None,
    }
}

/// What `stale-if-error` calls an error (RFC 5861, section 4).
fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

fn is_authorized(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

/// Seconds since 1970; 0 where there is no clock.
fn now_secs() -> u64 {
    host::clock::now().unwrap_or_default().as_secs()
}
