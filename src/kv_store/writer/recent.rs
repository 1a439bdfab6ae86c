//! What has been written lately, in the location's cache.
//!
//! The cache can fail at any time, and then nothing is remembered: what is lost is only that reads
//! see a write before it is replicated.

use std::time::{Duration, SystemTime};

use crate::cache::{Cache, Ttl};
use crate::host;
use crate::key::KeyTemplate;
use crate::kv_store::SENTINEL;
use crate::kv_store::sorted_set::sort;

const VALUE: KeyTemplate<2, Vec<u8>> = KeyTemplate::new("fastedge:kv:{}:{}");
const MEMBERS: KeyTemplate<2, Vec<u8>> = KeyTemplate::new("fastedge:sorted_set:{}:{}");
const ITEM: KeyTemplate<3, Vec<u8>> = KeyTemplate::new("fastedge:bloom_filter:{}:{}:{}");

/// More than replication and the 30 s for which a node keeps what it has read.
const REMEMBERED_MS: u64 = 45_000;

/// What is kept of the changes to one sorted set.
const MAX_MEMBERS_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug)]
pub(super) struct Recent {
    store_id: u64,
    ttl_ms: u64,
}

impl Recent {
    pub(super) fn of(store_id: u64) -> Self {
        Recent {
            store_id,
            ttl_ms: REMEMBERED_MS,
        }
    }

    pub(super) fn remember_for(&mut self, ttl: Ttl) {
        self.ttl_ms = ttl.as_millis();
    }

    /// The value that was written to a key, or that it was deleted; `None` if neither is remembered.
    pub(super) fn value(&self, key: &str) -> Option<Option<Vec<u8>>> {
        let entry = Cache::get_bytes(self.value_key(key).as_str()).ok()??;
        Some(value::read(entry)?.1)
    }

    /// Answers whether it is remembered now.
    pub(super) fn remember(
        &self,
        key: &str,
        value: Option<&[u8]>,
        revision: u64,
        expiry: Option<SystemTime>,
    ) -> bool {
        let key = self.value_key(key);
        // Of two requests that write at once, the one that ends later need not be the one that
        // wrote later.
        if let Ok(Some(entry)) = Cache::get_bytes(&key)
            && let Some((newer, _)) = value::read(entry)
            && newer > revision
        {
            return true;
        }
        let left_ms = expiry.map_or(u64::MAX, |at| as_millis(at).saturating_sub(now_ms()));
        let (value, ttl_ms) = match left_ms {
            // It has expired already.
            0 => (None, self.ttl_ms),
            _ => (value, self.ttl_ms.min(left_ms)),
        };
        Cache::set(
            &key,
            value::written(value, revision),
            Ttl::millis(ttl_ms).ok(),
        )
        .is_ok()
    }

    /// Forgets the value and the members of a key.
    pub(super) fn forget(&self, key: &str) {
        let _forgotten = Cache::delete(&self.value_key(key));
        let _forgotten = Cache::delete(&self.members_key(key));
    }

    /// The changes to a sorted set.
    pub(super) fn members(&self, key: &str) -> Changes {
        let entry = Cache::get_bytes(&self.members_key(key)).ok().flatten();
        let mut changes = entry.map(|entry| Changes::read(&entry)).unwrap_or_default();
        let now_ms = now_ms();
        changes.0.retain(|change| change.until_ms > now_ms);
        changes
    }

    pub(super) fn remember_members(&self, key: &str, members: Vec<(Vec<u8>, Option<f64>)>) -> bool {
        let mut changes = self.members(key);
        let until_ms = now_ms().saturating_add(self.ttl_ms);
        for (member, score) in members {
            changes.0.retain(|change| change.member != member);
            changes.0.push(Change {
                member,
                score,
                until_ms,
            });
        }
        let entry = changes.written(MAX_MEMBERS_BYTES);
        Cache::set(&self.members_key(key), entry, self.ttl()).is_ok()
    }

    pub(super) fn has_item(&self, key: &str, item: &str) -> bool {
        Cache::exists(ITEM.of(self.store_id, key, item).name()).unwrap_or(false)
    }

    pub(super) fn remember_items(&self, key: &str, items: &[String]) -> bool {
        let items = items.iter().map(String::as_str).chain([SENTINEL]);
        let mut remembered = true;
        for item in items {
            let key = ITEM.of(self.store_id, key, item);
            remembered &= Cache::set(key.name(), "", self.ttl()).is_ok();
        }
        remembered
    }

    fn ttl(&self) -> Option<Ttl> {
        Ttl::millis(self.ttl_ms).ok()
    }

    fn value_key(&self, key: &str) -> String {
        VALUE.of(self.store_id, key).name().to_owned()
    }

    fn members_key(&self, key: &str) -> String {
        MEMBERS.of(self.store_id, key).name().to_owned()
    }
}

fn now_ms() -> u64 {
    let now = host::clock::now().unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

fn as_millis(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap_or(Duration::ZERO).as_millis()).unwrap_or(u64::MAX)
}

/// A remembered value: a tag, the revision, and the value if there is one.
mod value {
    const DELETED: u8 = 0;
    const PUT: u8 = 1;
    const HEADER_BYTES: usize = 1 + size_of::<u64>();

    pub(super) fn written(value: Option<&[u8]>, revision: u64) -> Vec<u8> {
        let tag = if value.is_some() { PUT } else { DELETED };
        let mut entry = vec![tag];
        entry.extend_from_slice(&revision.to_le_bytes());
        entry.extend_from_slice(value.unwrap_or_default());
        entry
    }

    /// The revision, and the value if there is one; `None` for bytes that this did not write.
    pub(super) fn read(mut entry: Vec<u8>) -> Option<(u64, Option<Vec<u8>>)> {
        let ([tag, revision @ ..], _) = entry.split_first_chunk::<HEADER_BYTES>()?;
        let (tag, revision) = (*tag, u64::from_le_bytes(*revision));
        match tag {
            DELETED => Some((revision, None)),
            PUT => {
                entry.drain(..HEADER_BYTES);
                Some((revision, Some(entry)))
            }
            _ => None,
        }
    }
}

/// Changes to one sorted set, the latest last; of a member, only the latest.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes(Vec<Change>);

/// One member's new score, or that it was removed, and until when that is remembered.
#[derive(Debug, PartialEq)]
struct Change {
    member: Vec<u8>,
    score: Option<f64>,
    until_ms: u64,
}

impl Changes {
    /// What the replica answers, with the changes that concern it.
    pub(super) fn applied_to(
        self,
        mut members: Vec<(Vec<u8>, f64)>,
        is_in: impl Fn(&[u8], f64) -> bool,
    ) -> Vec<(Vec<u8>, f64)> {
        if self.0.is_empty() {
            return members;
        }
        members.retain(|(member, _)| self.0.iter().all(|change| change.member != *member));
        for Change { member, score, .. } in self.0 {
            if let Some(score) = score
                && is_in(&member, score)
            {
                members.push((member, score));
            }
        }
        sort(&mut members);
        members
    }

    /// Each as: until when (8 bytes), the score (8 bytes; NaN for a removal), the member's length (4
    /// bytes), the member; little-endian. The latest are kept.
    fn written(&self, max_bytes: usize) -> Vec<u8> {
        let mut kept = Vec::new();
        let mut bytes = 0;
        for change in self.0.iter().rev() {
            bytes += CHANGE_BYTES + change.member.len();
            if bytes > max_bytes {
                break;
            }
            kept.push(change);
        }
        let mut entry = Vec::new();
        for change in kept.into_iter().rev() {
            entry.extend_from_slice(&change.until_ms.to_le_bytes());
            entry.extend_from_slice(&change.score.unwrap_or(f64::NAN).to_le_bytes());
            // The sum above is below `max_bytes`.
            entry.extend_from_slice(&(change.member.len() as u32).to_le_bytes());
            entry.extend_from_slice(&change.member);
        }
        entry
    }

    /// Reads as much as there is: what follows something broken is left out.
    fn read(mut entry: &[u8]) -> Self {
        let mut changes = Vec::new();
        while let Some((change, rest)) = Change::read(entry) {
            changes.push(change);
            entry = rest;
        }
        Changes(changes)
    }
}

const CHANGE_BYTES: usize = 20;

impl Change {
    fn read(entry: &[u8]) -> Option<(Change, &[u8])> {
        let (until_ms, rest) = entry.split_first_chunk()?;
        let (score, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (member, rest) = rest.split_at_checked(length)?;
        let score = f64::from_le_bytes(*score);
        let change = Change {
            member: member.to_vec(),
            score: (!score.is_nan()).then_some(score),
            until_ms: u64::from_le_bytes(*until_ms),
        };
        Some((change, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(member: &str, score: Option<f64>) -> Change {
        Change {
            member: member.into(),
            score,
            until_ms: 7,
        }
    }

    #[test]
    fn changes_are_read_as_they_were_written() {
        let changes = Changes(vec![change("a", Some(1.5)), change("", None)]);
        let entry = changes.written(1_000);
        assert_eq!(Changes::read(&entry), changes);
        // Only what fits, and of that the latest.
        let latest = Changes(vec![change("", None)]);
        assert_eq!(Changes::read(&changes.written(40)), latest);
        for end in 0..entry.len() {
            assert!(Changes::read(&entry[..end]).0.len() < 2);
        }
    }

    #[test]
    fn changes_replace_members_and_keep_the_order() {
        let changes = Changes(vec![
            change("moved", Some(3.0)),
            change("removed", None),
            change("new", Some(1.0)),
            change("outside", Some(9.0)),
        ]);
        let replica = vec![
            (b"moved".to_vec(), 0.0),
            (b"old".to_vec(), 2.0),
            (b"removed".to_vec(), 2.5),
        ];
        let applied = changes.applied_to(replica, |_, score| score <= 5.0);
        let names: Vec<&[u8]> = applied.iter().map(|(member, _)| &**member).collect();
        assert_eq!(names, [b"new".as_slice(), b"old", b"moved"]);
    }

    #[test]
    fn garbled_entries_are_read_as_far_as_they_go() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..random.usize(0..60)).map(|_| random.u8(..)).collect();
            let _read = Changes::read(&bytes);
            let _read = value::read(bytes);
        }
    }
}
