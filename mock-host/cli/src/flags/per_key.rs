//! Flags under a key each: publishing them, and deleting removed ones.
//!
//! The API returns long values only as a hash, so a value does not show whether it is a flag. An
//! index, a sorted set whose members are the keys, lists the published keys. Keys are added to it
//! before their values are written, and removed after their values are deleted. So the next
//! publication completes one that was interrupted anywhere.

use std::collections::{BTreeMap, BTreeSet};

use fastedge::edge_storage_api::{
    Api, DataType, Entry, EntryError, EntryQuery, Error, Stored, StoredValue, Transport, Upload,
};
use fastedge::flags::{EvaluationContext, Flags, Packed};
use fastedge::key::check_key;

/// The flags under the keys `<prefix>:<flag>` of a store.
#[derive(Debug)]
pub struct PerKey<'a, T: ?Sized> {
    /// The API.
    pub api: &'a Api,
    /// The client that sends the API's requests.
    pub transport: &'a T,
    /// The number of the store.
    pub store: u64,
    /// The prefix, without the colon.
    pub prefix: &'a str,
    /// The number of entries to write per second; 0 is no limit.
    pub pace: f64,
}

/// The result of publishing flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// The number of flags that were written.
    pub written: usize,
    /// The number of flags whose values were already stored.
    pub unchanged: usize,
    /// The deleted keys, whose flags no longer exist.
    pub deleted: Vec<String>,
    /// Keys with the prefix that may be flags, and were not deleted: the API returns only their
    /// hashes, and the index does not have them.
    pub left: Vec<String>,
}

/// The ways in which publishing flags fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PerKeyError {
    /// The API failed. Publishing again completes the publication.
    #[error(transparent)]
    Api(#[from] Error),
    /// A key or a value is too large.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

impl<T: Transport + ?Sized> PerKey<'_, T> {
    /// Publishes flags, and deletes previously published flags that are not among them.
    ///
    /// Unchanged values are not written again. Keys without the prefix are neither written nor
    /// deleted, whatever the server returns.
    ///
    /// # Errors
    ///
    /// If the API still fails after retries. Publishing again completes the publication.
    pub fn publish(&self, flags: Vec<Packed>) -> Result<Published, PerKeyError> {
        let wanted: BTreeMap<String, Vec<u8>> =
            flags.into_iter().map(|one| (one.key, one.value)).collect();
        check_key(&self.index_key()).map_err(EntryError::from)?;
        let index = self.index()?;
        let mut published = Published::default();
        let mut gone: BTreeSet<String> = index.clone();
        let mut unchanged = BTreeSet::new();
        let own = format!("{}:", self.prefix);
        let query = EntryQuery::new().prefix(&*own);
        for entry in self.api.entries(self.store, &query, self.transport) {
            let entry = entry?;
            let Some(flag) = entry.key.strip_prefix(&own) else {
                continue;
            };
            match (&entry.stored, wanted.get(&entry.key)) {
                (
                    Stored::Plain {
                        value,
                        expiry: None,
                    },
                    Some(wanted),
                ) if value.is(wanted) => {
                    unchanged.insert(entry.key);
                }
                (_, Some(_)) => {}
                (Stored::Plain { value, .. }, None) => match value {
                    StoredValue::Bytes(bytes) if is_flag(bytes.as_bytes(), flag) => {
                        gone.insert(entry.key);
                    }
                    // Another writer has stored it after the flag was deleted.
                    StoredValue::Bytes(_) => {
                        gone.remove(&entry.key);
                    }
                    StoredValue::Sha256(_) if !index.contains(&entry.key) => {
                        published.left.push(entry.key);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        gone.retain(|key| key.starts_with(&own) && !wanted.contains_key(key));
        let index_key = self.index_key();
        let new = wanted.keys().filter(|key| !index.contains(*key));
        let new: Vec<_> = new.map(|key| (0.0, key.as_str())).collect();
        if !new.is_empty() {
            self.write(vec![Entry::sorted_set(&*index_key, new)?])?;
        }
        let is_wanted: BTreeSet<String> = wanted.keys().cloned().collect();
        published.unchanged = unchanged.len();
        let changed = wanted
            .into_iter()
            .filter(|(key, _)| !unchanged.contains(key));
        let changed = changed.map(|(key, value)| Entry::plain(key, value));
        let changed = changed.collect::<Result<Vec<_>, _>>()?;
        published.written = changed.len();
        self.write(changed)?;
        let deletions = gone.iter().map(|key| Entry::delete(key, DataType::Plain));
        self.write(deletions.collect::<Result<Vec<_>, _>>()?)?;
        let members = index.iter().filter(|key| !is_wanted.contains(*key));
        let members: Vec<_> = members.map(String::as_str).collect();
        if !members.is_empty() {
            self.write(vec![Entry::remove_members(index_key, members)?])?;
        }
        published.deleted = gone.into_iter().collect();
        Ok(published)
    }

    /// Reads the keys that were published.
    fn index(&self) -> Result<BTreeSet<String>, Error> {
        let entry = self
            .api
            .entry(self.store, &self.index_key(), self.transport)?;
        let Some(Stored::SortedSet(members)) = entry.map(|entry| entry.stored) else {
            return Ok(BTreeSet::new());
        };
        let keys = members.iter().filter_map(|(member, _)| member.bytes());
        let keys = keys.filter_map(|key| str::from_utf8(key).ok());
        Ok(keys.map(str::to_owned).collect())
    }

    fn index_key(&self) -> String {
        format!("fastedge:flags:{}", self.prefix)
    }

    fn write(&self, entries: Vec<Entry>) -> Result<(), Error> {
        let mut upload = Upload::new(self.api.clone(), self.store, entries)
            .entries_per_second(self.pace)
            .tolerate_missing();
        upload.run(self.transport).map(drop)
    }
}

/// Returns whether a value is a document of one flag.
fn is_flag(value: &[u8], flag: &str) -> bool {
    let all = Flags::from_json(value).all(&EvaluationContext::new());
    let mut keys = all.iter().map(|details| details.flag_key.as_str());
    all.failure().is_none() && keys.next() == Some(flag) && keys.next().is_none()
}
