//! Writing to a store from an app.

mod recent;
mod writes;

use self::recent::Recent;
use super::access::{Access, OpenStore, ReadOnly, Reads};
use super::{Error, KvStore};
use crate::cache::Ttl;
use crate::edge_storage_api::{self as api, Api, Entry, Token, TokenError, WriteSummary};

/// What lets an app write to a store: the store's number and a token of the platform's API.
///
/// Attached to a store, it makes a `KvStore<Writer>`, which has `put`, `delete` and the others.
/// Stores are read-only for apps otherwise; an app without a writer imports neither the cache nor
/// outbound HTTP.
///
/// ```
/// use fastedge::KvStore;
/// use fastedge::kv_store::Writer;
/// # use fastedge_mock_host::{Answer, MockHost};
/// # let edge = MockHost::new().kv("pages", |kv| kv).secret("API_TOKEN", "t0ken").answer(
/// #     "https://api.gcore.com/fastedge/v1/kv/7/data",
/// #     Answer::text(r#"{"write_count": 1, "revision": 2}"#),
/// # );
/// # let _installed = edge.install();
///
/// let store = KvStore::open("pages")?.with_writer(Writer::from_secret(7, "API_TOKEN")?);
/// store.put("/tea", "Tea")?;
/// // Not replicated yet, but remembered here.
/// assert_eq!(store.get_text("/tea")?.as_deref(), Some("Tea"));
/// # Ok::<(), fastedge::http::Error>(())
/// ```
///
/// Without a writer there is no `put`:
///
/// ```compile_fail
/// let store = fastedge::KvStore::open("pages").unwrap();
/// store.put("/tea", "Tea");
/// ```
///
/// # What a write is
///
/// A request to the platform's API: tens of milliseconds or more, which count against the app's
/// time, and one of its outbound requests (5 on the basic plan). The platform takes some 90 writes a
/// second from one client. Other locations see it once it is replicated, typically within 1-2 s, and
/// where a node has read the key before, within 30 s more.
///
/// # Read your writes
///
/// This location remembers in its cache what was written, for [45 s](Self::remember_for) unless
/// said otherwise, until replication and the node's own memory have caught up. So what has been put is
/// read back here, by every app that attaches a writer for the store:
///
/// | read | sees what was written here |
/// |---|---|
/// | `get` and its typed forms, `read` | `put`, `delete` |
/// | sorted sets | members added and removed |
/// | [`BloomFilter::contains`](super::BloomFilter::contains) | items added |
/// | scans | nothing: they list what is replicated |
///
/// It costs a read one more call, of the cache. The cache may evict what it remembers, or fail; then
/// the replica is read, as without a writer. [`Written::remembered`] says whether it was kept; of a
/// sorted set or a filter, at most 64 KB of changes are. A write whose fate is unknown, since its
/// answer was lost, is not remembered; what was remembered before holds meanwhile.
///
/// # What it is not
///
/// There is no transaction and no compare-and-set. Two requests that read, add one and put back at
/// the same time lose one of the two. Of two that put the same key at two locations, the later one
/// wins; but each location reads its own for 45 s after its latest write, and so, if it writes more
/// often than that, never sees the other's, nor what a tool has written. Of two that add to one sorted
/// set at the same moment at one location, both are written, but it may remember only one until the
/// other is replicated. Counters belong into the [cache](crate::cache).
#[derive(Clone, Debug)]
pub struct Writer {
    api: Api,
    store_id: u64,
    recent: Recent,
}

/// What has been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The store's revision, which grows with every write.
    pub revision: u64,
    /// Whether this location remembers it. If not, reads here see it once it is replicated, and the
    /// node has forgotten what it has read before.
    pub remembered: bool,
}

/// What a deletion has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a deletion of what holds another data type deletes nothing"]
#[non_exhaustive]
pub struct Deletion {
    /// Whether the key was there, and is deleted. If not, there is no such key, or it holds another data
    /// type, in which case it stays.
    pub deleted: bool,
    /// The store's revision, which grows with every write.
    pub revision: u64,
    /// Whether this location remembers it. If not, reads here see it once it is replicated, and the
    /// node has forgotten what it has read before.
    pub remembered: bool,
}

impl Writer {
    /// Writes to the store with this number, which the portal and the API show. It is on the caller
    /// that it is the store that is opened.
    pub fn new(store_id: u64, token: Token) -> Self {
        Writer {
            api: Api::new(token),
            store_id,
            recent: Recent::of(store_id),
        }
    }

    /// Like [`new`](Self::new), with the token that is the app's secret `name`. One host call.
    ///
    /// # Errors
    ///
    /// If there is no such secret, it cannot be read, or it is no token.
    pub fn from_secret(store_id: u64, name: &str) -> Result<Self, TokenError> {
        Ok(Writer::new(store_id, Token::from_secret(name)?))
    }

    /// Writes through the API at another place: a local one.
    ///
    /// # Errors
    ///
    /// If that is no URL of an API.
    pub fn at(mut self, base_url: &str) -> Result<Self, api::Error> {
        self.api = self.api.at(base_url)?;
        Ok(self)
    }

    /// For how long this location remembers what was written: at least as long as replication and
    /// the node's own memory of former reads (30 s) take.
    #[must_use]
    pub fn remember_for(mut self, ttl: Ttl) -> Self {
        self.recent.remember_for(ttl);
        self
    }

    fn write(&self, entry: &Entry) -> Result<WriteSummary, api::Error> {
        let entries = std::slice::from_ref(entry);
        self.api.write(self.store_id, entries)?.send()
    }
}

impl KvStore<ReadOnly> {
    /// The same store, which can be written to as well: see [`Writer`]. No host call.
    pub fn with_writer(self, writer: Writer) -> KvStore<Writer> {
        KvStore {
            store: self.store,
            access: writer,
        }
    }
}

impl Access for Writer {}

impl Reads for Writer {
    fn get(&self, store: &OpenStore, key: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.recent.value(key) {
            Some(value) => Ok(value),
            None => store.get(key),
        }
    }

    fn zrange_by_score(
        &self,
        store: &OpenStore,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        let members = store.zrange_by_score(key, min, max)?;
        let is_in = |_: &[u8], score: f64| min <= score && score <= max;
        Ok(self.recent.members(key).applied_to(members, is_in))
    }

    fn zscan(
        &self,
        store: &OpenStore,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        let members = store.zscan(key, pattern)?;
        let is_in =
            |member: &[u8], _: f64| fastedge_host::glob::matches(pattern.as_bytes(), member);
        Ok(self.recent.members(key).applied_to(members, is_in))
    }

    fn bf_exists(&self, store: &OpenStore, key: &str, item: &str) -> Result<bool, Error> {
        Ok(store.bf_exists(key, item)? || self.recent.items(key).has(item.as_bytes()))
    }
}
