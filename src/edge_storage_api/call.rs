//! A request of the API, and how its answer is read.

use std::fmt;

use ::http::{Request, Response, StatusCode, header};
use serde::Deserialize;

use super::error::{Error, ErrorKind};
use super::refusal::Refusal;
use super::transport::{Outbound, Transport};
use super::upload::Retry;
use crate::Body;

/// Reads a response's body.
pub(super) type Read<A> = Box<dyn Fn(&[u8]) -> Result<A, String> + Send + Sync>;

/// One call of the API: its request, and the parser of its response `A`.
pub struct Call<A> {
    request: Request<Body>,
    read: Read<A>,
}

impl<A> Call<A> {
    pub(super) fn new(request: Request<Body>, read: Read<A>) -> Self {
        Call { request, read }
    }

    /// The request, to be sent by any client: `call.request().clone().map(Body::into_bytes)` is one
    /// with a `Vec<u8>`. It carries the token.
    pub fn request(&self) -> &Request<Body> {
        &self.request
    }

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] for a status of failure, with the API's message;
    /// [`ErrorKind::Answer`] for an answer that is not what the API answers.
    pub fn parse<B: AsRef<[u8]>>(&self, response: &Response<B>) -> Result<A, Error> {
        let body = response.body().as_ref();
        if !response.status().is_success() {
            let retry_after = response.headers().get(header::RETRY_AFTER);
            let Refusal {
                message,
                conflicting_ids,
            } = Refusal::of(body);
            return Err(ErrorKind::Refused {
                call: self.name(),
                status: response.status(),
                message: self.said(&message),
                conflicting_ids,
                retry_after: retry_after
                    .and_then(|value| value.to_str().ok())
                    .and_then(|seconds| seconds.trim().parse().ok())
                    .map(std::time::Duration::from_secs),
            }
            .into());
        }
        (self.read)(body).map_err(|reason| {
            ErrorKind::Answer {
                call: self.name(),
                status: response.status(),
                reason: self.said(&reason),
            }
            .into()
        })
    }

    /// Sends the request with the app's outbound HTTP, and reads the answer: one host call, and one
    /// of the request's outbound requests.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAnswered`] if there is no answer, and those of [`parse`](Self::parse).
    pub fn send(self) -> Result<A, Error> {
        self.send_with(&Outbound)
    }

    /// Sends the request with another transport, and reads the answer. It can be sent again.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_with(&self, transport: &(impl Transport + ?Sized)) -> Result<A, Error> {
        let response = transport.send(self.request.clone()).map_err(|mut error| {
            error.reason = self.said(&error.reason);
            Error::not_answered(self.name(), error)
        })?;
        self.parse(&response)
    }

    /// Sends the request, and repeats it after each temporary failure, as `retry` specifies. Use it
    /// only for calls that change nothing when they are repeated.
    ///
    /// If the server does not accept connections, the call fails without a retry.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), of the last attempt.
    pub fn send_with_retry(
        &self,
        transport: &(impl Transport + ?Sized),
        retry: &Retry,
    ) -> Result<A, Error> {
        let mut failures = 0;
        loop {
            let error = match self.send_with(transport) {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            failures += 1;
            let is_refused = matches!(error.kind(), ErrorKind::Refused { .. });
            let delay = retry.delay_after(failures, error.kind());
            match delay.filter(|_| is_refused || error.may_have_happened()) {
                Some(delay) => transport.sleep(delay),
                None => return Err(error),
            }
        }
    }

    /// The method and the path, for errors.
    fn name(&self) -> String {
        format!("{} {}", self.request.method(), self.request.uri().path())
    }

    /// What somebody else says, in one line of moderate length. A server that repeats what it was sent
    /// does not get the token into a log.
    fn said(&self, text: &str) -> String {
        let header = self.request.headers().get(header::AUTHORIZATION);
        let token = header
            .and_then(|header| header.to_str().ok())
            .and_then(|header| header.strip_prefix("apikey "));
        let text = match token {
            Some(token) => text.replace(token, "…"),
            None => text.to_owned(),
        };
        let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        printable.take(MESSAGE_CHARACTERS).collect()
    }
}

/// What is kept of what a server says.
const MESSAGE_CHARACTERS: usize = 500;

/// Reads an answer that is JSON.
pub(super) fn json<'a, A: Deserialize<'a>>(body: &'a [u8]) -> Result<A, String> {
    serde_json::from_slice(body).map_err(|error| format!("not the expected JSON: {error}"))
}

impl<A> fmt::Debug for Call<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("request", &self.name())
            .finish_non_exhaustive()
    }
}

impl ErrorKind {
    /// Whether the same request may succeed later.
    pub(super) fn is_temporary(&self) -> bool {
        match self {
            ErrorKind::NotAnswered { is_permanent, .. } => !is_permanent,
            ErrorKind::Refused { status, .. } => matches!(
                *status,
                StatusCode::REQUEST_TIMEOUT
                    | StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::INTERNAL_SERVER_ERROR
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            _ => false,
        }
    }
}
