//! What is published of a list.

use std::collections::HashMap;

use fastedge::blocklist::format::{
    Header, Kind, Malformed, PayloadKind, Role, Root, Section, hash, shard_mark,
};

use super::{Packed, PackedSection, PackedShard};

/// What is published of a generation: what the next one need not write again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub(super) generation: u32,
    pub(super) kind: Kind,
    pub(super) payload: PayloadKind,
    entries: u64,
    /// By places: in which generation a shard was written, and the hash of its body.
    pub(super) shards: HashMap<String, (u32, u64)>,
}

impl Packed {
    /// Puts a list together from what is published of it: its manifest, or the whole of it, and its shards, by their keys.
    ///
    /// # Errors
    ///
    /// If something is broken, or `get` fails: its errors are handed through.
    pub fn from_published<E: From<Malformed>>(
        key: &str,
        root: &[u8],
        mut get: impl FnMut(&str) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let outline = Root::read(root)?;
        let header = outline.header;
        header.verify(root)?;
        let mut packed = Packed {
            kind: header.kind,
            payload: header.payload,
            salt: outline.salt,
            is_inline: outline.is_inline(),
            sections: Vec::new(),
        };
        for (layout, entries) in outline.layouts() {
            let mut section = PackedSection {
                layout,
                shards: Vec::new(),
            };
            match outline.section(root, layout)? {
                None => {}
                Some(Section::Body(body)) => section.shards.push(PackedShard {
                    fence: Vec::new(),
                    place: String::new(),
                    entries,
                    body: body.to_vec(),
                }),
                Some(Section::Shards(shards)) => {
                    for index in 0..shards.len() {
                        let place = shards.place(index);
                        let value = get(&format!("{key}:{}:{place}", shards.generation(index)?))?;
                        let (header, body) = Header::read(&value)?;
                        header.verify(&value)?;
                        let wanted = (Role::Shard, outline.header.kind, outline.header.payload);
                        let is_wanted = (header.role, header.kind, header.payload) == wanted
                            && header.generation == shards.generation(index)?
                            && header.mark == shard_mark(&place);
                        if !is_wanted {
                            return Err(Malformed::ANOTHER_SHARD.into());
                        }
                        section.shards.push(PackedShard {
                            fence: shards.fence(index),
                            place,
                            entries: header.entries,
                            body: body.to_vec(),
                        });
                    }
                }
            }
            packed.sections.push(section);
        }
        Ok(packed)
    }
}

/// The hash of a root, and those of its shards: what the next generation is compared with.
pub(super) fn sums_of(root: &[u8], shards: &[u64]) -> Vec<u8> {
    let sums = [hash(&[0; 16], root)];
    let sums = sums.iter().chain(shards);
    sums.flat_map(|sum| sum.to_le_bytes()).collect()
}

/// The hashes beside a manifest, for another one that names the same shards.
pub(crate) fn sums_for(root: &[u8], sums: &[u8]) -> Vec<u8> {
    let shards = sums.as_chunks().0.iter().skip(1);
    let shards: Vec<_> = shards.map(|sum| u64::from_le_bytes(*sum)).collect();
    sums_of(root, &shards)
}

impl Published {
    /// What a manifest and the hashes beside it say. Without the hashes, or with others than those of the manifest, all has to be
    /// written anew.
    ///
    /// # Errors
    ///
    /// If that is no manifest.
    pub fn read(root: &[u8], sums: Option<&[u8]>) -> Result<Self, Malformed> {
        let outline = Root::read(root)?;
        let (sums, _) = sums.unwrap_or_default().as_chunks();
        let mut sums = sums.iter().map(|sum| u64::from_le_bytes(*sum));
        let are_of_root = sums.next() == Some(hash(&[0; 16], root));
        let mut sums = sums.filter(|_| are_of_root);
        let mut shards = HashMap::new();
        for (layout, _) in outline.layouts() {
            if let Some(Section::Shards(places)) = outline.section(root, layout)? {
                for index in 0..places.len() {
                    if let Some(sum) = sums.next() {
                        shards.insert(places.place(index), (places.generation(index)?, sum));
                    }
                }
            }
        }
        Ok(Published {
            generation: outline.header.generation,
            kind: outline.header.kind,
            payload: outline.header.payload,
            entries: u64::from(outline.header.entries),
            shards,
        })
    }

    /// What the list is asked for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What its entries carry.
    pub fn payload(&self) -> PayloadKind {
        self.payload
    }

    /// How many entries it has.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Which generation it is.
    pub fn generation(&self) -> u32 {
        self.generation
    }
}
