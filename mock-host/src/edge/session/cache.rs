//! The interface `cache-sync`.

use fastedge_host::CacheError;

use super::{About, Session, option_len};
use crate::edge::Operation;
use crate::edge::cache::Cache;

impl Session {
    /// `cache-sync.get`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        let about = About::of(Operation::CacheGet, "", key);
        self.call(about, option_len, || match &self.foreign_cache {
            Some(cache) => cache.get(key),
            None => self.own_cache().get(key, self.now_ms()),
        })
    }

    /// `cache-sync.set`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_set(
        &self,
        key: &str,
        value: &[u8],
        ttl_ms: Option<u64>,
    ) -> Result<(), CacheError> {
        let about = About::of(Operation::CacheSet, "", key).sending(value.len());
        self.call(
            about,
            |()| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.set(key, value, ttl_ms),
                None => self.own_cache().set(key, value, ttl_ms, self.now_ms()),
            },
        )
    }

    /// `cache-sync.delete`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_delete(&self, key: &str) -> Result<(), CacheError> {
        let about = About::of(Operation::CacheDelete, "", key);
        self.call(
            about,
            |()| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.delete(key),
                None => self.own_cache().delete(key),
            },
        )
    }

    /// `cache-sync.exists`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_exists(&self, key: &str) -> Result<bool, CacheError> {
        let about = About::of(Operation::CacheExists, "", key);
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.exists(key),
                None => self.own_cache().exists(key, self.now_ms()),
            },
        )
    }

    /// `cache-sync.incr`
    ///
    /// # Errors
    ///
    /// `other` if the value is not an integer; `access-denied` where there is no cache.
    pub fn cache_incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        let about = About::of(Operation::CacheIncr, "", key);
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.incr(key, delta),
                None => self.own_cache().incr(key, delta, self.now_ms()),
            },
        )
    }

    /// `cache-sync.expire`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        let about = About::of(Operation::CacheExpire, "", key);
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.expire(key, ttl_ms),
                None => self.own_cache().expire(key, ttl_ms, self.now_ms()),
            },
        )
    }

    /// `cache-sync.purge`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_purge(&self) -> Result<u64, CacheError> {
        let about = About::of(Operation::CachePurge, "", "");
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.purge(),
                None => self.own_cache().purge(self.now_ms()),
            },
        )
    }

    /// `cache-sync.purge-prefix`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        let about = About::of(Operation::CachePurgePrefix, "", prefix);
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.purge_prefix(prefix),
                None => self.own_cache().purge_prefix(prefix, self.now_ms()),
            },
        )
    }

    fn own_cache(&self) -> &Cache {
        &self.edge.pop.cache
    }
}
