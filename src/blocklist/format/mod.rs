//! The bytes of packed lists, for tools that write or explain them.
//!
//! `docs/packed-lists.md` describes them byte by byte. What is here reads them in place: parsing checks the
//! lengths, and nothing is copied. Integers are little-endian, except for keys that are compared as bytes.

mod addresses_v4;
mod addresses_v6;
mod bytes;
mod column;
mod countries;
mod hashed;
mod header;
mod payload;
mod root;
mod text;
mod tree;

pub use self::addresses_v4::{Ipv4Body, Ipv4Range};
pub use self::addresses_v6::Ipv6Body;
pub use self::bytes::Malformed;
pub use self::column::Column;
pub use self::countries::{COUNTRY_BYTES, CountryBody, country_number};
pub use self::hashed::{HashedBody, REMAINDER_BYTES, hash, prefilter_item};
pub use self::header::{HEADER_BYTES, Header, Kind, MAGIC, Role, VERSION};
pub use self::payload::{Payload, PayloadKind};
pub use self::root::{DEFAULT_SALT, Fences, Layout, Root, SALT_BYTES, Section, Shards, shard_mark};
pub use self::text::{TEXTS_IN_BLOCK, TextBody, TextMatch, TextWalk};
pub use self::tree::{State, TreeBody};

/// An entry that a question has found: what is left is what it carries.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'a> {
    /// The entry's number among those of the body.
    pub index: usize,
    /// How many entries the body has.
    pub entries: usize,
    /// What follows the entries: their payloads.
    pub payload: &'a [u8],
}
