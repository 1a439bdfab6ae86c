//! The platform of one test.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fastedge_host::{Host, HttpError, Installed, Request, Response, Scope};

use crate::edge::{Answer, Calls, Clock, Edge, Fault};
use crate::native::Native;
use crate::view::{CacheView, StoreWriter};

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
    edge: Arc<Edge>,
    host: Host,
}

impl MockHost {
    /// A platform to which nothing is linked yet, with an empty cache.
    pub fn new() -> Self {
        let edge = Arc::new(Edge::for_tests());
        let host = Host::new(Native(Arc::clone(&edge)));
        MockHost { edge, host }
    }

    /// Links a store to the app under a name, and fills it.
    #[must_use]
    pub fn kv(self, store: &str, fill: impl FnOnce(StoreWriter) -> StoreWriter) -> Self {
        self.write(store, fill);
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
        self.edge.deny_cache();
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

    /// Answers the app's requests to this URL.
    #[must_use]
    pub fn answer(self, url: impl Into<String>, answer: Answer) -> Self {
        self.edge.answer(url, answer);
        self
    }

    /// Answers the app's requests to URLs that have no answer of their own. Without it, such a
    /// request fails with `request-error`.
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

    /// Makes this the platform of the current thread until the guard is dropped.
    pub fn install(&self) -> Installed {
        self.host.install()
    }

    /// Runs `f` with this platform installed.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        self.host.run(f)
    }

    /// A future during whose every poll this platform is installed: for async tests.
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        self.host.scope(future)
    }

    /// The handle with which other threads install this platform.
    pub fn host(&self) -> Host {
        self.host.clone()
    }

    /// Writes to a store in the middle of a test, and links it if it is not linked.
    pub fn write(&self, store: &str, write: impl FnOnce(StoreWriter) -> StoreWriter) {
        write(self.edge.store(store));
    }

    /// The clock, which stands still until it is moved.
    pub fn clock(&self) -> &Clock {
        self.edge.clock()
    }

    /// The cache, past the app's interface.
    pub fn cache(&self) -> CacheView<'_> {
        self.edge.cache()
    }

    /// The calls so far.
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

    /// Makes no more calls fail.
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
