//! The claim: of those who want to do something, one does.
//!
//! Time is divided into slots of a lease's length. A claim is an increment of its slot's key: who
//! counts to 1 has it, unless the slot before or the one after is claimed as well. They are looked
//! at after one's own increment, so of two claims in neighbouring slots at least one sees the other.
//! The lease is longer than the longest request and the difference of the clocks, so that no claim is
//! held in a slot further away.
//!
//! A claim whose holder is killed ends with the slot after its own: nobody waits for more than two
//! leases.

use std::time::Duration;

use super::{Cache, Error, Retry, Ttl};
use crate::absorb::Absorb;
use crate::clock::{millis, now_ms};

/// The longest lease: a claim's key lives for four of them, and the platform ends what lives for
/// more than four days.
pub(super) const LONGEST_LEASE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a claim is held at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeaseTime(u64);

impl LeaseTime {
    pub(super) const fn secs(seconds: u64) -> Self {
        LeaseTime(seconds * 1000)
    }

    pub(super) fn new(lease: Duration) -> Result<Self, Error> {
        LeaseTime::named(lease, "a lease is from 1 ms to 1 day")
    }

    /// `problem` says what a time that cannot be would be.
    pub(super) fn named(time: Duration, problem: &'static str) -> Result<Self, Error> {
        if time.as_millis() == 0 || time > LONGEST_LEASE {
            return Err(Error::invalid(problem));
        }
        Ok(LeaseTime(millis(time)))
    }

    pub(super) fn as_millis(self) -> u64 {
        self.0
    }
}

pub(super) enum Attempt {
    Held(Held),
    Locked,
}

/// A claim that is held.
#[derive(Debug)]
pub(super) struct Held {
    key: String,
    until_ms: u64,
}

/// Claims `base`. One host call where it is locked by the slot before, three where somebody else is first
/// in its slot, five where it is held; up to six where neighbouring slots are claimed at once.
///
/// All who claim it have to mean the same lease: with another one, slots are others.
pub(super) fn claim(base: &str, lease: LeaseTime) -> Result<Attempt, Error> {
    let now_ms = now_ms()?;
    let slot = now_ms / lease.0;
    let key = |slot: u64| format!("{base}:{slot}");
    let retry = Retry::default();
    let is_taken = |slot: Option<u64>| match slot {
        Some(slot) => retry.exists(&key(slot)),
        None => Ok(false),
    };
    let before = slot.checked_sub(1);
    if is_taken(before)? {
        return Ok(Attempt::Locked);
    }
    let held = Held {
        key: key(slot),
        until_ms: now_ms.saturating_add(lease.0),
    };
    let ttl = Ttl::millis(lease.0.saturating_mul(4)).unwrap_or(Ttl::MAX);
    let claims = Cache::incr(&held.key, 1).inspect_err(|error| {
        if error.may_have_happened() {
            Cache::expire(&held.key, ttl).absorb();
        }
    })?;
    // The losers set it as well, in case the winner was killed before it could.
    retry.expire(&held.key, ttl).absorb();
    if claims != 1 {
        return Ok(Attempt::Locked);
    }
    let is_alone = || Ok(!is_taken(before)? && !is_taken(slot.checked_add(1))?);
    match is_alone() {
        // Who has come so late that the lease is over has it no more.
        Ok(true) if !held.is_over() => Ok(Attempt::Held(held)),
        Ok(_) => {
            held.release().absorb();
            Ok(Attempt::Locked)
        }
        Err(error) => {
            held.release().absorb();
            Err(error)
        }
    }
}

impl Held {
    /// Whether the lease is over, or that is not known.
    pub(super) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// How much of the lease is left.
    pub(super) fn left(&self) -> Duration {
        let now_ms = now_ms().unwrap_or(u64::MAX);
        Duration::from_millis(self.until_ms.saturating_sub(now_ms))
    }

    /// Lets others claim. What cannot be released ends with the slot after its own.
    ///
    /// It is not repeated: a deletion that failed may have happened, and the key be another one's
    /// claim by now.
    pub(super) fn release(&self) -> Result<(), Error> {
        Cache::delete(&self.key)
    }
}
