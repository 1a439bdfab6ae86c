//! What all locations and all apps share.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use fastedge_host as host;

use super::calls::CallLog;
use super::central::{
    Byod, Central, CentralStore, Change, Database, Durable, Stored, WriteError, Written,
};
use super::faults::Faults;
use super::pop::Pop;
use super::replica::{Entries, Replica};
use super::replication::Journey;
use super::settings::Settings;
use super::{Clock, Replication};

/// The platform of one account: the central side, the locations, time, faults and the log.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) central: Central,
    pub(crate) pops: Vec<Arc<Pop>>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) log: CallLog,
    /// Whether a failing test has told of the calls.
    pub(crate) is_reported: AtomicBool,
    settings: RwLock<Arc<Settings>>,
    random: Mutex<fastrand::Rng>,
}

impl Platform {
    pub(crate) fn new(pops: &[&str], settings: Settings, clock: Clock, log: CallLog) -> Self {
        let platform = Platform {
            central: Central::default(),
            pops: pops
                .iter()
                .map(|name| Arc::new(Pop::new(name, &settings)))
                .collect(),
            clock,
            faults: Faults::default(),
            log,
            is_reported: AtomicBool::new(false),
            settings: RwLock::default(),
            random: Mutex::new(fastrand::Rng::with_seed(0)),
        };
        platform.set_settings(settings);
        platform
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        let settings = self.settings.read();
        Arc::clone(&settings.unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_settings(&self, settings: Settings) {
        for pop in &self.pops {
            pop.set_settings(&settings);
        }
        self.faults.replace_standing(&settings.faults);
        let slot = self.settings.write();
        *slot.unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    pub(crate) fn set_replication(&self, replication: Replication) {
        let mut slot = self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = Arc::new((**slot).clone().replication(replication));
    }

    pub(crate) fn seed(&self, seed: u64) {
        let random = self.random.lock();
        random.unwrap_or_else(PoisonError::into_inner).seed(seed);
    }

    pub(crate) fn fill_random(&self, bytes: &mut [u8]) {
        let random = self.random.lock();
        random.unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }

    /// The store of a name, which is made if there is none.
    pub(crate) fn store(&self, name: &str) -> Result<Arc<CentralStore>, WriteError> {
        if let Some(store) = self.central.by_name(name) {
            return Ok(store);
        }
        match self.central.create(name, None, None, self.clock.now_ms()) {
            // Somebody else was faster.
            Err(WriteError::NameTaken(_)) => {
                self.central.by_name(name).ok_or(WriteError::NoSuchStore)
            }
            created => created,
        }
    }

    /// A location's copy of a store.
    pub(crate) fn replica(&self, pop: &Pop, store: &CentralStore) -> Arc<Replica> {
        let id = store.id();
        if let Some(replica) = pop.replica(id) {
            return replica;
        }
        // The store's lock first, then the location's: the order of those who write.
        let made =
            store.with_entries(|entries| pop.replica_or(id, || Replica::of(entries.clone())));
        made.unwrap_or_else(|| Arc::new(Replica::of(Entries::new())))
    }

    /// Writes to a store, and sends the writes on their way.
    pub(crate) fn write(
        &self,
        store: &CentralStore,
        changes: &[Change],
        force: bool,
    ) -> Result<Written, WriteError> {
        if let Some(database) = store.database() {
            let durable = self.central.durable();
            let revision = store.count_write(durable.as_deref(), self.clock.now_ms())?;
            let mut written = database.write(changes, force)?;
            written.revision = revision;
            return Ok(written);
        }
        let settings = self.settings();
        self.write_as(store, changes, force, Some(&settings.replication))
    }

    /// Writes to a store as it was before the test began: every location has it.
    pub(crate) fn write_everywhere(
        &self,
        store: &CentralStore,
        changes: &[Change],
    ) -> Result<Written, WriteError> {
        if let Some(database) = store.database() {
            return database.write(changes, true);
        }
        self.write_as(store, changes, true, None)
    }

    /// Writes, and sends the writes on their way; without a way they overtake those that are on it.
    fn write_as(
        &self,
        store: &CentralStore,
        changes: &[Change],
        force: bool,
        replication: Option<&Replication>,
    ) -> Result<Written, WriteError> {
        // A location that has no copy yet takes one as it was before this write.
        for pop in &self.pops {
            self.replica(pop, store);
        }
        let now_ms = self.clock.now_ms();
        let durable = self.central.durable();
        store.write(
            changes,
            (force, now_ms),
            durable.as_deref(),
            |info, new_entries| {
                for pop in &self.pops {
                    let Some(replica) = pop.replica(info.id) else {
                        continue;
                    };
                    for (key, entry) in &new_entries {
                        let Some(replication) = replication else {
                            replica.overtake(Arc::clone(key), entry.clone());
                            continue;
                        };
                        let arrival_ms = replication.arrival_ms(&Journey {
                            pop: &pop.name,
                            store: info.id,
                            key,
                            revision: info.revision,
                            now_ms,
                        });
                        replica.send(Arc::clone(key), entry.clone(), arrival_ms, now_ms);
                    }
                }
            },
        )
    }

    pub(crate) fn create_store(
        &self,
        name: &str,
        comment: Option<String>,
        byod: Option<(Byod, Arc<dyn Database>)>,
    ) -> Result<Arc<CentralStore>, WriteError> {
        let now_ms = self.clock.now_ms();
        self.central.create(name, comment, byod, now_ms)
    }

    pub(crate) fn delete_store(&self, id: u64) -> Result<(), WriteError> {
        self.central.delete(id)?;
        self.pops.iter().for_each(|pop| pop.drop_replica(id));
        Ok(())
    }

    /// What is on its way to a location arrives now, what is held back too.
    pub(crate) fn replicate_now(&self, pop: &Pop) {
        for store in self.central.all() {
            if let Some(replica) = pop.replica(store.id()) {
                replica.replicate_now();
            }
        }
    }

    pub(crate) fn keep_in(
        &self,
        durable: Arc<dyn Durable>,
        stored: Vec<Stored>,
    ) -> Result<(), WriteError> {
        self.central.keep_in(durable, stored)
    }
}

/// A store that is not the platform's.
#[derive(Clone)]
pub(crate) struct Foreign(pub(crate) Arc<dyn host::Store>);

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Foreign").finish_non_exhaustive()
    }
}
