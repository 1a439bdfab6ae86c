//! When a batch is repeated.

use std::time::Duration;

use crate::edge_storage_api::error::ErrorKind;

/// How often, and how soon, what fails for a while is repeated: when there is no answer, unless the
/// request can never be sent, and for the statuses 408, 429, 500, 502, 503 and 504.
///
/// The delay doubles from failure to failure; where the API says how many seconds to wait
/// (`Retry-After`), that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How many times a batch is repeated, in a row.
    pub times: u32,
    /// The delay after the first failure.
    pub first_delay: Duration,
    /// The longest delay. Where the API asks for a longer one, the upload stops.
    pub longest_delay: Duration,
}

/// Five times, after 0.5 s to 8 s; at most a minute.
impl Default for Retry {
    fn default() -> Self {
        Retry {
            times: 5,
            first_delay: Duration::from_millis(500),
            longest_delay: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// A batch that fails is not repeated.
    pub const NEVER: Retry = Retry {
        times: 0,
        first_delay: Duration::ZERO,
        longest_delay: Duration::ZERO,
    };

    /// Returns the delay after this number of failures in a row, or `None` to give up. `error` is
    /// the last failure.
    pub fn delay_after(&self, failures: u32, error: &ErrorKind) -> Option<Duration> {
        if failures > self.times || !error.is_temporary() {
            return None;
        }
        match error {
            ErrorKind::Refused {
                retry_after: Some(asked),
                ..
            } => (*asked <= self.longest_delay).then_some(*asked),
            _ => {
                let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
                Some(
                    self.first_delay
                        .saturating_mul(doubled)
                        .min(self.longest_delay),
                )
            }
        }
    }
}
