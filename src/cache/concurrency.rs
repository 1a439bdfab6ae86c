//! How many do something at the same time.

use std::time::Duration;

use super::claim::LeaseTime;
use super::namespace::Name;
use super::rate_limit::OnFailure;
use super::rate_limit::count::{Count, read_of_others};
use super::{Error, Id, Ttl, id};
use crate::clock::now_ms;

/// A cap on how many requests do something at the same time: call a slow origin, build a report.
///
/// Time is divided into slots that are longer than the longest request. A permit counts in its slot,
/// and is given back to it; those of the slot before count as well, and those of the slot after, which
/// nodes with other clocks are in. A request that is killed keeps its permit until the slot after
/// its own ends, and no longer.
///
/// The cap is one location's. Where the cache evicts a slot's count, it can be exceeded by what that
/// had counted, until the slot after it ends. When the cache fails it opens, unless told to [close](Self::fail_closed).
///
/// ```
/// use std::time::Duration;
/// use fastedge::cache::ConcurrencyLimit;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let limit = ConcurrencyLimit::new("shop:origin", 1, Duration::from_secs(30))?;
/// let permit = limit.acquire(()).expect("nobody else is there");
/// assert!(limit.acquire(()).is_err());
/// drop(permit);
/// assert!(limit.acquire(()).is_ok());
/// # Ok::<(), fastedge::cache::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it limits when a permit is acquired"]
pub struct ConcurrencyLimit {
    name: Name,
    limit: u32,
    slot: LeaseTime,
    on_failure: OnFailure,
}

/// The permission to be one of those who are at it. Dropping it gives it back, with one host call.
#[derive(Debug)]
#[must_use = "a permit is given back when it is dropped: bind it with `let permit = …`"]
pub struct Permit {
    count: Option<Count>,
    fell_back: Option<Error>,
}

/// There is no permit: as many as may are at it, or the cache failed and the limit closes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoPermit {
    /// As many as may are at it.
    #[error("the concurrency limit is reached: as many requests as it allows are under way")]
    Full,
    /// The cache failed, and the limit is closed then.
    #[error("the concurrency limit is closed, since the cache failed: {0}")]
    FellBack(Error),
}

impl ConcurrencyLimit {
    /// At most `limit` at a time, none of which takes as long as `longest`, the difference of the
    /// nodes' clocks included.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a limit of 0, or a time that is not
    /// from 1 ms to a day.
    pub fn new(name: impl Into<Name>, limit: u32, longest: Duration) -> Result<Self, Error> {
        if limit == 0 {
            return Err(Error::invalid("a concurrency limit is at least 1"));
        }
        Ok(ConcurrencyLimit {
            name: name.into(),
            limit,
            slot: LeaseTime::named(longest, "the longest time at it is from 1 ms to 1 day")?,
            on_failure: OnFailure::Open,
        })
    }

    /// When the cache fails, there are permits: that is so unless said otherwise.
    pub fn fail_open(mut self) -> Self {
        self.on_failure = OnFailure::Open;
        self
    }

    /// When the cache fails, there are no permits.
    pub fn fail_closed(mut self) -> Self {
        self.on_failure = OnFailure::Closed;
        self
    }

    /// A permit, if fewer than may are at it.
    ///
    /// Three host calls, and one more for the expiry, where nobody else is at it in this slot, and for
    /// about each 16th; one more where there is no permit. Giving it back is one.
    ///
    /// # Errors
    ///
    /// [`NoPermit`].
    pub fn acquire(&self, id: impl Id) -> Result<Permit, NoPermit> {
        match self.count(&id) {
            Ok(Some(count)) => Ok(Permit {
                count: Some(count),
                fell_back: None,
            }),
            Ok(None) => Err(NoPermit::Full),
            Err(error) => match self.on_failure {
                OnFailure::Open => Ok(Permit {
                    count: None,
                    fell_back: Some(error),
                }),
                OnFailure::Closed => Err(NoPermit::FellBack(error)),
            },
        }
    }

    /// Counts one more, if there may be.
    fn count(&self, id: &dyn Id) -> Result<Option<Count>, Error> {
        let slot_ms = self.slot.as_millis();
        let slot = now_ms()? / slot_ms;
        let (name, subject) = (self.name.resolved()?, id::subject(id));
        let key = |slot: u64| format!("{name}#cc{slot_ms}:{subject}:{slot}");
        let ttl = Ttl::millis(slot_ms.saturating_mul(3)).unwrap_or(Ttl::MAX);
        let mut count = Count::new(key(slot), ttl);
        let mut at_it = count.add(1, None)?;
        // After one's own increment: of any two, one at least sees the other.
        for other in [slot.checked_sub(1), slot.checked_add(1)]
            .into_iter()
            .flatten()
        {
            match read_of_others(&key(other)) {
                Ok(others) => at_it = at_it.saturating_add(others),
                Err(error) => {
                    count.give_back(1);
                    return Err(error);
                }
            }
        }
        if at_it > i64::from(self.limit) {
            count.give_back(1);
            return Ok(None);
        }
        Ok(Some(count))
    }
}

impl Permit {
    /// Why nothing was counted, where the permit is that of an open limit whose cache failed.
    pub fn fell_back(&self) -> Option<&Error> {
        self.fell_back.as_ref()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(mut count) = self.count.take() {
            count.give_back(1);
        }
    }
}
