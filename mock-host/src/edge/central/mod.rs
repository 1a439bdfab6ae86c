//! The central side of Edge Storage: what the platform's API writes to.

mod change;
mod durable;
mod listing;
mod store;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use fastedge_host as host;

pub use self::change::Change;
pub use self::durable::{Durable, KeyWrite};
pub(crate) use self::listing::with_prefix;
pub use self::listing::{EntryPage, EntrySummary, ListQuery};
pub(crate) use self::store::CentralStore;
pub use self::store::{Byod, StoreInfo, Stored, Written};
#[cfg(doc)]
use super::kv::MAX_KEY_BYTES;
use super::kv::{DataType, Entry};

/// A database of a customer's own, behind a store.
pub trait Database: host::Store {
    /// Carries out changes in order, without a transaction. None of them is a mask.
    ///
    /// The returned revision is ignored, since the store has one of its own. The size is 0, since a
    /// database does not know that of a store.
    ///
    /// # Errors
    ///
    /// If one cannot be carried out; those before it are.
    fn write(&self, changes: &[Change], force: bool) -> Result<Written, WriteError>;

    /// What a key holds.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn entry(&self, key: &str) -> Result<Option<Entry>, WriteError>;

    /// Returns the keys that begin with a prefix, in order. Keys that the platform does not have,
    /// which are empty or longer than [`MAX_KEY_BYTES`], are left out.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn keys(&self, prefix: &str) -> Result<Vec<String>, WriteError>;

    /// Returns a page of the entries. Keys and types that the platform does not have are left out.
    ///
    /// # Errors
    ///
    /// If the database does not respond.
    fn list(&self, query: &ListQuery<'_>) -> Result<EntryPage, WriteError>;
}

/// Why something could not be written; then nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// There is no such store.
    NoSuchStore,
    /// A store of that name is there already.
    NameTaken(String),
    /// The key holds another type, and the write was not forced.
    OtherType {
        /// The key.
        key: String,
        /// What it holds.
        holds: DataType,
    },
    /// It cannot be, in words.
    Invalid(String),
    /// It could not be made durable, in words.
    Unavailable(String),
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WriteError::NoSuchStore => f.write_str("the store does not exist"),
            WriteError::NameTaken(name) => {
                write!(
                    f,
                    "a store named {name:?} already exists; choose another name"
                )
            }
            WriteError::OtherType { key, holds } => write!(
                f,
                "key {key:?} holds the type {}; force the write to replace it",
                holds.name()
            ),
            WriteError::Invalid(problem) | WriteError::Unavailable(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for WriteError {}

/// All stores of the account, by number.
#[derive(Default)]
pub(crate) struct Central(RwLock<Stores>);

#[derive(Default)]
struct Stores {
    by_id: BTreeMap<u64, Arc<CentralStore>>,
    /// No number is given twice.
    latest_id: u64,
    durable: Option<Arc<dyn Durable>>,
}

impl Central {
    pub(crate) fn all(&self) -> Vec<Arc<CentralStore>> {
        let stores = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stores.by_id.values().cloned().collect()
    }

    pub(crate) fn by_id(&self, id: u64) -> Option<Arc<CentralStore>> {
        let stores = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stores.by_id.get(&id).cloned()
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<Arc<CentralStore>> {
        let mut stores = self.all().into_iter();
        stores.find(|store| store.info().name == name)
    }

    pub(crate) fn create(
        &self,
        name: &str,
        comment: Option<String>,
        byod: Option<(Byod, Arc<dyn Database>)>,
        now_ms: u64,
    ) -> Result<Arc<CentralStore>, WriteError> {
        let mut stores = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if stores.by_id.values().any(|store| store.info().name == name) {
            return Err(WriteError::NameTaken(name.to_owned()));
        }
        let id = stores.latest_id + 1;
        let mut info = StoreInfo::new(id, name);
        info.comment = comment;
        let (byod, database) = byod.unzip();
        info.byod = byod;
        info.updated_at_ms = now_ms;
        if let Some(durable) = &stores.durable {
            durable.describe(&info).map_err(WriteError::Unavailable)?;
        }
        let store = Arc::new(CentralStore::new(info, BTreeMap::new()));
        // The store becomes visible only when it has its database.
        store.set_database(database);
        stores.latest_id = id;
        stores.by_id.insert(id, Arc::clone(&store));
        Ok(store)
    }

    /// Describes a store anew.
    pub(crate) fn replace(
        &self,
        id: u64,
        name: &str,
        comment: Option<String>,
        byod: Option<(Byod, Arc<dyn Database>)>,
        now_ms: u64,
    ) -> Result<StoreInfo, WriteError> {
        let stores = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let store = stores.by_id.get(&id).ok_or(WriteError::NoSuchStore)?;
        let others = stores.by_id.values().map(|store| store.info());
        if others
            .into_iter()
            .any(|other| other.id != id && other.name == name)
        {
            return Err(WriteError::NameTaken(name.to_owned()));
        }
        let (byod, database) = byod.unzip();
        let described = store.describe(stores.durable.as_deref(), |info| {
            info.name = name.to_owned();
            info.comment = comment;
            info.byod = byod;
            info.revision += 1;
            info.updated_at_ms = now_ms;
        })?;
        // Another replacement waits for the lock of all stores, so description and database match.
        store.set_database(database);
        Ok(described)
    }

    pub(crate) fn delete(&self, id: u64) -> Result<(), WriteError> {
        let mut stores = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !stores.by_id.contains_key(&id) {
            return Err(WriteError::NoSuchStore);
        }
        let durable = stores.durable.clone();
        if let Some(store) = stores.by_id.get(&id) {
            store.close(|| match durable {
                Some(durable) => durable.delete(id).map_err(WriteError::Unavailable),
                None => Ok(()),
            })?;
        }
        stores.by_id.remove(&id);
        Ok(())
    }

    pub(crate) fn durable(&self) -> Option<Arc<dyn Durable>> {
        let stores = self.0.read().unwrap_or_else(PoisonError::into_inner);
        stores.durable.clone()
    }

    /// Takes over the stores that a database has; or, if it has none, gives it those that are here.
    /// Writes go to it from now on.
    pub(crate) fn keep_in(
        &self,
        durable: Arc<dyn Durable>,
        stored: Vec<Stored>,
    ) -> Result<(), WriteError> {
        let mut stores = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !stored.is_empty() && !stores.by_id.is_empty() {
            let problem = "another server has made the database meanwhile: start this one anew";
            return Err(WriteError::Unavailable(problem.to_owned()));
        }
        let latest_id = durable.latest_id().map_err(WriteError::Unavailable)?;
        let here: Vec<_> = stores.by_id.values().map(|store| store.stored()).collect();
        durable.adopt(&here).map_err(WriteError::Unavailable)?;
        stores.latest_id = stores.latest_id.max(latest_id);
        for stored in stored {
            let id = stored.info.id;
            stores.latest_id = stores.latest_id.max(id);
            let store = CentralStore::new(stored.info, stored.entries);
            stores.by_id.insert(id, Arc::new(store));
        }
        stores.durable = Some(durable);
        Ok(())
    }
}

impl std::fmt::Debug for Central {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Central").finish_non_exhaustive()
    }
}
