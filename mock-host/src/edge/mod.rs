//! The simulated platform, and the only owner of its state.
//!
//! What the host's contract says of stores, cache, secrets and variables is implemented here, once.
//! The adapters around it only translate: [`MockHost`](crate::MockHost) to the traits of
//! `fastedge-host` for native tests, `fastedge-mock` to the imports of a component.

pub(crate) mod cache;
mod calls;
mod clock;
mod faults;
mod interfaces;
pub(crate) mod kv;
mod outbound;
mod secrets;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use fastedge_host::{HttpError, Request, Response};

use self::cache::Cache;
use self::calls::CallLog;
pub use self::calls::{Call, Calls, Operation};
pub use self::clock::Clock;
use self::faults::Faults;
pub use self::faults::{Fault, FaultError};
pub use self::kv::BloomOptions;
use self::kv::Stores;
pub use self::outbound::Answer;
use self::outbound::Outbound;
use self::secrets::Secrets;
use crate::view::{CacheView, StoreWriter};

/// A server runs for days, and an app may label every request.
const KEPT_DIAGNOSTICS: usize = 1000;
const KEPT_CHARACTERS: usize = 1000;

/// One location of the platform, with what is linked to one app.
///
/// The methods named after an interface's functions are what an app calls: they are logged, and
/// faults strike them. The others are for whoever sets the scene.
#[derive(Debug)]
pub struct Edge {
    stores: Stores,
    cache: Cache,
    secrets: Secrets,
    variables: RwLock<HashMap<String, String>>,
    outbound: Outbound,
    clock: Clock,
    random: Mutex<fastrand::Rng>,
    faults: Faults,
    log: CallLog,
    diagnostics: Mutex<VecDeque<String>>,
}

/// An open store. It stays open however long it is kept.
#[derive(Clone, Debug)]
pub struct OpenStore {
    name: Arc<str>,
    store: Arc<kv::Store>,
}

impl Edge {
    /// For tests: time stands still until it is moved, and calls are kept.
    pub fn for_tests() -> Self {
        Edge::new(Clock::still(), CallLog::new(true))
    }

    /// For a server: time is the system's, and calls are not kept.
    pub fn for_serving() -> Self {
        Edge::new(Clock::system(), CallLog::new(false))
    }

    fn new(clock: Clock, log: CallLog) -> Self {
        Edge {
            stores: Stores::default(),
            cache: Cache::default(),
            secrets: Secrets::default(),
            variables: RwLock::default(),
            outbound: Outbound::default(),
            clock,
            random: Mutex::new(fastrand::Rng::with_seed(0)),
            faults: Faults::default(),
            log,
            diagnostics: Mutex::default(),
        }
    }

    /// The location's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Links a store to the app under this name, if none is, and writes to it.
    pub fn store(&self, name: &str) -> StoreWriter {
        StoreWriter::new(self.stores.link(name), self.clock.now_ms())
    }

    /// Whether a store is linked to the app under this name.
    pub fn has_store(&self, name: &str) -> bool {
        self.stores.open(name).is_ok()
    }

    /// The cache, past the app's interface.
    pub fn cache(&self) -> CacheView<'_> {
        CacheView::new(&self.cache, &self.clock)
    }

    /// Denies the cache to the app, as a plan without one does.
    pub fn deny_cache(&self) {
        self.cache.deny();
    }

    /// Gives a secret a value that is in effect from a moment (unix seconds) on.
    pub fn set_secret(&self, key: &str, effective_from: u64, value: impl Into<String>) {
        self.secrets.set(key, effective_from, value.into());
    }

    /// Takes a secret away, with all of its values.
    pub fn remove_secret(&self, key: &str) {
        self.secrets.remove(key);
    }

    /// Sets a variable of the app.
    pub fn set_variable(&self, key: impl Into<String>, value: impl Into<String>) {
        let mut variables = self
            .variables
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        variables.insert(key.into(), value.into());
    }

    /// Answers requests to this URL.
    pub fn answer(&self, url: impl Into<String>, answer: Answer) {
        self.outbound.answer(url.into(), answer);
    }

    /// Answers requests to URLs that have no answer of their own.
    pub fn answer_with(
        &self,
        respond: impl Fn(&Request) -> Result<Response, HttpError> + Send + Sync + 'static,
    ) {
        self.outbound.answer_with(Arc::new(respond));
    }

    /// Seeds the source of randomness.
    pub fn seed(&self, seed: u64) {
        self.random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seed(seed);
    }

    /// Fills `bytes` from the source of randomness.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill(bytes);
    }

    /// Makes calls fail from now on.
    pub fn inject(&self, fault: Fault) {
        self.faults.inject(fault);
    }

    /// Makes no more calls fail.
    pub fn clear_faults(&self) {
        self.faults.clear();
    }

    /// The calls so far.
    pub fn calls(&self) -> Calls {
        self.log.snapshot()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.log.clear();
    }

    /// The labels that the app has set, in order: the latest thousand of them.
    pub fn diagnostics(&self) -> Vec<String> {
        let labels = self.diagnostics.lock();
        let labels = labels.unwrap_or_else(PoisonError::into_inner);
        labels.iter().cloned().collect()
    }
}
