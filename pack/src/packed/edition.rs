//! A generation of a list, as values.

use std::collections::HashMap;

use fastedge::blocklist::format::{Header, PayloadKind, Role, shard_mark};

use super::published::{Published, sums_of};
use super::{Packed, PackedShard};
use crate::encode::{RootParts, SectionParts, write_root};

/// So many generations can have written the shards of one.
pub(super) const MAX_GENERATIONS: usize = 255;

/// A generation of a list, as values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The keys and values of shards that are new.
    pub shards: Vec<(String, Vec<u8>)>,
    /// How many shards are as they have been.
    pub unchanged: usize,
    /// The manifest, or the whole list: the value of the list's key, and of its copy.
    pub root: Vec<u8>,
    /// Hashes of all shards, by which the next generation detects changed shards. The publisher
    /// keeps them in the generation's record.
    pub sums: Vec<u8>,
}

impl Packed {
    /// The values of a generation that follows another one: without those shards that are as they have been.
    pub fn edition(&self, key: &str, generation: u32, former: Option<&Published>) -> Edition {
        // Readers of the one can read the other, tags or not.
        let is_table = |payload| payload == PayloadKind::Value;
        let former = former.filter(|former| {
            former.kind == self.kind && is_table(former.payload) == is_table(self.payload)
        });
        let previous = former.map_or(0, |former| former.generation);
        let former = former.filter(|former| former.payload == self.payload);
        let mut edition = Edition {
            shards: Vec::new(),
            unchanged: 0,
            root: Vec::new(),
            sums: Vec::new(),
        };
        if self.is_inline {
            edition.root = self.root(generation, previous, &[], |_| 0);
            edition.sums = sums_of(&edition.root, &[]);
            return edition;
        }
        let kept = former.map(|former| self.kept(former)).unwrap_or_default();
        let mut generations = vec![generation];
        generations.extend(kept.values());
        generations.sort_unstable();
        generations.dedup();
        let mut sums = Vec::new();
        for shard in self.sections.iter().flat_map(|section| &section.shards) {
            sums.push(shard.sum());
            match kept.contains_key(shard.place.as_str()) {
                true => edition.unchanged += 1,
                false => edition.shards.push(self.value_of(key, generation, shard)),
            }
        }
        edition.root = self.root(generation, previous, &generations, |shard| {
            *kept.get(shard.place.as_str()).unwrap_or(&generation)
        });
        edition.sums = sums_of(&edition.root, &sums);
        edition
    }

    /// What readers open first. Each shard was written in one of these generations.
    pub(super) fn root(
        &self,
        generation: u32,
        previous: u32,
        generations: &[u32],
        written: impl Fn(&PackedShard) -> u32,
    ) -> Vec<u8> {
        let mut parts = RootParts {
            kind: self.kind,
            payload: self.payload,
            generation,
            previous,
            salt: self.salt,
            generations,
            sections: Vec::new(),
        };
        for section in &self.sections {
            let shards = section.shards.iter();
            let part = match section.shards.as_slice() {
                [shard] if self.is_inline => SectionParts::Body(&shard.body),
                _ => SectionParts::Shards {
                    written: shards
                        .clone()
                        .map(|shard| {
                            let number = generations.binary_search(&written(shard));
                            number.unwrap_or_default() as u8
                        })
                        .collect(),
                    fences: shards.map(|shard| shard.fence.clone()).collect(),
                },
            };
            let entries = section.entries() as u32;
            parts.sections.push((section.layout, entries, part));
        }
        write_root(&parts)
    }

    /// The generations of the shards that need not be written again, by their places.
    fn kept(&self, former: &Published) -> HashMap<&str, u32> {
        let shards = self.sections.iter().flat_map(|section| &section.shards);
        let same = shards.filter_map(|shard| {
            let (generation, sum) = *former.shards.get(&shard.place)?;
            (sum == shard.sum()).then_some((shard.place.as_str(), generation))
        });
        let mut kept: HashMap<_, _> = same.collect();
        let mut generations: Vec<_> = kept.values().copied().collect();
        generations.sort_unstable();
        generations.dedup();
        // Those of the oldest generations are written anew, if there is no room for so many.
        if let Some(excess) = generations.len().checked_sub(MAX_GENERATIONS - 1)
            && let Some(&oldest) = generations.get(excess)
        {
            kept.retain(|_, generation| *generation >= oldest);
        }
        kept
    }

    fn value_of(&self, key: &str, generation: u32, shard: &PackedShard) -> (String, Vec<u8>) {
        let header = Header {
            role: Role::Shard,
            kind: self.kind,
            payload: self.payload,
            generation,
            mark: shard_mark(&shard.place),
            entries: shard.entries,
            body_bytes: 0,
            checksum: 0,
        };
        let key = format!("{key}:{generation}:{}", shard.place);
        (key, header.write(&shard.body))
    }
}
