//! By what requests with one key are told apart.

use ::http::Request;
use ::http::header::{CONTENT_TYPE, HeaderValue};
use sha2::{Digest, Sha256};

use crate::http::Body;
use crate::http::host::host_of;

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
        let host = host_of(request);
        let target = request.uri().path_and_query();
        Fingerprint::of([
            request.method().as_str().as_bytes(),
            host.as_bytes(),
            target.map_or("/", |target| target.as_str()).as_bytes(),
            header(CONTENT_TYPE),
            request.body().as_bytes(),
        ])
    }
}
