//! Requests that may be sent twice, and are carried out once.
//!
//! A client that gets no answer cannot know whether its payment was made. It sends the request again,
//! with the same `Idempotency-Key`
//! ([IETF draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)), and
//! gets the answer that the first one had, if there is one.
//!
//! | the key | answer | host calls |
//! |---|---|---|
//! | is new | the handler's, which is then stored | 9 |
//! | was completed | the stored answer, with `Idempotent-Replayed: true` | 1 |
//! | is being worked on | 409 and `Retry-After` | 2, or 4 (up to 8 around a lease's end) |
//! | was used for another request | 422 | 1 |
//! | is not a key, or is missing where it is [required](Idempotency::required) | 400 | 0 |
//!
//! (Each of the calls that may be repeated is, when it fails.)
//!
//! # What is guaranteed
//!
//! At one location, of any number of requests with one key one is carried out at a time, and none after
//! one has been completed and stored, for as long as the answer is kept. It is *at least once*: a
//! request that is killed between what it does and storing the answer is carried out again when it is
//! repeated, after up to two [lease times](Idempotency::lease). A client that comes back at another
//! location is not known there. And the cache can evict the answer. So it spares clients most double
//! payments, and the ledger behind needs the key as well to spare them all: hand it on.

mod answer;
mod fingerprint;
mod handled;
mod key;
mod record;
mod started;

use std::sync::Arc;
use std::time::Duration;

use ::http::{Method, Request, Response, StatusCode};

pub use self::fingerprint::Fingerprint;
pub use self::handled::Handled;
pub use self::key::InvalidKey;
pub use self::started::Started;
use super::claim::{self, Attempt, LeaseTime};
use super::namespace::Name;
use super::rate_limit::OnFailure;
use super::{Cache, Error, ErrorKind, Id, IdWriter, Ttl, id};
use crate::absorb::{Absorb, carry_on};
use crate::http::{Body, stored};

/// Longer than the longest request, by far.
const USUAL_LEASE: LeaseTime = LeaseTime::secs(60);

/// A day, which is what most services promise.
const USUAL_KEEP: Ttl = match Ttl::secs(24 * 60 * 60) {
    Ok(ttl) => ttl,
    Err(_) => Ttl::MAX,
};

/// How long a client whose request is being worked on is asked to wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Carries out requests once, however often they are sent: see the [module](self).
///
/// ```
/// use fastedge::cache::Idempotency;
/// use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
///
/// fn handler(request: Request<Body>) -> Result<Response<Body>, Error> {
///     // Keys are the clients' own: one account's are not another's.
///     let account = authenticated(&request)?;
///     let payments = Idempotency::new("shop:payments").tenant(account);
///     payments.handle(request, pay)
/// }
///
/// fn pay(request: Request<Body>) -> Result<Response<Body>, Error> {
///     Ok(http::text(StatusCode::CREATED, "paid"))
/// }
/// # fn authenticated(request: &Request<Body>) -> Result<u64, Error> { Ok(7) }
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
/// # let ask = |body: &str| {
/// #     let request = Request::post("/payments").header("idempotency-key", "\"8e03978e\"");
/// #     handler(request.body(Body::from(body)).unwrap()).unwrap()
/// # };
/// # assert_eq!(ask("7").status(), 201);
/// # assert_eq!(ask("7").headers()["idempotent-replayed"], "true");
/// # assert_eq!(ask("8").status(), 422);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it handles requests with `handle`"]
pub struct Idempotency {
    name: Name,
    tenant: Option<String>,
    keep: Ttl,
    lease: LeaseTime,
    is_required: bool,
    on_failure: OnFailure,
    is_kept: fn(&Response<Body>) -> bool,
}

/// What a key turns out to be: see [`Idempotency::begin`].
#[derive(Debug)]
pub enum Begin {
    /// It is new: carry the request out, and say how that went.
    Started(Started),
    /// It was completed, with this.
    Completed(Vec<u8>),
    /// It is being worked on.
    Locked {
        /// After how long to ask again.
        retry_after: Duration,
    },
    /// It was used for a request with another fingerprint.
    OtherRequest,
}

impl Idempotency {
    /// For requests of one kind. The name begins with the app's.
    pub fn new(name: impl Into<Name>) -> Self {
        Idempotency {
            name: name.into(),
            tenant: None,
            keep: USUAL_KEEP,
            lease: USUAL_LEASE,
            is_required: false,
            on_failure: OnFailure::Closed,
            is_kept: |response| !says_that_nothing_was_done(response.status()),
        }
    }

    /// Whose keys these are. Clients choose their keys, so without it, one client's key is another's as
    /// well, and so is the answer.
    pub fn tenant(mut self, tenant: impl Id) -> Self {
        self.tenant = Some(id::subject(&tenant));
        self
    }

    /// For how long an answer is kept: a day unless said otherwise. The platform keeps nothing for more
    /// than four days.
    pub fn keep_for(mut self, ttl: Ttl) -> Self {
        self.keep = ttl;
        self
    }

    /// For how long a request may be carried out: 60 s unless said otherwise. It has to be longer than
    /// the longest request and the difference of the nodes' clocks, and the same for all requests of this
    /// kind: while two versions of the app with different times run, both may carry out a request. After a
    /// crash, repetitions are refused for up to twice this time.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a time that is not from 1 ms to a day.
    pub fn lease(mut self, lease: Duration) -> Result<Self, Error> {
        self.lease = LeaseTime::new(lease)?;
        Ok(self)
    }

    /// Requests without a key are refused. They are carried out otherwise, unprotected.
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// When the cache fails, requests are carried out, unprotected. Not those whose key has a record that
    /// cannot be read: they were carried out.
    pub fn fail_open(mut self) -> Self {
        self.on_failure = OnFailure::Open;
        self
    }

    /// When the cache fails, requests are refused with 503: that is so unless said otherwise.
    pub fn fail_closed(mut self) -> Self {
        self.on_failure = OnFailure::Closed;
        self
    }

    /// Which answers are kept: unless said otherwise all but those whose status says that nothing was done,
    /// and that the same request may do later (401, 403, 408, 409, 421, 423, 425, 429, 503). Where an
    /// answer is not kept, a repetition is carried out again, at once.
    ///
    /// A 500 or 504 is kept, since what was done before is not known: a client that wants to try again
    /// takes a new key.
    pub fn keep_if(mut self, is_kept: fn(&Response<Body>) -> bool) -> Self {
        self.is_kept = is_kept;
        self
    }

    /// Answers a request: with the handler's answer the first time, and with the same one after that.
    ///
    /// [Safe](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1) requests go to the handler. Another
    /// request with the key is told by its [fingerprint](Fingerprint::of_request). What was done is told by
    /// [`Handled`] in the response's extensions. A replay has all headers of the first answer, cookies
    /// too.
    ///
    /// # Errors
    ///
    /// Those of the handler. Nothing is kept then, and a repetition is carried out at once: a handler
    /// that fails says that it has done nothing. One that does not know, since the ledger gave no answer,
    /// answers a 500 or 504 instead, which is [kept](Self::keep_if).
    pub fn handle<E>(
        &self,
        request: Request<Body>,
        handler: impl FnOnce(Request<Body>) -> Result<Response<Body>, E>,
    ) -> Result<Response<Body>, E> {
        if is_safe(request.method()) {
            return handler(request).map(|response| told(response, Handled::Unprotected));
        }
        let key = match key::of(request.headers()) {
            Ok(Some(key)) => key,
            Ok(None) if self.is_required => return Ok(answer::invalid(InvalidKey::Missing)),
            Ok(None) => {
                return handler(request).map(|response| told(response, Handled::Unprotected));
            }
            Err(invalid) => return Ok(answer::invalid(invalid)),
        };
        let begun = self.begin(&key, Fingerprint::of_request(&request));
        match begun.and_then(|begun| self.replayed(begun, &key)) {
            Ok(Replay::Answer(response)) => Ok(response),
            Ok(Replay::Started(started)) => self.carry_out(started, request, handler),
            Err(error) => {
                carry_on(&error);
                let is_record = matches!(error.kind(), ErrorKind::Decode { .. });
                let handled = Handled::FellBack(Arc::new(error));
                match self.on_failure {
                    OnFailure::Open if !is_record => {
                        handler(request).map(|response| told(response, handled))
                    }
                    _ => Ok(answer::unavailable(handled)),
                }
            }
        }
    }

    /// What a key turns out to be, for answers that are no HTTP responses. The calls are those of the
    /// [module](self)'s table.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache; if something else is at the record's key. It may be locked
    /// then, for up to two lease times.
    ///
    /// ```
    /// use fastedge::cache::Idempotency;
    /// use fastedge::cache::idempotency::{Begin, Fingerprint};
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// let jobs = Idempotency::new("shop:jobs");
    /// let print = Fingerprint::of([b"label 7".as_slice()]);
    /// match jobs.begin("job-7", print)? {
    ///     Begin::Started(started) => started.complete(b"printed")?,
    ///     _ => unreachable!("nobody else is there"),
    /// }
    /// assert!(matches!(jobs.begin("job-7", print)?, Begin::Completed(with) if with == b"printed"));
    /// # Ok::<(), fastedge::cache::Error>(())
    /// ```
    pub fn begin(&self, key: &str, fingerprint: Fingerprint) -> Result<Begin, Error> {
        let base = self.base(key)?;
        let record_key = format!("{base}:r");
        if let Some(completed) = record::completed(&record_key, fingerprint)? {
            return Ok(completed);
        }
        let held = match claim::claim(&base, self.lease)? {
            Attempt::Held(held) => held,
            Attempt::Locked => {
                return Ok(Begin::Locked {
                    retry_after: RETRY_AFTER,
                });
            }
        };
        // Who had the claim before may have completed it meanwhile.
        match record::completed(&record_key, fingerprint) {
            Ok(None) => Ok(Begin::Started(Started {
                held,
                record_key,
                fingerprint,
                keep: self.keep,
            })),
            done => {
                held.release().absorb();
                done.map(|completed| {
                    completed.unwrap_or(Begin::Locked {
                        retry_after: RETRY_AFTER,
                    })
                })
            }
        }
    }

    /// Forgets what a key was completed with: a repetition is carried out again. One host call.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    pub fn forget(&self, key: &str) -> Result<(), Error> {
        Cache::delete(&format!("{}:r", self.base(key)?))
    }

    fn base(&self, key: &str) -> Result<String, Error> {
        let scoped = Scoped {
            tenant: self.tenant.as_deref(),
            key,
        };
        Ok(format!(
            "{}#idem:{}",
            self.name.resolved()?,
            id::subject(&scoped)
        ))
    }

    fn replayed(&self, begun: Begin, key: &str) -> Result<Replay, Error> {
        Ok(match begun {
            Begin::Started(started) => Replay::Started(started),
            Begin::Locked { retry_after } => Replay::Answer(answer::locked(retry_after)),
            Begin::OtherRequest => Replay::Answer(answer::other_request()),
            Begin::Completed(with) => match stored::read(&with) {
                Ok(response) => Replay::Answer(answer::replayed(response)),
                Err(reason) => {
                    return Err(record::garbled(&format!("{}:r", self.base(key)?), reason));
                }
            },
        })
    }

    fn carry_out<E>(
        &self,
        started: Started,
        request: Request<Body>,
        handler: impl FnOnce(Request<Body>) -> Result<Response<Body>, E>,
    ) -> Result<Response<Body>, E> {
        let response = match handler(request) {
            Ok(response) => response,
            Err(error) => {
                started.abandon().absorb();
                return Err(error);
            }
        };
        if !(self.is_kept)(&response) {
            started.abandon().absorb();
            return Ok(told(response, Handled::NotKept));
        }
        let mut bytes = Vec::new();
        stored::write(&response, &mut bytes);
        let handled = match started.complete(&bytes) {
            Ok(()) => Handled::Completed,
            Err(error) => {
                carry_on(&error);
                Handled::NotStored(Arc::new(error))
            }
        };
        Ok(told(response, handled))
    }
}

enum Replay {
    Started(Started),
    Answer(Response<Body>),
}

/// A client's key, as one of its tenant's.
struct Scoped<'a> {
    tenant: Option<&'a str>,
    key: &'a str,
}

impl Id for Scoped<'_> {
    fn write_to(&self, id: &mut IdWriter<'_>) {
        if let Some(tenant) = self.tenant {
            id.part(tenant);
        }
        id.part(self.key);
    }
}

/// What a client may do something about, and then repeat the same request.
fn says_that_nothing_was_done(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        401 | 403 | 408 | 409 | 421 | 423 | 425 | 429 | 503
    )
}

fn is_safe(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

fn told(mut response: Response<Body>, handled: Handled) -> Response<Body> {
    response.extensions_mut().insert(handled);
    response
}
