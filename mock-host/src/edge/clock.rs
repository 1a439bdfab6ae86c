//! The platform's time.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

/// Where a clock that a test moves begins: 2026-01-01T00:00:00Z.
const START: Duration = Duration::from_secs(1_767_225_600);

/// The clock by which entries expire and secrets come into effect.
///
/// A test's clock stands still until it is moved, or something sleeps on it.
#[derive(Debug)]
pub struct Clock {
    /// Microseconds since 1970: the time itself, or what the system's time is ahead of it.
    micros: AtomicU64,
    follows_the_system: bool,
}

impl Clock {
    pub(crate) fn still() -> Self {
        Clock {
            micros: AtomicU64::new(micros(START)),
            follows_the_system: false,
        }
    }

    pub(crate) fn system() -> Self {
        Clock {
            micros: AtomicU64::new(0),
            follows_the_system: true,
        }
    }

    /// The time since 1970-01-01T00:00:00Z, with a resolution of a microsecond.
    pub fn now(&self) -> Duration {
        let moved = Duration::from_micros(self.micros.load(Relaxed));
        if self.follows_the_system {
            let system = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            system.unwrap_or_default() + moved
        } else {
            moved
        }
    }

    /// The whole seconds since 1970-01-01T00:00:00Z.
    pub fn unix_secs(&self) -> u64 {
        self.now().as_secs()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let moved = |now: u64| Some(now.saturating_add(micros(by)));
        // It always moves: `moved` always answers.
        let _moved = self.micros.fetch_update(Relaxed, Relaxed, moved);
    }

    /// Moves the clock forward to a moment since 1970, unless it is there already.
    pub fn advance_to(&self, moment: Duration) {
        match self.follows_the_system {
            true => self.advance(moment.saturating_sub(self.now())),
            false => {
                self.micros.fetch_max(micros(moment), Relaxed);
            }
        }
    }

    /// Whether it stands still until it is moved, and does not follow the system's.
    pub fn stands_still(&self) -> bool {
        !self.follows_the_system
    }

    /// How far it has been moved ahead of the system's, if it follows that.
    pub fn ahead(&self) -> Option<Duration> {
        let ahead = || Duration::from_micros(self.micros.load(Relaxed));
        self.follows_the_system.then(ahead)
    }

    /// Sets the clock to a moment since 1970, which may be earlier than the present one. A clock
    /// that follows the system's is left as it is.
    pub fn set(&self, now: Duration) {
        if !self.follows_the_system {
            self.micros.store(micros(now), Relaxed);
        }
    }

    /// Waits: a clock that stands still is moved forward instead.
    pub fn sleep(&self, duration: Duration) {
        if self.follows_the_system {
            std::thread::sleep(duration);
        } else {
            self.advance(duration);
        }
    }

    /// The whole milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> u64 {
        u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
