//! How long a write takes to a location.

use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a write takes to each location. Each key travels by itself: of two keys that were
/// written together one may be seen before the other. The writes of one key arrive in order.
///
/// ```
/// use std::time::Duration;
/// use fastedge_mock_host::Replication;
///
/// let slow_to_sydney = Replication::after(Duration::from_secs(1))
///     .to("syd", Replication::after(Duration::from_secs(20)))
///     .of_key("config", Replication::held());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Replication {
    lag: Lag,
    to: Vec<(String, Lag)>,
    of_key: Vec<(String, Lag)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Lag {
    Fixed(Duration),
    Between {
        least: Duration,
        most: Duration,
        seed: u64,
    },
    Held,
}

/// Lags, by what they are of.
#[cfg(target_arch = "wasm32")]
pub(crate) type Rules<T> = Vec<(String, T)>;

/// When a write arrives that is held.
pub(crate) const NEVER: u64 = u64::MAX;

impl Replication {
    /// A write is seen everywhere at once.
    pub fn none() -> Self {
        Replication::after(Duration::ZERO)
    }

    /// Every write takes this long.
    pub fn after(lag: Duration) -> Self {
        Replication::of(Lag::Fixed(lag))
    }

    /// Every write of a key takes a time of its own to each location, decided by a seed.
    pub fn between(lag: RangeInclusive<Duration>, seed: u64) -> Self {
        let (least, most) = lag.into_inner();
        Replication::of(Lag::Between {
            least: least.min(most),
            most,
            seed,
        })
    }

    /// Writes are held back until the test releases them.
    pub fn held() -> Self {
        Replication::of(Lag::Held)
    }

    fn of(lag: Lag) -> Self {
        Replication {
            lag,
            to: Vec::new(),
            of_key: Vec::new(),
        }
    }

    /// It is another one to this location.
    #[must_use]
    pub fn to(mut self, pop: impl Into<String>, replication: Replication) -> Self {
        self.to.push((pop.into(), replication.lag));
        self
    }

    /// It is another one for this key, whatever the location.
    #[must_use]
    pub fn of_key(mut self, key: impl Into<String>, replication: Replication) -> Self {
        self.of_key.push((key.into(), replication.lag));
        self
    }

    /// What it is made of, in somebody else's words: the lag, and those of locations and of keys.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn parts<T>(
        &self,
        fixed: impl Fn(Duration) -> T,
        between: impl Fn(Duration, Duration, u64) -> T,
        held: impl Fn() -> T,
    ) -> (T, Rules<T>, Rules<T>) {
        let lag = |lag: &Lag| match *lag {
            Lag::Fixed(lag) => fixed(lag),
            Lag::Between { least, most, seed } => between(least, most, seed),
            Lag::Held => held(),
        };
        let rules = |rules: &[(String, Lag)]| {
            let rules = rules.iter();
            rules.map(|(of, rule)| (of.clone(), lag(rule))).collect()
        };
        (lag(&self.lag), rules(&self.to), rules(&self.of_key))
    }

    /// When a write arrives.
    pub(crate) fn arrival_ms(&self, write: &Journey<'_>) -> u64 {
        let rule = |rules: &[(String, Lag)], name: &str| {
            let mut rules = rules.iter().rev();
            rules.find(|(of, _)| of == name).map(|(_, lag)| lag.clone())
        };
        let lag = rule(&self.of_key, write.key)
            .or_else(|| rule(&self.to, write.pop))
            .unwrap_or_else(|| self.lag.clone());
        match lag {
            Lag::Fixed(lag) => write.now_ms.saturating_add(millis(lag)),
            Lag::Between { least, most, seed } => {
                let (least, most) = (millis(least), millis(most));
                let mut random = fastrand::Rng::with_seed(write.seed(seed));
                write.now_ms.saturating_add(random.u64(least..=most))
            }
            Lag::Held => NEVER,
        }
    }
}

/// A write of a key, on its way to a location.
pub(crate) struct Journey<'a> {
    pub(crate) pop: &'a str,
    pub(crate) store: u64,
    pub(crate) key: &'a str,
    pub(crate) revision: u64,
    pub(crate) now_ms: u64,
}

impl Journey<'_> {
    /// The same for the same write, whichever thread makes it (FNV-1a).
    fn seed(&self, seed: u64) -> u64 {
        let numbers = [seed, self.store, self.revision].map(u64::to_le_bytes);
        let names = [self.pop.as_bytes(), &[0xff], self.key.as_bytes()];
        let bytes = numbers.iter().flatten().chain(names.into_iter().flatten());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
