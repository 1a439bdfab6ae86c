//! Randomness.

/// The host's source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`. A test's source answers the same bytes for the same seed.
    fn fill(&self, bytes: &mut [u8]);
}
