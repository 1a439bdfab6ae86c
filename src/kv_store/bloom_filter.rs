//! Bloom filters that the host answers from.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::sync::OnceLock;

#[cfg(doc)]
use super::ErrorKind;
use super::access::{Access, ReadOnly};
use super::{Error, KvStore};

/// The item that a filter contains to say that it is there: see [`BloomFilter::lookup`].
pub const SENTINEL: &str = "fastedge:sentinel";

/// A Bloom filter of a store, which the host keeps and answers from.
///
/// It is asked for an item at a time, and the filter stays where it is: right for large filters
/// and single questions. For many questions in one request there is the filter in one value that the
/// app answers itself: [`bloom`](crate::bloom).
///
/// Items are asked for by their text: text itself, a number, an address, anything with
/// [`Display`].
///
/// ```
/// use std::net::IpAddr;
/// use fastedge::KvStore;
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new()
/// #     .kv("lists", |kv| kv.bloom_filter("blocked", ["203.0.113.7", "fastedge:sentinel"]));
/// # let _installed = edge.install();
///
/// let store = KvStore::open("lists")?;
/// let address: IpAddr = [203, 0, 113, 7].into();
/// assert!(store.bloom_filter("blocked").contains(address)?);
/// # Ok::<(), fastedge::kv_store::Error>(())
/// ```
pub struct BloomFilter<'a, A = ReadOnly> {
    pub(super) store: &'a KvStore<A>,
    pub(super) key: Cow<'a, str>,
    /// Whether the sentinel is in the filter, once that has been asked.
    is_there: OnceLock<bool>,
}

/// What a Bloom filter says of an item: see [`BloomFilter::lookup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Membership {
    /// The item may be in the filter; wrong at the rate that the filter was made for.
    Possible,
    /// The item is certainly not in the filter.
    Absent,
    /// There is no filter that could say: none has been written or replicated yet, the key holds
    /// another type, or the filter was made without the sentinel.
    NoFilter,
}

impl<A: Access> BloomFilter<'_, A> {
    /// The key at which the filter is.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether the filter may contain an item: `false` is certain, `true` is wrong at the rate that
    /// the filter was made for. One host call.
    ///
    /// A missing filter, and a key of another type, contain nothing: where that is not good
    /// enough, ask [`lookup`](Self::lookup).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the host fails.
    pub fn contains(&self, item: impl Display) -> Result<bool, Error> {
        self.store.bf_exists(&self.key, &item.to_string())
    }

    /// Whether the filter may contain an item, and whether there is a filter at all.
    ///
    /// The host answers the same for a missing filter as for an item that is not in it. So by
    /// convention a filter contains [`SENTINEL`] as well, which whoever makes the filter adds:
    /// [`Entry::bloom_filter`](crate::edge_storage_api::Entry::bloom_filter) does.
    ///
    /// One host call where the item may be in the filter, two otherwise; the second only once for a
    /// `BloomFilter`, however many items it is asked for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the host fails.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::kv_store::{Membership, SENTINEL};
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let edge = MockHost::new().kv("lists", |kv| kv.bloom_filter("blocked", ["mallory", SENTINEL]));
    /// let _installed = edge.install();
    /// let store = KvStore::open("lists")?;
    ///
    /// let blocked = store.bloom_filter("blocked");
    /// assert_eq!(blocked.lookup("mallory")?, Membership::Possible);
    /// assert_eq!(blocked.lookup("ann")?, Membership::Absent);
    /// let other = store.bloom_filter("not replicated yet");
    /// assert_eq!(other.lookup("mallory")?, Membership::NoFilter);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn lookup(&self, item: impl Display) -> Result<Membership, Error> {
        if self.contains(item)? {
            return Ok(Membership::Possible);
        }
        let is_there = match self.is_there.get() {
            Some(is_there) => *is_there,
            None => {
                let is_there = self.contains(SENTINEL)?;
                *self.is_there.get_or_init(|| is_there)
            }
        };
        Ok(match is_there {
            true => Membership::Absent,
            false => Membership::NoFilter,
        })
    }
}

impl<A> fmt::Debug for BloomFilter<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BloomFilter")
            .field("store", &self.store)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Bloom filters, by name; and the read of the host's interface.
impl<A: Access> KvStore<A> {
    /// The Bloom filter at `key`. No host call: its methods are.
    pub fn bloom_filter<'a>(&'a self, key: impl Into<Cow<'a, str>>) -> BloomFilter<'a, A> {
        BloomFilter {
            store: self,
            key: key.into(),
            is_there: OnceLock::new(),
        }
    }

    /// Whether the Bloom filter at `key` may contain `item`: `false` is certain, `true` is wrong
    /// at the rate that the filter was made for.
    ///
    /// A missing key, and a key of another type, answer `false`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the host fails.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new().kv("lists", |kv| kv.bloom_filter("blocked", ["203.0.113.7"]));
    /// # let _installed = edge.install();
    ///
    /// let store = KvStore::open("lists")?;
    /// assert!(store.bf_exists("blocked", "203.0.113.7")?);
    /// assert!(!store.bf_exists("no such filter", "203.0.113.7")?);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    #[inline]
    pub fn bf_exists(&self, key: &str, item: &str) -> Result<bool, Error> {
        self.access.bf_exists(&self.store, key, item)
    }
}
