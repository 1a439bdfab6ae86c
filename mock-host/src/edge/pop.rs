//! A location of the platform.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use fastedge_host as host;

use super::cache::Cache;
use super::read_cache::ReadCache;
use super::replica::Replica;
use super::settings::Settings;

/// One location: copies of the stores, nodes with read caches, and a cache.
pub(crate) struct Pop {
    pub(crate) name: Arc<str>,
    pub(crate) cache: Cache,
    /// A cache that is elsewhere, and is asked instead.
    foreign_cache: RwLock<Option<Arc<dyn host::Cache>>>,
    replicas: RwLock<HashMap<u64, Arc<Replica>>>,
    nodes: RwLock<Arc<[ReadCache]>>,
    next_node: AtomicUsize,
}

impl Pop {
    pub(crate) fn new(name: &str, settings: &Settings) -> Self {
        Pop {
            name: name.into(),
            cache: Cache::new(settings.cache.clone()),
            foreign_cache: RwLock::default(),
            replicas: RwLock::default(),
            nodes: RwLock::new(nodes(settings)),
            next_node: AtomicUsize::new(0),
        }
    }

    pub(crate) fn set_settings(&self, settings: &Settings) {
        self.cache.set_settings(settings.cache.clone());
        *self.nodes.write().unwrap_or_else(PoisonError::into_inner) = nodes(settings);
    }

    /// The nodes, and which of them is next in turn.
    pub(crate) fn next_node(&self) -> (Arc<[ReadCache]>, usize) {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        let turn = self.next_node.fetch_add(1, Relaxed);
        (Arc::clone(&nodes), turn % nodes.len())
    }

    pub(crate) fn forget_reads(&self) {
        let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
        nodes.iter().for_each(ReadCache::clear);
    }

    pub(crate) fn replica(&self, store: u64) -> Option<Arc<Replica>> {
        let replicas = self.replicas.read().unwrap_or_else(PoisonError::into_inner);
        replicas.get(&store).cloned()
    }

    /// The copy of a store, which is made if there is none.
    pub(crate) fn replica_or(
        &self,
        store: u64,
        complete: impl FnOnce() -> Replica,
    ) -> Arc<Replica> {
        let replicas = self.replicas.write();
        let mut replicas = replicas.unwrap_or_else(PoisonError::into_inner);
        let replica = replicas
            .entry(store)
            .or_insert_with(|| Arc::new(complete()));
        Arc::clone(replica)
    }

    pub(crate) fn drop_replica(&self, store: u64) {
        let replicas = self.replicas.write();
        let mut replicas = replicas.unwrap_or_else(PoisonError::into_inner);
        replicas.remove(&store);
    }

    pub(crate) fn foreign_cache(&self) -> Option<Arc<dyn host::Cache>> {
        let foreign = self.foreign_cache.read();
        foreign.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_foreign_cache(&self, cache: Option<Arc<dyn host::Cache>>) {
        let foreign = self.foreign_cache.write();
        *foreign.unwrap_or_else(PoisonError::into_inner) = cache;
    }
}

fn nodes(settings: &Settings) -> Arc<[ReadCache]> {
    (0..settings.nodes).map(|_| ReadCache::default()).collect()
}

impl fmt::Debug for Pop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pop")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
