//! Edge Storage: durable, replicated to every location, read-only for apps.
//!
//! A store is filled through the platform's REST API and linked to an app under a name. What is
//! written reaches every location within seconds, key by key, in no particular order; a location
//! may go on answering a value (or the absence of one) that it has read in the last 30 seconds.
//! For state that an app changes itself there is the [cache](crate::cache).
//!
//! | read | answers | for |
//! |---|---|---|
//! | [`get`](KvStore::get) | [`Value`] | deciding later what it is |
//! | [`get_bytes`](KvStore::get_bytes) | `Vec<u8>` | anything |
//! | [`get_text`](KvStore::get_text) | `String` | text |
//! | [`get_json`](KvStore::get_json) | any `serde` type | documents |
//! | [`get_parsed`](KvStore::get_parsed) | anything [`FromStr`] | numbers, addresses, … |
//! | [`zrange_by_score`](KvStore::zrange_by_score), [`zscan`](KvStore::zscan) | members with scores | sorted sets |
//! | [`bf_exists`](KvStore::bf_exists) | `bool` | Bloom filters |
//! | [`scan`](KvStore::scan) | keys | listings |
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
