//! A value that is kept, with the times until which it is good for something.
//!
//! | bytes | |
//! |---|---|
//! | 0 | the version of this format: 1 |
//! | 1 to 8 | fresh until |
//! | 9 to 16 | served while it is refreshed until |
//! | 17 to 24 | served when it cannot be computed until |
//! | 25 to 28 | how long computing it took, in milliseconds |
//! | 29 and on | the value |
//!
//! Numbers are little-endian; moments are milliseconds since 1970.

use std::time::Duration;

use super::super::{Error, Retry, Ttl};
use crate::clock::millis;

const VERSION: u8 = 1;

/// How long a value is good for what. Each begins when the value is computed; the second and the third
/// follow the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cache) struct Lifetimes {
    pub(in crate::cache) fresh: Duration,
    pub(in crate::cache) while_revalidate: Duration,
    pub(in crate::cache) if_error: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cache) struct Entry {
    fresh_until_ms: u64,
    while_revalidate_until_ms: u64,
    if_error_until_ms: u64,
    cost_ms: u32,
    pub(in crate::cache) value: Vec<u8>,
}

impl Entry {
    pub(in crate::cache) fn new(
        now_ms: u64,
        lifetimes: Lifetimes,
        cost_ms: u64,
        value: Vec<u8>,
    ) -> Self {
        let fresh_until_ms = now_ms.saturating_add(millis(lifetimes.fresh));
        let and = |more| fresh_until_ms.saturating_add(millis(more));
        Entry {
            fresh_until_ms,
            while_revalidate_until_ms: and(lifetimes.while_revalidate),
            if_error_until_ms: and(lifetimes.if_error),
            cost_ms: u32::try_from(cost_ms).unwrap_or(u32::MAX),
            value,
        }
    }

    pub(in crate::cache) fn is_fresh(&self, now_ms: u64) -> bool {
        now_ms < self.fresh_until_ms
    }

    pub(in crate::cache) fn serves_while_revalidated(&self, now_ms: u64) -> bool {
        now_ms < self.while_revalidate_until_ms
    }

    pub(in crate::cache) fn serves_on_error(&self, now_ms: u64) -> bool {
        now_ms < self.if_error_until_ms
    }

    /// Until when it is kept.
    pub(in crate::cache) fn ends_ms(&self) -> u64 {
        self.while_revalidate_until_ms.max(self.if_error_until_ms)
    }

    /// Whether to refresh it before its time: the sooner, the longer computing it takes. With `drawn`
    /// evenly from 0 to 1, those who ask at the same time decide differently, and one of them begins.
    ///
    /// Vattani, Chierichetti, Lowenstein: "Optimal Probabilistic Cache Stampede Prevention", 2015.
    pub(in crate::cache) fn is_refreshed_early(&self, now_ms: u64, beta: f64, drawn: f64) -> bool {
        let ahead_ms = f64::from(self.cost_ms) * beta * -drawn.ln();
        // Precise up to 2^53 ms, the year 287396.
        let left_ms = self.fresh_until_ms.saturating_sub(now_ms) as f64;
        ahead_ms >= left_ms && self.cost_ms > 0
    }

    /// What is kept at a key. An entry of another format is none.
    pub(in crate::cache) fn read(key: &str) -> Result<Option<Entry>, Error> {
        let bytes = Retry::default().get_bytes(key)?;
        Ok(bytes.and_then(|bytes| Entry::decode(&bytes)))
    }

    pub(in crate::cache) fn write(&self, key: &str, now_ms: u64) -> Result<(), Error> {
        // Whatever is longer than a time to live can be is kept for as long as that.
        let left_ms = self.ends_ms().saturating_sub(now_ms);
        match Ttl::millis(left_ms.min(Ttl::MAX.as_millis())) {
            Ok(ttl) => Retry::default().set(key, self.encode(), ttl),
            // It is out of date already.
            Err(_) => Ok(()),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(29 + self.value.len());
        bytes.push(VERSION);
        bytes.extend(self.fresh_until_ms.to_le_bytes());
        bytes.extend(self.while_revalidate_until_ms.to_le_bytes());
        bytes.extend(self.if_error_until_ms.to_le_bytes());
        bytes.extend(self.cost_ms.to_le_bytes());
        bytes.extend(&self.value);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Entry> {
        let (version, bytes) = bytes.split_first()?;
        let (fresh, bytes) = bytes.split_first_chunk()?;
        let (while_revalidate, bytes) = bytes.split_first_chunk()?;
        let (if_error, bytes) = bytes.split_first_chunk()?;
        let (cost, value) = bytes.split_first_chunk()?;
        (*version == VERSION).then(|| Entry {
            fresh_until_ms: u64::from_le_bytes(*fresh),
            while_revalidate_until_ms: u64::from_le_bytes(*while_revalidate),
            if_error_until_ms: u64::from_le_bytes(*if_error),
            cost_ms: u32::from_le_bytes(*cost),
            value: value.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let lifetimes = Lifetimes {
            fresh: Duration::from_secs(10),
            while_revalidate: Duration::from_secs(5),
            if_error: Duration::from_secs(60),
        };
        Entry::new(1_000, lifetimes, 100, b"value".to_vec())
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let bytes = entry().encode();
        assert_eq!(Entry::decode(&bytes), Some(entry()));
        for cut in 0..29 {
            assert_eq!(Entry::decode(&bytes[..cut]), None);
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..10_000 {
            let length = random.usize(..60);
            let mut garbled: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
            if let Some(first) = garbled.first_mut() {
                *first = random.u8(..3);
            }
            let read = Entry::decode(&garbled);
            assert_eq!(read.is_some(), length >= 29 && garbled[0] == 1);
            assert!(read.is_none_or(|entry| entry.encode() == garbled));
        }
    }

    #[test]
    fn each_time_follows_the_fresh_one() {
        let entry = entry();
        assert!(entry.is_fresh(10_999) && !entry.is_fresh(11_000));
        assert!(entry.serves_while_revalidated(15_999) && !entry.serves_while_revalidated(16_000));
        assert!(entry.serves_on_error(70_999) && !entry.serves_on_error(71_000));
    }

    #[test]
    fn a_refresh_is_early_by_the_cost_on_average() {
        let entry = entry();
        let mut random = fastrand::Rng::with_seed(7);
        let share_at = |left_ms: u64, random: &mut fastrand::Rng| {
            let early = (0..10_000)
                .filter(|_| entry.is_refreshed_early(11_000 - left_ms, 1.0, 1.0 - random.f64()));
            early.count() as f64 / 10_000.0
        };
        // -ln(u) is above x with the probability e^-x.
        for (left_ms, expected) in [(0, 1.0), (100, 0.368), (200, 0.135), (1_000, 0.0)] {
            let share = share_at(left_ms, &mut random);
            assert!(
                (share - expected).abs() < 0.02,
                "{left_ms} ms before: {share}"
            );
        }
    }
}
