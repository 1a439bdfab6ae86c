//! A request that is carried out.

use std::time::Duration;

use super::super::claim::Held;
use super::super::retry::pause;
use super::super::{Cache, Error, Ttl};
use super::{Fingerprint, record};
use crate::absorb::{Absorb, carry_on};

/// The longest pause between two attempts to store an answer.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// A request that this instance carries out, alone.
///
/// Dropped without a word, it stays locked for up to two lease times: whether anything has been done is
/// not known.
#[derive(Debug)]
#[must_use = "say how it went with `complete` or `abandon`"]
pub struct Started {
    pub(super) held: Held,
    pub(super) record_key: String,
    pub(super) fingerprint: Fingerprint,
    pub(super) keep: Ttl,
}

impl Started {
    /// The request has been carried out, with this answer, which is kept. Two host calls.
    ///
    /// Storing it is tried until the lease ends: if it is not stored, a repetition is carried out again.
    ///
    /// # Errors
    ///
    /// If it could not be stored. The key stays locked for up to two lease times.
    pub fn complete(self, with: &[u8]) -> Result<(), Error> {
        let record = record::encode(self.fingerprint, with);
        let mut longest = Duration::from_millis(2);
        loop {
            match Cache::set(&self.record_key, &record, self.keep) {
                Ok(()) => break,
                Err(error) if !error.is_transient() || self.held.is_over() => return Err(error),
                Err(error) => {
                    carry_on(&error);
                    pause(longest.min(self.held.left()));
                }
            }
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
        // What cannot be released ends by itself, and the record is looked at first.
        self.held.release().absorb();
        Ok(())
    }

    /// Nothing has been done: a repetition is carried out. One host call.
    ///
    /// # Errors
    ///
    /// If the host fails: the key stays locked for up to two lease times.
    pub fn abandon(self) -> Result<(), Error> {
        self.held.release()
    }

    /// How much of the lease is left. What takes longer may be carried out by another one as well.
    pub fn left(&self) -> Duration {
        self.held.left()
    }
}
