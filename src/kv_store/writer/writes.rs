//! The writes of a store, a sorted set, a Bloom filter and a pointer.

use std::fmt::Display;
use std::time::SystemTime;

use serde::Serialize;

use super::{Deletion, Writer, Written};
use crate::codec::Encode;
use crate::edge_storage_api::{self as api, DataType, Entry, POINTER_MEMBER};
use crate::key::{Key, WriteValueError};
use crate::kv_store::{BloomFilter, KvStore, Pointer, SENTINEL, SortedSet};

/// Writing, with a [`Writer`] attached. Each is one request to the API and, once that has succeeded, two calls of the
/// cache (three or four where the cache fails).
impl KvStore<Writer> {
    /// Sets the value of `key`.
    ///
    /// # Errors
    ///
    /// If the key or the value is too large for the platform, without a request; if the API refuses,
    /// with its status and message; if there is no answer, in which case
    /// [`may_have_happened`](api::Error::may_have_happened) says whether it may be written.
    pub fn put(&self, key: &str, value: impl AsRef<[u8]>) -> Result<Written, api::Error> {
        self.put_entry(Entry::plain(key, value.as_ref())?, value.as_ref(), None)
    }

    /// Like [`put`](Self::put), for a value that expires at a moment.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), and for a moment before 1970 or after 9999.
    pub fn put_expiring(
        &self,
        key: &str,
        value: impl AsRef<[u8]>,
        at: SystemTime,
    ) -> Result<Written, api::Error> {
        let entry = Entry::plain(key, value.as_ref())?.expiring_at(at)?;
        self.put_entry(entry, value.as_ref(), Some(at))
    }

    /// Like [`put`](Self::put), for a value written as JSON.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), and if `value` cannot be written as JSON.
    pub fn put_json<T: Serialize + ?Sized>(
        &self,
        key: &str,
        value: &T,
    ) -> Result<Written, api::Error> {
        let json = serde_json::to_vec(value);
        let json = json.map_err(|reason| WriteValueError::encode(key, reason))?;
        self.put(key, json)
    }

    /// Sets the value of a typed key.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), and if the key's codec cannot write the value.
    pub fn write<C: Encode>(
        &self,
        key: &Key<C>,
        value: &C::Borrowed,
    ) -> Result<Written, api::Error> {
        self.put(key.name(), key.encode(value)?)
    }

    /// Deletes the plain pair at `key`.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put).
    pub fn delete(&self, key: &str) -> Result<Deletion, api::Error> {
        let writer = &self.access;
        let summary = writer.write(&Entry::delete(key, DataType::Plain)?)?;
        let revision = summary.revision;
        Ok(Deletion {
            deleted: summary.del_count > 0,
            revision,
            remembered: writer.recent.remember(key, None, revision, None),
        })
    }

    fn put_entry(
        &self,
        entry: Entry,
        value: &[u8],
        expiry: Option<SystemTime>,
    ) -> Result<Written, api::Error> {
        let writer = &self.access;
        let revision = writer.write(&entry)?.revision;
        Ok(Written {
            revision,
            remembered: writer
                .recent
                .remember(entry.key(), Some(value), revision, expiry),
        })
    }
}

/// Writing, with a [`Writer`] attached to the store.
impl SortedSet<'_, Writer> {
    /// Adds members, with their scores; those that are in the set get the new score.
    ///
    /// # Errors
    ///
    /// If a score is NaN or infinite, and those of [`KvStore::put`].
    pub fn add<T: Into<Vec<u8>>>(
        &self,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Result<Written, api::Error> {
        let members: Vec<(f64, Vec<u8>)> = members
            .into_iter()
            .map(|(score, member)| (score, member.into()))
            .collect();
        let entry = Entry::sorted_set(&*self.key, members.iter().cloned())?;
        let changes = members
            .into_iter()
            .map(|(score, member)| (member, Some(score)));
        self.change(&entry, changes.collect())
    }

    /// Removes members. Those that are not in the set are fine.
    ///
    /// # Errors
    ///
    /// Those of [`KvStore::put`].
    pub fn remove<T: Into<Vec<u8>>>(
        &self,
        members: impl IntoIterator<Item = T>,
    ) -> Result<Written, api::Error> {
        let members: Vec<Vec<u8>> = members.into_iter().map(Into::into).collect();
        let entry = Entry::remove_members(&*self.key, members.iter().cloned())?;
        let changes = members.into_iter().map(|member| (member, None));
        self.change(&entry, changes.collect())
    }

    fn change(
        &self,
        entry: &Entry,
        changes: Vec<(Vec<u8>, Option<f64>)>,
    ) -> Result<Written, api::Error> {
        let writer = &self.store.access;
        let revision = writer.write(entry)?.revision;
        Ok(Written {
            revision,
            remembered: writer.recent.remember_members(&self.key, changes, revision),
        })
    }
}

/// Writing, with a [`Writer`] attached to the store.
impl BloomFilter<'_, Writer> {
    /// Adds items, by their texts, and the [sentinel](SENTINEL).
    ///
    /// # Errors
    ///
    /// Those of [`KvStore::put`].
    pub fn add<T: Display>(
        &self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Written, api::Error> {
        let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
        let writer = &self.store.access;
        let entry = Entry::bloom_filter(&*self.key, &items)?;
        items.push(SENTINEL.to_owned());
        let revision = writer.write(&entry)?.revision;
        Ok(Written {
            revision,
            remembered: writer.recent.remember_items(&self.key, items, revision),
        })
    }
}

/// Writing, with a [`Writer`] attached to the store.
impl Pointer<'_, Writer> {
    /// Publishes a number. Write first what it points to.
    ///
    /// # Errors
    ///
    /// If the number is NaN or infinite, and those of [`KvStore::put`].
    pub fn set(&self, number: f64) -> Result<Written, api::Error> {
        let set = self.store.sorted_set(&*self.key);
        set.add([(number, POINTER_MEMBER)])
    }
}
