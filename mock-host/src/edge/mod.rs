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
mod stores;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use fastedge_host::{self as host, HttpError, Request, Response};

use self::app::AppLinks;
pub use self::cache::CachedEntry;
use self::calls::CallLog;
pub use self::calls::{Call, Calls, Operation};
use self::central::StoreInfo;
pub use self::clock::Clock;
pub use self::faults::{Fault, FaultError};
pub use self::kv::BloomOptions;
pub use self::outbound::Answer;
use self::platform::Platform;
use self::pop::Pop;
pub use self::replication::Replication;
pub use self::session::{OpenStore, OwnAnswer, SentRequest, Session};
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

    /// The location's cache, past the app's interface. Where another cache is in its place, this is still the
    /// location's own, which nobody asks.
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
