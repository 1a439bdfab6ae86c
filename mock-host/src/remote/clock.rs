//! The clock of a platform that is in the runner.

use std::rc::Rc;
use std::time::Duration;

use super::wire::control;

/// The platform's time, which stands still until it is moved, or something sleeps on it.
pub struct Clock(Rc<control::Edge>);

impl Clock {
    pub(super) fn of(edge: Rc<control::Edge>) -> Self {
        Clock(edge)
    }

    /// The time since 1970-01-01T00:00:00Z, with a resolution of a microsecond.
    pub fn now(&self) -> Duration {
        Duration::from_micros(self.0.now())
    }

    /// The whole seconds since 1970-01-01T00:00:00Z.
    pub fn unix_secs(&self) -> u64 {
        self.now().as_secs()
    }

    /// The whole milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> u64 {
        self.0.now() / 1000
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.advance(micros(by));
    }

    /// Moves the clock forward to a moment since 1970, unless it is there already.
    pub fn advance_to(&self, moment: Duration) {
        self.advance(moment.saturating_sub(self.now()));
    }

    /// Sets the clock to a moment since 1970, which may be earlier than the present one.
    pub fn set(&self, now: Duration) {
        self.0.set_now(micros(now));
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
