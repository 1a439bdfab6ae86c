//! Edge Storage: the interface `key-value`.

use std::sync::Arc;

use crate::NoHostInstalled;

/// The host interface `key-value`: opening a store.
pub trait KeyValue: Send + Sync {
    /// Opens the store that is linked to the app under `name`.
    fn open(&self, name: &str) -> Result<Arc<dyn Store>, KeyValueError>;
}

/// An open store: the interface's resource `store`.
pub trait Store: Send + Sync {
    /// The value of `key`, or `None`.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError>;

    /// The keys that match a Redis glob: in no order, and possibly more than once.
    fn scan(&self, pattern: &str) -> Result<Vec<String>, KeyValueError>;

    /// The members of a sorted set whose score is within `min..=max`, ascending by score and then
    /// by member.
    fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError>;

    /// The members of a sorted set that match a Redis glob, in no order.
    fn zscan(&self, key: &str, pattern: &str) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError>;

    /// Whether a Bloom filter may contain `item`; a missing filter contains nothing.
    fn bf_exists(&self, key: &str, item: &str) -> Result<bool, KeyValueError>;
}

/// How a call of Edge Storage fails: the interface's own words, which are these and no others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyValueError {
    /// No store has this name.
    #[error("no-such-store")]
    NoSuchStore,
    /// The app may not use this store. Hosts answer it for a store that is not linked, too.
    #[error("access-denied")]
    AccessDenied,
    /// The host failed; among the reasons: the key holds another type, or the backend is down.
    #[error("internal-error")]
    InternalError,
    /// The host's own words.
    #[error("{0}")]
    Other(String),
    /// There is no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}
