//! How a value is written as bytes, and read back.
//!
//! A codec is a type that names both directions at once, so that the app, its tests and the tool
//! that fills a store cannot disagree. It is a type parameter: of a [`Key`](crate::Key), of the
//! members of a [`SortedSet`](crate::kv_store::SortedSet).
//!
//! | codec | writes | reads | bytes |
//! |---|---|---|---|
//! | `String` | `str` | `String` | the text |
//! | `Vec<u8>` | `[u8]` | `Vec<u8>` | as they are |
//! | integers, `f64`, `bool`, `char`, IP and socket addresses | the value | the value | its text, as [`Display`](std::fmt::Display) and [`FromStr`](std::str::FromStr) have it |
//! | [`Parsed<T>`] | `T` | `T` | its text, for any other `T` with both |
//! | [`Json<T>`] | `T` | `T` | JSON |
//! | [`Postcard<T>`](postcard::Postcard) (feature `postcard`) | `T` | `T` | [postcard](https://docs.rs/postcard): compact, not self-describing |
//!
//! Text and JSON are read by tools in other languages, and survive a change of the type that adds a
//! field with a default. Postcard is smaller and cheaper to read: 100 records of six fields take 41% of
//! JSON's bytes and 38% of its instructions (`benches/costs/formats.rs`). A change of the type is a change
//! of the format there, so put a version into the key's name.

#[cfg(feature = "postcard")]
pub mod postcard;
mod text;

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "postcard")]
pub use self::postcard::Postcard;
pub use self::text::Parsed;
use crate::value::{self, DecodeError};

/// Reads values of one type from bytes: see the [module](self).
///
/// ```
/// use fastedge::codec::{Decode, Encode, Json};
///
/// assert_eq!(u64::encode(&42)?, b"42");
/// assert_eq!(u64::decode(b"42".to_vec())?, 42);
/// assert_eq!(String::encode("tea")?, b"tea");
/// assert_eq!(Json::<Vec<u8>>::decode(b"[1, 2]".to_vec())?, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Decode {
    /// What is read.
    type Value;

    /// Reads a value. The bytes are handed over, so that text and bytes need no copy.
    ///
    /// # Errors
    ///
    /// If these bytes are no such value, with the reason.
    fn decode(bytes: Vec<u8>) -> Result<Self::Value, DecodeError>;
}

/// Writes values of one type as bytes: see the [module](self).
pub trait Encode {
    /// What is written: borrowed, so that a `str` need not become a `String` first.
    type Borrowed: ?Sized;

    /// Writes a value.
    ///
    /// # Errors
    ///
    /// If the value cannot be written: a map in JSON whose keys are not text, for one. Text and
    /// bytes always can.
    fn encode(value: &Self::Borrowed) -> Result<Vec<u8>, EncodeError>;
}

/// Why a value cannot be written as bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EncodeError(String);

impl EncodeError {
    /// The reason, for a codec of one's own.
    pub fn new(reason: impl ToString) -> Self {
        EncodeError(reason.to_string())
    }
}

/// The codec for text.
impl Decode for String {
    type Value = String;

    #[inline]
    fn decode(bytes: Vec<u8>) -> Result<String, DecodeError> {
        value::text(bytes)
    }
}

impl Encode for String {
    type Borrowed = str;

    #[inline]
    fn encode(value: &str) -> Result<Vec<u8>, EncodeError> {
        Ok(value.as_bytes().to_vec())
    }
}

/// The codec for bytes.
impl Decode for Vec<u8> {
    type Value = Vec<u8>;

    #[inline]
    fn decode(bytes: Vec<u8>) -> Result<Vec<u8>, DecodeError> {
        Ok(bytes)
    }
}

impl Encode for Vec<u8> {
    type Borrowed = [u8];

    #[inline]
    fn encode(value: &[u8]) -> Result<Vec<u8>, EncodeError> {
        Ok(value.to_vec())
    }
}

/// The codec for JSON.
#[derive(Debug)]
pub struct Json<T>(PhantomData<fn() -> T>);

impl<T: DeserializeOwned> Decode for Json<T> {
    type Value = T;

    #[inline]
    fn decode(bytes: Vec<u8>) -> Result<T, DecodeError> {
        value::json(&bytes)
    }
}

impl<T: Serialize> Encode for Json<T> {
    type Borrowed = T;

    #[inline]
    fn encode(value: &T) -> Result<Vec<u8>, EncodeError> {
        serde_json::to_vec(value).map_err(EncodeError::new)
    }
}
