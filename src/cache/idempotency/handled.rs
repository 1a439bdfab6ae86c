//! What has been done with a request.

use std::sync::Arc;

use super::InvalidKey;
use crate::cache::Error;

/// What [`Idempotency::handle`](super::Idempotency::handle) has done. It is in the extensions of the response.
///
/// ```
/// use fastedge::cache::{Idempotency, idempotency::Handled};
/// use fastedge::http::{self, Body, Request, StatusCode};
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let request = Request::post("/").header("idempotency-key", "7").body(Body::empty())?;
/// let pay = |_| Ok::<_, http::Error>(http::text(StatusCode::CREATED, "paid"));
/// let response = Idempotency::new("shop:payments").handle(request, pay)?;
/// assert!(matches!(response.extensions().get(), Some(Handled::Completed)));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Handled {
    /// The request is safe (RFC 9110, section 9.2.1), or has no key and needs none: it was carried out,
    /// as it would be again.
    Unprotected,
    /// It was carried out, and its answer is stored.
    Completed,
    /// It was carried out, and its answer is such that it is not kept: a repetition is carried out again.
    NotKept,
    /// It was carried out, and its answer could not be stored: a repetition is carried out again, after
    /// up to two lease times.
    NotStored(Arc<Error>),
    /// It had been carried out: the answer is the stored one.
    Replayed,
    /// It is being carried out.
    Locked,
    /// The key belongs to another request.
    OtherRequest,
    /// There is no key where one is required, or it is none.
    InvalidKey(InvalidKey),
    /// The cache failed: it was carried out, unprotected, or refused, by the policy.
    FellBack(Arc<Error>),
}
