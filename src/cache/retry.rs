//! Calls that may be repeated.

use std::time::Duration;

use super::{Cache, Error, Ttl};
use crate::absorb::carry_on;
use crate::host;

/// Repeats calls of the cache that have failed, a few times and with a short random delay between
/// them: some 0.4% of calls fail, in bursts.
///
/// There is no `incr` here, and no `purge`: an increment that failed may have happened, and is not to
/// be repeated. What is here can be, where nobody else writes the same key meanwhile: a call that failed
/// may have happened, and another one's value be there since, which a repeated `set` or `delete` would
/// take away. Only `internal-error` is repeated; a refusal would be one again.
///
/// The delays double, each drawn from 0 to its whole ("full jitter"), so that those who failed
/// together do not come back together. They count against the app's time.
///
/// ```
/// use fastedge::cache::{Cache, Retry, Ttl};
/// use fastedge_mock_host::{Fault, MockHost, Operation};
///
/// let edge = MockHost::new().fault(Fault::on(Operation::CacheSet).nth(1));
/// let _installed = edge.install();
/// Retry::default().set("shop:banner", "Sale!", Ttl::secs(60)?)?;
/// assert_eq!(Cache::get_text("shop:banner")?.as_deref(), Some("Sale!"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    attempts: u32,
    first_delay: Duration,
}

impl Default for Retry {
    /// Three attempts, with up to 2 and 4 ms between them.
    fn default() -> Self {
        Retry {
            attempts: 3,
            first_delay: Duration::from_millis(2),
        }
    }
}

impl Retry {
    /// So many attempts, at least one, with up to `first_delay` after the first of them.
    pub fn new(attempts: u32, first_delay: Duration) -> Self {
        Retry {
            attempts: attempts.max(1),
            first_delay,
        }
    }

    /// [`Cache::get_bytes`], repeated.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub fn get_bytes(self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.run(|| Cache::get_bytes(key))
    }

    /// [`Cache::get_text`], repeated.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub fn get_text(self, key: &str) -> Result<Option<String>, Error> {
        self.run(|| Cache::get_text(key))
    }

    /// [`Cache::set`], repeated.
    ///
    /// # Errors
    ///
    /// That of the last attempt; the value may have been set.
    pub fn set(
        self,
        key: &str,
        value: impl AsRef<[u8]>,
        ttl: impl Into<Option<Ttl>>,
    ) -> Result<(), Error> {
        let (value, ttl) = (value.as_ref(), ttl.into());
        self.run(|| Cache::set(key, value, ttl))
    }

    /// [`Cache::delete`], repeated.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub fn delete(self, key: &str) -> Result<(), Error> {
        self.run(|| Cache::delete(key))
    }

    /// [`Cache::exists`], repeated.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub fn exists(self, key: &str) -> Result<bool, Error> {
        self.run(|| Cache::exists(key))
    }

    /// [`Cache::expire`], repeated.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub fn expire(self, key: &str, ttl: Ttl) -> Result<bool, Error> {
        self.run(|| Cache::expire(key, ttl))
    }

    /// Several calls that are one step are repeated together.
    pub(crate) fn run<T>(self, mut call: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let mut delay = self.first_delay;
        for _ in 1..self.attempts {
            match call() {
                Err(error) if error.is_transient() => {
                    carry_on(&error);
                    pause(delay);
                }
                done => return done,
            }
            delay = delay.saturating_mul(2);
        }
        call()
    }
}

/// Waits for a random part of a delay, or not at all where there is no clock.
pub(super) fn pause(longest: Duration) {
    let part = Duration::try_from_secs_f64(longest.as_secs_f64() * random_unit());
    let part = part.unwrap_or(longest);
    if !part.is_zero() {
        let _waited = host::clock::sleep(part);
    }
}

/// Above 0, and at most 1.
pub(super) fn random_unit() -> f64 {
    let mut bytes = [0; size_of::<u32>()];
    match host::random::fill(&mut bytes) {
        Ok(()) => (f64::from(u32::from_le_bytes(bytes)) + 1.0) / (f64::from(u32::MAX) + 1.0),
        Err(_) => 1.0,
    }
}
