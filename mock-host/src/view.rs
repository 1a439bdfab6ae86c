//! The edge's state as whoever sets the scene sees it: no faults, no log.

use std::time::Duration;

use crate::edge::cache::Cache;
use crate::edge::{CachedEntry, Clock};

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

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<Vec<u8>> {
        self.cache.peek(key, self.clock.now_ms())
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
        self.cache.evict_all();
    }

    /// What is in the cache, in the order of the keys: how many entries there are, and at most so
    /// many of them.
    pub fn list(self, most: usize) -> (usize, Vec<CachedEntry>) {
        self.cache.list(most, self.clock.now_ms())
    }
}
