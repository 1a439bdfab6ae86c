//! Bodies: whole, in memory.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::value::{self, DecodeError};

/// The body of a request or a response: its bytes, all of them.
///
/// The platform hands bodies over whole, and limits them to 1 MB (basic plan) or 5 MB (pro).
///
/// ```
/// use fastedge::body::Body;
///
/// let body = Body::from("42");
/// assert_eq!(body.len(), 2);
/// assert_eq!(body.as_text()?, "42");
/// assert_eq!(body.parse::<u8>()?, 42);
/// assert!(Body::empty().is_empty());
/// assert_eq!(Body::json(&[1, 2])?.as_bytes(), b"[1,2]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Body(Vec<u8>);

impl Body {
    /// No bytes.
    pub const fn empty() -> Self {
        Body(Vec::new())
    }

    /// A value written as JSON. The content type is the caller's to set;
    /// [`http::json`](crate::http::json) sets it.
    ///
    /// # Errors
    ///
    /// If the value cannot be written as JSON, as a map whose keys are not strings.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_vec(value).map(Body)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Utf8`] if it is not UTF-8.
    pub fn as_text(&self) -> Result<&str, DecodeError> {
        Ok(str::from_utf8(&self.0)?)
    }

    /// The body read as JSON.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Json`] if it is not JSON of the shape of `T`.
    pub fn read_json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        value::json(&self.0)
    }

    /// The body's text read with [`FromStr`].
    ///
    /// # Errors
    ///
    /// [`DecodeError::Utf8`] if it is not UTF-8, [`DecodeError::Parse`] if `T` does not take it.
    pub fn parse<T>(&self) -> Result<T, DecodeError>
    where
        T: FromStr,
        T::Err: Display,
    {
        value::parse(&self.0)
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body(text.into_bytes())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Body(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Self {
        Body(bytes.to_vec())
    }
}

impl From<()> for Body {
    fn from((): ()) -> Self {
        Body::empty()
    }
}

impl From<crate::Value> for Body {
    fn from(value: crate::Value) -> Self {
        Body(value.into_bytes())
    }
}

impl From<Body> for Vec<u8> {
    fn from(body: Body) -> Self {
        body.0
    }
}
