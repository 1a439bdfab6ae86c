//! What a key that is not new is answered with.

use std::time::Duration;

use ::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use ::http::{Response, StatusCode};

use super::{Handled, InvalidKey, told};
use crate::http::{Body, Problem};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

pub(super) fn replayed(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    told(response, Handled::Replayed)
}

pub(super) fn locked(retry_after: Duration) -> Response<Body> {
    let problem = Problem::new(StatusCode::CONFLICT).detail(
        "A request with this Idempotency-Key is being carried out. Repeat it later, with the same key, \
         to get its answer.",
    );
    told(retrying(problem, retry_after), Handled::Locked)
}

pub(super) fn other_request() -> Response<Body> {
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY).detail(
        "This Idempotency-Key was used for another request. A request is repeated as it was; another \
         one has a key of its own.",
    );
    told(problem.to_response(), Handled::OtherRequest)
}

pub(super) fn invalid(reason: InvalidKey) -> Response<Body> {
    let problem = Problem::new(StatusCode::BAD_REQUEST).detail(format!("{reason}."));
    told(problem.to_response(), Handled::InvalidKey(reason))
}

pub(super) fn unavailable(handled: Handled) -> Response<Body> {
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE)
        .detail("Whether this request was carried out before is not known.");
    told(retrying(problem, Duration::from_secs(1)), handled)
}

fn retrying(problem: Problem, after: Duration) -> Response<Body> {
    let mut response = problem.to_response();
    let seconds = after.as_secs().max(1);
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response
}
