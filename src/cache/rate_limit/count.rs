//! The count of one window.

use super::super::{Cache, Error, Retry, Ttl};
use crate::absorb::Absorb;

/// The expiry is set again about as often as so much is counted, in case it could not be set before.
const REARM_EACH: i64 = 16;

/// A window's count: one key, which nothing but this window uses.
#[derive(Debug)]
pub(in crate::cache) struct Count {
    key: String,
    ttl: Ttl,
    /// Whether its expiry has been set by this request.
    is_armed: bool,
}

impl Count {
    pub(in crate::cache) fn new(key: String, ttl: Ttl) -> Self {
        Count {
            key,
            ttl,
            is_armed: false,
        }
    }

    /// Adds `cost`, and answers the sum. The expiry of a window's key may be set as often as one
    /// likes: later windows have other keys.
    pub(in crate::cache) fn add(
        &mut self,
        cost: i64,
        rearms_above: Option<i64>,
    ) -> Result<i64, Error> {
        let sum = Cache::incr(&self.key, cost).inspect_err(|error| {
            if error.may_have_happened() {
                // It may have made the key, which should not stay.
                Cache::expire(&self.key, self.ttl).absorb();
            }
        })?;
        let former = sum.saturating_sub(cost);
        let is_next = sum.div_euclid(REARM_EACH) != former.div_euclid(REARM_EACH);
        if former <= 0 || is_next || rearms_above.is_some_and(|limit| sum > limit) {
            self.rearm();
        }
        Ok(sum)
    }

    /// Takes back what was added, and answers the sum; `None` if that is not known. It is not
    /// repeated: the worst is that the window's rest is smaller than it could be.
    pub(in crate::cache) fn give_back(&mut self, cost: i64) -> Option<i64> {
        let sum = Cache::incr(&self.key, -cost).absorb()?;
        // Below 0, the key was evicted meanwhile, and has been made anew.
        if sum < 0 || sum == 0 && !self.is_armed {
            self.rearm();
        }
        Some(sum)
    }

    fn rearm(&mut self) {
        // A key that keeps no expiry takes room, and denies nobody beyond its window.
        let armed = Retry::default().expire(&self.key, self.ttl);
        self.is_armed = armed.absorb().is_some();
    }
}

/// What a window has counted.
pub(in crate::cache) fn read(key: &str) -> Result<i64, Error> {
    let count = Retry::default().get_bytes(key)?;
    let count = count.map(|bytes| crate::value::parse::<i64>(&bytes));
    let count = count.transpose();
    Ok(count
        .map_err(|reason| Error::of_decoding(key, reason))?
        .unwrap_or(0))
}

/// A count that can be reckoned with, whatever is at its key: limits, and costs, are a u32.
pub(in crate::cache) fn bounded(count: i64) -> i64 {
    const MOST: i64 = 1 << 40;
    count.clamp(-MOST, MOST)
}

/// What others have counted. It is below 0 where it was evicted before something was given back.
pub(in crate::cache) fn read_of_others(key: &str) -> Result<i64, Error> {
    Ok(bounded(read(key)?).max(0))
}
