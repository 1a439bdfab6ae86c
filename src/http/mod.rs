//! Requests and responses, both ways.
//!
//! The types are those of the [`http`](https://docs.rs/http) crate, with [`Body`] for a body.
//!
//! | to | use |
//! |---|---|
//! | answer requests | [`#[fastedge::http]`](macro@crate::http) on a function |
//! | answer JSON or text in one line | [`json`], [`text`] |
//! | say what is wrong, for programs | [`Problem`] |
//! | know who asks, and from where | [`ClientInfo`] |
//! | send a request | [`send_request`] |
//! | let `?` turn any of the crate's errors into one | [`Error`] |

mod client_info;
pub(crate) mod cookie;
mod error;
pub(crate) mod handler;
pub(crate) mod host;
mod problem;
mod reply;
mod send;
pub(crate) mod stored;

pub use ::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    Version, header, method, request, response, status, uri,
};

pub use self::client_info::{
    ClientInfo, ClientInfoError, Coordinates, CountryCode, InvalidCountryCode,
};
pub use self::error::Error;
pub use self::problem::Problem;
pub use self::reply::{json, text};
pub use self::send::{MAX_BODY_BYTES, SendError, send_request};
pub use crate::body::Body;
