//! Secrets, each with the times from which its values are in effect.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

/// The secrets that are linked to the app.
#[derive(Debug, Default)]
pub(crate) struct Secrets(RwLock<HashMap<String, BTreeMap<u64, String>>>);

impl Secrets {
    /// Gives `key` a value that is in effect from a moment (unix seconds) until the next one's.
    pub(crate) fn set(&self, key: &str, from: u64, value: String) {
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        secrets
            .entry(key.to_owned())
            .or_default()
            .insert(from, value);
    }

    pub(crate) fn remove(&self, key: &str) {
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        secrets.remove(key);
    }

    pub(crate) fn get_effective_at(&self, key: &str, at: u64) -> Option<String> {
        let secrets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (_, value) = secrets.get(key)?.range(..=at).next_back()?;
        Some(value.clone())
    }
}
