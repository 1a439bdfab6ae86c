//! What is kept at a key.
//!
//! The first byte says what it is:
//!
//! | byte | what | then |
//! |---|---|---|
//! | `P` | the last response was not to be stored | |
//! | `V` | the headers by which responses vary | a random generation (8); their names, each ended by a line feed |
//! | `R` | a response | flags (1), when it was stored (8), how old it was (8), its lifetime (8), in seconds; the response |

use ::http::header::{AGE, HeaderMap, HeaderName};
use ::http::{Request, Response};

use super::directives::RequestDirectives;
use super::freshness::Freshness;
use super::status::Status;
use super::{is_authorized, now_secs};
use crate::cache::id;
use crate::cache::memoize::Source;
use crate::clock::now_ms;
use crate::host;
use crate::http::{Body, stored};

const PASSED: u8 = b'P';
const VARIES: u8 = b'V';
const RESPONSE: u8 = b'R';

const FOR_ALL: u8 = 1;

pub(super) enum Kept {
    Passed,
    Varies(Varies),
    Response(KeptResponse),
}

/// What leads to the variants of a URI.
#[derive(Clone, Debug)]
pub(super) struct Varies {
    /// In the key of each variant, so that what led to a URI's variants and is forgotten leads to none of
    /// them when it is made anew.
    generation: [u8; 8],
    /// The headers, in lower case and in order.
    pub(super) names: Vec<String>,
    /// Until when it is kept at least: it may have been lengthened since it was written.
    pub(super) until_ms: u64,
}

impl Varies {
    /// A new generation, which leads nowhere yet.
    pub(super) fn by(names: Vec<String>) -> Self {
        let mut generation = [0; 8];
        if host::random::fill(&mut generation).is_err() {
            // Without randomness, the time does.
            generation = now_ms().unwrap_or(0).to_le_bytes();
        }
        Varies {
            generation,
            names,
            until_ms: 0,
        }
    }

    pub(super) fn until(mut self, until_ms: u64) -> Self {
        self.until_ms = until_ms;
        self
    }

    /// The key of the variant that a request with these headers gets.
    pub(super) fn key(&self, key: &str, headers: &HeaderMap) -> String {
        let mut selected = self.generation.to_vec();
        let mut part = |bytes: &[u8]| {
            selected.extend((bytes.len() as u64).to_le_bytes());
            selected.extend(bytes);
        };
        for name in &self.names {
            part(name.as_bytes());
            for value in headers.get_all(name) {
                part(value.as_bytes());
            }
            // The end of the values: none of them is a line feed.
            part(b"\n");
        }
        let mut digest = id::digest(&selected);
        // 132 bits of it.
        digest.truncate(22);
        format!("{key}#{digest}")
    }
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
                let (generation, names) = rest.split_first_chunk()?;
                let names = str::from_utf8(names).ok()?.lines().map(str::to_owned);
                Some(Kept::Varies(Varies {
                    generation: *generation,
                    names: names.collect(),
                    until_ms: 0,
                }))
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

    pub(super) fn varies(varies: &Varies) -> Vec<u8> {
        let mut bytes = vec![VARIES];
        bytes.extend(varies.generation);
        for name in &varies.names {
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
        if !self.is_for(request) {
            return Err(Status::forwarded("bypass"));
        }
        let age = self.age_now();
        let fresh_for = self.lifetime.saturating_sub(age);
        let is_too_old = asked.max_age.is_some_and(|most| age > most);
        let ends_too_soon = asked.min_fresh.is_some_and(|least| fresh_for < least);
        if is_too_old || ends_too_soon {
            return Err(Status::forwarded("request"));
        }
        Ok(self.served(source))
    }

    /// Whether it may answer a request, as far as that is authorized.
    pub(super) fn is_for(&self, request: &Request<Body>) -> bool {
        !is_authorized(request.headers()) || self.flags & FOR_ALL != 0
    }

    /// The response, as it is served now.
    pub(super) fn served(self, source: Source) -> (Response<Body>, Status) {
        let age = self.age_now();
        let status = match source {
            Source::StaleOnError => Status::forwarded("stale").detail("stale-if-error"),
            Source::Shared => Status::forwarded("uri-miss").collapsed(),
            source => {
                let status = Status::hit(i128::from(self.lifetime) - i128::from(age));
                match source {
                    Source::Stale => status.detail("stale-while-revalidate"),
                    _ => status,
                }
            }
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
