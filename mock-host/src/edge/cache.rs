//! The cache of one location.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastedge_host::CacheError;

use super::settings::{CacheSettings, Overflow};

/// Expired entries are swept out when the number of entries has doubled, and not below this.
const SWEEP_ABOVE: usize = 1024;

/// What an entry takes beside its key and its value.
const OVERHEAD_BYTES: usize = 64;

/// The entries. The time comes with each call.
#[derive(Debug)]
pub(crate) struct Cache(Mutex<Entries>);

#[derive(Debug)]
struct Entries {
    settings: CacheSettings,
    random: fastrand::Rng,
    by_key: HashMap<Arc<str>, Entry>,
    /// The keys, by when they were last used.
    by_use: BTreeMap<u64, Arc<str>>,
    uses: u64,
    bytes: usize,
    sweep_at: usize,
}

#[derive(Debug)]
struct Entry {
    value: Vec<u8>,
    expires_at_ms: Option<u64>,
    /// Keys that `incr` made are not in the index that `purge-prefix` walks.
    is_indexed: bool,
    last_use: u64,
}

/// An entry, for whoever looks at the cache from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedEntry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
    /// How long it still lives; `None` is for ever.
    pub ttl: Option<Duration>,
}

impl Cache {
    pub(crate) fn new(settings: CacheSettings) -> Self {
        let seed = settings.evictions.as_ref().map_or(0, |some| some.seed);
        Cache(Mutex::new(Entries {
            random: fastrand::Rng::with_seed(seed),
            settings,
            by_key: HashMap::new(),
            by_use: BTreeMap::new(),
            uses: 0,
            bytes: 0,
            sweep_at: 0,
        }))
    }

    /// It behaves differently from now on; what is in it stays, as far as it fits.
    pub(crate) fn set_settings(&self, settings: CacheSettings) {
        let mut entries = self.lock();
        if let Some(evictions) = &settings.evictions {
            entries.random = fastrand::Rng::with_seed(evictions.seed);
        }
        entries.settings = settings;
        entries.make_room();
    }

    pub(crate) fn get(&self, key: &str, now_ms: u64) -> Result<Option<Vec<u8>>, CacheError> {
        let mut entries = self.allowed()?;
        Ok(entries.used(key, now_ms).map(|entry| entry.value.clone()))
    }

    pub(crate) fn set(
        &self,
        key: &str,
        value: &[u8],
        ttl_ms: Option<u64>,
        now_ms: u64,
    ) -> Result<(), CacheError> {
        let mut entries = self.allowed()?;
        entries.evict_at_random();
        let expires_at_ms = Some(entries.expiry(ttl_ms, now_ms));
        entries.insert(key, value.to_vec(), expires_at_ms, true, now_ms);
        Ok(())
    }

    pub(crate) fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.allowed()?.remove(key);
        Ok(())
    }

    pub(crate) fn exists(&self, key: &str, now_ms: u64) -> Result<bool, CacheError> {
        Ok(self.allowed()?.used(key, now_ms).is_some())
    }

    pub(crate) fn incr(&self, key: &str, delta: i64, now_ms: u64) -> Result<i64, CacheError> {
        let mut entries = self.allowed()?;
        entries.evict_at_random();
        let overflow = entries.settings.overflow;
        let Some(entry) = entries.used(key, now_ms) else {
            let value = delta.to_string().into_bytes();
            entries.insert(key, value, None, false, now_ms);
            return Ok(delta);
        };
        let text = str::from_utf8(&entry.value)
            .map_err(|_| CacheError::Other("value is not valid UTF-8".to_owned()))?;
        let former: i64 = text
            .parse()
            .map_err(|_| CacheError::Other("value is not an integer".to_owned()))?;
        let sum = match (former.checked_add(delta), overflow) {
            (Some(sum), _) => sum,
            (None, Overflow::Wraps) => former.wrapping_add(delta),
            (None, Overflow::Fails) => {
                let problem = "increment or decrement would overflow";
                return Err(CacheError::Other(problem.to_owned()));
            }
        };
        let former_len = entry.value.len();
        entry.value = sum.to_string().into_bytes();
        let len = entry.value.len();
        entries.bytes = entries.bytes + len - former_len;
        Ok(sum)
    }

    pub(crate) fn expire(&self, key: &str, ttl_ms: u64, now_ms: u64) -> Result<bool, CacheError> {
        let mut entries = self.allowed()?;
        let expires_at_ms = entries.expiry(Some(ttl_ms), now_ms);
        match entries.used(key, now_ms) {
            Some(entry) => {
                entry.expires_at_ms = Some(expires_at_ms);
                Ok(true)
            }
            None => Ok(false),
        }
    }

    pub(crate) fn purge(&self, now_ms: u64) -> Result<u64, CacheError> {
        Ok(self.allowed()?.remove_if(now_ms, |_, _| true))
    }

    pub(crate) fn purge_prefix(&self, prefix: &str, now_ms: u64) -> Result<u64, CacheError> {
        let mut entries = self.allowed()?;
        let purges_counters = entries.settings.purges_counters;
        Ok(entries.remove_if(now_ms, |key, entry| {
            (entry.is_indexed || purges_counters) && key.starts_with(prefix)
        }))
    }

    /// How long `key` still lives: `Some(None)` is for ever, `None` that there is no such key.
    pub(crate) fn ttl(&self, key: &str, now_ms: u64) -> Option<Option<Duration>> {
        let entries = self.lock();
        let entry = entries.by_key.get(key)?;
        entry.is_alive(now_ms).then(|| entry.ttl(now_ms))
    }

    /// The value of `key`, without using it.
    pub(crate) fn peek(&self, key: &str, now_ms: u64) -> Option<Vec<u8>> {
        let entries = self.lock();
        let entry = entries.by_key.get(key)?;
        entry.is_alive(now_ms).then(|| entry.value.clone())
    }

    /// What is in the cache, by key: at most so many.
    pub(crate) fn list(&self, most: usize, now_ms: u64) -> (usize, Vec<CachedEntry>) {
        let entries = self.lock();
        let living = entries.by_key.iter();
        let mut living: Vec<_> = living.filter(|(_, entry)| entry.is_alive(now_ms)).collect();
        living.sort_unstable_by_key(|(key, _)| *key);
        let listed = living.iter().take(most).map(|(key, entry)| CachedEntry {
            key: (**key).to_string(),
            value: entry.value.clone(),
            ttl: entry.ttl(now_ms),
        });
        (living.len(), listed.collect())
    }

    /// Removes one key, and answers whether it was there.
    pub(crate) fn evict(&self, key: &str, now_ms: u64) -> bool {
        let removed = self.lock().remove(key);
        removed.is_some_and(|entry| entry.is_alive(now_ms))
    }

    pub(crate) fn evict_all(&self) {
        self.lock().remove_if(0, |_, _| true);
    }

    fn allowed(&self) -> Result<MutexGuard<'_, Entries>, CacheError> {
        let entries = self.lock();
        if !entries.settings.is_available {
            return Err(CacheError::AccessDenied);
        }
        Ok(entries)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// The entry of a key, which is thereby used.
    fn used(&mut self, key: &str, now_ms: u64) -> Option<&mut Entry> {
        let entry = self.by_key.get_mut(key)?;
        if !entry.is_alive(now_ms) {
            return None;
        }
        let key = self.by_use.remove(&entry.last_use)?;
        self.uses += 1;
        entry.last_use = self.uses;
        self.by_use.insert(self.uses, key);
        Some(entry)
    }

    fn insert(
        &mut self,
        key: &str,
        value: Vec<u8>,
        expires_at_ms: Option<u64>,
        is_indexed: bool,
        now_ms: u64,
    ) {
        self.sweep(now_ms);
        self.remove(key);
        self.uses += 1;
        let key: Arc<str> = key.into();
        self.bytes += bytes(&key, &value);
        self.by_use.insert(self.uses, Arc::clone(&key));
        self.by_key.insert(
            key,
            Entry {
                value,
                expires_at_ms,
                is_indexed,
                last_use: self.uses,
            },
        );
        self.make_room();
    }

    fn remove(&mut self, key: &str) -> Option<Entry> {
        let entry = self.by_key.remove(key)?;
        self.by_use.remove(&entry.last_use);
        self.bytes -= bytes(key, &entry.value);
        Some(entry)
    }

    /// Removes those that are meant, and answers how many of them were alive.
    fn remove_if(&mut self, now_ms: u64, is_meant: impl Fn(&str, &Entry) -> bool) -> u64 {
        let meant = self.by_key.iter();
        let meant: Vec<Arc<str>> = meant
            .filter(|(key, entry)| is_meant(key, entry))
            .map(|(key, _)| Arc::clone(key))
            .collect();
        let removed = meant.iter().filter_map(|key| self.remove(key));
        removed.filter(|entry| entry.is_alive(now_ms)).count() as u64
    }

    /// Evicts what was used longest ago until the rest fits.
    fn make_room(&mut self) {
        while self.bytes > self.settings.max_bytes {
            let Some((_, key)) = self.by_use.pop_first() else {
                return;
            };
            if let Some(entry) = self.by_key.remove(&key) {
                self.bytes -= bytes(&key, &entry.value);
            }
        }
    }

    fn evict_at_random(&mut self) {
        let Some(evictions) = &self.settings.evictions else {
            return;
        };
        if self.by_use.is_empty() || self.random.f64() >= evictions.probability {
            return;
        }
        let nth = self.random.usize(..self.by_use.len());
        if let Some(key) = self.by_use.values().nth(nth).cloned() {
            self.remove(&key);
        }
    }

    fn sweep(&mut self, now_ms: u64) {
        if self.by_key.len() >= self.sweep_at.max(SWEEP_ABOVE) {
            self.remove_if(0, |_, entry| !entry.is_alive(now_ms));
            self.sweep_at = self.by_key.len() * 2;
        }
    }

    fn expiry(&self, ttl_ms: Option<u64>, now_ms: u64) -> u64 {
        let ceiling = u64::try_from(self.settings.ttl_ceiling.as_millis()).unwrap_or(u64::MAX);
        now_ms.saturating_add(ttl_ms.unwrap_or(ceiling).min(ceiling))
    }
}

impl Entry {
    fn is_alive(&self, now_ms: u64) -> bool {
        self.expires_at_ms.is_none_or(|at| now_ms < at)
    }

    fn ttl(&self, now_ms: u64) -> Option<Duration> {
        self.expires_at_ms
            .map(|at| Duration::from_millis(at.saturating_sub(now_ms)))
    }
}

fn bytes(key: &str, value: &[u8]) -> usize {
    key.len() + value.len() + OVERHEAD_BYTES
}
