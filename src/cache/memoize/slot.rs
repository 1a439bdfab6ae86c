//! One memoised value: finding it, and who computes it.

use std::time::Duration;

use super::super::claim::{self, Attempt, Held, LeaseTime};
use super::super::retry::{pause, random_unit};
use super::super::{Error, Retry};
use super::Source;
use super::entry::{Entry, Lifetimes};
use crate::absorb::{Absorb, carry_on};
use crate::clock::{millis, now_ms};

/// How often those who wait for another one's value look for it.
const POLL: Duration = Duration::from_millis(10);

/// How a value is found and computed.
#[derive(Clone, Copy, Debug)]
pub(in crate::cache) struct Policy {
    /// `None` where everybody computes.
    pub(in crate::cache) single_flight: Option<SingleFlightPolicy>,
    pub(in crate::cache) early_refresh: Option<f64>,
}

/// Of those who find nothing, one computes, and the others wait.
#[derive(Clone, Copy, Debug)]
pub(in crate::cache) struct SingleFlightPolicy {
    pub(in crate::cache) lease: LeaseTime,
    pub(in crate::cache) wait: Duration,
}

impl SingleFlightPolicy {
    /// A lease that is longer than the longest request on the platform, and short, since it is what a killed
    /// one costs; a wait of half of what an app has on the smallest plan.
    pub(in crate::cache) const USUAL: Self = SingleFlightPolicy {
        lease: LeaseTime::secs(10),
        wait: Duration::from_millis(25),
    };
}

impl Policy {
    pub(in crate::cache) const USUAL: Self = Policy {
        single_flight: Some(SingleFlightPolicy::USUAL),
        early_refresh: None,
    };

    pub(in crate::cache) fn wait(&mut self, longest: Duration) {
        if let Some(flight) = &mut self.single_flight {
            flight.wait = longest;
        }
    }

    pub(in crate::cache) fn lease(&mut self, lease: Duration) -> Result<(), Error> {
        let lease = LeaseTime::new(lease)?;
        if let Some(flight) = &mut self.single_flight {
            flight.lease = lease;
        }
        Ok(())
    }
}

/// What has been found.
pub(in crate::cache) enum Found {
    Value(Entry, Source),
    /// It is to be computed, by this request.
    Nothing(Computation),
}

/// What computing a value begins and ends with.
pub(in crate::cache) struct Computation {
    key: String,
    held: Option<Held>,
    stores: bool,
    started_ms: u64,
    stale: Option<Entry>,
    fell_back: Option<Error>,
}

/// Looks for the value at a key.
pub(in crate::cache) fn look(key: String, policy: &Policy) -> Found {
    match Entry::read(&key) {
        Ok(entry) => decide(key, entry, policy),
        Err(error) => Found::Nothing(Computation::unprotected(key, error)),
    }
}

/// What is to be done with what was read at a key.
pub(in crate::cache) fn decide(key: String, entry: Option<Entry>, policy: &Policy) -> Found {
    let now_ms = match now_ms() {
        Ok(now_ms) => now_ms,
        Err(error) => return Found::Nothing(Computation::unprotected(key, error.into())),
    };
    let computation = Computation::replacing(key);
    match entry {
        Some(entry) if entry.is_fresh(now_ms) => {
            let is_early = |beta| entry.is_refreshed_early(now_ms, beta, random_unit());
            if policy.early_refresh.is_some_and(is_early) {
                computation.refreshing(entry, Source::Fresh, policy)
            } else {
                Found::Value(entry, Source::Fresh)
            }
        }
        Some(entry) if entry.serves_while_revalidated(now_ms) => {
            computation.refreshing(entry, Source::Stale, policy)
        }
        entry => computation.needed(entry, policy),
    }
}

impl Computation {
    /// Where the cache fails: nothing is stored.
    pub(in crate::cache) fn unprotected(key: String, error: Error) -> Self {
        Computation {
            key,
            held: None,
            stores: false,
            started_ms: now_ms().unwrap_or(0),
            stale: None,
            fell_back: Some(error),
        }
    }

    /// Where what is kept is of no use: it is replaced.
    pub(in crate::cache) fn replacing(key: String) -> Self {
        Computation {
            key,
            held: None,
            stores: true,
            started_ms: now_ms().unwrap_or(0),
            stale: None,
            fell_back: None,
        }
    }

    /// There is a value that will do, but it is to be replaced: one computes, the others are served.
    fn refreshing(mut self, entry: Entry, source: Source, policy: &Policy) -> Found {
        if let Some(flight) = &policy.single_flight {
            match claim::claim(&claim_key(&self.key), flight.lease) {
                Ok(Attempt::Held(held)) => {
                    if let Some(newer) = self.hold(held, Some(&entry)) {
                        return Found::Value(newer, Source::Fresh);
                    }
                }
                Ok(Attempt::Locked) => return Found::Value(entry, source),
                Err(error) => {
                    carry_on(&error);
                    return Found::Value(entry, source);
                }
            }
        }
        self.stale = Some(entry);
        Found::Nothing(self)
    }

    /// There is no value that will do: one computes, the others wait a little.
    fn needed(mut self, stale: Option<Entry>, policy: &Policy) -> Found {
        if let Some(flight) = &policy.single_flight {
            match claim::claim(&claim_key(&self.key), flight.lease) {
                Ok(Attempt::Held(held)) => {
                    if let Some(newer) = self.hold(held, stale.as_ref()) {
                        return Found::Value(newer, Source::Shared);
                    }
                }
                Ok(Attempt::Locked) => {
                    if let Some(entry) = self.wait(flight.wait) {
                        return Found::Value(entry, Source::Shared);
                    }
                    self.stores = false;
                }
                Err(error) => {
                    self.stores = false;
                    self.fell_back = Some(error);
                }
            }
        }
        self.stale = stale;
        Found::Nothing(self)
    }

    /// Holds the claim, unless the former holder has stored a newer value meanwhile.
    fn hold(&mut self, held: Held, known: Option<&Entry>) -> Option<Entry> {
        let newer = Entry::read(&self.key).absorb().flatten().filter(|entry| {
            Some(entry) != known && now_ms().is_ok_and(|now_ms| entry.is_fresh(now_ms))
        });
        match newer {
            Some(_) => {
                held.release().absorb();
            }
            None => self.held = Some(held),
        }
        newer
    }

    /// Waits until whoever has the claim has stored a value.
    fn wait(&self, longest: Duration) -> Option<Entry> {
        let until_ms = self.started_ms.saturating_add(millis(longest));
        loop {
            let left_ms = until_ms
                .checked_sub(now_ms().ok()?)
                .filter(|left| *left > 0)?;
            pause(POLL.min(Duration::from_millis(left_ms)));
            let entry = Entry::read(&self.key).absorb().flatten();
            let is_fresh = |entry: &Entry| now_ms().is_ok_and(|now_ms| entry.is_fresh(now_ms));
            if let Some(entry) = entry.filter(is_fresh) {
                return Some(entry);
            }
        }
    }

    /// Whether it is this request's to compute. If not, another one is at it, and this one's patience
    /// is over.
    pub(in crate::cache) fn is_ours(&self) -> bool {
        self.stores || self.fell_back.is_some()
    }

    /// Why the cache failed, if it did: nothing protects it from being done by many then.
    pub(in crate::cache) fn fell_back(&self) -> Option<&Error> {
        self.fell_back.as_ref()
    }

    /// Where the value is.
    pub(in crate::cache) fn key(&self) -> &str {
        &self.key
    }

    /// Whether there is a former value.
    pub(in crate::cache) fn has_stale(&self) -> bool {
        self.stale.is_some()
    }

    /// What will do instead, if computing fails.
    pub(in crate::cache) fn keep_stale(&mut self, entry: Entry) {
        self.stale = Some(entry);
    }

    /// Stores the value, and answers whether it is stored: it is not where another request is at it.
    ///
    /// # Errors
    ///
    /// If the cache fails, or failed before.
    pub(in crate::cache) fn store(
        self,
        value: Vec<u8>,
        lifetimes: Lifetimes,
    ) -> Result<bool, Error> {
        let stored = self.write(&self.key, value, lifetimes);
        self.release();
        match (self.fell_back, stored) {
            (Some(error), _) => Err(error),
            (None, stored) => stored,
        }
    }

    /// Stores a value under another key, beside the one that is computed.
    pub(in crate::cache) fn write(
        &self,
        key: &str,
        value: Vec<u8>,
        lifetimes: Lifetimes,
    ) -> Result<bool, Error> {
        // Whose lease is over may have been overtaken by a newer value.
        let is_ours = self.stores && self.held.as_ref().is_none_or(|held| !held.is_over());
        if !is_ours {
            return Ok(false);
        }
        let now_ms = now_ms()?;
        let cost_ms = now_ms.saturating_sub(self.started_ms);
        Entry::new(now_ms, lifetimes, cost_ms, value).write(key, now_ms)?;
        Ok(true)
    }

    /// Stores nothing: the next one may try.
    pub(in crate::cache) fn release(&self) {
        if let Some(held) = &self.held {
            held.release().absorb();
        }
    }

    /// What will do instead, where computing has failed.
    pub(in crate::cache) fn failed(self) -> Option<Entry> {
        self.release();
        let now_ms = now_ms().ok()?;
        self.stale
            .filter(|entry| entry.serves_on_error(now_ms) || entry.serves_while_revalidated(now_ms))
    }
}

/// Forgets the value at a key.
pub(in crate::cache) fn forget(key: &str) -> Result<(), Error> {
    Retry::default().delete(key)
}

fn claim_key(key: &str) -> String {
    format!("{key}#claim")
}
