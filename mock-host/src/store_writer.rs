//! What a test writes to a store.

use std::time::Duration;

use crate::edge::BloomOptions;
use crate::edge::central::Change;
use crate::edge::kv::Entry;

/// Writes to one store of Edge Storage, which are carried out together.
///
/// Each method replaces what is at the key, whatever its type, save
/// [`sorted_set`](StoreWriter::sorted_set), which adds to the set that is there.
///
/// # Panics
///
/// What no store could hold (a score that is NaN, a Bloom filter with an error rate of 2) is a
/// mistake in the test, and panics with the reason. The `try_…` methods answer it instead. The platform's limits for
/// keys (256 bytes) and values (1,048,576 characters) are not checked here.
#[derive(Debug)]
#[must_use = "it is written when the closure that it was given to returns it"]
pub struct StoreWriter {
    changes: Vec<Change>,
    now_ms: u64,
}

impl StoreWriter {
    pub(crate) fn new(now_ms: u64) -> Self {
        StoreWriter {
            changes: Vec::new(),
            now_ms,
        }
    }

    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// Sets a plain pair.
    pub fn set(self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        self.put(key, value.into(), None)
    }

    /// Sets a plain pair that expires after a time.
    pub fn set_expiring(self, key: &str, value: impl Into<Vec<u8>>, after: Duration) -> Self {
        let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        let expires_at_ms = self.now_ms.saturating_add(after);
        self.put(key, value.into(), Some(expires_at_ms))
    }

    /// Adds members, with their scores, to the sorted set at a key.
    #[track_caller]
    pub fn sorted_set<T: Into<Vec<u8>>>(
        self,
        key: &str,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Self {
        expect(self.try_sorted_set(key, members))
    }

    /// Makes a Bloom filter of these items, with the defaults of RedisBloom.
    #[track_caller]
    pub fn bloom_filter<T: AsRef<[u8]>>(
        self,
        key: &str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        expect(self.try_bloom_filter(key, BloomOptions::default(), items))
    }

    /// Makes a Bloom filter of these items.
    #[track_caller]
    pub fn bloom_filter_with<T: AsRef<[u8]>>(
        self,
        key: &str,
        options: BloomOptions,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        expect(self.try_bloom_filter(key, options, items))
    }

    /// Removes a key, of whichever type; a missing one is fine.
    pub fn delete(self, key: &str) -> Self {
        self.with(Change::Delete {
            key: key.to_owned(),
            data_type: None,
        })
    }

    /// Adds members, with their scores, to the sorted set at a key.
    ///
    /// # Errors
    ///
    /// If a score is NaN; then nothing is written.
    pub fn try_sorted_set<T: Into<Vec<u8>>>(
        self,
        key: &str,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Result<Self, String> {
        let members: Vec<_> = members
            .into_iter()
            .map(|(score, member)| (score, member.into()))
            .collect();
        if members.iter().any(|(score, _)| score.is_nan()) {
            return Err(format!("a score in sorted set `{key}` is NaN"));
        }
        Ok(self.with(Change::AddMembers {
            key: key.to_owned(),
            members,
        }))
    }

    /// Makes a Bloom filter of these items.
    ///
    /// # Errors
    ///
    /// If there can be no such filter, or it does not scale and is full; then nothing is written.
    pub fn try_bloom_filter<T: AsRef<[u8]>>(
        self,
        key: &str,
        options: BloomOptions,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Self, String> {
        let items: Vec<_> = items
            .into_iter()
            .map(|item| item.as_ref().to_vec())
            .collect();
        Entry::bloom_filter_of(key, options, &items)?;
        Ok(self.delete(key).with(Change::AddItems {
            key: key.to_owned(),
            options,
            items,
        }))
    }

    fn put(self, key: &str, value: Vec<u8>, expires_at_ms: Option<u64>) -> Self {
        self.with(Change::Put {
            key: key.to_owned(),
            value,
            expires_at_ms,
        })
    }

    fn with(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}

#[track_caller]
fn expect<T>(result: Result<T, String>) -> T {
    match result {
        Ok(value) => value,
        Err(reason) => panic!("{reason}"),
    }
}
