//! The platform of one test.

use std::fmt;
use std::time::Duration;
#[cfg(not(target_arch = "wasm32"))]
use {
    fastedge_host::{Host, HttpError, Request, Response, Scope},
    std::future::Future,
};

use crate::edge::{Answer, Calls, Fault, Replication, Settings};
use crate::installed::Installed;
use crate::location::Location;
use crate::platform::{CacheView, Clock, Edge};
use crate::store_writer::StoreWriter;

/// The platform of one test: what is set up here is what the app finds.
///
/// It is set up by methods that take and return it, and [`install`](MockHost::install)ed for the
/// test's thread. Tests that run in parallel do not see each other's. Clones are handles to the
/// same platform.
///
/// Its clock begins at 2026-01-01T00:00:00Z and stands still until it is moved.
///
/// ```
/// use std::time::Duration;
/// use fastedge::{Cache, KvStore, cache::Ttl};
/// use fastedge_mock_host::MockHost;
///
/// let edge = MockHost::new()
///     .kv("config", |kv| kv.set("limit", "3").sorted_set("scores", [(7.0, "ann")]))
///     .variable("REGION", "eu")
///     .secret("TOKEN", "s3cr3t");
/// let _installed = edge.install();
///
/// assert_eq!(KvStore::open("config")?.get_parsed("limit")?, Some(3));
/// Cache::set("seen", "yes", Ttl::secs(60)?)?;
/// edge.clock().advance(Duration::from_secs(60));
/// assert!(!Cache::exists("seen")?);
///
/// assert_eq!(edge.calls().kv_reads(), 1);
/// assert_eq!(edge.calls().cache_calls(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct MockHost {
    edge: Edge,
}

impl MockHost {
    /// A platform to which nothing is linked yet, with an empty cache.
    ///
    /// It has one location, and is prompt ([`Settings::prompt`]): what the test writes is there at
    /// once. Where replication and the nodes' read caches are to be as on the platform, see
    /// [`pops`](MockHost::pops) and [`settings`](MockHost::settings).
    pub fn new() -> Self {
        MockHost {
            edge: Edge::for_tests(&[], Settings::prompt()),
        }
    }

    /// A platform with these locations, each with a copy of the stores and a cache of its own, which
    /// behaves as the real one ([`Settings::platform`]): a key that is [written](MockHost::write)
    /// arrives at each location after one to two seconds, and a node keeps what it has read for 30.
    ///
    /// The first location is the one that is meant where none is named.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fastedge::KvStore;
    /// use fastedge_mock_host::{MockHost, Replication};
    ///
    /// let edge = MockHost::pops(["lon", "syd"])
    ///     .replication(Replication::after(Duration::from_secs(1)).to("syd", Replication::held()))
    ///     .kv("config", |kv| kv.set("colour", "red"));
    /// let colour = || KvStore::open("config").unwrap().get_text("colour").unwrap().unwrap();
    /// edge.write("config", |kv| kv.set("colour", "blue"));
    /// edge.clock().advance(Duration::from_secs(1));
    ///
    /// assert_eq!(edge.at("lon").run(colour), "blue");
    /// assert_eq!(edge.at("syd").run(colour), "red");
    /// edge.replicate_now();
    /// // The node in Sydney keeps what it has read.
    /// assert_eq!(edge.at("syd").run(colour), "red");
    /// edge.clock().advance(Duration::from_secs(30));
    /// assert_eq!(edge.at("syd").run(colour), "blue");
    /// ```
    pub fn pops<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        MockHost {
            edge: Edge::for_tests(&names, Settings::platform()),
        }
    }

    /// How the platform behaves. Say it before anything is read.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        self.edge.set_settings(settings);
        self
    }

    /// How long writes take to the locations; the other settings stay.
    #[must_use]
    pub fn replication(self, replication: Replication) -> Self {
        self.edge.set_replication(replication);
        self
    }

    /// One of the locations, to run an app there.
    ///
    /// # Panics
    ///
    /// If there is none of this name.
    #[track_caller]
    pub fn at(&self, pop: &str) -> Location {
        match self.edge.at(pop) {
            Some(edge) => Location::new(edge),
            None => panic!(
                "there is no location {pop:?}; there are: {}",
                self.edge.pops().join(", ")
            ),
        }
    }

    /// The platform itself, at its first location: for tools that run components on it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    fn here(&self) -> Location {
        Location::new(self.edge.clone())
    }

    /// Links a store to the app under a name, and fills it: every location has what is written here.
    #[must_use]
    #[track_caller]
    pub fn kv(self, store: &str, fill: impl FnOnce(StoreWriter) -> StoreWriter) -> Self {
        let changes = fill(StoreWriter::new(self.edge.clock().now_ms())).into_changes();
        if let Err(error) = self.edge.fill(store, &changes) {
            panic!("store {store:?}: {error}");
        }
        self
    }

    /// Puts an entry into the cache.
    #[must_use]
    pub fn cached(self, key: &str, value: impl AsRef<[u8]>, ttl: Option<Duration>) -> Self {
        self.edge.cache().set(key, value, ttl);
        self
    }

    /// Denies the cache to the app, as a plan without one does.
    #[must_use]
    pub fn without_cache(self) -> Self {
        let settings = self.edge.settings().cache(false);
        self.edge.set_settings(settings);
        self
    }

    /// Gives the app a secret, which has always been in effect.
    #[must_use]
    pub fn secret(self, key: &str, value: impl Into<String>) -> Self {
        self.secret_from(key, 0, value)
    }

    /// Gives the app's secret a value that is in effect from a moment (unix seconds) until its next
    /// value's.
    #[must_use]
    pub fn secret_from(self, key: &str, effective_from: u64, value: impl Into<String>) -> Self {
        self.edge.set_secret(key, effective_from, value);
        self
    }

    /// Sets a variable of the app: an entry of its dictionary.
    ///
    /// On the platform it is in the app's environment as well. A native test has one environment
    /// for all tests, which is therefore left alone: read variables with `fastedge::dictionary`.
    #[must_use]
    pub fn variable(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.edge.set_variable(key, value);
        self
    }

    /// Answers the app's requests to this URL. A native test may send any number of requests, of any size: a plan's
    /// limits hold where components run.
    #[must_use]
    pub fn answer(self, url: impl Into<String>, answer: Answer) -> Self {
        self.edge.answer(url, answer);
        self
    }

    /// Answers the app's requests to URLs that have no answer of their own. Without it, such a
    /// request fails with `request-error`. For native tests: a component cannot be asked while it
    /// asks.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn answer_with(
        self,
        respond: impl Fn(&Request) -> Result<Response, HttpError> + Send + Sync + 'static,
    ) -> Self {
        self.edge.answer_with(respond);
        self
    }

    /// Makes calls fail: see [`Fault`].
    #[must_use]
    pub fn fault(self, fault: Fault) -> Self {
        self.edge.inject(fault);
        self
    }

    /// Starts the clock at a moment since 1970-01-01T00:00:00Z. Say it first: what expires after a
    /// time does so from the moment at which it is set up.
    #[must_use]
    pub fn starting_at(self, moment: Duration) -> Self {
        self.edge.clock().set(moment);
        self
    }

    /// Seeds the host's source of randomness, whose seed is 0 otherwise.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.edge.seed(seed);
        self
    }

    /// Makes this the platform of the current thread until the guard is dropped. If the test fails
    /// meanwhile, the calls so far are printed.
    pub fn install(&self) -> Installed {
        self.here().install()
    }

    /// Runs `f` with this platform installed.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        self.here().run(f)
    }

    /// A future during whose every poll this platform is installed: for async tests.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        self.here().scope(future)
    }

    /// The handle with which other threads install this platform.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn host(&self) -> Host {
        self.here().host()
    }

    /// Writes to a store in the middle of a test, and links it if it is not linked. All is written
    /// together, and travels to the locations as the platform's [settings](Settings) say.
    #[track_caller]
    pub fn write(&self, store: &str, write: impl FnOnce(StoreWriter) -> StoreWriter) {
        let changes = write(StoreWriter::new(self.edge.clock().now_ms())).into_changes();
        if let Err(error) = self.edge.write(store, &changes) {
            panic!("store {store:?}: {error}");
        }
    }

    /// Everything that is on its way arrives now, what is held back too. What nodes have read they
    /// keep nevertheless: see [`forget_reads`](MockHost::forget_reads).
    pub fn replicate_now(&self) {
        self.edge.replicate_now();
    }

    /// The nodes forget what they have kept of their reads.
    pub fn forget_reads(&self) {
        self.edge.forget_reads();
    }

    /// The clock, which stands still until it is moved.
    pub fn clock(&self) -> &Clock {
        self.edge.clock()
    }

    /// The cache of the first location, past the app's interface.
    pub fn cache(&self) -> CacheView<'_> {
        self.edge.cache()
    }

    /// The calls so far, at all locations, in order.
    pub fn calls(&self) -> Calls {
        self.edge.calls()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.edge.clear_calls();
    }

    /// Makes calls fail from now on.
    pub fn inject(&self, fault: Fault) {
        self.edge.inject(fault);
    }

    /// Ends the faults that were injected; those of the [settings](Settings) stay.
    pub fn clear_faults(&self) {
        self.edge.clear_faults();
    }

    /// The labels that the app has set for its requests, in order.
    pub fn diagnostics(&self) -> Vec<String> {
        self.edge.diagnostics()
    }
}

impl Default for MockHost {
    fn default() -> Self {
        MockHost::new()
    }
}

impl fmt::Debug for MockHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockHost").finish_non_exhaustive()
    }
}
