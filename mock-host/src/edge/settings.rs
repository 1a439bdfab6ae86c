//! How the platform behaves, where that can differ.

use std::time::Duration;

use super::{Fault, FaultError, Replication};

/// How the platform behaves, where that can differ: each setting has the platform's value, where that is known,
/// until it is given another one. What is left to chance there is left out: scans answer in order, and no call of
/// the cache fails. [`strict`](Settings::strict) has both.
///
/// ```
/// use std::time::Duration;
/// use fastedge_mock_host::{MockHost, Overflow, Replication, Settings};
///
/// let settings = Settings::platform()
///     .replication(Replication::after(Duration::from_secs(5)))
///     .overflow(Overflow::Fails)
///     .cache_bytes(64 * 1024);
/// let edge = MockHost::pops(["lon", "syd"]).settings(settings);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    pub(crate) replication: Replication,
    pub(crate) read_cache: Option<Duration>,
    pub(crate) nodes: usize,
    pub(crate) scans: Scans,
    pub(crate) unlinked: Unlinked,
    pub(crate) cache: CacheSettings,
    pub(crate) faults: Vec<Fault>,
}

/// How the cache behaves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CacheSettings {
    pub(crate) is_available: bool,
    pub(crate) max_bytes: usize,
    pub(crate) ttl_ceiling: Duration,
    pub(crate) overflow: Overflow,
    pub(crate) purges_counters: bool,
    pub(crate) evictions: Option<Evictions>,
}

/// Entries that vanish at random.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evictions {
    pub(crate) probability: f64,
    pub(crate) seed: u64,
}

/// What `incr` does past the largest and the smallest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// It goes on at the other end, as on the public host.
    Wraps,
    /// It is an error, and the value stays, as in Redis.
    Fails,
}

/// In which order `scan` and `zscan` answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scans {
    /// In order, each once. Nobody promises it.
    Ordered,
    /// In no order, and some come twice, as Redis may answer. The same seed makes the same answers.
    Shuffled {
        /// The seed.
        seed: u64,
    },
}

/// What opening a store answers that is not linked to the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unlinked {
    /// `access-denied`, as has been observed.
    AccessDenied,
    /// `no-such-store`, which the interface has as well.
    NoSuchStore,
}

impl Settings {
    /// The platform as it is documented, and as it was measured: replication of each key in one to
    /// two seconds, a read cache of 30 seconds on one node, a ceiling of four days for times to
    /// live in the cache.
    pub fn platform() -> Self {
        Settings {
            replication: Replication::between(Duration::from_secs(1)..=Duration::from_secs(2), 0),
            read_cache: Some(Duration::from_secs(30)),
            nodes: 1,
            scans: Scans::Ordered,
            unlinked: Unlinked::AccessDenied,
            cache: CacheSettings {
                is_available: true,
                max_bytes: 256 * 1024 * 1024,
                ttl_ceiling: Duration::from_secs(4 * 24 * 60 * 60),
                overflow: Overflow::Wraps,
                purges_counters: false,
                evictions: None,
            },
            faults: Vec::new(),
        }
    }

    /// The platform, but what is written is seen everywhere at once: for whom replication is not
    /// the point.
    pub fn prompt() -> Self {
        Settings::platform()
            .replication(Replication::none())
            .read_cache(None)
    }

    /// The worst that the platform may do, decided by a seed: keys arrive after up to two seconds,
    /// in any order; two nodes have read caches of their own, so that answers flap; scans answer in
    /// no order and some keys twice; entries of the cache vanish, and its calls fail in bursts, some
    /// of them after their effect; counters do not overflow but fail.
    ///
    /// An app whose tests pass here has nothing to fear from the platform's freedom.
    pub fn strict(seed: u64) -> Self {
        Settings::platform()
            .replication(Replication::between(
                Duration::ZERO..=Duration::from_secs(2),
                seed,
            ))
            .nodes(2)
            .scans(Scans::Shuffled { seed })
            .evictions(0.125, seed)
            .overflow(Overflow::Fails)
            .fault(
                Fault::on_cache()
                    .in_bursts(0.01, 3, seed)
                    .error(FaultError::Internal)
                    .sometimes_after_the_effect(seed),
            )
    }

    /// How long a write takes to each location.
    #[must_use]
    pub fn replication(mut self, replication: Replication) -> Self {
        self.replication = replication;
        self
    }

    /// How long a node keeps what `get` answered, a missing key's absence too; `None` is not at
    /// all.
    #[must_use]
    pub fn read_cache(mut self, keep: Option<Duration>) -> Self {
        self.read_cache = keep;
        self
    }

    /// How many nodes a location has, at least one. Each has a read cache of its own, and requests
    /// (in a native test: installs) go to them in turn.
    #[must_use]
    pub fn nodes(mut self, nodes: usize) -> Self {
        self.nodes = nodes.max(1);
        self
    }

    /// In which order scans answer.
    #[must_use]
    pub fn scans(mut self, scans: Scans) -> Self {
        self.scans = scans;
        self
    }

    /// What opening a store answers that is not linked.
    #[must_use]
    pub fn unlinked(mut self, unlinked: Unlinked) -> Self {
        self.unlinked = unlinked;
        self
    }

    /// Whether there is a cache; where there is none, every call is denied.
    #[must_use]
    pub fn cache(mut self, is_available: bool) -> Self {
        self.cache.is_available = is_available;
        self
    }

    /// How many bytes a location's cache holds, keys and values, before it evicts what was used
    /// longest ago. The platform's number is not known; 256 MiB unless said otherwise.
    #[must_use]
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache.max_bytes = bytes;
        self
    }

    /// The longest time to live in the cache, which is also that of a `set` without one.
    #[must_use]
    pub fn ttl_ceiling(mut self, ceiling: Duration) -> Self {
        self.cache.ttl_ceiling = ceiling;
        self
    }

    /// Whether there is a cache.
    pub fn has_cache(&self) -> bool {
        self.cache.is_available
    }

    /// The ceiling of times to live in the cache.
    pub fn longest_cache_ttl(&self) -> Duration {
        self.cache.ttl_ceiling
    }

    /// What `incr` does past the largest number.
    #[must_use]
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.cache.overflow = overflow;
        self
    }

    /// Whether `purge-prefix` sees keys that `incr` made, which it does not on the platform.
    #[must_use]
    pub fn purges_counters(mut self, purges: bool) -> Self {
        self.cache.purges_counters = purges;
        self
    }

    /// With each write to the cache some entry vanishes with a probability, decided by a seed.
    #[must_use]
    pub fn evictions(mut self, probability: f64, seed: u64) -> Self {
        self.cache.evictions = Some(Evictions { probability, seed });
        self
    }

    /// Calls that fail: see [`Fault`].
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Default for Settings {
    /// The platform's.
    fn default() -> Self {
        Settings::platform()
    }
}
