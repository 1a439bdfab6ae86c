//! Blocking who has been denied too often.

use std::time::Duration;

use super::super::{Cache, Error, Retry, Ttl};
use super::LONGEST_WINDOW;
use super::count::Count;
use crate::absorb::Absorb;
use crate::clock::millis;

/// Blocks who has been denied too often by a limit, for a while.
///
/// Who is blocked is denied with one call of the host, and their requests count neither as requests nor
/// as denials: the block ends. It is a means against those who do not listen, beside the limit, so
/// when the cache fails at it, the limit goes on without.
///
/// ```
/// use std::time::Duration;
/// use fastedge::RateLimit;
/// use fastedge::cache::rate_limit::Penalty;
///
/// let edge = fastedge_mock_host::MockHost::new();
/// let _installed = edge.install();
/// let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
/// let limit = RateLimit::fixed_window("shop:api", 1, second)?
///     .penalty(Penalty::after(2, second * 60, hour)?);
///
/// assert!(limit.check("ann").is_allowed());
/// assert!(limit.check("ann").is_denied());
/// assert_eq!(limit.check("ann").retry_after(), Some(hour));
/// edge.clock().advance(second * 60);
/// let verdict = limit.check("ann");
/// assert!(verdict.is_blocked() && verdict.retry_after() == Some(hour - second * 60));
/// edge.clock().advance(hour);
/// assert!(limit.check("ann").is_allowed());
/// # Ok::<(), fastedge::cache::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a penalty is given to a limit"]
pub struct Penalty {
    denials: u32,
    within_ms: u64,
    blocked_ms: u64,
}

impl Penalty {
    /// Blocks for `blocked_for` who has been denied `denials` times within a window of the length
    /// `within`.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::super::ErrorKind::InvalidArgument): no denials, or times that are
    /// not from 1 ms to [a day](LONGEST_WINDOW).
    pub fn after(denials: u32, within: Duration, blocked_for: Duration) -> Result<Self, Error> {
        let is_time = |time: Duration| time.as_millis() > 0 && time <= LONGEST_WINDOW;
        if denials == 0 || !is_time(within) || !is_time(blocked_for) {
            return Err(Error::invalid(
                "a penalty is for 1 denial or more, and its times are from 1 ms to 1 day",
            ));
        }
        Ok(Penalty {
            denials,
            within_ms: millis(within),
            blocked_ms: millis(blocked_for),
        })
    }

    /// How long they are still blocked; `None` if they are not, or that is not known.
    pub(super) fn blocked_ms(self, name: &str, subject: &str, now_ms: u64) -> Option<u64> {
        let until = Retry::default()
            .get_bytes(&block_key(name, subject))
            .absorb()??;
        let until_ms: u64 = str::from_utf8(&until).ok()?.parse().ok()?;
        // A block ends with its key, or, where clocks differ, by its moment.
        until_ms.checked_sub(now_ms).filter(|left| *left > 0)
    }

    /// Counts a denial, and answers for how long they are blocked from now on, if they are.
    pub(super) fn denied(self, name: &str, subject: &str, now_ms: u64) -> Option<u64> {
        let window = now_ms / self.within_ms;
        let key = format!("{name}#pd{}:{subject}:{window}", self.within_ms);
        let mut count = Count::new(key.clone(), Ttl::millis(2 * self.within_ms).ok()?);
        if count.add(1, None).absorb()? < i64::from(self.denials) {
            return None;
        }
        let until_ms = now_ms.saturating_add(self.blocked_ms).to_string();
        let ttl = Ttl::millis(self.blocked_ms).ok()?;
        let block = Retry::default().set(&block_key(name, subject), until_ms, ttl);
        block.absorb()?;
        // After the block, they are not blocked for what led to it.
        Cache::delete(&key).absorb();
        Some(self.blocked_ms)
    }
}

fn block_key(name: &str, subject: &str) -> String {
    format!("{name}#pb:{subject}")
}
