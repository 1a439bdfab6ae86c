//! Remembered changes to one sorted set or Bloom filter.

use std::collections::{HashMap, HashSet};

use crate::kv_store::sorted_set::sort;

/// Changes, of a member only the latest.
#[derive(Debug, Default, PartialEq)]
pub(in crate::kv_store::writer) struct Changes(Vec<Change>);

/// One member's new score, or that it was removed, by which revision of the store, and until when that
/// is remembered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) member: Vec<u8>,
    pub(super) score: Option<f64>,
    pub(super) revision: u64,
    pub(super) until_ms: u64,
}

/// What a change has beside its member: until when (8 bytes), the revision (8), the score (8; NaN
/// for a removal), the member's length (4); little-endian.
const CHANGE_BYTES: usize = 28;

/// What is kept of the changes to one key: each read of it fetches them all.
const MAX_BYTES: usize = 64 * 1024;

impl Changes {
    /// Those that are still remembered at a moment.
    pub(super) fn after(mut self, now_ms: u64) -> Self {
        self.0.retain(|change| change.until_ms > now_ms);
        self
    }

    /// These and others, of each member the one of the highest revision, and of one revision the last.
    pub(super) fn with(self, others: Vec<Change>) -> Self {
        let mut latest: HashMap<Vec<u8>, Change> = HashMap::new();
        for change in self.0.into_iter().chain(others) {
            let is_newer = |kept: &Change| kept.revision <= change.revision;
            if latest.get(&change.member).is_none_or(is_newer) {
                latest.insert(change.member.clone(), change);
            }
        }
        Changes(latest.into_values().collect())
    }

    /// What the replica answers, with the changes that concern it.
    pub(in crate::kv_store::writer) fn applied_to(
        self,
        mut members: Vec<(Vec<u8>, f64)>,
        is_in: impl Fn(&[u8], f64) -> bool,
    ) -> Vec<(Vec<u8>, f64)> {
        if self.0.is_empty() {
            return members;
        }
        let changed: HashMap<Vec<u8>, Option<f64>> = self
            .0
            .into_iter()
            .map(|change| (change.member, change.score))
            .collect();
        // A walk through a set that changes can meet a member twice: the last time counts.
        let mut met = HashSet::new();
        members.reverse();
        members.retain(|(member, _)| !changed.contains_key(member) && met.insert(member.clone()));
        for (member, score) in changed {
            if let Some(score) = score
                && is_in(&member, score)
            {
                members.push((member, score));
            }
        }
        sort(&mut members);
        members
    }

    /// Whether a member was added.
    pub(in crate::kv_store::writer) fn has(&self, member: &[u8]) -> bool {
        let mut changes = self.0.iter();
        changes.any(|change| change.member == member && change.score.is_some())
    }

    /// `None` if it is too much to keep.
    pub(super) fn written(&self) -> Option<Vec<u8>> {
        let mut entry = Vec::new();
        for change in &self.0 {
            let length = u32::try_from(change.member.len()).ok()?;
            entry.extend_from_slice(&change.until_ms.to_le_bytes());
            entry.extend_from_slice(&change.revision.to_le_bytes());
            entry.extend_from_slice(&change.score.unwrap_or(f64::NAN).to_le_bytes());
            entry.extend_from_slice(&length.to_le_bytes());
            entry.extend_from_slice(&change.member);
            if entry.len() > MAX_BYTES {
                return None;
            }
        }
        Some(entry)
    }

    /// Reads as much as there is: what follows something broken is left out.
    pub(super) fn read(mut entry: &[u8]) -> Self {
        let mut changes = Vec::with_capacity(entry.len() / CHANGE_BYTES);
        while let Some((change, rest)) = Change::read(entry) {
            changes.push(change);
            entry = rest;
        }
        Changes(changes)
    }
}

impl Change {
    fn read(entry: &[u8]) -> Option<(Change, &[u8])> {
        let (until_ms, rest) = entry.split_first_chunk()?;
        let (revision, rest) = rest.split_first_chunk()?;
        let (score, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (member, rest) = rest.split_at_checked(length)?;
        let score = f64::from_le_bytes(*score);
        let change = Change {
            member: member.to_vec(),
            score: (!score.is_nan()).then_some(score),
            revision: u64::from_le_bytes(*revision),
            until_ms: u64::from_le_bytes(*until_ms),
        };
        Some((change, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(member: &str, score: Option<f64>, revision: u64) -> Change {
        Change {
            member: member.into(),
            score,
            revision,
            until_ms: 7,
        }
    }

    #[test]
    fn changes_are_read_as_they_were_written() {
        let changes = Changes(vec![change("a", Some(1.5), 3), change("", None, 4)]);
        let entry = changes.written().unwrap();
        assert_eq!(Changes::read(&entry), changes);
        for end in 0..entry.len() {
            assert!(Changes::read(&entry[..end]).0.len() < 2);
        }
        let large = Changes(vec![change(&"x".repeat(70_000), None, 1)]);
        assert_eq!(large.written(), None);
    }

    #[test]
    fn the_higher_revision_of_a_member_is_kept() {
        let kept = Changes(vec![change("a", Some(2.0), 6)]).with(vec![
            change("a", Some(1.0), 5),
            change("b", Some(1.0), 5),
            change("b", None, 5),
        ]);
        let replica = vec![(b"a".to_vec(), 9.0), (b"b".to_vec(), 9.0)];
        let applied = kept.applied_to(replica, |_, _| true);
        assert_eq!(applied, [(b"a".to_vec(), 2.0)]);
    }

    #[test]
    fn changes_replace_members_and_keep_the_order() {
        let changes = Changes(vec![
            change("moved", Some(3.0), 1),
            change("removed", None, 1),
            change("new", Some(1.0), 1),
            change("outside", Some(9.0), 1),
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

    /// A walk through a set meets a member twice whose score changes meanwhile.
    #[test]
    fn of_a_member_that_was_met_twice_the_last_time_counts() {
        let changes = Changes(vec![change("other", Some(5.0), 1)]);
        let walked = vec![(b"x".to_vec(), 9.0), (b"x".to_vec(), 1.0)];
        let applied = changes.applied_to(walked, |_, _| true);
        assert_eq!(applied, [(b"x".to_vec(), 1.0), (b"other".to_vec(), 5.0)]);
    }

    #[test]
    fn garbled_entries_are_read_as_far_as_they_go() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..random.usize(0..80)).map(|_| random.u8(..)).collect();
            let _read = Changes::read(&bytes);
            let _read = super::super::value::read(bytes);
        }
    }
}
