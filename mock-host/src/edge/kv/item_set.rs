//! The items of a Bloom filter, exactly, in a set that is cheap to clone.

use std::sync::Arc;

/// A set of byte strings whose clones share their contents.
///
/// A write clones the entry that it touches, so a clone must not copy the items. The set is a list
/// of sorted runs, each less than half as long as the one before it. A clone copies one pointer per
/// run. The set has at most as many runs as its length has bits. Adding an item merges it into a
/// longer run only as often as a binary counter carries.
#[derive(Clone, Debug, Default)]
pub(crate) struct ItemSet {
    runs: Vec<Run>,
}

/// Items in ascending order, each once.
type Run = Arc<[Arc<[u8]>]>;

impl ItemSet {
    /// Adds an item. Returns whether it is new.
    pub(crate) fn add(&mut self, item: &[u8]) -> bool {
        if self.contains(item) {
            return false;
        }
        self.push(Arc::new([Arc::from(item)]));
        true
    }

    /// Removes an item. Returns whether it was in the set.
    pub(crate) fn remove(&mut self, item: &[u8]) -> bool {
        let places = self
            .runs
            .iter()
            .map(|run| run.binary_search_by(|other| (**other).cmp(item)));
        let place = places
            .enumerate()
            .find_map(|(run, place)| Some((run, place.ok()?)));
        let Some((number, place)) = place else {
            return false;
        };
        // The run may become too short for those after it, so they are merged again.
        let later = self.runs.split_off(number + 1);
        let run = self.runs.pop().unwrap_or_default();
        let (before, after) = run.split_at(place);
        let rest = before.iter().chain(after.iter().skip(1));
        self.push(rest.cloned().collect());
        for run in later {
            self.push(run);
        }
        true
    }

    /// Adds a run whose items are in no other one.
    fn push(&mut self, mut run: Run) {
        while let Some(last) = self.runs.pop_if(|last| last.len() < 2 * run.len()) {
            run = merged(&last, &run);
        }
        if !run.is_empty() {
            self.runs.push(run);
        }
    }

    /// Returns whether an item is in the set.
    pub(crate) fn contains(&self, item: &[u8]) -> bool {
        let mut runs = self.runs.iter();
        runs.any(|run| run.binary_search_by(|other| (**other).cmp(item)).is_ok())
    }

    /// Returns the number of items.
    pub(crate) fn len(&self) -> usize {
        self.runs.iter().map(|run| run.len()).sum()
    }

    /// Iterates over the items, ascending by their bytes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut runs: Vec<&[Arc<[u8]>]> = self.runs.iter().map(|run| &**run).collect();
        std::iter::from_fn(move || {
            // No item is in two runs, so the least first item of all runs is the next one.
            let fronts = runs.iter_mut().filter(|run| !run.is_empty());
            let least = fronts.min_by(|one, other| one.first().cmp(&other.first()))?;
            let (item, rest) = least.split_first()?;
            *least = rest;
            Some(&**item)
        })
    }
}

/// Merges two runs that have no item in common.
fn merged(one: &Run, other: &Run) -> Run {
    let mut items = Vec::with_capacity(one.len() + other.len());
    items.extend(one.iter().cloned());
    items.extend(other.iter().cloned());
    // The sort detects the two runs, and merges them.
    items.sort();
    items.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ItemSet;

    #[test]
    fn random_items_are_the_same_as_in_an_ordinary_set() {
        let mut random = fastrand::Rng::with_seed(1);
        let (mut ours, mut theirs) = (ItemSet::default(), BTreeSet::new());
        for _ in 0..5_000 {
            let item = random.u16(0..3_000).to_string().into_bytes();
            assert_eq!(ours.add(&item), theirs.insert(item.clone()));
            assert!(ours.contains(&item));
            let other = random.u16(0..3_000).to_string().into_bytes();
            assert_eq!(ours.remove(&other), theirs.remove(&other));
            assert!(!ours.contains(&other));
            assert!(
                ours.runs
                    .iter()
                    .is_sorted_by(|one, next| one.len() >= 2 * next.len())
            );
        }
        assert!(!theirs.is_empty());
        assert!(!ours.contains(b"x"));
        assert_eq!(ours.len(), theirs.len());
        assert!(ours.iter().eq(theirs.iter().map(Vec::as_slice)));
    }

    #[test]
    fn clone_keeps_its_items_while_the_original_grows() {
        let mut set = ItemSet::default();
        for number in 0..1_000_u32 {
            set.add(&number.to_be_bytes());
        }
        let clone = set.clone();
        assert!(clone.runs.len() <= 10, "{} runs", clone.runs.len());
        set.add(b"new");
        assert_eq!((set.len(), clone.len()), (1_001, 1_000));
        assert!(!clone.contains(b"new"));
    }
}
