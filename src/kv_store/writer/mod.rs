//! Writing to a store from an app.

mod recent;

use std::fmt::Display;
use std::time::SystemTime;

use serde::Serialize;

use self::recent::Recent;
use super::access::{Access, OpenStore, ReadOnly, Reads};
use super::bloom_filter::{BloomFilter, SENTINEL};
use super::sorted_set::SortedSet;
use super::{Error, KvStore};
use crate::cache::Ttl;
use crate::codec::Encode;
use crate::edge_storage_api::{self as api, Api, DataType, Entry, Token, TokenError, WriteSummary};
use crate::key::{Key, WriteValueError};

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

/// Writing, with a [`Writer`] attached. Each is one request to the API, and calls of the cache.
impl KvStore<Writer> {
    /// Sets the value of `key`.
    ///
    /// # Errors
    ///
    /// If the key or the value is too large for the platform, without a request; if the API refuses,
    /// with its status and message; if there is no answer, in which case
    /// [`may_have_happened`](api::Error::may_have_happened) says whether it may be written.
    pub fn put(&self, key: &str, value: impl AsRef<[u8]>) -> Result<Written, api::Error> {
        self.put_entry(Entry::plain(key, value.as_ref())?, value.as_ref(), None)
    }

    /// Like [`put`](Self::put), for a value that expires at a moment.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), and for a moment before 1970 or after 9999.
    pub fn put_expiring(
        &self,
        key: &str,
        value: impl AsRef<[u8]>,
        at: SystemTime,
    ) -> Result<Written, api::Error> {
        let entry = Entry::plain(key, value.as_ref())?.expiring_at(at)?;
        self.put_entry(entry, value.as_ref(), Some(at))
    }

    /// Like [`put`](Self::put), for a value written as JSON.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), and if `value` cannot be written as JSON.
    pub fn put_json<T: Serialize + ?Sized>(
        &self,
        key: &str,
        value: &T,
    ) -> Result<Written, api::Error> {
        let json = serde_json::to_vec(value);
        let json = json.map_err(|reason| WriteValueError::encode(key, reason))?;
        self.put(key, json)
    }

    /// Sets the value of a typed key.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), and if the key's codec cannot write the value.
    pub fn write<C: Encode>(
        &self,
        key: &Key<C>,
        value: &C::Borrowed,
    ) -> Result<Written, api::Error> {
        self.put(key.name(), key.encode(value)?)
    }

    /// Deletes the plain pair at `key`.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put).
    pub fn delete(&self, key: &str) -> Result<Deletion, api::Error> {
        let writer = &self.access;
        let summary = writer.write(&Entry::delete(key, DataType::Plain)?)?;
        let revision = summary.revision;
        Ok(Deletion {
            deleted: summary.del_count > 0,
            revision,
            remembered: writer.recent.remember(key, None, revision, None),
        })
    }

    fn put_entry(
        &self,
        entry: Entry,
        value: &[u8],
        expiry: Option<SystemTime>,
    ) -> Result<Written, api::Error> {
        let writer = &self.access;
        let revision = writer.write(&entry)?.revision;
        Ok(Written {
            revision,
            remembered: writer
                .recent
                .remember(entry.key(), Some(value), revision, expiry),
        })
    }
}

/// Writing, with a [`Writer`] attached to the store.
impl SortedSet<'_, Writer> {
    /// Adds members, with their scores; those that are in the set get the new score.
    ///
    /// # Errors
    ///
    /// If a score is NaN or infinite, and those of [`KvStore::put`].
    pub fn add<T: Into<Vec<u8>>>(
        &self,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Result<Written, api::Error> {
        let members: Vec<(f64, Vec<u8>)> = members
            .into_iter()
            .map(|(score, member)| (score, member.into()))
            .collect();
        let entry = Entry::sorted_set(&*self.key, members.iter().cloned())?;
        let changes = members
            .into_iter()
            .map(|(score, member)| (member, Some(score)));
        self.change(&entry, changes.collect())
    }

    /// Removes members. Those that are not in the set are fine.
    ///
    /// # Errors
    ///
    /// Those of [`KvStore::put`].
    pub fn remove<T: Into<Vec<u8>>>(
        &self,
        members: impl IntoIterator<Item = T>,
    ) -> Result<Written, api::Error> {
        let members: Vec<Vec<u8>> = members.into_iter().map(Into::into).collect();
        let entry = Entry::remove_members(&*self.key, members.iter().cloned())?;
        let changes = members.into_iter().map(|member| (member, None));
        self.change(&entry, changes.collect())
    }

    fn change(
        &self,
        entry: &Entry,
        changes: Vec<(Vec<u8>, Option<f64>)>,
    ) -> Result<Written, api::Error> {
        let writer = &self.store.access;
        let revision = writer.write(entry)?.revision;
        Ok(Written {
            revision,
            remembered: writer.recent.remember_members(&self.key, changes, revision),
        })
    }
}

/// Writing, with a [`Writer`] attached to the store.
impl BloomFilter<'_, Writer> {
    /// Adds items, by their texts, and the [sentinel](super::SENTINEL).
    ///
    /// # Errors
    ///
    /// Those of [`KvStore::put`].
    pub fn add<T: Display>(
        &self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Written, api::Error> {
        let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
        let writer = &self.store.access;
        let entry = Entry::bloom_filter(&*self.key, &items)?;
        items.push(SENTINEL.to_owned());
        let revision = writer.write(&entry)?.revision;
        Ok(Written {
            revision,
            remembered: writer.recent.remember_items(&self.key, items, revision),
        })
    }
}
