//! Edge Storage, as one location sees it.

mod bloom;
mod sorted_set;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use fastedge_host::{KeyValueError, glob};

use self::bloom::BloomFilter;
pub use self::bloom::BloomOptions;
use self::sorted_set::SortedSet;

/// The stores that are linked to the app, by name.
#[derive(Debug, Default)]
pub(crate) struct Stores(RwLock<BTreeMap<String, Arc<Store>>>);

impl Stores {
    /// A store that is not linked answers `access-denied`, as the platform does.
    pub(crate) fn open(&self, name: &str) -> Result<Arc<Store>, KeyValueError> {
        let stores = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stores.get(name).cloned().ok_or(KeyValueError::AccessDenied)
    }

    pub(crate) fn link(&self, name: &str) -> Arc<Store> {
        let mut stores = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(stores.entry(name.to_owned()).or_default())
    }
}

/// What a key holds, and until when.
#[derive(Debug)]
struct Entry {
    data: Data,
    expires_at_ms: Option<u64>,
}

/// The three data types.
#[derive(Debug)]
enum Data {
    Plain(Vec<u8>),
    SortedSet(SortedSet),
    BloomFilter(BloomFilter),
}

/// One store. The time comes with each call.
#[derive(Debug, Default)]
pub(crate) struct Store(RwLock<BTreeMap<String, Entry>>);

impl Store {
    pub(crate) fn get(&self, key: &str, now_ms: u64) -> Result<Option<Vec<u8>>, KeyValueError> {
        match living(&self.read(), key, now_ms) {
            None => Ok(None),
            Some(Data::Plain(value)) => Ok(Some(value.clone())),
            Some(_) => Err(KeyValueError::InternalError),
        }
    }

    pub(crate) fn scan(&self, pattern: &str, now_ms: u64) -> Vec<String> {
        self.read()
            .iter()
            .filter(|(_, entry)| entry.is_alive(now_ms))
            .map(|(key, _)| key)
            .filter(|key| glob::matches(pattern.as_bytes(), key.as_bytes()))
            .cloned()
            .collect()
    }

    pub(crate) fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
        now_ms: u64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        if min.is_nan() || max.is_nan() {
            return Err(KeyValueError::InternalError);
        }
        self.sorted_set(key, now_ms, |set| set.range_by_score(min, max))
    }

    pub(crate) fn zscan(
        &self,
        key: &str,
        pattern: &str,
        now_ms: u64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        self.sorted_set(key, now_ms, |set| set.scan(pattern.as_bytes()))
    }

    /// A missing filter, and a key of another type, contain nothing.
    pub(crate) fn bf_exists(&self, key: &str, item: &str, now_ms: u64) -> bool {
        match living(&self.read(), key, now_ms) {
            Some(Data::BloomFilter(filter)) => filter.contains(item.as_bytes()),
            _ => false,
        }
    }

    pub(crate) fn put(&self, key: &str, value: Vec<u8>, expires_at_ms: Option<u64>) {
        let data = Data::Plain(value);
        self.write().insert(
            key.to_owned(),
            Entry {
                data,
                expires_at_ms,
            },
        );
    }

    /// Adds members to the sorted set at `key`, which is made if it is missing or of another type.
    /// A score that is NaN is refused, and then nothing is changed.
    pub(crate) fn add_to_sorted_set(
        &self,
        key: &str,
        members: Vec<(f64, Vec<u8>)>,
    ) -> Result<(), String> {
        if members.iter().any(|(score, _)| score.is_nan()) {
            return Err(format!("a score in sorted set `{key}` is NaN"));
        }
        let mut entries = self.write();
        let entry = entries
            .entry(key.to_owned())
            .or_insert_with(Entry::empty_set);
        if !matches!(entry.data, Data::SortedSet(_)) {
            *entry = Entry::empty_set();
        }
        if let Data::SortedSet(set) = &mut entry.data {
            for (score, member) in members {
                set.add(member, score);
            }
        }
        Ok(())
    }

    /// Replaces the key with a filter of these items.
    pub(crate) fn put_bloom_filter<T: AsRef<[u8]>>(
        &self,
        key: &str,
        options: BloomOptions,
        items: impl IntoIterator<Item = T>,
    ) -> Result<(), String> {
        let mut filter = BloomFilter::new(options)?;
        for item in items {
            if !filter.add(item.as_ref()) {
                return Err(format!(
                    "Bloom filter `{key}` is full: it does not scale, and its capacity is {}",
                    options.capacity
                ));
            }
        }
        self.write().insert(
            key.to_owned(),
            Entry {
                data: Data::BloomFilter(filter),
                expires_at_ms: None,
            },
        );
        Ok(())
    }

    pub(crate) fn delete(&self, key: &str) -> bool {
        self.write().remove(key).is_some()
    }

    fn sorted_set(
        &self,
        key: &str,
        now_ms: u64,
        read: impl FnOnce(&SortedSet) -> Vec<(Vec<u8>, f64)>,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        match living(&self.read(), key, now_ms) {
            None => Ok(Vec::new()),
            Some(Data::SortedSet(set)) => Ok(read(set)),
            Some(_) => Err(KeyValueError::InternalError),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Entry>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Entry>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn living<'a>(entries: &'a BTreeMap<String, Entry>, key: &str, now_ms: u64) -> Option<&'a Data> {
    let entry = entries.get(key)?;
    entry.is_alive(now_ms).then_some(&entry.data)
}

impl Entry {
    fn empty_set() -> Self {
        Entry {
            data: Data::SortedSet(SortedSet::default()),
            expires_at_ms: None,
        }
    }

    fn is_alive(&self, now_ms: u64) -> bool {
        self.expires_at_ms.is_none_or(|at| now_ms < at)
    }
}
