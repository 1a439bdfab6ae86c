//! Visitors who are nobody in particular, but the same ones as before.

use ::http::HeaderMap;
use ::http::header::{HeaderValue, SET_COOKIE};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::host;
use crate::http::cookie::{self, SameSite};

/// The cookie.
const NAME: &str = "__Host-visitor";

/// 400 days: browsers keep none for longer.
const SECONDS: u64 = 400 * 24 * 60 * 60;

/// A random number of this many bytes.
const BYTES: usize = 16;

/// An anonymous visitor, known again by a cookie: a stable targeting key, so that they stay in their share
/// of a rollout.
///
/// The cookie is `__Host-visitor; Secure; HttpOnly; SameSite=Lax` with 128 random bits, for 400 days. It is
/// not signed: whoever changes it gets other variants, as by a new browser. Where flags decide on more
/// than that, use the identity of a login. And it identifies a browser: whether it needs consent, is a
/// question to ask.
///
/// ```
/// use fastedge::flags::{EvaluationContext, Flags, Visitor};
/// use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
/// # use fastedge_mock_host::MockHost;
///
/// fn handler(request: Request<Body>) -> Result<Response<Body>, Error> {
///     let visitor = Visitor::of(request.headers())?;
///     let context = EvaluationContext::from_request(&request).with_targeting_key(visitor.id());
///     # let flags = Flags::from_json("{}");
///     let text = flags.string("greeting", "Hello!", &context);
///     let mut response = http::text(StatusCode::OK, text);
///     visitor.write_headers(response.headers_mut());
///     Ok(response)
/// }
/// # let edge = MockHost::new();
/// # let _installed = edge.install();
/// # let first = handler(Request::get("/").body(Body::empty()).unwrap())?;
/// # let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
/// # let again = handler(Request::get("/").header("cookie", cookie).body(Body::empty()).unwrap())?;
/// # assert!(!again.headers().contains_key("set-cookie"));
/// # Ok::<(), Error>(())
/// ```
///
/// An answer that sets the cookie is one visitor's: keep it out of shared caches, as
/// [`ResponseCache`](crate::cache::response_cache::ResponseCache) does by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    id: String,
    is_new: bool,
}

/// There is no randomness to be had for a new visitor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no random number for a new visitor: {0}")]
pub struct VisitorError(String);

impl Visitor {
    /// Who a request is from: the visitor of its cookie, or a new one.
    ///
    /// # Errors
    ///
    /// [`VisitorError`], for a new one, if the host has no randomness.
    pub fn of(headers: &HeaderMap) -> Result<Self, VisitorError> {
        let known = cookie::values(headers, NAME).find(|id| is_id(id));
        if let Some(id) = known {
            return Ok(Visitor {
                id: id.to_owned(),
                is_new: false,
            });
        }
        let mut bytes = [0; BYTES];
        host::random::fill(&mut bytes).map_err(|error| VisitorError(error.to_string()))?;
        Ok(Visitor {
            id: URL_SAFE_NO_PAD.encode(bytes),
            is_new: true,
        })
    }

    /// The visitor's targeting key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the request did not bring a cookie.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Sets the cookie of a new visitor.
    pub fn write_headers(&self, headers: &mut HeaderMap<HeaderValue>) {
        if !self.is_new {
            return;
        }
        // Both its parts are ASCII.
        if let Some(setting) = cookie::setting(NAME, &self.id, SECONDS, SameSite::Lax) {
            headers.append(SET_COOKIE, setting);
        }
    }
}

/// Whether a text is one that `of` has made.
fn is_id(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == BYTES)
}
