//! Whole HTTP responses, memoised by what their headers say (RFC 9111).
//!
//! An app is its own origin here: what is memoised is the answer of a function. It is kept as a shared
//! cache keeps a response, since others get it as well:
//!
//! - **Stored** are responses to GET, by `s-maxage`, `max-age` or `Expires`, and by
//!   [`default_ttl`](ResponseCache::default_ttl) where they have none of them. Not those with `no-store`,
//!   `private` or `no-cache`; not those to requests with `Authorization`, unless they are `public`,
//!   `must-revalidate` or have an `s-maxage`; not partial ones (206); not those with `Set-Cookie`, unless
//!   they are `public`; not those with `Vary: *`.
//! - **Served** are they to GET and HEAD of the same host, path and query, whose headers are the same
//!   as far as `Vary` names them, with `Age`. Requests can ask for less or more by `no-cache`, `no-store`,
//!   `max-age`, `min-fresh`, `max-stale` and `only-if-cached`.
//! - **Conditional requests**: `If-None-Match` and `If-Modified-Since` are answered with 304, from what
//!   is stored and from what has just been computed.
//! - **Stale** responses are served as `stale-while-revalidate` and `stale-if-error` (RFC 5861) say,
//!   unless `must-revalidate` or `proxy-revalidate` forbids it. An error is an `Err` of the function, or a
//!   status of 500, 502, 503 or 504.
//! - **Changed** by a successful request with another method, what is stored for its URI is forgotten
//!   (section 4.4).
//!
//! `Cache-Status` (RFC 9211) says what was done.
//!
//! | | host calls |
//! |---|---|
//! | it is stored | 1, or 2 where it varies |
//! | it is not, and this request computes it | 9, or 10 and 11 where it varies |
//! | it was not to be stored a moment ago | 1 |
//! | other methods | 0, or 1 if they succeed |
//!
//! Single flight, waiting and failures are those of [`memoize`](super::memoize).

mod conditional;
mod directives;
mod freshness;
mod kept;
mod status;

use std::time::Duration;

use ::http::header::{AUTHORIZATION, HOST, VARY};
use ::http::{HeaderMap, Method, Request, Response, StatusCode};

use self::directives::RequestDirectives;
use self::freshness::Freshness;
use self::kept::{Kept, KeptResponse};
use self::status::Status;
use super::claim::LeaseTime;
use super::memoize::entry::{Entry, Lifetimes};
use super::memoize::slot::{self, Computation, Found, Policy, SingleFlightPolicy};
use super::memoize::{Source, USUAL_LEASE, USUAL_WAIT};
use super::namespace::Name;
use super::{Error, id};
use crate::host;
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
/// fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
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
/// #     main(Request::get("/").header(name, value).body(Body::empty()).unwrap()).unwrap()
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
    default_ttl: Option<Duration>,
    policy: Policy,
}

impl ResponseCache {
    /// The name begins with the app's.
    pub fn new(name: impl Into<Name>) -> Self {
        ResponseCache {
            name: name.into(),
            default_ttl: None,
            policy: Policy {
                single_flight: Some(SingleFlightPolicy {
                    lease: USUAL_LEASE,
                    wait: USUAL_WAIT,
                }),
                early_refresh: None,
            },
        }
    }

    /// For how long responses are fresh that do not say it, and whose status allows it (RFC 9110,
    /// section 15.1). They are not stored otherwise.
    pub fn default_ttl(mut self, time: Duration) -> Self {
        self.default_ttl = Some(time);
        self
    }

    /// How long a request waits for the response that another one computes: 25 ms unless said
    /// otherwise. It counts against the app's time.
    pub fn wait(mut self, longest: Duration) -> Self {
        if let Some(flight) = &mut self.policy.single_flight {
            flight.wait = longest;
        }
        self
    }

    /// For how long one request may compute alone: 30 s unless said otherwise.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a time that is not from 1 ms to a day.
    pub fn lease(mut self, lease: Duration) -> Result<Self, Error> {
        let lease = LeaseTime::new(lease)?;
        if let Some(flight) = &mut self.policy.single_flight {
            flight.lease = lease;
        }
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
            Err(_) => {
                let status = Status::forwarded("bypass").detail("cache-failed");
                return Ok(self.answer(request, compute()?, status));
            }
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return self.pass_on(request, &key, compute()?);
        }
        let directives = RequestDirectives::of(request.headers());
        if directives.no_store {
            return Ok(self.answer(request, compute()?, Status::forwarded("request")));
        }
        match self.look(request, key, &directives) {
            Looked::Served(response, status) => Ok(self.answer(request, response, status)),
            Looked::Forward(forward) if directives.only_if_cached => {
                forward.computation.release();
                let problem = Problem::new(StatusCode::GATEWAY_TIMEOUT);
                let problem = problem.detail("There is no stored response that would do.");
                Ok(self.answer(request, problem.to_response(), forward.status))
            }
            Looked::Forward(forward) => match compute() {
                Ok(response) if is_failure(response.status()) => {
                    match forward
                        .computation
                        .failed()
                        .and_then(|entry| self.stale(entry))
                    {
                        Some((stale, status)) => Ok(self.answer(request, stale, status)),
                        None => Ok(self.answer(request, response, forward.status)),
                    }
                }
                Ok(response) => {
                    let (response, status) = self.keep(request, response, *forward);
                    Ok(self.answer(request, response, status))
                }
                Err(error) => {
                    match forward
                        .computation
                        .failed()
                        .and_then(|entry| self.stale(entry))
                    {
                        Some((stale, status)) => Ok(self.answer(request, stale, status)),
                        None => Err(error),
                    }
                }
            },
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
            let _best_effort = slot::forget(key);
        }
        Ok(self.answer(request, response, Status::forwarded("method")))
    }

    fn look(&self, request: &Request<Body>, key: String, asked: &RequestDirectives) -> Looked {
        if asked.no_cache {
            let status = Status::forwarded("request");
            return Looked::forward(key.clone(), Computation::replacing(key), status);
        }
        // What HEAD computes is not stored, so nobody is to wait for it.
        let policy = match *request.method() {
            Method::HEAD => Policy {
                single_flight: None,
                ..self.policy
            },
            _ => self.policy,
        };
        let mut at = key.clone();
        let mut is_variant = false;
        // Where it varies, there are the names of the headers first.
        for _ in 0..2 {
            let (entry, source) = match slot::look(at.clone(), &policy) {
                Found::Value(entry, source) => (entry, source),
                Found::Nothing(computation) => {
                    let reason = match computation.has_stale() {
                        true => "stale",
                        false if is_variant => "vary-miss",
                        false => "uri-miss",
                    };
                    let status = Status::forwarded(reason);
                    return Looked::forward(key, computation, status);
                }
            };
            match Kept::read(&entry.value) {
                Some(Kept::Varies(names)) if !is_variant => {
                    at = variant(&key, &names, request.headers());
                    is_variant = true;
                }
                Some(Kept::Response(kept)) => {
                    return match kept.serve(request, asked, source) {
                        Ok((response, status)) => Looked::Served(response, status),
                        Err(status) => {
                            let mut computation = Computation::replacing(at);
                            computation.keep_stale(entry);
                            Looked::forward(key, computation, status)
                        }
                    };
                }
                Some(Kept::Passed) => {
                    let mut status = Status::forwarded("uri-miss");
                    status = status.detail("not-stored-before");
                    return Looked::forward(key, Computation::replacing(at), status);
                }
                // Written by another version of the app.
                _ => break,
            }
        }
        let status = Status::forwarded("uri-miss");
        Looked::forward(key.clone(), Computation::replacing(key), status)
    }

    /// Stores a response, if it may be.
    fn keep(
        &self,
        request: &Request<Body>,
        response: Response<Body>,
        forward: Forward,
    ) -> (Response<Body>, Status) {
        let Forward {
            key,
            computation,
            status,
        } = forward;
        let status = match computation.is_ours() {
            true => status,
            false => status.detail("another-is-at-it"),
        };
        if *request.method() == Method::HEAD {
            computation.release();
            return (response, status);
        }
        let freshness = Freshness::of(request, &response, self.default_ttl);
        let Some(freshness) = freshness else {
            // So that those who come next do not wait for each other in vain.
            let passed = Lifetimes {
                fresh: PASSED_FOR,
                ..Lifetimes::default()
            };
            computation.store_at(&key, Kept::passed(), passed);
            return (response, status);
        };
        let names = vary_names(response.headers());
        let kept = KeptResponse::bytes(&response, &freshness);
        let is_stored = if names.is_empty() {
            computation.store_at(&key, kept, freshness.lifetimes)
        } else {
            // The names live as long as what is found by them: they are written with each variant.
            computation.write(&key, Kept::varies(&names), freshness.lifetimes);
            let at = variant(&key, &names, request.headers());
            computation.store_at(&at, kept, freshness.lifetimes)
        };
        (response, if is_stored { status.stored() } else { status })
    }

    /// What is served where computing has failed.
    fn stale(&self, entry: Entry) -> Option<(Response<Body>, Status)> {
        match Kept::read(&entry.value)? {
            Kept::Response(kept) => Some(kept.served(Source::StaleOnError)),
            _ => None,
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
        let uri = request.uri();
        let header = || request.headers().get(HOST)?.to_str().ok();
        let host = uri.authority().map(|host| host.as_str()).or_else(header);
        let host = host.unwrap_or_default().to_ascii_lowercase();
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(format!(
            "{}#http:{}",
            self.name.resolved()?,
            id::subject(&(host, target))
        ))
    }
}

enum Looked {
    Served(Response<Body>, Status),
    Forward(Box<Forward>),
}

/// A request that is to be computed.
struct Forward {
    key: String,
    computation: Computation,
    status: Status,
}

impl Looked {
    fn forward(key: String, computation: Computation, status: Status) -> Self {
        Looked::Forward(Box::new(Forward {
            key,
            computation,
            status,
        }))
    }
}

/// What `stale-if-error` calls an error (RFC 5861, section 4).
fn is_failure(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

/// The headers that a response varies by, in lower case and in order.
fn vary_names(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(VARY).iter();
    let mut names: Vec<String> = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The key of the variant that a request with these headers gets.
fn variant(key: &str, names: &[String], headers: &HeaderMap) -> String {
    let mut selected = Vec::new();
    for name in names {
        let values: Vec<&[u8]> = headers
            .get_all(name)
            .iter()
            .map(|value| value.as_bytes())
            .collect();
        selected.extend((name.len() as u64).to_le_bytes());
        selected.extend(name.as_bytes());
        selected.extend((values.len() as u64).to_le_bytes());
        for value in values {
            selected.extend((value.len() as u64).to_le_bytes());
            selected.extend(value);
        }
    }
    format!("{key}#{}", id::digest(&selected))
}

fn is_authorized(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

/// Seconds since 1970; 0 where there is no clock.
fn now_secs() -> u64 {
    host::clock::now().unwrap_or_default().as_secs()
}
