//! What can be in a filter.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An item of a [`Filter`](super::Filter): text, bytes, integers of a fixed width, IP addresses.
///
/// A filter is built on one machine and read on another, so an item's bytes are the same on all.
/// That is not so for the standard library's `Hash`, which writes lengths and discriminants as wide
/// as the machine's pointers: a filter of such items, built natively, would miss them in WebAssembly.
/// `usize` and `isize` are therefore no items:
///
/// ```compile_fail
/// let filter = fastedge::bloom::Filter::<usize>::new(10, 0.01);
/// ```
///
/// What consists of several things is written as text that tells them apart.
pub trait Item: sealed::Sealed {
    /// The type's number in the format.
    #[doc(hidden)]
    const KIND: u8;

    /// Hands over the item's bytes.
    #[doc(hidden)]
    fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R;
}

mod sealed {
    pub trait Sealed {}
}

/// What a type's number stands for, in the words of an error.
pub(super) fn name_of(kind: u8) -> Option<&'static str> {
    let name = match kind {
        1 => "text",
        2 => "bytes",
        3 => "IP addresses",
        4 => "IPv4 addresses",
        5 => "IPv6 addresses",
        0x11 => "u8",
        0x12 => "u16",
        0x14 => "u32",
        0x18 => "u64",
        0x1f => "u128",
        0x21 => "i8",
        0x22 => "i16",
        0x24 => "i32",
        0x28 => "i64",
        0x2f => "i128",
        _ => return None,
    };
    Some(name)
}

macro_rules! items {
    ($([$($generic:tt)*] $type:ty, $kind:expr, $item:ident => $bytes:expr;)*) => {
        $(
            impl $($generic)* sealed::Sealed for $type {}

            impl $($generic)* Item for $type {
                const KIND: u8 = $kind;

                fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
                    let $item = self;
                    take(&$bytes)
                }
            }
        )*
    };
}

items! {
    [] str, 1, item => *item.as_bytes();
    [] [u8], 2, item => *item;
    [<const N: usize>] [u8; N], 2, item => *item;
    [] Ipv4Addr, 4, item => item.octets();
    [] Ipv6Addr, 5, item => item.octets();
    [] u8, 0x11, item => item.to_le_bytes();
    [] u16, 0x12, item => item.to_le_bytes();
    [] u32, 0x14, item => item.to_le_bytes();
    [] u64, 0x18, item => item.to_le_bytes();
    [] u128, 0x1f, item => item.to_le_bytes();
    [] i8, 0x21, item => item.to_le_bytes();
    [] i16, 0x22, item => item.to_le_bytes();
    [] i32, 0x24, item => item.to_le_bytes();
    [] i64, 0x28, item => item.to_le_bytes();
    [] i128, 0x2f, item => item.to_le_bytes();
}

impl sealed::Sealed for IpAddr {}

/// The octets: four of them are one address, sixteen another.
impl Item for IpAddr {
    const KIND: u8 = 3;

    fn with_bytes<R>(&self, take: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            IpAddr::V4(v4) => take(&v4.octets()),
            IpAddr::V6(v6) => take(&v6.octets()),
        }
    }
}
