//! Sorted sets, in Redis's order.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

/// Members with scores, ascending by score and then by the members' bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct SortedSet {
    scores: HashMap<Vec<u8>, f64>,
    order: BTreeSet<Ranked>,
}

#[derive(Clone, Debug)]
struct Ranked {
    score: f64,
    member: Vec<u8>,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        // No score is NaN, and 0.0 equals -0.0, as in Redis.
        self.score
            .partial_cmp(&other.score)
            .unwrap_or(Ordering::Equal)
            .then_with(|| self.member.cmp(&other.member))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

impl SortedSet {
    /// Adds a member, or gives it another score. Answers `false`, and does nothing, for NaN.
    pub(crate) fn add(&mut self, member: Vec<u8>, score: f64) -> bool {
        if score.is_nan() {
            return false;
        }
        // A database may keep -0.0 as 0.0, and a restart must not change a score.
        let score = score + 0.0;
        if let Some(former) = self.scores.insert(member.clone(), score) {
            self.order.remove(&Ranked {
                score: former,
                member: member.clone(),
            });
        }
        self.order.insert(Ranked { score, member });
        true
    }

    /// The members with `min <= score <= max`. Neither bound is NaN.
    pub(crate) fn range_by_score(&self, min: f64, max: f64) -> Vec<(Vec<u8>, f64)> {
        let members = self.range(min, max);
        members
            .map(|(member, score)| (member.to_vec(), score))
            .collect()
    }

    /// Iterates over the members with `min <= score <= max`. Neither bound is NaN.
    pub(crate) fn range(&self, min: f64, max: f64) -> impl Iterator<Item = (&[u8], f64)> {
        // The empty member is the first of its score.
        let first = Ranked {
            score: min,
            member: Vec::new(),
        };
        self.order
            .range((Bound::Included(first), Bound::Unbounded))
            .take_while(move |ranked| ranked.score <= max)
            .map(|ranked| (ranked.member.as_slice(), ranked.score))
    }

    /// Removes a member, and answers its score if it was there.
    pub(crate) fn remove(&mut self, member: &[u8]) -> Option<f64> {
        let (member, score) = self.scores.remove_entry(member)?;
        self.order.remove(&Ranked { score, member });
        Some(score)
    }

    /// Returns the score of a member.
    pub(crate) fn score(&self, member: &[u8]) -> Option<f64> {
        self.scores.get(member).copied()
    }

    /// The members, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], f64)> {
        self.order
            .iter()
            .map(|ranked| (ranked.member.as_slice(), ranked.score))
    }

    /// How many members there are.
    pub(crate) fn len(&self) -> usize {
        self.scores.len()
    }

    /// How many bytes the members and their scores take.
    pub(crate) fn size(&self) -> u64 {
        let bytes = self.scores.keys().map(|member| member.len() + 8);
        bytes.sum::<usize>() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::SortedSet;

    fn set(members: &[(&str, f64)]) -> SortedSet {
        let mut set = SortedSet::default();
        for (member, score) in members {
            assert!(set.add(member.as_bytes().to_vec(), *score));
        }
        set
    }

    fn names(members: Vec<(Vec<u8>, f64)>) -> Vec<String> {
        members
            .into_iter()
            .map(|(member, _)| String::from_utf8(member).unwrap())
            .collect()
    }

    #[test]
    fn both_ends_are_inclusive_and_ties_go_by_bytes() {
        let set = set(&[("b", 1.0), ("a", 1.0), ("c", 2.0), ("", 1.0), ("d", 3.0)]);
        assert_eq!(names(set.range_by_score(1.0, 2.0)), ["", "a", "b", "c"]);
        assert_eq!(names(set.range_by_score(2.5, f64::INFINITY)), ["d"]);
        assert_eq!(names(set.range_by_score(3.0, 1.0)), [""; 0]);
        assert_eq!(
            set.range_by_score(f64::NEG_INFINITY, f64::INFINITY).len(),
            5
        );
    }

    #[test]
    fn zero_has_no_sign() {
        let set = set(&[("minus", -0.0), ("plus", 0.0)]);
        assert_eq!(names(set.range_by_score(0.0, 0.0)), ["minus", "plus"]);
        assert_eq!(names(set.range_by_score(-0.0, -0.0)), ["minus", "plus"]);
    }

    #[test]
    fn a_member_has_one_score() {
        let mut set = set(&[("a", 1.0)]);
        set.add(b"a".to_vec(), 5.0);
        assert_eq!(names(set.range_by_score(0.0, 2.0)), [""; 0]);
        assert_eq!(set.range_by_score(5.0, 5.0), [(b"a".to_vec(), 5.0)]);
        assert!(!set.add(b"a".to_vec(), f64::NAN));
        assert_eq!(set.range_by_score(5.0, 5.0).len(), 1);
    }
}
