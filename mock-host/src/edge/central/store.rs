//! One store, on the central side.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::kv::Entry;
use super::super::replica::Entries;
use super::change::Touched;
use super::{Change, Database, Durable, KeyWrite, WriteError};

/// A store's description.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreInfo {
    /// Its number.
    pub id: u64,
    /// Its name, of which there is one.
    pub name: String,
    /// What it is for.
    pub comment: Option<String>,
    /// The customer's own database behind it.
    pub byod: Option<Byod>,
    /// It grows with every write.
    pub revision: u64,
    /// When it was last changed, in unix milliseconds.
    pub updated_at_ms: u64,
}

impl StoreInfo {
    /// A store that was never written to.
    pub fn new(id: u64, name: impl Into<String>) -> Self {
        StoreInfo {
            id,
            name: name.into(),
            comment: None,
            byod: None,
            revision: 0,
            updated_at_ms: 0,
        }
    }
}

/// A Redis of the customer's own. The URL, which may hold a password, is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Byod {
    /// Where it is.
    pub url: String,
    /// What the store's keys begin with there.
    pub prefix: String,
}

impl fmt::Debug for Byod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Byod")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// A store and its entries, as a database has kept them.
#[derive(Debug)]
pub struct Stored {
    /// Its description.
    pub info: StoreInfo,
    /// Its entries.
    pub entries: BTreeMap<Arc<str>, Arc<Entry>>,
}

/// What a write has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The number of values that were written: one for a plain pair, and one for each member of a
    /// sorted set and each item of a Bloom filter, new or not.
    pub write_count: u64,
    /// The number of bytes that these values have.
    pub write_size: u64,
    /// The number of deletions: one for each key that was deleted, whatever it held, and one for
    /// each member that was removed. Keys and members that did not exist are not counted.
    pub del_count: u64,
    /// How many bytes the store takes now, keys and values.
    pub store_size: u64,
    /// The store's revision now.
    pub revision: u64,
}

/// A store, and the lock that makes its writes one after the other.
pub(crate) struct CentralStore {
    id: u64,
    state: Mutex<State>,
    database: Mutex<Option<Arc<dyn Database>>>,
}

struct State {
    info: StoreInfo,
    entries: Entries,
    size: u64,
    is_deleted: bool,
    /// How many changes there were since expired entries were last removed.
    changes_since_sweep: usize,
}

/// Expired entries are removed after as many changes as there are entries, and not before these.
const SWEEP_AFTER: usize = 1024;

/// A key's new entry, or that it has none any more.
pub(crate) type NewEntry = (Arc<str>, Option<Arc<Entry>>);

impl CentralStore {
    pub(super) fn new(info: StoreInfo, entries: Entries) -> Self {
        let size = entries.iter().map(|(key, entry)| size_of(key, entry)).sum();
        CentralStore {
            id: info.id,
            state: Mutex::new(State {
                info,
                entries,
                size,
                is_deleted: false,
                changes_since_sweep: 0,
            }),
            database: Mutex::default(),
        }
    }

    /// Its number, for which nobody waits.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// From now on it takes no write: whoever still has it comes too late.
    pub(super) fn close(
        &self,
        delete: impl FnOnce() -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let mut state = self.lock();
        delete()?;
        state.is_deleted = true;
        Ok(())
    }

    pub(crate) fn info(&self) -> StoreInfo {
        self.lock().info.clone()
    }

    pub(crate) fn size(&self) -> u64 {
        self.lock().size
    }

    /// Does something with the entries before the next write can, unless the store is deleted.
    pub(crate) fn with_entries<T>(&self, f: impl FnOnce(&Entries) -> T) -> Option<T> {
        let state = self.lock();
        (!state.is_deleted).then(|| f(&state.entries))
    }

    pub(crate) fn entry(&self, key: &str) -> Option<Arc<Entry>> {
        self.lock().entries.get(key).cloned()
    }

    /// The customer's own database, if it is connected.
    pub(crate) fn database(&self) -> Option<Arc<dyn Database>> {
        let database = self.database.lock();
        database.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_database(&self, database: Option<Arc<dyn Database>>) {
        let mut slot = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = database;
    }

    pub(super) fn describe(
        &self,
        durable: Option<&dyn Durable>,
        change: impl FnOnce(&mut StoreInfo),
    ) -> Result<StoreInfo, WriteError> {
        let mut state = self.lock();
        if state.is_deleted {
            return Err(WriteError::NoSuchStore);
        }
        let mut info = state.info.clone();
        change(&mut info);
        if let Some(durable) = durable {
            durable.describe(&info).map_err(WriteError::Unavailable)?;
        }
        state.info = info.clone();
        Ok(info)
    }

    /// Counts a write that the customer's own database carries out. It is counted before that, so that no
    /// write goes uncounted.
    pub(crate) fn count_write(
        &self,
        durable: Option<&dyn Durable>,
        now_ms: u64,
    ) -> Result<u64, WriteError> {
        let info = self.describe(durable, |info| {
            info.revision += 1;
            info.updated_at_ms = now_ms;
        })?;
        Ok(info.revision)
    }

    /// Carries out changes, all or none, and hands the new entries to `replicate` before the next
    /// write can.
    pub(crate) fn write(
        &self,
        changes: &[Change],
        (force, now_ms): (bool, u64),
        durable: Option<&dyn Durable>,
        replicate: impl FnOnce(&StoreInfo, Vec<NewEntry>),
    ) -> Result<Written, WriteError> {
        let mut state = self.lock();
        if state.is_deleted {
            return Err(WriteError::NoSuchStore);
        }
        let mut written = Written::default();
        let mut touched: BTreeMap<&str, Touched> = BTreeMap::new();
        for change in changes {
            let touched = match touched.entry(change.key()) {
                Slot::Occupied(touched) => touched.into_mut(),
                Slot::Vacant(slot) => {
                    let entry = state.entries.get(change.key());
                    let entry = entry.filter(|entry| entry.is_alive(now_ms));
                    slot.insert(Touched::new(entry.map(|entry| (**entry).clone())))
                }
            };
            written.del_count += change.apply(touched, force)?;
            touched.remove_expired(now_ms);
            written.write_count += change.values();
            written.write_size += change.size();
        }
        let expired = state.expired(changes.len(), now_ms);
        for key in &expired {
            touched.entry(key).or_insert_with(|| Touched::new(None));
        }
        let mut info = state.info.clone();
        info.revision += 1;
        info.updated_at_ms = now_ms;
        if let Some(durable) = durable {
            let keys: Vec<_> = touched
                .iter()
                .map(|(key, touched)| KeyWrite {
                    key,
                    entry: touched.entry.as_ref(),
                    parts: touched.parts.as_ref(),
                })
                .collect();
            durable
                .write(&info, &keys)
                .map_err(WriteError::Unavailable)?;
        }
        let mut new_entries = Vec::with_capacity(touched.len());
        for (key, touched) in touched {
            let entry = touched.entry.map(Arc::new);
            new_entries.push(state.set(key.into(), entry));
        }
        state.info = info;
        written.store_size = state.size;
        written.revision = state.info.revision;
        replicate(&state.info, new_entries);
        Ok(written)
    }

    /// The store as it is, to be kept.
    pub(super) fn stored(&self) -> Stored {
        let state = self.lock();
        Stored {
            info: state.info.clone(),
            entries: state.entries.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The keys that have expired, if it is time to remove them.
    fn expired(&mut self, changes: usize, now_ms: u64) -> Vec<Arc<str>> {
        self.changes_since_sweep += changes;
        if self.changes_since_sweep < self.entries.len().max(SWEEP_AFTER) {
            return Vec::new();
        }
        self.changes_since_sweep = 0;
        let entries = self.entries.iter();
        let expired = entries.filter(|(_, entry)| !entry.is_alive(now_ms));
        expired.map(|(key, _)| Arc::clone(key)).collect()
    }

    fn set(&mut self, key: Arc<str>, entry: Option<Arc<Entry>>) -> NewEntry {
        let former = match &entry {
            Some(entry) => {
                self.size += size_of(&key, entry);
                self.entries.insert(Arc::clone(&key), Arc::clone(entry))
            }
            None => self.entries.remove(&key),
        };
        if let Some(former) = former {
            self.size -= size_of(&key, &former);
        }
        (key, entry)
    }
}

fn size_of(key: &str, entry: &Entry) -> u64 {
    key.len() as u64 + entry.size()
}

impl fmt::Debug for CentralStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CentralStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deleted_is_neither_written_nor_described() {
        let store = CentralStore::new(StoreInfo::new(7, "prices"), Entries::new());
        assert_eq!(store.count_write(None, 1), Ok(1));
        store.close(|| Ok(())).unwrap();
        // A write that has found the store before it was deleted.
        assert_eq!(store.count_write(None, 2), Err(WriteError::NoSuchStore));
        let written = store.write(&[], (false, 2), None, |_, _| {});
        assert_eq!(written, Err(WriteError::NoSuchStore));
    }
}
