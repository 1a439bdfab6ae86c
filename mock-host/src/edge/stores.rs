//! The stores of the platform, as whoever sets the scene, or an API, sees them.

use std::sync::Arc;

use fastedge_host as host;

use super::app::Link;
use super::central::{
    Byod, Change, Database, Durable, EntryPage, ListQuery, StoreInfo, Stored, WriteError, Written,
    with_prefix,
};
use super::kv::Entry;
use super::platform::Foreign;
use super::{Edge, StoreState};

impl Edge {
    /// Links a store to the app under this name, if none is, and writes to it as if it had been so
    /// all along: every location has it. All is written, or nothing.
    ///
    /// # Errors
    ///
    /// If something cannot be written.
    pub fn fill(&self, name: &str, changes: &[Change]) -> Result<Written, WriteError> {
        self.write_everywhere(self.link_own(name)?, changes)
    }

    /// Like [`fill`](Edge::fill), but what is written travels to the locations.
    ///
    /// # Errors
    ///
    /// If something cannot be written.
    pub fn write(&self, name: &str, changes: &[Change]) -> Result<Written, WriteError> {
        self.write_store(self.link_own(name)?, changes, true)
    }

    /// The number of the store that is linked under this name; if none is, that of the same name is
    /// linked, and made if need be.
    fn link_own(&self, name: &str) -> Result<u64, WriteError> {
        match self.app.store(name) {
            Some(Link::Store(store)) => Ok(store.id()),
            Some(Link::Foreign(_)) => Err(WriteError::Invalid(format!(
                "{name:?} is not a store of the platform: write to it where it is"
            ))),
            None => self.link_store(name, name),
        }
    }

    /// Links a store of the account to the app under a name, and makes it if there is none of that
    /// name; its number.
    ///
    /// # Errors
    ///
    /// If the store cannot be made.
    pub fn link_store(&self, name: &str, store: &str) -> Result<u64, WriteError> {
        let store = self.platform.store(store)?;
        let id = store.id();
        self.app.link(name, Link::Store(store));
        Ok(id)
    }

    /// Links a store that is not the platform's to the app under a name.
    pub fn link_foreign_store(&self, name: &str, store: Arc<dyn host::Store>) {
        self.app.link(name, Link::Foreign(Foreign(store)));
    }

    /// Whether a store is linked to the app under this name.
    pub fn has_store(&self, name: &str) -> bool {
        self.app.store(name).is_some()
    }

    /// The stores that are linked to the app: their names, and their numbers if they are the
    /// platform's.
    pub fn linked_stores(&self) -> Vec<(String, Option<u64>)> {
        self.app.stores()
    }

    /// All stores of the account, by number.
    pub fn stores(&self) -> Vec<StoreState> {
        let stores = self.platform.central.all();
        let stores = stores.iter().map(|store| StoreState {
            info: store.info(),
            size: store.size(),
        });
        stores.collect()
    }

    /// A store of the account.
    pub fn store_state(&self, id: u64) -> Option<StoreState> {
        let store = self.platform.central.by_id(id)?;
        Some(StoreState {
            info: store.info(),
            size: store.size(),
        })
    }

    /// Creates a store. A customer's own database is read and written from the beginning.
    ///
    /// # Errors
    ///
    /// If there is one of that name, or it cannot be made durable.
    pub fn create_store(
        &self,
        name: &str,
        comment: Option<String>,
        byod: Option<(Byod, Arc<dyn Database>)>,
    ) -> Result<StoreInfo, WriteError> {
        let store = self.platform.create_store(name, comment, byod)?;
        Ok(store.info())
    }

    /// Replaces the description of a store, and the customer's own database behind it.
    ///
    /// # Errors
    ///
    /// If there is no such store, there is another one of that name, or it cannot be made durable.
    pub fn replace_store(
        &self,
        id: u64,
        name: &str,
        comment: Option<String>,
        byod: Option<(Byod, Arc<dyn Database>)>,
    ) -> Result<StoreInfo, WriteError> {
        let now_ms = self.clock().now_ms();
        let central = &self.platform.central;
        central.replace(id, name, comment, byod, now_ms)
    }

    /// Deletes a store, with all that is in it.
    ///
    /// # Errors
    ///
    /// If there is no such store, or it cannot be made durable.
    pub fn delete_store(&self, id: u64) -> Result<(), WriteError> {
        self.platform.delete_store(id)
    }

    /// Puts a database of the customer's own behind a store: it is read and written from now on.
    ///
    /// # Errors
    ///
    /// If there is no such store.
    pub fn set_database(
        &self,
        id: u64,
        database: Option<Arc<dyn Database>>,
    ) -> Result<(), WriteError> {
        let store = self.platform.central.by_id(id);
        store.ok_or(WriteError::NoSuchStore)?.set_database(database);
        Ok(())
    }

    /// Writes to a store, all or nothing, and sends the writes on their way. A store that is a
    /// customer's own database has no such transaction.
    ///
    /// # Errors
    ///
    /// If something cannot be written.
    pub fn write_store(
        &self,
        id: u64,
        changes: &[Change],
        force: bool,
    ) -> Result<Written, WriteError> {
        let store = self.platform.central.by_id(id);
        let store = store.ok_or(WriteError::NoSuchStore)?;
        self.platform.write(&store, changes, force)
    }

    /// Writes to a store, all or nothing, as if it had been so all along.
    ///
    /// # Errors
    ///
    /// If something cannot be written.
    pub fn write_everywhere(&self, id: u64, changes: &[Change]) -> Result<Written, WriteError> {
        let store = self.platform.central.by_id(id);
        let store = store.ok_or(WriteError::NoSuchStore)?;
        self.platform.write_everywhere(&store, changes)
    }

    /// What a key of a store holds on the central side.
    ///
    /// # Errors
    ///
    /// If there is no such store, or its database does not answer.
    pub fn entry(&self, id: u64, key: &str) -> Result<Option<Arc<Entry>>, WriteError> {
        let store = self.platform.central.by_id(id);
        let store = store.ok_or(WriteError::NoSuchStore)?;
        if let Some(database) = store.database() {
            return Ok(database.entry(key)?.map(Arc::new));
        }
        let now_ms = self.clock().now_ms();
        Ok(store.entry(key).filter(|entry| entry.is_alive(now_ms)))
    }

    /// The keys of a store that begin with a prefix, on the central side, in order.
    ///
    /// # Errors
    ///
    /// If there is no such store, or its database does not answer.
    pub fn keys(&self, id: u64, prefix: &str) -> Result<Vec<String>, WriteError> {
        let store = self.platform.central.by_id(id);
        let store = store.ok_or(WriteError::NoSuchStore)?;
        if let Some(database) = store.database() {
            return database.keys(prefix);
        }
        let now_ms = self.clock().now_ms();
        let keys = store.with_entries(|entries| {
            let selected = with_prefix(entries, prefix, now_ms);
            selected.map(|(key, _)| (**key).to_owned()).collect()
        });
        keys.ok_or(WriteError::NoSuchStore)
    }

    /// Returns a page of a store's entries, on the central side.
    ///
    /// # Errors
    ///
    /// If the store does not exist, or its database does not respond.
    pub fn list(&self, id: u64, query: &ListQuery<'_>) -> Result<EntryPage, WriteError> {
        let store = self.platform.central.by_id(id);
        let store = store.ok_or(WriteError::NoSuchStore)?;
        if let Some(database) = store.database() {
            return database.list(query);
        }
        let now_ms = self.clock().now_ms();
        let page = store.with_entries(|entries| query.page_of(entries, now_ms));
        page.ok_or(WriteError::NoSuchStore)
    }

    /// What a key of a store holds as this location sees it, past the nodes' read caches.
    pub fn entry_here(&self, id: u64, key: &str) -> Option<Arc<Entry>> {
        let store = self.platform.central.by_id(id)?;
        let replica = self.platform.replica(&self.pop, &store);
        replica.get(key, self.clock().now_ms())
    }

    /// Takes over the stores that a database has kept, and acknowledges writes from now on when
    /// they are in it. Stores that are here already are written to it.
    ///
    /// # Errors
    ///
    /// If they cannot be.
    pub fn keep_in(
        &self,
        durable: Arc<dyn Durable>,
        stored: Vec<Stored>,
    ) -> Result<(), WriteError> {
        self.platform.keep_in(durable, stored)
    }
}
