//! Time.

use std::time::Duration;

/// The host's clock.
pub trait Clock: Send + Sync {
    /// The time since 1970-01-01T00:00:00Z.
    fn now(&self) -> Duration;

    /// Waits. A clock that a test moves by hand moves forward by `duration` instead.
    fn sleep(&self, duration: Duration);
}
