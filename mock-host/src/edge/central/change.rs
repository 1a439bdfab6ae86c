//! Writes: what they ask for, and what they do to a key.

use std::collections::BTreeSet;

use super::super::kv::{BloomOptions, Data, DataType, Entry};
use super::WriteError;

/// A change of one key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// Sets a plain pair.
    Put {
        /// The key.
        key: String,
        /// Its value.
        value: Vec<u8>,
        /// When it expires, in unix milliseconds.
        expires_at_ms: Option<u64>,
    },
    /// Adds members to a sorted set, or gives those that are there other scores.
    AddMembers {
        /// The key.
        key: String,
        /// Scores and members.
        members: Vec<(f64, Vec<u8>)>,
    },
    /// Removes members of a sorted set; missing ones are fine.
    RemoveMembers {
        /// The key.
        key: String,
        /// The members.
        members: Vec<Vec<u8>>,
    },
    /// Adds items to a Bloom filter, which is made if it is missing.
    AddItems {
        /// The key.
        key: String,
        /// What the filter is made for, if it is made.
        options: BloomOptions,
        /// The items.
        items: Vec<Vec<u8>>,
    },
    /// Masks values that the key holds: its value, members, or items. The platform's API returns
    /// only their hashes, until they are written anew. Values that the key does not hold are ignored.
    Mask {
        /// The key.
        key: String,
        /// The values.
        values: Vec<Vec<u8>>,
    },
    /// Deletes a key; a missing one is fine, and so is one of another type, which stays.
    Delete {
        /// The key.
        key: String,
        /// The type that it has to be of; `None` is any.
        data_type: Option<DataType>,
    },
}

impl Change {
    /// The key.
    pub fn key(&self) -> &str {
        match self {
            Change::Put { key, .. }
            | Change::AddMembers { key, .. }
            | Change::RemoveMembers { key, .. }
            | Change::AddItems { key, .. }
            | Change::Mask { key, .. }
            | Change::Delete { key, .. } => key,
        }
    }

    /// How many bytes of values it brings.
    pub fn size(&self) -> u64 {
        let bytes = match self {
            Change::Put { value, .. } => value.len(),
            Change::AddMembers { members, .. } => members.iter().map(|(_, m)| m.len() + 8).sum(),
            Change::AddItems { items, .. } => items.iter().map(Vec::len).sum(),
            Change::RemoveMembers { .. } | Change::Mask { .. } | Change::Delete { .. } => 0,
        };
        bytes as u64
    }

    /// Returns the number of values that it writes: one, the members, or the items.
    pub fn values(&self) -> u64 {
        let values = match self {
            Change::Put { .. } => 1,
            Change::AddMembers { members, .. } => members.len(),
            Change::AddItems { items, .. } => items.len(),
            Change::RemoveMembers { .. } | Change::Mask { .. } | Change::Delete { .. } => 0,
        };
        values as u64
    }

    /// The type of the key that it writes to.
    fn data_type(&self) -> Option<DataType> {
        match self {
            Change::Put { .. } => Some(DataType::Plain),
            Change::AddMembers { .. } | Change::RemoveMembers { .. } => Some(DataType::SortedSet),
            Change::AddItems { .. } => Some(DataType::BloomFilter),
            Change::Mask { .. } => None,
            Change::Delete { data_type, .. } => *data_type,
        }
    }

    /// Applies the change to a key's entry. Returns how much it deleted: keys, or members.
    pub(super) fn apply(&self, touched: &mut Touched, force: bool) -> Result<u64, WriteError> {
        if let Change::Mask { values, .. } = self {
            touched.mask(values);
            return Ok(0);
        }
        let holds = touched.entry.as_ref().map(|entry| entry.data_type());
        let is_of_another_type = holds.is_some() && holds != self.data_type();
        if let Change::Delete { data_type, .. } = self {
            let is_meant = holds.is_some() && (data_type.is_none() || !is_of_another_type);
            if is_meant {
                touched.replace(None);
            }
            return Ok(u64::from(is_meant));
        }
        if let (true, false, Some(holds)) = (is_of_another_type, force, holds) {
            return Err(WriteError::OtherType {
                key: self.key().to_owned(),
                holds,
            });
        }
        if is_of_another_type {
            if let Change::RemoveMembers { .. } = self {
                // There is nothing in it to remove, and no reason to lose it.
                return Ok(0);
            }
            touched.replace(None);
        }
        match self {
            Change::Put {
                value,
                expires_at_ms,
                ..
            } => touched.replace(Some(Entry::plain(value.clone(), *expires_at_ms))),
            Change::AddMembers { key, members } => {
                if members.iter().any(|(score, _)| score.is_nan()) {
                    return Err(WriteError::Invalid(format!(
                        "a score in sorted set `{key}` is NaN"
                    )));
                }
                touched.change_members(members.iter().map(|(score, m)| (m, Some(*score))));
            }
            Change::RemoveMembers { members, .. } => {
                return Ok(touched.change_members(members.iter().map(|member| (member, None))));
            }
            Change::AddItems {
                key,
                options,
                items,
            } => touched.add_items(key, *options, items)?,
            Change::Mask { .. } | Change::Delete { .. } => {}
        }
        Ok(0)
    }
}

/// A key during one write.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) entry: Option<Entry>,
    /// The members of a sorted set or the items of a Bloom filter that were written, removed or
    /// masked; `None` if the whole entry was replaced.
    pub(super) parts: Option<BTreeSet<Vec<u8>>>,
}

impl Touched {
    pub(super) fn new(entry: Option<Entry>) -> Self {
        let has_parts = matches!(
            &entry,
            Some(entry) if matches!(entry.data, Data::SortedSet(_) | Data::BloomFilter(..))
        );
        Touched {
            entry,
            parts: has_parts.then(BTreeSet::new),
        }
    }

    fn replace(&mut self, entry: Option<Entry>) {
        *self = Touched { entry, parts: None };
    }

    /// Removes a pair that has expired, so that it does not count.
    pub(super) fn remove_expired(&mut self, now_ms: u64) {
        if let Some(entry) = &self.entry
            && !entry.is_alive(now_ms)
        {
            self.replace(None);
        }
    }

    fn note(&mut self, part: &[u8]) {
        if let Some(parts) = &mut self.parts
            && !parts.contains(part)
        {
            parts.insert(part.to_vec());
        }
    }

    /// Sets the scores of members, or removes them. Returns how many were removed.
    fn change_members<'a>(
        &mut self,
        changes: impl Iterator<Item = (&'a Vec<u8>, Option<f64>)>,
    ) -> u64 {
        let mut entry = self.entry.take().unwrap_or_else(|| Entry::sorted_set([]));
        let mut removed = 0;
        for (member, score) in changes {
            // A member that is removed, or written without a mask, loses its mask.
            entry.unmask(member);
            let Data::SortedSet(set) = &mut entry.data else {
                break;
            };
            match score {
                Some(score) => {
                    set.add(member.clone(), score);
                }
                None => removed += u64::from(set.remove(member).is_some()),
            }
            self.note(member);
        }
        // As in Redis, there is no empty set.
        match entry.count() {
            0 => self.replace(None),
            _ => self.entry = Some(entry),
        }
        removed
    }

    fn add_items(
        &mut self,
        key: &str,
        options: BloomOptions,
        items: &[Vec<u8>],
    ) -> Result<(), WriteError> {
        let mut entry = match self.entry.take() {
            Some(entry) => entry,
            None => Entry::bloom_filter(options).map_err(WriteError::Invalid)?,
        };
        entry.add_items(key, items).map_err(WriteError::Invalid)?;
        for item in items {
            entry.unmask(item);
            self.note(item);
        }
        self.entry = Some(entry);
        Ok(())
    }

    fn mask(&mut self, values: &[Vec<u8>]) {
        let Some(entry) = &mut self.entry else {
            return;
        };
        for value in values {
            entry.mask(value);
        }
        for value in values {
            self.note(value);
        }
    }
}
