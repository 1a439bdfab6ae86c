//! The platform's API for Edge Storage, on the edge's central side.
//!
//! It responds as the platform's documentation says, and has no lenient mode: a program that works
//! here relies on nothing that the documentation does not promise. Where the documentation leaves
//! something open, [`ApiRules`] has a setting.
//!
//! - An error is `{"error": …}`, and a 404 has no body. A query parameter that is out of range is
//!   400.
//! - A list has no members of sorted sets and no items of Bloom filters, and 50 entries unless the
//!   request sets `limit`. `GET …/data/KEY` returns members and items in pages, too: members by
//!   score, items by their bytes.
//! - A value of more than 1,024 bytes is returned as its SHA-256; so is a value that was written
//!   with the encoding `masked`. The parameter `hash` finds it, and `search` does not find a masked
//!   one. A pair that these parameters do not select has the count 0 and no payload.
//! - A Bloom filter whose items are not known has no payload: one in a customer's own Redis, or one
//!   from a local database of a version before 2.
//! - The server connects to a customer's own Redis when a store is created with it. If the Redis
//!   does not respond, the request is refused with 400. So is `rediss://`, since this server has no
//!   TLS.
//! - An infinite score is the number `1e999`, because the schema allows only JSON numbers. Parsers
//!   that round it return infinity. Parsers that check the range, such as those of Go and
//!   `serde_json`, refuse it.
//! - In the response to a write, `write_count` counts each pair, member and item of the request.
//!   `del_count` counts each deleted key, whatever it held, and each member that `del_entries`
//!   removed. Keys and members that did not exist are not counted.
//!
//! Requests and responses are values: the server that listens on a socket passes one and sends the
//! other.

mod body;
mod changes;
mod entries;
mod query;
mod reply;
mod rules;
mod score;
mod stores;
mod wire;

use bytes::Bytes;
use fastedge_mock_host::Edge;
use fastedge_mock_host::central::WriteError;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, Response};

use self::query::Query;
pub use self::reply::refuse;
use self::reply::{Refusal, Reply};
pub use self::rules::{ApiRules, ConflictStatus, LargeValues, UnknownParameters};
pub use self::stores::connect;
pub(crate) use self::wire::score_json;

/// The path of the API.
pub const PATH: &str = "/fastedge/v1/kv";

/// The largest body that a request may have.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// The API of one platform, for requests that are [`authorize`]d.
#[derive(Debug)]
pub struct Api<'a> {
    /// The platform.
    pub edge: &'a Edge,
    /// The apps of the account, numbered from 1. Each has the numbers of the stores that are linked
    /// to it.
    pub apps: &'a [Vec<u64>],
    /// The rules that the documentation leaves open.
    pub settings: ApiRules,
}

/// Checks that a request brings the token.
///
/// # Errors
///
/// If it does not, in words: 401.
pub fn authorize(headers: &HeaderMap, token: &str) -> Result<(), &'static str> {
    let brought = headers.get(AUTHORIZATION);
    let brought = brought.and_then(|value| value.to_str().ok());
    let brought = brought.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let is_meant = scheme.eq_ignore_ascii_case("apikey");
        is_meant.then_some(token.trim())
    });
    match brought {
        Some(brought) if is_same(brought.as_bytes(), token.as_bytes()) => Ok(()),
        Some(_) => {
            Err("the token is not the one of this server; send that of [api] in its fastedge.toml")
        }
        None => Err("the token is missing; send the header `Authorization: apikey <token>`"),
    }
}

/// A path of the API.
enum Resource<'a> {
    Stores,
    Store(&'a str),
    Entries(&'a str),
    Entry(&'a str, &'a str),
}

impl<'a> Resource<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let mut segments = path.strip_prefix(PATH)?.split('/');
        // A path that continues without a slash, such as `/kvs`, is a different one.
        if segments.next() != Some("") {
            return None;
        }
        let segments: Vec<&str> = segments.collect();
        if segments.contains(&"") {
            return None;
        }
        match *segments.as_slice() {
            [] => Some(Resource::Stores),
            [id] => Some(Resource::Store(id)),
            [id, "data"] => Some(Resource::Entries(id)),
            [id, "data", key] => Some(Resource::Entry(id, key)),
            _ => None,
        }
    }

    /// Returns the methods, as the header `Allow` lists them.
    fn methods(&self) -> &'static str {
        match self {
            Resource::Stores => "GET, POST",
            Resource::Store(_) => "GET, PUT, DELETE",
            Resource::Entries(_) => "GET, PUT",
            Resource::Entry(..) => "GET",
        }
    }
}

impl Api<'_> {
    /// Returns the response to a request.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        self.route(request).unwrap_or_else(Refusal::into_response)
    }

    fn route(&self, request: &Request<Bytes>) -> Reply {
        let resource = Resource::of(request.uri().path()).ok_or(Refusal::NotFound)?;
        match (&resource, request.method()) {
            (Resource::Stores, &Method::GET) => self.list_stores(request),
            (Resource::Stores, &Method::POST) => self.create_store(request),
            (Resource::Store(id), &Method::GET) => self.get_store(number(id)?, request),
            (Resource::Store(id), &Method::PUT) => self.replace_store(number(id)?, request),
            (Resource::Store(id), &Method::DELETE) => self.delete_store(number(id)?, request),
            (Resource::Entries(id), &Method::GET) => self.list_entries(number(id)?, request),
            (Resource::Entries(id), &Method::PUT) => self.write(number(id)?, request),
            (Resource::Entry(id, key), &Method::GET) => self.get_entry(number(id)?, key, request),
            (_, method) => Err(Refusal::NotAllowed(method.clone(), resource.methods())),
        }
    }

    fn query<'r>(&self, request: &'r Request<Bytes>, known: &[&str]) -> Result<Query<'r>, Refusal> {
        Query::read(request, known, self.settings.unknown_parameters)
    }

    fn refusal(&self, error: WriteError) -> Refusal {
        Refusal::of_write(error, self.settings)
    }
}

/// Reads the number of a store.
fn number(id: &str) -> Result<u64, Refusal> {
    let digits = id.strip_prefix('-').unwrap_or(id);
    let number = match digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => id.parse::<i64>().ok(),
        false => None,
    };
    let number = number.ok_or_else(|| {
        Refusal::bad_request(format!(
            "{id:?} is not the number of a store; list the stores"
        ))
    })?;
    u64::try_from(number).map_err(|_| Refusal::NotFound)
}

/// Compares without telling by the time it takes where the first difference is.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && differences == 0
}
