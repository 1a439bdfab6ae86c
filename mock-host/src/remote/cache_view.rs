//! The cache of a platform that is in the runner.

use std::time::Duration;

use super::wire::control;
use crate::edge::CachedEntry;

/// The cache, past the app's interface: looking does not count as a call.
#[derive(Clone, Copy, Debug)]
pub struct CacheView<'a> {
    edge: &'a control::Edge,
    pop: &'a str,
}

impl<'a> CacheView<'a> {
    pub(super) fn new(edge: &'a control::Edge, pop: &'a str) -> Self {
        CacheView { edge, pop }
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<Vec<u8>> {
        Some(self.edge.cache_get(self.pop, key)?.value)
    }

    /// The text of a key; `None` also if it is not text.
    pub fn get_text(self, key: &str) -> Option<String> {
        String::from_utf8(self.get(key)?).ok()
    }

    /// How long a key still lives: `None` is that there is no such key, `Some(None)` for ever.
    pub fn ttl(self, key: &str) -> Option<Option<Duration>> {
        let cached = self.edge.cache_get(self.pop, key)?;
        Some(cached.ttl.map(Duration::from_millis))
    }

    /// Sets a key, with the platform's ceiling for an expiry unless one is given.
    pub fn set(self, key: &str, value: impl AsRef<[u8]>, ttl: Option<Duration>) {
        let ttl = ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        self.edge.cache_set(self.pop, key, value.as_ref(), ttl);
    }

    /// Evicts a key, as the platform may at any time, and answers whether it was there.
    pub fn evict(self, key: &str) -> bool {
        self.edge.cache_evict(self.pop, key)
    }

    /// Evicts everything.
    pub fn evict_all(self) {
        self.edge.cache_evict_all(self.pop);
    }

    /// What is in the cache, in the order of the keys: how many entries there are, and at most so
    /// many of them.
    pub fn list(self, most: usize) -> (usize, Vec<CachedEntry>) {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let (count, entries) = self.edge.cache_list(self.pop, most);
        let entries = entries.into_iter().map(|entry| CachedEntry {
            key: entry.key,
            value: entry.value,
            ttl: entry.ttl.map(Duration::from_millis),
        });
        (count as usize, entries.collect())
    }
}
