//! What sends the API's requests.

use std::fmt::Display;
use std::time::Duration;

use ::http::{Request, Response};

use crate::http::{SendError, send_request};
use crate::{Body, NoHostInstalled, host};

/// Sends requests, and knows the time: what an [`Upload`](super::Upload) runs on.
///
/// Implement it for a client of one's own. [`Outbound`] is the app's outbound HTTP, and
/// `BlockingClient` (feature `blocking-client`) a client for tools.
pub trait Transport {
    /// Sends a request, and waits for the whole answer. A status of failure is an answer.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError>;

    /// The time since some fixed moment.
    fn now(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration);
}

impl<T: Transport + ?Sized> Transport for &T {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        (**self).send(request)
    }

    fn now(&self) -> Duration {
        (**self).now()
    }

    fn sleep(&self, duration: Duration) {
        (**self).sleep(duration);
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct TransportError {
    pub(super) reason: String,
    pub(super) may_have_arrived: bool,
    pub(super) is_permanent: bool,
    pub(super) no_host: Option<NoHostInstalled>,
}

impl TransportError {
    /// The request was not sent, and may be later.
    pub fn not_sent(reason: impl Display) -> Self {
        TransportError {
            reason: reason.to_string(),
            may_have_arrived: false,
            is_permanent: false,
            no_host: None,
        }
    }

    /// The request was not sent, and will not be, however often it is tried.
    pub fn refused(reason: impl Display) -> Self {
        TransportError {
            is_permanent: true,
            ..TransportError::not_sent(reason)
        }
    }

    /// Returns whether the request may have arrived.
    pub fn may_have_arrived(&self) -> bool {
        self.may_have_arrived
    }

    /// The request was sent, or may have been, and the answer is lost.
    pub fn lost(reason: impl Display) -> Self {
        TransportError {
            may_have_arrived: true,
            ..TransportError::not_sent(reason)
        }
    }
}

/// The app's outbound HTTP: [`send_request`]. An app has time for a call or a batch, and not for the
/// pace of a large [`Upload`](super::Upload): that is for tools.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outbound;

impl Transport for Outbound {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        send_request(request).map_err(|error| match error {
            SendError::NoHostInstalled(no_host) => TransportError {
                no_host: Some(no_host),
                ..TransportError::refused(error)
            },
            SendError::Failed { .. } | SendError::Response { .. } => TransportError::lost(error),
            _ => TransportError::refused(error),
        })
    }

    fn now(&self) -> Duration {
        host::clock::now().unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) {
        // Without a host there is no request that could be waited for.
        let _no_host = host::clock::sleep(duration);
    }
}
