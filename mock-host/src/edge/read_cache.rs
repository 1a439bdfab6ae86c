//! What a node keeps of the answers of `get`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::kv::Entry;

/// More answers of one store than this are not kept: then all are forgotten, which is no worse than a
/// node that was restarted.
const MAX_ANSWERS: usize = 16 * 1024;

/// The answers that one node keeps, a missing key's absence too.
#[derive(Debug, Default)]
pub(crate) struct ReadCache(Mutex<HashMap<u64, HashMap<Box<str>, Kept>>>);

#[derive(Debug)]
struct Kept {
    until_ms: u64,
    entry: Option<Arc<Entry>>,
}

impl ReadCache {
    /// The answer that is kept, or the one that is read now and is kept from now on.
    pub(crate) fn get(
        &self,
        store: u64,
        key: &str,
        (now_ms, keep): (u64, Duration),
        read: impl FnOnce() -> Option<Arc<Entry>>,
    ) -> Option<Arc<Entry>> {
        let mut stores = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = stores.entry(store).or_default();
        if let Some(kept) = answers.get(key)
            && now_ms < kept.until_ms
        {
            return kept.entry.clone();
        }
        let entry = read();
        if answers.len() >= MAX_ANSWERS {
            answers.retain(|_, kept| now_ms < kept.until_ms);
            if answers.len() >= MAX_ANSWERS {
                answers.clear();
            }
        }
        let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
        answers.insert(
            key.into(),
            Kept {
                until_ms: now_ms.saturating_add(keep),
                entry: entry.clone(),
            },
        );
        entry
    }

    pub(crate) fn clear(&self) {
        let mut stores = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stores.clear();
    }
}
