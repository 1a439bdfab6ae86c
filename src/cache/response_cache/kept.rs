//! What is kept at a key.
//!
//! The first byte says what it is:
//!
//! | byte | what | then |
//! |---|---|---|
//! | `P` | the last response was not to be stored | |
//! | `V` | the headers by which responses vary | their names, each ended by a line feed |
//! | `R` | a response | flags (1), when it was stored (8), how old it was (8), its lifetime (8), in seconds; the response |

use ::http::header::{AGE, HeaderName};
use ::http::{Request, Response};

use super::directives::RequestDirectives;
use super::freshness::Freshness;
use super::status::Status;
use super::{is_authorized, now_secs};
use crate::cache::memoize::Source;
use crate::http::{Body, stored};

const PASSED: u8 = b'P';
const VARIES: u8 = b'V';
const RESPONSE: u8 = b'R';

const FOR_ALL: u8 = 1;
const MUST_REVALIDATE: u8 = 2;

pub(super) enum Kept {
    Passed,
    Varies(Vec<String>),
    Response(KeptResponse),
}

pub(super) struct KeptResponse {
    flags: u8,
    stored_at: u64,
    age: u64,
    lifetime: u64,
    response: Response<Body>,
}

impl Kept {
    /// `None` for what this version does not know.
    pub(super) fn read(bytes: &[u8]) -> Option<Kept> {
        let (kind, rest) = bytes.split_first()?;
        match *kind {
            PASSED => Some(Kept::Passed),
            VARIES => {
                let names = str::from_utf8(rest).ok()?.lines().map(str::to_owned);
                Some(Kept::Varies(names.collect()))
            }
            RESPONSE => {
                let (flags, rest) = rest.split_first()?;
                let (stored_at, rest) = rest.split_first_chunk()?;
                let (age, rest) = rest.split_first_chunk()?;
                let (lifetime, rest) = rest.split_first_chunk()?;
                Some(Kept::Response(KeptResponse {
                    flags: *flags,
                    stored_at: u64::from_le_bytes(*stored_at),
                    age: u64::from_le_bytes(*age),
                    lifetime: u64::from_le_bytes(*lifetime),
                    response: stored::read(rest).ok()?,
                }))
            }
            _ => None,
        }
    }

    pub(super) fn passed() -> Vec<u8> {
        vec![PASSED]
    }

    pub(super) fn varies(names: &[String]) -> Vec<u8> {
        let mut bytes = vec![VARIES];
        for name in names {
            bytes.extend(name.as_bytes());
            bytes.push(b'\n');
        }
        bytes
    }
}

impl KeptResponse {
    /// The bytes of a response. What is for one connection only is left out (RFC 9111, section 3.1).
    pub(super) fn bytes(response: &Response<Body>, freshness: &Freshness) -> Vec<u8> {
        let mut bytes = vec![RESPONSE, 0];
        if freshness.is_for_all {
            bytes[1] |= FOR_ALL;
        }
        if freshness.must_revalidate {
            bytes[1] |= MUST_REVALIDATE;
        }
        bytes.extend(now_secs().to_le_bytes());
        bytes.extend(freshness.age.to_le_bytes());
        bytes.extend(freshness.lifetime.to_le_bytes());
        let mut kept = response.clone();
        for name in of_the_connection(response) {
            kept.headers_mut().remove(name);
        }
        stored::write(&kept, &mut bytes);
        bytes
    }

    /// The response to a request, if it will do; what was done instead, if it will not.
    pub(super) fn serve(
        self,
        request: &Request<Body>,
        asked: &RequestDirectives,
        source: Source,
    ) -> Result<(Response<Body>, Status), Status> {
        if is_authorized(request.headers()) && self.flags & FOR_ALL == 0 {
            return Err(Status::forwarded("bypass"));
        }
        let age = self.age_now();
        let fresh_for = self.lifetime.saturating_sub(age);
        let stale_for = (age + 1).saturating_sub(self.lifetime);
        let is_too_old = asked.max_age.is_some_and(|most| age > most);
        let ends_too_soon = asked.min_fresh.is_some_and(|least| fresh_for < least);
        // A client that names an age means it, unless it takes stale responses as well.
        let takes_stale = asked.max_stale.is_some_and(|most| stale_for <= most)
            && self.flags & MUST_REVALIDATE == 0;
        if ends_too_soon || is_too_old && !(takes_stale && stale_for > 0) {
            return Err(Status::forwarded("request"));
        }
        Ok(self.served(source))
    }

    /// The response, as it is served now.
    pub(super) fn served(self, source: Source) -> (Response<Body>, Status) {
        let age = self.age_now();
        let mut status = Status::hit(i128::from(self.lifetime) - i128::from(age));
        status = match source {
            Source::Stale => status.detail("stale-while-revalidate"),
            Source::StaleOnError => status.detail("stale-if-error"),
            Source::Shared => status.detail("collapsed"),
            _ => status,
        };
        let mut response = self.response;
        response.headers_mut().insert(AGE, age.into());
        (response, status)
    }

    fn age_now(&self) -> u64 {
        let resident = now_secs().saturating_sub(self.stored_at);
        self.age.saturating_add(resident)
    }
}

/// The headers that are for one connection only (RFC 9110, section 7.6.1).
fn of_the_connection(response: &Response<Body>) -> Vec<HeaderName> {
    let named = response.headers().get_all("connection").iter();
    let named = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok());
    let always = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authentication-info",
        "te",
        "transfer-encoding",
        "upgrade",
    ];
    let always = always.into_iter().map(HeaderName::from_static);
    named.chain(always).collect()
}
