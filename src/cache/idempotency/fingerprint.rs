//! By what requests with one key are told apart.

use ::http::Request;
use ::http::header::{CONTENT_TYPE, HOST, HeaderValue};
use sha2::{Digest, Sha256};

use crate::http::Body;

/// By what a request is told from another one with the same key: a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(super) [u8; 32]);

impl Fingerprint {
    /// Of these parts. Which bytes belong to which part matters.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Fingerprint(hasher.finalize().into())
    }

    /// Of a request: its method, host, path, query, content type and body.
    pub fn of_request(request: &Request<Body>) -> Self {
        let header = |name| {
            request
                .headers()
                .get(name)
                .map_or(b"".as_slice(), HeaderValue::as_bytes)
        };
        let authority = request
            .uri()
            .authority()
            .map(|host| host.as_str().as_bytes());
        let target = request.uri().path_and_query();
        Fingerprint::of([
            request.method().as_str().as_bytes(),
            authority.unwrap_or(header(HOST)),
            target.map_or("/", |target| target.as_str()).as_bytes(),
            header(CONTENT_TYPE),
            request.body().as_bytes(),
        ])
    }
}
