//! One request's worth of entries.

use serde::Serialize;

use super::BatchLimits;
use crate::edge_storage_api::entry::{Change, DataType, Entry};
use crate::edge_storage_api::wire::{self, Payload};

/// Entries as the body of one request. A sorted set or a Bloom filter can be in several, with some
/// of its members in each. A member counts as an entry, which keeps a request small whatever it is
/// that takes the platform its time.
#[derive(Debug)]
pub(in crate::edge_storage_api) struct Batch {
    body: Vec<u8>,
    units: usize,
    keys_to_delete: u64,
    removes_members: bool,
}

impl Batch {
    pub(super) fn new() -> Self {
        Batch {
            body: b"[".to_vec(),
            units: 0,
            keys_to_delete: 0,
            removes_members: false,
        }
    }

    /// All of these entries.
    pub(in crate::edge_storage_api) fn of(entries: &[Entry]) -> Self {
        let mut batch = Batch::new();
        for entry in entries {
            batch.add(entry, 0, BatchLimits::NONE);
        }
        batch
    }

    pub(in crate::edge_storage_api) fn into_body(mut self) -> Vec<u8> {
        self.body.push(b']');
        self.body
    }

    /// How many entries there are, members and items counted.
    pub(super) fn units(&self) -> usize {
        self.units
    }

    /// How many keys the answer should say were deleted.
    pub(super) fn keys_to_delete(&self) -> u64 {
        self.keys_to_delete
    }

    /// Whether the answer could not be checked with this entry in the batch: its count of what was
    /// deleted may have members in it, or not.
    pub(super) fn would_blur(&self, entry: &Entry) -> bool {
        match entry.change {
            Change::Delete(_) => self.removes_members,
            Change::RemoveMembers(_) => self.keys_to_delete > 0,
            _ => false,
        }
    }

    /// Adds an entry, from its unit `from` on, as far as the limits allow; what does not fit a
    /// batch of its own is one all the same. Answers how many units it took: none if the batch is
    /// full.
    pub(super) fn add(&mut self, entry: &Entry, from: usize, limits: BatchLimits) -> usize {
        let key = entry.key.as_str();
        let is_masked = entry.is_masked;
        match &entry.change {
            Change::Put { value, expiry } => {
                let payload = Payload::of(value, is_masked).expiring(expiry.as_deref());
                self.add_one(key, DataType::Plain, "add", Some(payload), limits)
            }
            Change::Delete(data_type) => {
                let taken = self.add_one(key, *data_type, "del_key", None, limits);
                self.keys_to_delete += taken as u64;
                taken
            }
            Change::AddMembers(members) => {
                let members = members[from..].iter();
                let members =
                    members.map(|(score, member)| Payload::of(member, is_masked).scored(*score));
                self.add_list(key, DataType::SortedSet, "add", members, limits)
            }
            Change::RemoveMembers(members) => {
                let members = members[from..].iter();
                let members = members.map(|member| Payload::of(member, false));
                let taken = self.add_list(key, DataType::SortedSet, "del_entries", members, limits);
                self.removes_members |= taken > 0;
                taken
            }
            Change::AddItems(items) => {
                let items = items[from..].iter();
                let items = items.map(|item| Payload::of(item, is_masked));
                self.add_list(key, DataType::BloomFilter, "add", items, limits)
            }
        }
    }

    fn add_one(
        &mut self,
        key: &str,
        data_type: DataType,
        op: &'static str,
        payload: Option<Payload<'_>>,
        limits: BatchLimits,
    ) -> usize {
        let before = self.body.len();
        self.separate();
        self.write(&wire::Change {
            key,
            datatype: data_type.name(),
            op,
            payload,
        });
        self.keep_or_undo(before, limits)
    }

    fn add_list<'p>(
        &mut self,
        key: &str,
        data_type: DataType,
        op: &'static str,
        members: impl Iterator<Item = Payload<'p>>,
        limits: BatchLimits,
    ) -> usize {
        let before = self.body.len();
        self.separate();
        self.write(&wire::Change {
            key,
            datatype: data_type.name(),
            op,
            payload: None,
        });
        // The change as it is without a payload, reopened for one.
        self.body.pop();
        self.body.extend_from_slice(b",\"payload\":[");
        let mut taken = 0;
        for member in members {
            let before_member = self.body.len();
            if taken > 0 {
                self.body.push(b',');
            }
            self.write(&member);
            if let Some(score) = member.infinite_score {
                // The payload was written without a score. Reopen it to add one.
                self.body.pop();
                self.body.extend_from_slice(b",\"score\":");
                self.body.extend_from_slice(score.as_bytes());
                self.body.push(b'}');
            }
            if self.keep_or_undo(before_member, limits) == 0 {
                break;
            }
            taken += 1;
        }
        match taken {
            0 => self.body.truncate(before),
            _ => self.body.extend_from_slice(b"]}"),
        }
        taken
    }

    /// Counts what has been written since `before`, or takes it back if it is too much.
    fn keep_or_undo(&mut self, before: usize, limits: BatchLimits) -> usize {
        // What closes a list, the change and the batch is still to come.
        const CLOSING_BYTES: usize = 3;
        let bytes = self.body.len() + CLOSING_BYTES;
        let fits = self.units < limits.entries && bytes <= limits.bytes;
        if !fits && self.units > 0 {
            self.body.truncate(before);
            return 0;
        }
        self.units += 1;
        1
    }

    fn separate(&mut self) {
        if self.body.len() > 1 {
            self.body.push(b',');
        }
    }

    fn write(&mut self, value: &impl Serialize) {
        // Texts and finite numbers, into memory: it does not fail.
        let _infallible = serde_json::to_writer(&mut self.body, value);
    }
}
