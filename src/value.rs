//! A stored value, and what it can be read as.

use std::any::type_name;
use std::fmt::Display;
use std::ops::Deref;
use std::str::FromStr;

use serde::de::DeserializeOwned;

/// The bytes of a stored value, with the readings that an app needs.
///
/// It is what `KvStore::get` and `Cache::get` answer. Reading costs no host call. The errors say
/// what is wrong with the bytes, but not where they are from: `get_text`, `get_json` and
/// `get_parsed` of the store or the cache name the key as well.
///
/// ```
/// use fastedge::Value;
///
/// let value = Value::from(b"42".to_vec());
/// assert_eq!(value.parse::<u64>()?, 42);
/// assert_eq!(value.as_text()?, "42");
/// assert_eq!(value.json::<i32>()?, 42);
/// assert!(value.parse::<std::net::IpAddr>().is_err());
/// # Ok::<(), fastedge::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(Vec<u8>);

impl Value {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The value as text.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Utf8`] if the bytes are not UTF-8.
    pub fn as_text(&self) -> Result<&str, DecodeError> {
        Ok(str::from_utf8(&self.0)?)
    }

    /// The value as text, without a copy.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Utf8`] if the bytes are not UTF-8.
    pub fn into_text(self) -> Result<String, DecodeError> {
        text(self.0)
    }

    /// The value read as JSON.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Json`] if the bytes are not JSON, or not of the shape of `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        json(&self.0)
    }

    /// The value's text read with [`FromStr`].
    ///
    /// # Errors
    ///
    /// [`DecodeError::Utf8`] if the bytes are not UTF-8, [`DecodeError::Parse`] if `T` does not
    /// take the text.
    pub fn parse<T>(&self) -> Result<T, DecodeError>
    where
        T: FromStr,
        T::Err: Display,
    {
        parse(&self.0)
    }
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Value(bytes)
    }
}

impl From<Value> for Vec<u8> {
    fn from(value: Value) -> Self {
        value.0
    }
}

/// Why bytes cannot be read as what was asked for.
///
/// Like all errors of this crate that hold another one, it says all of it in its own text, and has
/// no `source`: a chain of causes, printed, says nothing twice.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 text: {0}")]
    Utf8(std::str::Utf8Error),
    /// The bytes are not JSON, or not of the expected shape.
    #[error("not the expected JSON: {0}")]
    Json(serde_json::Error),
    /// The text is not one that the type takes.
    #[error("not a valid {type_name}: {reason}")]
    Parse {
        /// The type that was asked for.
        type_name: &'static str,
        /// What its [`FromStr`] said.
        reason: String,
    },
    /// A [codec](crate::codec) does not take the bytes, in its own words.
    #[error("{0}")]
    Codec(String),
}

impl From<std::str::Utf8Error> for DecodeError {
    fn from(error: std::str::Utf8Error) -> Self {
        DecodeError::Utf8(error)
    }
}

impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        DecodeError::Json(error)
    }
}

pub(crate) fn text(bytes: Vec<u8>) -> Result<String, DecodeError> {
    String::from_utf8(bytes).map_err(|error| error.utf8_error().into())
}

pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    Ok(serde_json::from_slice(bytes)?)
}

pub(crate) fn parse<T>(bytes: &[u8]) -> Result<T, DecodeError>
where
    T: FromStr,
    T::Err: Display,
{
    let text = str::from_utf8(bytes)?;
    text.parse().map_err(|reason: T::Err| DecodeError::Parse {
        type_name: type_name::<T>(),
        reason: reason.to_string(),
    })
}
