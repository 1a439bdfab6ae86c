//! Compact binary values.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Decode, Encode, EncodeError};
use crate::value::DecodeError;

/// The codec for [postcard](https://docs.rs/postcard), whose format is fixed by its specification.
///
/// The bytes do not say what they are: they are read with the type that wrote them, or not at all.
/// Bytes that are left over are an error, not ignored. A type that contains itself, such as a tree,
/// is read as deep as the bytes say, which can exhaust the stack: read only what your own tools have
/// written, or use [`Json`](super::Json), which limits the depth.
///
/// ```
/// use fastedge::codec::{Decode, Encode, Postcard};
///
/// let bytes = Postcard::<(u32, String)>::encode(&(7, "tea".to_owned()))?;
/// assert_eq!(bytes, b"\x07\x03tea");
/// assert_eq!(Postcard::<(u32, String)>::decode(bytes)?, (7, "tea".to_owned()));
/// assert!(Postcard::<u8>::decode(b"\x01\x02".to_vec()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Postcard<T>(PhantomData<fn() -> T>);

impl<T: DeserializeOwned> Decode for Postcard<T> {
    type Value = T;

    fn decode(bytes: Vec<u8>) -> Result<T, DecodeError> {
        match ::postcard::take_from_bytes(&bytes) {
            Ok((value, [])) => Ok(value),
            Ok((_, rest)) => Err(DecodeError::Codec(format!(
                "not the expected postcard: {} bytes are left over",
                rest.len()
            ))),
            Err(error) => Err(DecodeError::Codec(format!(
                "not the expected postcard: {error}"
            ))),
        }
    }
}

impl<T: Serialize> Encode for Postcard<T> {
    type Borrowed = T;

    fn encode(value: &T) -> Result<Vec<u8>, EncodeError> {
        ::postcard::to_allocvec(value).map_err(EncodeError::new)
    }
}
