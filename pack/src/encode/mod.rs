//! Entries become bytes: one body, or shards.

mod column;
mod countries;
mod cut;
mod hashed;
mod ipv4;
mod ipv6;
mod numbers;
mod payloads;
mod root;
mod tree;

pub(crate) use self::countries::countries;
pub(crate) use self::cut::{Layer, cut};
pub(crate) use self::hashed::hashed;
pub(crate) use self::ipv4::Ipv4;
pub(crate) use self::ipv6::Ipv6;
pub(crate) use self::numbers::Numbers;
pub(crate) use self::payloads::{MAX_VALUE_BYTES, NOTHING, Payloads, Values};
pub(crate) use self::root::{MAX_ROOT_BYTES, RootParts, SectionParts, write_root};
pub(crate) use self::tree::{Tree, TreeEntry};

/// The most that a shard has, with its header: 16 KB, and more where the manifest would outgrow shards.
const SHARD_BYTES: [usize; 3] = [16_000, 32_000, 64_000];

/// The largest list that is one value.
pub(crate) const INLINE_BYTES: usize = 64 * 1024;
