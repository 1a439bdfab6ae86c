//! Values that are written as their text.

use std::fmt::Display;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::str::FromStr;

use super::{Decode, Encode, EncodeError};
use crate::value::{self, DecodeError};

/// The codec for anything that has a text: [`Display`] writes it, [`FromStr`] reads it.
///
/// ```
/// use fastedge::codec::{Decode, Encode, Parsed};
/// use fastedge::http::Uri;
///
/// let bytes = Parsed::<Uri>::encode(&Uri::from_static("/tea"))?;
/// assert_eq!(bytes, b"/tea");
/// assert_eq!(Parsed::<Uri>::decode(bytes)?.path(), "/tea");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Parsed<T>(PhantomData<fn() -> T>);

impl<T> Decode for Parsed<T>
where
    T: FromStr,
    T::Err: Display,
{
    type Value = T;

    #[inline]
    fn decode(bytes: Vec<u8>) -> Result<T, DecodeError> {
        value::parse(&bytes)
    }
}

impl<T: Display> Encode for Parsed<T> {
    type Borrowed = T;

    #[inline]
    fn encode(value: &T) -> Result<Vec<u8>, EncodeError> {
        Ok(value.to_string().into_bytes())
    }
}

/// The standard library's types with a text stand for themselves.
macro_rules! as_text {
    ($($type:ty)*) => {
        $(
            impl Decode for $type {
                type Value = $type;

                #[inline]
                fn decode(bytes: Vec<u8>) -> Result<$type, DecodeError> {
                    Parsed::<$type>::decode(bytes)
                }
            }

            impl Encode for $type {
                type Borrowed = $type;

                #[inline]
                fn encode(value: &$type) -> Result<Vec<u8>, EncodeError> {
                    Parsed::<$type>::encode(value)
                }
            }
        )*
    };
}

as_text! {
    u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char
    IpAddr Ipv4Addr Ipv6Addr SocketAddr SocketAddrV4 SocketAddrV6
}
