//! Membership in lists of up to tens of millions of entries, and values by them: one or two reads, and no parsing.
//!
//! Whether an address is in a listed network, a host under a listed domain, a path under a listed prefix, a token, an ASN or a
//! country in a set, and with which tag: lists are *packed* by a tool, which resolves what overlaps and which
//! exception counts, and read in place. `fastedge-mock pack` packs the files that people have (plain lists, CIDRs and
//! ranges, FireHOL, ipsum, Spamhaus DROP, hosts files, rules of ad blockers, …) and publishes them; `fastedge-pack` does the
//! same as a library, for build pipelines and tests. The bytes are described in `docs/packed-lists.md`.
//!
//! ```
//! use std::net::IpAddr;
//! use fastedge::KvStore;
//! use fastedge::blocklist::{Decision, IpList};
//! # use fastedge_mock_host::MockHost;
//! # use fastedge_pack::{LineOptions, ListRules, Subject};
//!
//! // In a test; on the platform, `fastedge-mock pack addresses threats.txt -o threats.packed`, and
//! // `fastedge-mock pack publish threats.packed lists threats`.
//! let mut rules = ListRules::new(Subject::Addresses);
//! let file = "# a feed\n192.0.2.0/24\n198.51.100.1-198.51.100.9\n";
//! rules.read(file.as_bytes(), "threats.txt", &LineOptions::default(), &mut |problem| panic!("{problem}"))?;
//! let packed = rules.pack()?;
//! let edge = MockHost::new().kv("lists", |kv| {
//!     packed.values("threats", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
//! });
//! let _installed = edge.install();
//!
//! let store = KvStore::open("lists")?;
//! let threats = IpList::new(&store, "threats");
//! let address: IpAddr = "198.51.100.7".parse()?;
//! // Where the list cannot be read, the address is let in, and the log says so.
//! let decision = Decision::fail_open(threats.check(address));
//! if let Some(error) = decision.fell_back() {
//!     println!("{address} is let in unchecked: {error}");
//! }
//! assert!(decision.is_listed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to ask about | use |
//! |---|---|
//! | an address | [`IpList`] |
//! | a host, an e-mail's domain | [`DomainList`] |
//! | a path | [`PathList`] |
//! | a token, a fingerprint, a hash of a password | [`TokenSet`] |
//! | an autonomous system, a country | [`AsnList`], [`CountryList`] |
//! | a value by one of them: a redirect, a network's location, a tenant's settings | [`LookupTable`] |
//! | several lists, of those allowed and those denied | [`Rules`] |
//! | what is done when a list cannot be read | [`Decision`] |
//!
//! # What it costs
//!
//! A list of up to 64 KB is one value and one read. A larger one has a *manifest*, which says where each of its *shards* of some
//! 16 KB begins: a question takes two reads, or one, if it is before the first entry; further questions to the same list share
//! them. In WebAssembly, with the store in memory, a fresh instance for each request, beyond an empty one
//! (`benches/costs/lists.rs`; the bytes are the most that a question fetched):
//!
//! | list | reads | bytes | instructions |
//! |---|---|---|---|
//! | 62,000 addresses: JSON, parsed into a `HashSet` | 1 | 1,009,669 | 164,874,758 |
//! | 62,000 addresses: `iprange`, by `postcard` | 1 | 2,132,717 | 528,651,769 |
//! | 62,000 addresses: `prefix-trie`, by `postcard` | 1 | 310,003 | 78,297,828 |
//! | 62,000 addresses | 2 | 15,188 | 10,510 |
//! | 62,000 IPv6 addresses | 2 | 16,768 | 18,377 |
//! | 62,000 tokens | 2 | 12,406 | 9,577 |
//! | 62,000 domains | 2 | 15,732 | 19,064 |
//! | 1M addresses | 2 | 15,908 | 10,886 |
//! | 1M IPv6 addresses | 2 | 27,918 | 19,330 |
//! | 1M tokens | 2 | 13,618 | 9,692 |
//! | 1M domains | 2 | 24,853 | 20,398 |
//! | 10M addresses | 2 | 21,992 | 11,287 |
//! | 10M IPv6 addresses | 2 | 85,763 | 19,760 |
//! | 10M tokens | 2 | 19,674 | 9,901 |
//! | 10M domains | 2 | 82,233 | 21,693 |
//!
//! In time the packed 62,000 addresses take some 5 microseconds, and the JSON 16,000 (`docs/benchmarks.md`).
//!
//! A Bloom filter of the host can be asked [first](TokenSet::with_prefilter), which copies nothing. It is worth it where nearly
//! nobody is listed and the list is of some ten thousand: the platform takes 94 items a second.
//!
//! # When a change is seen
//!
//! A node keeps what it has read for some 30 seconds, so for that long after a list is published some requests are answered by the
//! generation before, and some by the new one; each answer is of one of them, and says of which. With a [prompt
//! pointer](IpList::with_prompt_pointer), in a sorted set, the new one is seen as soon as it is replicated. Where a part of a
//! generation has not arrived, the generation before answers; where that is not there either, the answer is
//! [`ErrorKind::Unavailable`].

pub mod canonical;
mod error;
pub mod format;
mod list;
mod packed;
mod rules;
mod verdict;

pub use self::error::{Error, ErrorKind};
pub use self::list::{
    AsnList, CountryList, DomainList, IpList, LookupTable, PathList, TokenSet, by,
};
pub use self::rules::{Checks, Rules, Ruling};
pub use self::verdict::{Decision, Says, Verdict};
