//! The cache of one location.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastedge_host::CacheError;

/// The longest time to live, which is also that of an entry that is set without one.
const CEILING: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// Expired entries are swept out when the number of entries has doubled, and not below this.
const SWEEP_ABOVE: usize = 1024;

/// The entries. The time comes with each call.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<String, Entry>,
    is_denied: bool,
    sweep_at: usize,
}

#[derive(Debug)]
struct Entry {
    value: Vec<u8>,
    expires_at_ms: Option<u64>,
    /// Keys that `incr` made are not in the index that `purge-prefix` walks.
    is_indexed: bool,
}

impl Cache {
    /// From now on every call is denied, as on a plan without a cache.
    pub(crate) fn deny(&self) {
        self.lock().is_denied = true;
    }

    pub(crate) fn get(&self, key: &str, now_ms: u64) -> Result<Option<Vec<u8>>, CacheError> {
        let mut entries = self.allowed()?;
        Ok(entries.living(key, now_ms).map(|entry| entry.value.clone()))
    }

    pub(crate) fn set(
        &self,
        key: &str,
        value: &[u8],
        ttl_ms: Option<u64>,
        now_ms: u64,
    ) -> Result<(), CacheError> {
        let mut entries = self.allowed()?;
        entries.sweep(now_ms);
        let expires_at_ms = Some(expiry(ttl_ms, now_ms));
        entries.by_key.insert(
            key.to_owned(),
            Entry {
                value: value.to_vec(),
                expires_at_ms,
                is_indexed: true,
            },
        );
        Ok(())
    }

    pub(crate) fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.allowed()?.by_key.remove(key);
        Ok(())
    }

    pub(crate) fn exists(&self, key: &str, now_ms: u64) -> Result<bool, CacheError> {
        Ok(self.allowed()?.living(key, now_ms).is_some())
    }

    pub(crate) fn incr(&self, key: &str, delta: i64, now_ms: u64) -> Result<i64, CacheError> {
        let mut entries = self.allowed()?;
        if let Some(entry) = entries.living(key, now_ms) {
            let text = str::from_utf8(&entry.value)
                .map_err(|_| CacheError::Other("value is not valid UTF-8".to_owned()))?;
            let former: i64 = text
                .parse()
                .map_err(|_| CacheError::Other("value is not an integer".to_owned()))?;
            let sum = former.wrapping_add(delta);
            entry.value = sum.to_string().into_bytes();
            return Ok(sum);
        }
        entries.sweep(now_ms);
        entries.by_key.insert(
            key.to_owned(),
            Entry {
                value: delta.to_string().into_bytes(),
                expires_at_ms: None,
                is_indexed: false,
            },
        );
        Ok(delta)
    }

    pub(crate) fn expire(&self, key: &str, ttl_ms: u64, now_ms: u64) -> Result<bool, CacheError> {
        let mut entries = self.allowed()?;
        match entries.living(key, now_ms) {
            Some(entry) => {
                entry.expires_at_ms = Some(expiry(Some(ttl_ms), now_ms));
                Ok(true)
            }
            None => Ok(false),
        }
    }

    pub(crate) fn purge(&self, now_ms: u64) -> Result<u64, CacheError> {
        self.remove_if(now_ms, |_, _| true)
    }

    pub(crate) fn purge_prefix(&self, prefix: &str, now_ms: u64) -> Result<u64, CacheError> {
        self.remove_if(now_ms, |key, entry| {
            entry.is_indexed && key.starts_with(prefix)
        })
    }

    /// How long `key` still lives: `Some(None)` is for ever, `None` that there is no such key.
    pub(crate) fn ttl(&self, key: &str, now_ms: u64) -> Option<Option<Duration>> {
        let mut entries = self.lock();
        let entry = entries.living(key, now_ms)?;
        Some(
            entry
                .expires_at_ms
                .map(|at| Duration::from_millis(at.saturating_sub(now_ms))),
        )
    }

    /// Removes one key, and answers whether it was there.
    pub(crate) fn evict(&self, key: &str, now_ms: u64) -> bool {
        let mut entries = self.lock();
        let was_there = entries.living(key, now_ms).is_some();
        entries.by_key.remove(key);
        was_there
    }

    fn remove_if(
        &self,
        now_ms: u64,
        is_meant: impl Fn(&str, &Entry) -> bool,
    ) -> Result<u64, CacheError> {
        let mut entries = self.allowed()?;
        let mut removed = 0;
        entries.by_key.retain(|key, entry| {
            let goes = entry.is_alive(now_ms) && is_meant(key, entry);
            removed += u64::from(goes);
            !goes
        });
        Ok(removed)
    }

    fn allowed(&self) -> Result<MutexGuard<'_, Entries>, CacheError> {
        let entries = self.lock();
        if entries.is_denied {
            return Err(CacheError::AccessDenied);
        }
        Ok(entries)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn living(&mut self, key: &str, now_ms: u64) -> Option<&mut Entry> {
        self.by_key
            .get_mut(key)
            .filter(|entry| entry.is_alive(now_ms))
    }

    fn sweep(&mut self, now_ms: u64) {
        if self.by_key.len() >= self.sweep_at.max(SWEEP_ABOVE) {
            self.by_key.retain(|_, entry| entry.is_alive(now_ms));
            self.sweep_at = self.by_key.len() * 2;
        }
    }
}

impl Entry {
    fn is_alive(&self, now_ms: u64) -> bool {
        self.expires_at_ms.is_none_or(|at| now_ms < at)
    }
}

fn expiry(ttl_ms: Option<u64>, now_ms: u64) -> u64 {
    let ceiling = CEILING.as_millis() as u64;
    now_ms.saturating_add(ttl_ms.unwrap_or(ceiling).min(ceiling))
}
