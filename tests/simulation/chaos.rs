//! What may happen.

use std::ops::RangeInclusive;

use crate::scheduler::MOST_ACTORS;

/// What happens to the requests, and how likely.
#[derive(Clone, Debug)]
pub(crate) struct Chaos {
    pub(crate) actors: RangeInclusive<usize>,
    /// Over which time they come, in milliseconds.
    pub(crate) horizon_ms: u64,
    /// How many of them, the first ones, come so long after that time.
    pub(crate) late: (usize, u64),
    /// After which time they are killed.
    pub(crate) longest_run_ms: u64,
    /// The largest difference of two nodes' clocks.
    pub(crate) skew_ms: u64,
    /// Of a call: that it fails.
    pub(crate) failing: f64,
    /// Of a step: that the request is killed.
    pub(crate) crashing: f64,
    /// Of a step: that an entry is evicted.
    pub(crate) evicting: f64,
}

impl Chaos {
    /// Requests that meet, with everything that may happen to them. The runs are of different kinds:
    /// what happens always hides what happens without.
    pub(crate) fn drawn(random: &mut fastrand::Rng, horizon_ms: u64, longest_run_ms: u64) -> Self {
        let mut sometimes = |probability: f64| match random.u8(..3) {
            0 => probability,
            _ => 0.0,
        };
        Chaos {
            failing: sometimes(0.05),
            crashing: sometimes(0.02),
            evicting: 0.0,
            actors: 2..=MOST_ACTORS,
            late: (0, 0),
            horizon_ms,
            longest_run_ms,
            skew_ms: if random.bool() { longest_run_ms / 4 } else { 0 },
        }
    }

    pub(crate) fn evicting(mut self, random: &mut fastrand::Rng) -> Self {
        if random.u8(..3) == 0 {
            self.evicting = 0.02;
        }
        self
    }
}
