//! The edge's state as whoever sets the scene sees it: no faults, no log.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::edge::{BloomOptions, Clock, cache::Cache, kv::Store};

/// Writes to one store of Edge Storage.
///
/// Each method replaces what is at the key, whatever its type, save
/// [`sorted_set`](StoreWriter::sorted_set), which adds to the set that is there.
///
/// # Panics
///
/// What no store could hold (a score that is NaN, a Bloom filter with an error rate of 2) is a
/// mistake in the test, and panics with the reason. The `try_…` methods answer it instead.
pub struct StoreWriter {
    store: Arc<Store>,
    now_ms: u64,
}

impl StoreWriter {
    pub(crate) fn new(store: Arc<Store>, now_ms: u64) -> Self {
        StoreWriter { store, now_ms }
    }

    /// Sets a plain pair.
    pub fn set(self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.store.put(key, value.into(), None);
        self
    }

    /// Sets a plain pair that expires after a time.
    pub fn set_expiring(self, key: &str, value: impl Into<Vec<u8>>, after: Duration) -> Self {
        let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let at = self.now_ms.saturating_add(after);
        self.store.put(key, value.into(), Some(at));
        self
    }

    /// Adds members, with their scores, to the sorted set at a key.
    pub fn sorted_set<T: Into<Vec<u8>>>(
        self,
        key: &str,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Self {
        expect(self.try_sorted_set(key, members))
    }

    /// Makes a Bloom filter of these items, with the defaults of RedisBloom.
    pub fn bloom_filter<T: AsRef<[u8]>>(
        self,
        key: &str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        expect(self.try_bloom_filter(key, BloomOptions::default(), items))
    }

    /// Makes a Bloom filter of these items.
    pub fn bloom_filter_with<T: AsRef<[u8]>>(
        self,
        key: &str,
        options: BloomOptions,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        expect(self.try_bloom_filter(key, options, items))
    }

    /// Removes a key, of whichever type; a missing one is fine.
    pub fn delete(self, key: &str) -> Self {
        self.store.delete(key);
        self
    }

    /// Adds members, with their scores, to the sorted set at a key.
    ///
    /// # Errors
    ///
    /// If a score is NaN; then nothing is written.
    pub fn try_sorted_set<T: Into<Vec<u8>>>(
        self,
        key: &str,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Result<Self, String> {
        let members = members
            .into_iter()
            .map(|(score, member)| (score, member.into()))
            .collect();
        self.store.add_to_sorted_set(key, members)?;
        Ok(self)
    }

    /// Makes a Bloom filter of these items.
    ///
    /// # Errors
    ///
    /// If there can be no such filter, or it does not scale and is full; then nothing is written.
    pub fn try_bloom_filter<T: AsRef<[u8]>>(
        self,
        key: &str,
        options: BloomOptions,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Self, String> {
        self.store.put_bloom_filter(key, options, items)?;
        Ok(self)
    }
}

#[track_caller]
fn expect<T>(result: Result<T, String>) -> T {
    match result {
        Ok(value) => value,
        Err(reason) => panic!("{reason}"),
    }
}

impl fmt::Debug for StoreWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWriter").finish_non_exhaustive()
    }
}

/// The cache, past the app's interface: looking does not count as a call.
#[derive(Clone, Copy, Debug)]
pub struct CacheView<'a> {
    cache: &'a Cache,
    clock: &'a Clock,
}

impl<'a> CacheView<'a> {
    pub(crate) fn new(cache: &'a Cache, clock: &'a Clock) -> Self {
        CacheView { cache, clock }
    }

    /// The value of a key; `None` also where the cache is denied.
    pub fn get(self, key: &str) -> Option<Vec<u8>> {
        self.cache.get(key, self.clock.now_ms()).ok().flatten()
    }

    /// The text of a key; `None` also if it is not text.
    pub fn get_text(self, key: &str) -> Option<String> {
        String::from_utf8(self.get(key)?).ok()
    }

    /// How long a key still lives: `None` is that there is no such key, `Some(None)` for ever.
    pub fn ttl(self, key: &str) -> Option<Option<Duration>> {
        self.cache.ttl(key, self.clock.now_ms())
    }

    /// Sets a key, with the platform's ceiling for an expiry unless one is given.
    pub fn set(self, key: &str, value: impl AsRef<[u8]>, ttl: Option<Duration>) {
        let ttl_ms = ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        // It can only be denied, and then there is nothing to set it in.
        let _denied = self
            .cache
            .set(key, value.as_ref(), ttl_ms, self.clock.now_ms());
    }

    /// Evicts a key, as the platform may at any time, and answers whether it was there.
    pub fn evict(self, key: &str) -> bool {
        self.cache.evict(key, self.clock.now_ms())
    }

    /// Evicts everything.
    pub fn evict_all(self) {
        let _denied = self.cache.purge(self.clock.now_ms());
    }
}
