//! Bloom filters in one value, which the app answers from itself.
//!
//! A [`Filter`] says of an item that it is certainly not in a set, or that it may be. It is built
//! where the set is known, in a tool or in another app, written to one value of a store, and read by
//! the app with one host call; every question after that costs no call at all. Against the filter that
//! [the host answers from](crate::kv_store::BloomFilter): better for several questions a request,
//! worse for one question to a large filter, whose bytes are all fetched.
//!
//! ```
//! use fastedge::bloom::Filter;
//! use fastedge::{Key, KvStore};
//! # use fastedge_mock_host::MockHost;
//!
//! static BREACHED: Key<Filter<str>> = Key::new("breached-passwords");
//!
//! // The tool: for up to 1,000 items, of which one in a hundred questions is answered wrongly.
//! let mut filter = Filter::new(1_000, 0.01)?;
//! filter.insert("hunter2");
//! let value = BREACHED.encode(&filter)?;
//! assert_eq!(value.len(), 1_259);
//!
//! // The app:
//! # let edge = MockHost::new().kv("lists", |kv| kv.set(BREACHED.name(), value));
//! # let _installed = edge.install();
//! let breached = KvStore::open("lists")?.read(&BREACHED)?.expect("the list is published");
//! assert!(breached.contains("hunter2"));
//! assert!(!breached.contains("correct horse battery staple"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Of 10,000 items, a filter at 1% is a tenth of a JSON list's bytes, and asking whether one item is in it
//! takes 4,244 instructions from the store's answer on, against 15.6 million for the list, parsed into
//! a `HashSet` (`benches/costs/formats.rs`).
//!
//! # Size
//!
//! A filter for `n` items at rate `p` has 53 bytes and, for many items, `n * ln(1/p) / (8 * ln(2)^2)` more. One
//! for few items has up to a half more than that, to keep to its rate in spite of chance, and at least
//! `sqrt(40 * n / p) / 8`, since all bits of an item follow from two hashes: 844 bytes for 100 items at
//! 0.01%.
//!
//! | rate | bytes an item | items in the largest value |
//! |---|---|---|
//! | 10% | 0.6 | 1,669,000 |
//! | 1% | 1.2 | 834,000 |
//! | 0.1% | 1.8 | 555,000 |
//!
//! # Format
//!
//! The bytes are those of the crate [`bloomfilter`](https://docs.rs/bloomfilter) 3 (version 1, length,
//! number of hash functions `k`, two SipHash keys, bits; integers little-endian), and eight more at
//! the end, so that they need not be moved to be read: the items' type, the format's version (1),
//! and `FEBLOO`. An item is hashed to 128 bits with SipHash-1-3 under the first key, and that, as
//! 16 little-endian bytes, is the item of the inner filter. Its `k` bits come from the two SipHash-1-3
//! hashes `a` and `b`: `a`, `b`, and `(a + i * b) mod (2^64 - 59)`, each modulo the number of bits.

mod error;
mod filter;
mod item;

pub use self::error::FilterError;
pub use self::filter::{Filter, MAX_RATE, MIN_RATE};
pub use self::item::Item;
