//! Outbound requests: the interfaces `http` and `http-client`.

use crate::NoHostInstalled;

/// The host interface `http-client`.
pub trait HttpClient: Send + Sync {
    /// Sends a request and waits for the whole answer.
    fn send_request(&self, request: Request) -> Result<Response, HttpError>;
}

/// The methods that the interface knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `HEAD`
    Head,
    /// `PATCH`
    Patch,
    /// `OPTIONS`
    Options,
}

impl Method {
    /// The method with this name in HTTP, if the interface knows it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "GET" => Some(Method::Get),
            "POST" => Some(Method::Post),
            "PUT" => Some(Method::Put),
            "DELETE" => Some(Method::Delete),
            "HEAD" => Some(Method::Head),
            "PATCH" => Some(Method::Patch),
            "OPTIONS" => Some(Method::Options),
            _ => None,
        }
    }

    /// The method's name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Head => "HEAD",
            Method::Patch => "PATCH",
            Method::Options => "OPTIONS",
        }
    }
}

/// A request as the interface carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// One of those that the interface knows.
    pub method: Method,
    /// Absolute; of a request to an app, mostly in origin form.
    pub uri: String,
    /// Names and values, which nobody has looked at.
    pub headers: Vec<(String, String)>,
    /// `None` is that there is none.
    pub body: Option<Vec<u8>>,
}

/// A response as the interface carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Any number: hosts do not look at it.
    pub status: u16,
    /// Names and values; `None` is that there are none.
    pub headers: Option<Vec<(String, String)>>,
    /// `None` is that there is none.
    pub body: Option<Vec<u8>>,
}

/// How an outbound request fails: the interface's own words, which are these and no others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The host reports a failure and calls it a success.
    #[error("success: the host answered an error without a reason")]
    Success,
    /// The host does not let the app talk to this destination.
    #[error("destination-not-allowed: the host does not let the app talk to this address")]
    DestinationNotAllowed,
    /// The host could not use the URL.
    #[error("invalid-url: the host could not use this URL")]
    InvalidUrl,
    /// The exchange with the destination failed.
    #[error("request-error: the exchange with the destination failed")]
    RequestError,
    /// The host failed.
    #[error("runtime-error: the host could not send it")]
    RuntimeError,
    /// The app has used up its outbound requests.
    #[error("too-many-requests: the app has used up its outbound requests")]
    TooManyRequests,
    /// There is no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}
