//! The simulated platform, and the only owner of its state.
//!
//! What the host's contract says of stores, cache, secrets and variables is implemented here, once.
//! The adapters around it only translate: [`MockHost`](crate::MockHost) to the traits of
//! `fastedge-host` for native tests, `fastedge-mock` to the imports of a component.

mod app;
pub(crate) mod cache;
mod calls;
pub(crate) mod central;
mod clock;
pub(crate) mod faults;
pub(crate) mod kv;
mod outbound;
mod platform;
mod pop;
mod read_cache;
mod replica;
mod replication;
mod secrets;
mod session;
mod settings;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use fastedge_host::{self as host, HttpError, Request, Response};

use self::app::{AppLinks, Link};
pub use self::cache::CachedEntry;
use self::calls::CallLog;
pub use self::calls::{Call, Calls, Operation};
use self::central::{Byod, Change, Database, Durable, StoreInfo, Stored, WriteError, Written};
pub use self::clock::Clock;
pub use self::faults::{Fault, FaultError};
pub use self::kv::BloomOptions;
use self::kv::Entry;
pub use self::outbound::Answer;
use self::platform::{Foreign, Platform};
use self::pop::Pop;
pub use self::replication::Replication;
pub use self::session::{OpenStore, OwnAnswer, Session};
pub use self::settings::{Overflow, Scans, Settings, Unlinked};
use crate::view::CacheView;

/// The platform as one app meets it at one location.
///
/// It is a handle: clones share what is behind it, and so do the handles to other locations
/// ([`at`](Edge::at)) and other apps ([`for_another_app`](Edge::for_another_app)).
#[derive(Clone, Debug)]
pub struct Edge {
    platform: Arc<Platform>,
    app: Arc<AppLinks>,
    pop: Arc<Pop>,
}

/// The name of a location, where there is only one.
pub const LOCAL_POP: &str = "local";

/// A store, as the central side has it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoreState {
    /// Its description.
    pub info: StoreInfo,
    /// How many bytes it takes, keys and values.
    pub size: u64,
}

/// A write that has not arrived at a location yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnItsWay {
    /// The location.
    pub pop: Arc<str>,
    /// The store's number.
    pub store: u64,
    /// The key.
    pub key: String,
    /// When it arrives, in unix milliseconds; `None` is that it is held back.
    pub arrives_at_ms: Option<u64>,
}

impl Edge {
    /// For tests: time stands still until it is moved, and calls are kept. The first location is
    /// the one that is meant where none is named; there is always one.
    pub fn for_tests(pops: &[&str], settings: Settings) -> Self {
        Edge::new(pops, settings, Clock::still(), CallLog::new(true))
    }

    /// For a server: time is the system's, and calls are kept by request only.
    pub fn for_serving(pops: &[&str], settings: Settings) -> Self {
        Edge::new(pops, settings, Clock::system(), CallLog::new(false))
    }

    fn new(pops: &[&str], settings: Settings, clock: Clock, log: CallLog) -> Self {
        let pops = match pops {
            [] => &[LOCAL_POP],
            pops => pops,
        };
        let platform = Platform::new(pops, settings, clock, log);
        Edge {
            pop: Arc::clone(&platform.pops[0]),
            app: Arc::default(),
            platform: Arc::new(platform),
        }
    }

    /// The same app at another location, if there is one of this name.
    pub fn at(&self, pop: &str) -> Option<Edge> {
        let pop = self
            .platform
            .pops
            .iter()
            .find(|other| &*other.name == pop)?;
        Some(Edge {
            pop: Arc::clone(pop),
            ..self.clone()
        })
    }

    /// Another app at the same location, to which nothing is linked yet.
    #[must_use]
    pub fn for_another_app(&self) -> Edge {
        Edge {
            app: Arc::default(),
            ..self.clone()
        }
    }

    /// The location's name.
    pub fn pop(&self) -> &str {
        &self.pop.name
    }

    /// The names of all locations.
    pub fn pops(&self) -> Vec<Arc<str>> {
        let pops = self.platform.pops.iter();
        pops.map(|pop| Arc::clone(&pop.name)).collect()
    }

    /// What a request sees: a node of the location in its turn, and a log of its own.
    pub fn session(&self) -> Session {
        Session::new(self.clone(), true)
    }

    /// Like [`session`](Edge::session), without a log of its own.
    pub(crate) fn session_without_log(&self) -> Session {
        Session::new(self.clone(), false)
    }

    /// The platform's clock.
    pub fn clock(&self) -> &Clock {
        &self.platform.clock
    }

    /// How the platform behaves.
    pub fn settings(&self) -> Settings {
        (*self.platform.settings()).clone()
    }

    /// It behaves differently from now on. What nodes have kept of their reads is forgotten.
    pub fn set_settings(&self, settings: Settings) {
        self.platform.set_settings(settings);
    }

    /// Writes travel differently from now on; those on their way stay on it.
    pub fn set_replication(&self, replication: Replication) {
        self.platform.set_replication(replication);
    }

    /// Everything that is on its way to any location arrives now, what is held back too.
    pub fn replicate_now(&self) {
        for pop in &self.platform.pops {
            self.platform.replicate_now(pop);
        }
    }

    /// Everything that is on its way to this location arrives now.
    pub fn replicate_here_now(&self) {
        self.platform.replicate_now(&self.pop);
    }

    /// The nodes of all locations forget what they have kept of their reads.
    pub fn forget_reads(&self) {
        self.platform.pops.iter().for_each(|pop| pop.forget_reads());
    }

    /// The writes that have not arrived everywhere yet.
    pub fn on_their_way(&self) -> Vec<OnItsWay> {
        let now_ms = self.clock().now_ms();
        let mut all = Vec::new();
        for store in self.platform.central.all() {
            let id = store.id();
            for pop in &self.platform.pops {
                let writes = pop.replica(id).map(|replica| replica.on_their_way(now_ms));
                all.extend(
                    writes
                        .into_iter()
                        .flatten()
                        .map(|(key, arrives_at_ms)| OnItsWay {
                            pop: Arc::clone(&pop.name),
                            store: id,
                            key,
                            arrives_at_ms,
                        }),
                );
            }
        }
        all
    }

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
            _ => self.link_store(name, name),
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

    /// Makes a store.
    ///
    /// # Errors
    ///
    /// If there is one of that name, or it cannot be made durable.
    pub fn create_store(
        &self,
        name: &str,
        comment: Option<String>,
        byod: Option<Byod>,
    ) -> Result<StoreInfo, WriteError> {
        let store = self.platform.create_store(name, comment, byod)?;
        Ok(store.info())
    }

    /// Describes a store anew.
    ///
    /// # Errors
    ///
    /// If there is no such store, there is another one of that name, or it cannot be made durable.
    pub fn replace_store(
        &self,
        id: u64,
        name: &str,
        comment: Option<String>,
        byod: Option<Byod>,
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
        let entries = store.entries();
        let from_prefix = entries.range::<str, _>((
            std::ops::Bound::Included(prefix),
            std::ops::Bound::Unbounded,
        ));
        Ok(from_prefix
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(_, entry)| entry.is_alive(now_ms))
            .map(|(key, _)| (**key).to_owned())
            .collect())
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

    /// The location's cache, past the app's interface.
    pub fn cache(&self) -> CacheView<'_> {
        CacheView::new(&self.pop.cache, &self.platform.clock)
    }

    /// Puts another cache in the place of the location's own.
    pub fn set_foreign_cache(&self, cache: Option<Arc<dyn host::Cache>>) {
        self.pop.set_foreign_cache(cache);
    }

    /// Gives a secret a value that is in effect from a moment (unix seconds) on.
    pub fn set_secret(&self, key: &str, effective_from: u64, value: impl Into<String>) {
        self.app.secrets.set(key, effective_from, value.into());
    }

    /// Takes a secret away, with all of its values.
    pub fn remove_secret(&self, key: &str) {
        self.app.secrets.remove(key);
    }

    /// Sets a variable of the app.
    pub fn set_variable(&self, key: impl Into<String>, value: impl Into<String>) {
        self.app.set_variable(key.into(), value.into());
    }

    /// The app's variables, by name.
    pub fn variables(&self) -> Vec<(String, String)> {
        self.app.variables()
    }

    /// Answers requests to this URL.
    pub fn answer(&self, url: impl Into<String>, answer: Answer) {
        self.app.outbound.answer(url.into(), answer);
    }

    /// Answers requests to URLs that have no answer of their own.
    pub fn answer_with(
        &self,
        respond: impl Fn(&Request) -> Result<Response, HttpError> + Send + Sync + 'static,
    ) {
        self.app.outbound.answer_with(Arc::new(respond));
    }

    /// Seeds the source of randomness.
    pub fn seed(&self, seed: u64) {
        self.platform.seed(seed);
    }

    /// Fills `bytes` from the source of randomness.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.platform.fill_random(bytes);
    }

    /// Makes calls fail from now on.
    pub fn inject(&self, fault: Fault) {
        self.platform.faults.inject(fault);
    }

    /// Makes no more calls fail, but for what the settings say.
    pub fn clear_faults(&self) {
        self.platform.faults.clear();
    }

    /// The faults in force, in words.
    pub fn faults(&self) -> Vec<String> {
        self.platform.faults.describe()
    }

    /// The calls so far, at all locations.
    pub fn calls(&self) -> Calls {
        self.platform.log.snapshot()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.platform.log.clear();
    }

    /// Whether this is the first time that somebody asks: a failure is reported once.
    pub(crate) fn is_first_report(&self) -> bool {
        !self.platform.is_reported.swap(true, Relaxed)
    }

    /// The labels that the app has set, in order: the latest thousand of them.
    pub fn diagnostics(&self) -> Vec<String> {
        self.app.labels()
    }
}
