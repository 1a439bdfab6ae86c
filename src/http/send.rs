//! Sending requests.

use ::http::{HeaderName, Method, Request, Response, StatusCode};
use fastedge_host as host_types;
use fastedge_host::HttpError;

use super::Body;
use super::handler::{from_headers, to_headers};
use crate::{NoHostInstalled, host};

/// The largest body that any plan of the platform sends: 5 MiB. On smaller plans the host refuses
/// earlier.
pub const MAX_BODY_BYTES: usize = 5 * 1024 * 1024;

/// Sends a request, and waits for the whole answer.
///
/// One host call, and the time it takes counts against the request's limit (50 ms on the basic
/// plan, 200 ms on pro), as it does against the number of outbound requests (5 or 20). The platform
/// refuses private and loopback addresses. An answer with a status of 400 or more is an answer,
/// not an error. In a `wstd` app, `wstd::http::Client` does the same over `wasi:http`.
///
/// # Errors
///
/// Before the host is asked: [`SendError::Method`], [`SendError::Header`] and
/// [`SendError::BodyTooLarge`], for what the interface cannot carry. Otherwise what the host
/// answered, or [`SendError::Response`] for an answer that is not HTTP.
///
/// ```
/// use fastedge::http::{self, Body, Request, StatusCode};
/// # use fastedge_mock_host::{Answer, MockHost};
/// # let edge = MockHost::new().answer("https://api.example.com/price", Answer::text("42"));
/// # let _installed = edge.install();
///
/// let request = Request::get("https://api.example.com/price").body(Body::empty())?;
/// let response = http::send_request(request)?;
/// assert_eq!(response.status(), StatusCode::OK);
/// assert_eq!(response.body().parse::<u32>()?, 42);
/// # Ok::<(), http::Error>(())
/// ```
pub fn send_request(request: Request<Body>) -> Result<Response<Body>, SendError> {
    let (parts, body) = request.into_parts();
    let method = host_types::Method::from_name(parts.method.as_str())
        .ok_or(SendError::Method(parts.method))?;
    if body.len() > MAX_BODY_BYTES {
        return Err(SendError::BodyTooLarge { bytes: body.len() });
    }
    let headers = from_headers(&parts.headers).map_err(SendError::Header)?;
    let uri = without_secrets(&parts.uri);
    let response = host::http_client::send_request(host_types::Request {
        method,
        uri: parts.uri.to_string(),
        headers,
        body: (!body.is_empty()).then(|| body.into_bytes()),
    });
    match response {
        Ok(response) => to_response(response).map_err(|reason| SendError::Response { uri, reason }),
        Err(HttpError::NoHostInstalled(error)) => Err(error.into()),
        Err(HttpError::DestinationNotAllowed) => Err(SendError::DestinationNotAllowed { uri }),
        Err(HttpError::TooManyRequests) => Err(SendError::TooManyRequests { uri }),
        Err(error) => Err(SendError::Failed {
            uri,
            reason: error.to_string(),
        }),
    }
}

/// What errors name, and these are printed: a query and a user can hold secrets.
fn without_secrets(uri: &::http::Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}"));
    let port = port.unwrap_or_default();
    match (uri.scheme_str(), uri.host()) {
        (Some(scheme), Some(host)) => format!("{scheme}://{host}{port}{}", uri.path()),
        _ => uri.path().to_owned(),
    }
}

fn to_response(response: host_types::Response) -> Result<Response<Body>, String> {
    let status = StatusCode::from_u16(response.status)
        .map_err(|_| format!("its status is {}", response.status))?;
    let headers = to_headers(response.headers.unwrap_or_default())?;
    let mut converted = Response::new(Body::from(response.body.unwrap_or_default()));
    *converted.status_mut() = status;
    *converted.headers_mut() = headers;
    Ok(converted)
}

/// How sending a request fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The host's interface has no such method.
    #[error(
        "the platform cannot send method {0}: it has GET, POST, PUT, DELETE, HEAD, PATCH and OPTIONS"
    )]
    Method(Method),
    /// The host's interface carries header values as text, and this one is not UTF-8.
    #[error("the value of header `{0}` is not UTF-8 text, which is all that the platform can send")]
    Header(HeaderName),
    /// The body is larger than [`MAX_BODY_BYTES`].
    #[error("a body of {bytes} bytes: the platform sends at most {MAX_BODY_BYTES}")]
    BodyTooLarge {
        /// The body's size.
        bytes: usize,
    },
    /// The host does not let the app talk to this destination.
    #[error(
        "{uri}: the host does not let the app talk to this destination: private and loopback \
         addresses are refused, save those that a local host's configuration names"
    )]
    DestinationNotAllowed {
        /// The request's URI, without its user and query.
        uri: String,
    },
    /// The app has used up its outbound requests.
    #[error("{uri}: too many outbound requests: the platform allows 5 (basic plan) or 20 (pro)")]
    TooManyRequests {
        /// The request's URI, without its user and query.
        uri: String,
    },
    /// The host could not do it.
    #[error("{uri}: {reason}")]
    Failed {
        /// The request's URI, without its user and query.
        uri: String,
        /// The host's word for it.
        reason: String,
    },
    /// The answer is not HTTP.
    #[error("{uri}: the answer cannot be expressed: {reason}")]
    Response {
        /// The request's URI, without its user and query.
        uri: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}
