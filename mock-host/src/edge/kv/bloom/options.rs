//! What a Bloom filter is made for.

use super::fits_in_memory;

/// What a Bloom filter is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BloomOptions {
    /// How many items the first filter of the chain is made for; at least 1.
    pub capacity: u64,
    /// The rate of false positives that is asked for; between 0 and 1, both excluded.
    pub error_rate: f64,
    /// How many times larger each next filter of the chain is; `None` for a filter that does not
    /// scale, and refuses items once it is full.
    pub expansion: Option<u32>,
}

impl Default for BloomOptions {
    /// RedisBloom's defaults: capacity 100, error rate 0.01, expansion 2.
    fn default() -> Self {
        BloomOptions {
            capacity: 100,
            error_rate: 0.01,
            expansion: Some(2),
        }
    }
}

impl BloomOptions {
    /// The defaults, for at least `items` items in the first filter: one filter answers faster
    /// than a chain.
    pub fn for_items(items: usize) -> Self {
        let defaults = BloomOptions::default();
        BloomOptions {
            capacity: defaults.capacity.max(items as u64),
            ..defaults
        }
    }

    /// These options with another capacity.
    #[must_use]
    pub fn capacity(mut self, capacity: u64) -> Self {
        self.capacity = capacity;
        self
    }

    /// These options with another error rate.
    #[must_use]
    pub fn error_rate(mut self, error_rate: f64) -> Self {
        self.error_rate = error_rate;
        self
    }

    /// These options with another expansion.
    #[must_use]
    pub fn expansion(mut self, expansion: Option<u32>) -> Self {
        self.expansion = expansion;
        self
    }

    /// Why no filter can be made with these options, if so.
    pub(super) fn problem(&self) -> Option<String> {
        if !(self.error_rate > 0.0 && self.error_rate < 1.0) {
            return Some(format!(
                "a Bloom filter's error rate is between 0 and 1, not {}",
                self.error_rate
            ));
        }
        if self.capacity == 0 {
            return Some("a Bloom filter's capacity is at least 1".to_owned());
        }
        if self.expansion == Some(0) {
            return Some(
                "a Bloom filter's expansion is at least 1 (or none, not to scale)".to_owned(),
            );
        }
        if !fits_in_memory(self.capacity, self.error_rate / 2.0) {
            return Some(format!(
                "a Bloom filter for {} items at an error rate of {} does not fit in memory",
                self.capacity, self.error_rate
            ));
        }
        None
    }
}
