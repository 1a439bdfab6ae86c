//! What differs between two generations of a list.

use std::collections::{BTreeSet, HashMap};

use fastedge::blocklist::format::Malformed;

use crate::explain::Entry;
use crate::packed::{Packed, PackedSection, PackedShard};

/// What differs between two lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Entries that the second list has, and the first has not, as they are packed: neighbours are one entry.
    pub added: BTreeSet<Entry>,
    /// Entries that the first list has, and the second has not.
    pub removed: BTreeSet<Entry>,
    /// How many shards of the second list the first has not.
    pub new_shards: usize,
    /// How many bytes they have.
    pub new_bytes: usize,
    /// How many shards both have.
    pub same_shards: usize,
}

/// A shard, its number in its section, and the section.
type Part<'p> = (&'p PackedSection, usize, &'p PackedShard);

impl Packed {
    /// What differs in another list. Only shards that differ are looked into; their entries are in memory, as text.
    ///
    /// # Errors
    ///
    /// If one of the lists is broken.
    pub fn difference(&self, other: &Packed) -> Result<Difference, Malformed> {
        let (mine, theirs) = (self.parts(), other.parts());
        let is_in = |all: &[Part<'_>]| -> HashMap<(u8, String), u64> {
            let parts = all.iter();
            let bodies = parts.map(|(section, _, shard)| (place(section, shard), shard.sum()));
            bodies.collect()
        };
        let (in_mine, in_theirs) = (is_in(&mine), is_in(&theirs));
        let same = |all: &HashMap<_, u64>, (section, _, shard): &Part<'_>| {
            all.get(&place(section, shard))
                .is_some_and(|sum| *sum == shard.sum())
        };
        let (same_shards, new): (Vec<_>, Vec<_>) =
            theirs.into_iter().partition(|part| same(&in_mine, part));
        let gone = mine.into_iter().filter(|part| !same(&in_theirs, part));
        let before = self.entries_of(gone)?;
        let after = other.entries_of(new.iter().copied())?;
        let only = |one: &[Entry], other: &[Entry]| -> BTreeSet<Entry> {
            let entries = one
                .iter()
                .filter(|entry| other.binary_search(entry).is_err());
            entries.cloned().collect()
        };
        Ok(Difference {
            added: only(&after, &before),
            removed: only(&before, &after),
            new_shards: new.len(),
            new_bytes: new.iter().map(|(_, _, shard)| shard.body.len()).sum(),
            same_shards: same_shards.len(),
        })
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let parts = self.sections.iter().flat_map(|section| {
            let shards = section.shards.iter().enumerate();
            shards.map(move |(number, shard)| (section, number, shard))
        });
        parts.collect()
    }

    /// The entries of some shards, sorted.
    fn entries_of<'p>(
        &self,
        parts: impl Iterator<Item = Part<'p>>,
    ) -> Result<Vec<Entry>, Malformed> {
        let mut entries = Vec::new();
        for (section, number, shard) in parts {
            self.explain_shard(section, number, shard, &mut |entry| entries.push(entry))?;
        }
        entries.sort_unstable();
        Ok(entries)
    }
}

fn place(section: &PackedSection, shard: &PackedShard) -> (u8, String) {
    (section.layout.number(), shard.place.clone())
}
