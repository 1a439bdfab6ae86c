//! How a request fails, in the platform's numbers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use wasmtime::Trap;
use wasmtime_wasi::I32Exit;

/// The header in which the platform says more about a status of 530 and above.
const INTERNAL_STATUS: HeaderName = HeaderName::from_static("x-cdn-internal-status");

/// Why an app has not answered a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// 530/3000: no instance of the app could be made.
    #[error("no instance of the app could be made: {0}")]
    SetUp(String),
    /// 530/3001: the app ran, but gave no usable answer.
    #[error("the app gave no usable answer: {0}")]
    Execution(String),
    /// 531/3020: the app wanted more memory than it may have.
    #[error("the app wanted more memory than its limit of {limit} bytes")]
    OutOfMemory {
        /// The limit, in bytes.
        limit: usize,
    },
    /// 532/3010: the app was still computing when its time was over.
    #[error("the app was still computing after its limit of {} ms", limit.as_millis())]
    Interrupted {
        /// The limit.
        limit: Duration,
    },
    /// 532/3011: the app was still waiting when its time was over.
    #[error("the app was still waiting after its limit of {} ms", limit.as_millis())]
    Elapsed {
        /// The limit.
        limit: Duration,
    },
    /// 533/3002: the app exited by itself, with a status other than 0.
    #[error("the app exited with status {0}")]
    Exit(i32),
    /// 533/3003: the app trapped; a panic is one.
    #[error("the app crashed: {0}")]
    Trap(String),
}

impl Failure {
    /// The status of the answer, and the platform's number for the reason.
    pub fn statuses(&self) -> (u16, u16) {
        match self {
            Failure::SetUp(_) => (530, 3000),
            Failure::Execution(_) => (530, 3001),
            Failure::OutOfMemory { .. } => (531, 3020),
            Failure::Interrupted { .. } => (532, 3010),
            Failure::Elapsed { .. } => (532, 3011),
            Failure::Exit(_) => (533, 3002),
            Failure::Trap(_) => (533, 3003),
        }
    }

    /// What a client may know: nothing that the app itself has said.
    fn brief(&self) -> &'static str {
        match self {
            Failure::SetUp(_) => "no instance of the app could be made",
            Failure::Execution(_) => "the app gave no usable answer",
            Failure::OutOfMemory { .. } => "the app wanted more memory than it may have",
            Failure::Interrupted { .. } | Failure::Elapsed { .. } => "the app took too long",
            Failure::Exit(_) => "the app exited",
            Failure::Trap(_) => "the app crashed",
        }
    }

    /// What an error of wasmtime means, unless the instance was refused memory before.
    pub(crate) fn of_call(error: &wasmtime::Error, time_limit: Duration) -> Self {
        match error.downcast_ref() {
            Some(I32Exit(0)) => return Failure::Execution("it exited without one".to_owned()),
            Some(I32Exit(status)) => return Failure::Exit(*status),
            None => {}
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => Failure::Interrupted { limit: time_limit },
            Some(trap) => Failure::Trap(match trap {
                Trap::UnreachableCodeReached => {
                    "it panicked, or ran into unreachable code".to_owned()
                }
                trap => trap.to_string(),
            }),
            None => Failure::Execution(format!("{error:#}")),
        }
    }

    pub(crate) fn response(&self) -> Response<Bytes> {
        let (status, reason) = self.statuses();
        let text = format!("{status}/{reason}: {}\n", self.brief());
        let mut response = Response::new(Bytes::from(text));
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(INTERNAL_STATUS, HeaderValue::from(reason));
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        response
    }
}
