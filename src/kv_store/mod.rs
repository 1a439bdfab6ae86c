//! Edge Storage: durable, replicated to every location, read-only for apps.
//!
//! A store is filled through the platform's REST API and linked to an app under a name. What is
//! written reaches every location within seconds, key by key, in no particular order; a location
//! may go on answering a value (or the absence of one) that it has read in the last 30 seconds.
//! For state that an app changes itself there is the [cache](crate::cache).
//!
//! | read | answers | for |
//! |---|---|---|
//! | [`read`](KvStore::read) | what the [`Key`](crate::Key) says | what has a definition of its own |
//! | [`get`](KvStore::get) | [`Value`](crate::Value) | deciding later what it is |
//! | [`get_bytes`](KvStore::get_bytes) | `Vec<u8>` | anything |
//! | [`get_text`](KvStore::get_text) | `String` | text |
//! | [`get_json`](KvStore::get_json) | any `serde` type | documents |
//! | [`get_parsed`](KvStore::get_parsed) | anything [`FromStr`](std::str::FromStr) | numbers, addresses, … |
//! | [`sorted_set`](KvStore::sorted_set) | members by their scores | rankings, time series |
//! | [`pointer`](KvStore::pointer) | a number | what has to be seen promptly |
//! | [`bloom_filter`](KvStore::bloom_filter) | whether it may contain an item | large sets |
//! | [`scan`](KvStore::scan) | keys that match a [`Pattern`](crate::Pattern) | listings |
//!
//! [`zrange_by_score`](KvStore::zrange_by_score), [`zscan`](KvStore::zscan) and
//! [`bf_exists`](KvStore::bf_exists) are the host's calls as they are. An app that has the token of
//! the platform's API writes with a [`Writer`].
//!
//! A missing key is `Ok(None)`, an empty list or `false`; an [`Error`] is a failure.

mod access;
mod bloom_filter;
mod error;
mod pointer;
mod scan;
mod sorted_set;
mod store;
mod store_type;
mod writer;

pub use self::access::{Access, ReadOnly};
pub use self::bloom_filter::{BloomFilter, Membership, SENTINEL};
pub use self::error::{Error, ErrorKind};
pub use self::pointer::Pointer;
pub use self::scan::Keys;
pub use self::sorted_set::{ScoreRange, SortedSet};
pub use self::store::KvStore;
pub use self::store_type::StoreType;
pub use self::writer::{Deletion, Writer, Written};
