//! Writes: what they ask for, and what they do to a key.

use std::collections::BTreeMap;

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
            | Change::Delete { key, .. } => key,
        }
    }

    /// How many bytes of values it brings.
    pub fn size(&self) -> u64 {
        let bytes = match self {
            Change::Put { value, .. } => value.len(),
            Change::AddMembers { members, .. } => members.iter().map(|(_, m)| m.len() + 8).sum(),
            Change::AddItems { items, .. } => items.iter().map(Vec::len).sum(),
            Change::RemoveMembers { .. } | Change::Delete { .. } => 0,
        };
        bytes as u64
    }

    /// The type of the key that it writes to.
    fn data_type(&self) -> Option<DataType> {
        match self {
            Change::Put { .. } => Some(DataType::Plain),
            Change::AddMembers { .. } | Change::RemoveMembers { .. } => Some(DataType::SortedSet),
            Change::AddItems { .. } => Some(DataType::BloomFilter),
            Change::Delete { data_type, .. } => *data_type,
        }
    }

    /// What it does to a key's entry. Answers whether it deleted one.
    pub(super) fn apply(&self, touched: &mut Touched, force: bool) -> Result<bool, WriteError> {
        let holds = touched.entry.as_ref().map(|entry| entry.data_type());
        let is_of_another_type = holds.is_some() && holds != self.data_type();
        if let Change::Delete { data_type, .. } = self {
            let is_meant = holds.is_some() && (data_type.is_none() || !is_of_another_type);
            if is_meant {
                touched.replace(None);
            }
            return Ok(is_meant);
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
                return Ok(false);
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
                touched.change_members(members.iter().map(|member| (member, None)));
            }
            Change::AddItems {
                key,
                options,
                items,
            } => touched.add_items(key, *options, items)?,
            Change::Delete { .. } => {}
        }
        Ok(false)
    }
}

/// What has become of a key in the course of one write.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) entry: Option<Entry>,
    /// The members of a sorted set that have changed, with their scores, or `None` for those that
    /// are gone; `None` is that the whole entry is another one.
    pub(super) members: Option<BTreeMap<Vec<u8>, Option<f64>>>,
}

impl Touched {
    pub(super) fn new(entry: Option<Entry>) -> Self {
        let is_set = matches!(&entry, Some(entry) if entry.data_type() == DataType::SortedSet);
        Touched {
            entry,
            members: is_set.then(BTreeMap::new),
        }
    }

    fn replace(&mut self, entry: Option<Entry>) {
        *self = Touched {
            entry,
            members: None,
        };
    }

    fn change_members<'a>(&mut self, changes: impl Iterator<Item = (&'a Vec<u8>, Option<f64>)>) {
        let entry = self.entry.get_or_insert_with(|| Entry::sorted_set([]));
        let Data::SortedSet(set) = &mut entry.data else {
            return;
        };
        for (member, score) in changes {
            match score {
                Some(score) => {
                    set.add(member.clone(), score);
                }
                None => {
                    set.remove(member);
                }
            }
            if let Some(members) = &mut self.members {
                members.insert(member.clone(), score);
            }
        }
        // As in Redis, there is no empty set.
        if set.len() == 0 {
            self.replace(None);
        }
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
        self.entry = Some(entry);
        Ok(())
    }
}
