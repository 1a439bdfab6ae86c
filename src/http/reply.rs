//! Answers in one line.

use ::http::header::CONTENT_TYPE;
use ::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

use super::{Body, Error};

/// A response whose body is `value` as JSON.
///
/// # Errors
///
/// [`Error::Json`] if `value` cannot be written as JSON.
///
/// ```
/// use fastedge::http::{self, StatusCode};
///
/// let response = http::json(StatusCode::OK, &["a", "b"])?;
/// assert_eq!(response.headers()["content-type"], "application/json");
/// assert_eq!(response.body().as_bytes(), br#"["a","b"]"#);
/// # Ok::<(), http::Error>(())
/// ```
pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Response<Body>, Error> {
    Ok(with_type(status, "application/json", Body::json(value)?))
}

/// A response whose body is plain text.
///
/// ```
/// use fastedge::http::{self, StatusCode};
///
/// let response = http::text(StatusCode::NOT_FOUND, "no such page\n");
/// assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
/// ```
pub fn text(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    with_type(status, "text/plain; charset=utf-8", Body::from(text.into()))
}

pub(super) fn with_type(
    status: StatusCode,
    content_type: &'static str,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
