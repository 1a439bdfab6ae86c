//! What differs between two generations of a list.

use std::collections::{BTreeSet, HashMap};

use fastedge::blocklist::format::Malformed;

use crate::explain::{Entry, explain};
use crate::packed::{Packed, PackedShard};

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

impl Packed {
    /// What differs in another list. Only shards that differ are looked into.
    ///
    /// # Errors
    ///
    /// If one of the lists is broken.
    pub fn difference(&self, other: &Packed) -> Result<Difference, Malformed> {
        let mut difference = Difference::default();
        let (mine, theirs) = (self.by_place(), other.by_place());
        let entries = |packed: &Packed, shards: Vec<(usize, &PackedShard)>| {
            let mut entries = BTreeSet::new();
            for (section, shard) in shards {
                let Some(section) = packed.sections.get(section) else {
                    continue;
                };
                explain(
                    packed.kind,
                    section.layout,
                    packed.payload,
                    &shard.body,
                    &mut |entry| {
                        entries.insert(entry);
                    },
                )?;
            }
            Ok(entries)
        };
        let differ = |all: &HashMap<(usize, String), (usize, &PackedShard)>, key, body: &[u8]| {
            let same: Option<&(usize, &PackedShard)> = all.get(key);
            same.is_none_or(|(_, shard)| shard.body != body)
        };
        let of_mine = mine
            .iter()
            .filter(|(key, (_, shard))| differ(&theirs, *key, &shard.body));
        let of_theirs: Vec<_> = theirs
            .iter()
            .filter(|(key, (_, shard))| differ(&mine, *key, &shard.body))
            .collect();
        difference.new_shards = of_theirs.len();
        difference.new_bytes = of_theirs
            .iter()
            .map(|(_, (_, shard))| shard.body.len())
            .sum();
        difference.same_shards = theirs.len() - of_theirs.len();
        let before = entries(self, of_mine.map(|(_, shard)| *shard).collect())?;
        let after = entries(other, of_theirs.iter().map(|(_, shard)| **shard).collect())?;
        difference.added = after.difference(&before).cloned().collect();
        difference.removed = before.difference(&after).cloned().collect();
        Ok(difference)
    }

    /// All shards, with the numbers of their sections.
    fn by_place(&self) -> HashMap<(usize, String), (usize, &PackedShard)> {
        let sections = self.sections.iter().enumerate();
        let shards = sections.flat_map(|(number, section)| {
            let layout = usize::from(section.layout.number());
            let shards = section.shards.iter();
            shards.map(move |shard| ((layout, shard.place.clone()), (number, shard)))
        });
        shards.collect()
    }
}
