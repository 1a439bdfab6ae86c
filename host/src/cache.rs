//! The cache of one point of presence: the interface `cache-sync`.

use crate::NoHostInstalled;

/// The host interface `cache-sync`.
///
/// Times to live are milliseconds, as in the interface.
pub trait Cache: Send + Sync {
    /// The value of `key`, or `None` if the key is missing or has expired.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError>;

    /// Replaces both the value and the expiry of `key`. `None` is no expiry but the platform's ceiling; with 0,
    /// which is accepted, the entry is gone at once.
    fn set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), CacheError>;

    /// Removes `key`; a missing key is fine.
    fn delete(&self, key: &str) -> Result<(), CacheError>;

    /// Whether `key` exists.
    fn exists(&self, key: &str) -> Result<bool, CacheError>;

    /// Adds `delta` to the integer at `key` (a missing key counts as 0) and answers the sum. The expiry is kept,
    /// and a key that it makes has none. What is no decimal integer is an error; past the largest one the public
    /// host wraps around, and a Redis errs.
    fn incr(&self, key: &str, delta: i64) -> Result<i64, CacheError>;

    /// Sets the expiry of `key`, and answers whether the key existed.
    fn expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError>;

    /// Removes everything, and answers how many keys went.
    fn purge(&self) -> Result<u64, CacheError>;

    /// Removes the keys that begin with `prefix`, and answers how many went.
    fn purge_prefix(&self, prefix: &str) -> Result<u64, CacheError>;
}

/// How a call of the cache fails: the interface's own words, which are these and no others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// The app may not use the cache (the plan has none, or the host was started without one).
    #[error("access-denied: this host, or the app's plan, offers no cache")]
    AccessDenied,
    /// The host failed.
    #[error("internal-error: the host failed")]
    InternalError,
    /// The host's own words.
    #[error("{0}")]
    Other(String),
    /// There is no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}
