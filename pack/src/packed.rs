//! A packed list, and the values that it is published as.

use std::collections::HashMap;

use fastedge::blocklist::format::{
    HashedBody, Header, Kind, Layout, Malformed, PayloadKind, Role, Root, SALT_BYTES, Section,
    hash, shard_mark,
};

use crate::encode::{INLINE_BYTES, Layer, MAX_ROOT_BYTES, RootParts, SectionParts, write_root};
use crate::error::PackError;

/// So many generations can have written the shards of one.
const MAX_GENERATIONS: usize = 255;

/// A packed list or table. It becomes a generation of it when it is given values' keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    pub(crate) kind: Kind,
    pub(crate) payload: PayloadKind,
    pub(crate) salt: [u8; SALT_BYTES],
    pub(crate) is_inline: bool,
    pub(crate) sections: Vec<PackedSection>,
}

/// A part of a list with a layout of its own: IPv4 and IPv6, of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedSection {
    pub(crate) layout: Layout,
    pub(crate) shards: Vec<PackedShard>,
}

/// What becomes one value; or, of a small list, a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedShard {
    pub(crate) fence: Vec<u8>,
    pub(crate) place: String,
    pub(crate) entries: u32,
    pub(crate) body: Vec<u8>,
}

impl PackedSection {
    /// How the entries are laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Its shards, in order.
    pub fn shards(&self) -> &[PackedShard] {
        &self.shards
    }

    /// Of hashes, what a shard's number is, and how many of their bits say it.
    pub(crate) fn place_of_hashes(&self, number: usize) -> Option<(usize, u32)> {
        let bits = self.shards.len().trailing_zeros();
        (self.layout == Layout::Hashed).then_some((number, bits))
    }

    /// How many entries it has.
    pub fn entries(&self) -> u64 {
        self.shards
            .iter()
            .map(|shard| u64::from(shard.entries))
            .sum()
    }
}

impl PackedShard {
    /// With what its key ends.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// How many entries it has.
    pub fn entries(&self) -> u32 {
        self.entries
    }

    /// What is in it, after the header.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// What is published of a generation: what the next one need not write again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    generation: u32,
    kind: Kind,
    payload: PayloadKind,
    entries: u64,
    /// By places: in which generation a shard was written, and the hash of its body.
    shards: HashMap<String, (u32, u64)>,
}

/// A generation of a list, as values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The keys and values of shards that are new.
    pub shards: Vec<(String, Vec<u8>)>,
    /// How many shards are as they have been.
    pub unchanged: usize,
    /// The manifest, or the whole list: the value of the list's key, and of its copy.
    pub root: Vec<u8>,
    /// Hashes of all shards, for the generation after this one: the value of `<key>:<generation>:sums`.
    pub sums: Vec<u8>,
}

impl Packed {
    pub(crate) fn of(
        kind: Kind,
        payload: PayloadKind,
        salt: [u8; SALT_BYTES],
        layers: Vec<Layer>,
    ) -> Result<Self, PackError> {
        let bodies = || layers.iter().flat_map(|layer| &layer.bodies);
        let bytes: usize = bodies().map(|body| body.bytes.len()).sum();
        let is_inline = bytes <= INLINE_BYTES && layers.iter().all(|layer| layer.bodies.len() <= 1);
        // As readers know them: of a fixed length, filled up with zeros.
        let padded = |layout: Layout, mut fence: Vec<u8>| {
            if let (Some(length), false) = (layout.key_bytes(), is_inline) {
                fence.resize(length, 0);
            }
            fence
        };
        let sections = layers.into_iter().map(|layer| PackedSection {
            layout: layer.layout,
            shards: layer
                .bodies
                .into_iter()
                .map(|body| PackedShard {
                    fence: padded(layer.layout, body.fence),
                    place: String::new(),
                    entries: body.entries,
                    body: body.bytes,
                })
                .collect(),
        });
        let mut packed = Packed {
            kind,
            payload,
            salt,
            is_inline,
            sections: sections
                .filter(|section| !section.shards.is_empty())
                .collect(),
        };
        let root = packed.root(1, 0, &[1], |_| 0);
        // With as many generations as there can be.
        let bytes = root.len() + 4 * MAX_GENERATIONS;
        if bytes > MAX_ROOT_BYTES {
            return Err(PackError::TooLarge { bytes });
        }
        // What has just been written is read.
        let _never_malformed = packed.name_places(&root);
        Ok(packed)
    }

    /// What the list is asked for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What its entries carry.
    pub fn payload(&self) -> PayloadKind {
        self.payload
    }

    /// Whether it is one value.
    pub fn is_inline(&self) -> bool {
        self.is_inline
    }

    /// Its sections.
    pub fn sections(&self) -> &[PackedSection] {
        &self.sections
    }

    /// How many entries it has.
    pub fn entries(&self) -> u64 {
        self.sections.iter().map(PackedSection::entries).sum()
    }

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

    /// How many values it has beside its manifest.
    pub(crate) fn shards(&self) -> usize {
        match self.is_inline {
            true => 0,
            false => self
                .sections
                .iter()
                .map(|section| section.shards.len())
                .sum(),
        }
    }

    /// What tells it from other lists: a hash of all of it, as 16 digits.
    pub fn digest(&self) -> String {
        let root = self.root(0, 0, &[0], |_| 0);
        let shards = self.sections.iter().flat_map(|section| &section.shards);
        let mut sum = hash(&[0; 16], &root);
        for shard in shards {
            let both = [sum.to_le_bytes(), shard.sum().to_le_bytes()].concat();
            sum = hash(&[0; 16], &both);
        }
        format!("{sum:016x}")
    }

    /// The hashes of its texts, as far as they are kept: 48 bits and those that say in which shard they are.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = u64> {
        let sections = self.sections.iter();
        let hashed = sections.filter(|section| section.layout == Layout::Hashed);
        hashed.flat_map(|section| {
            let bits = section.shards.len().trailing_zeros();
            let shards = section.shards.iter().zip(0_u64..);
            shards.flat_map(move |(shard, number)| {
                let body = HashedBody::read(&shard.body).into_iter();
                body.flat_map(|body| body.entries())
                    .map(move |(remainder, _)| {
                        let mut full = [0; 8];
                        for (byte, of_remainder) in full.iter_mut().zip(remainder) {
                            *byte = of_remainder;
                        }
                        let above = number.checked_shl(64 - bits).unwrap_or(0);
                        above | u64::from_be_bytes(full) >> bits
                    })
            })
        })
    }

    /// All keys and values of a generation without one before, the list's own key last: for tests, and for stores that
    /// are filled at once. Where there are readers, [publish](crate::Publisher) it.
    pub fn values(&self, key: &str, generation: u32) -> impl Iterator<Item = (String, Vec<u8>)> {
        let edition = self.edition(key, generation, None);
        let copy = (format!("{key}:{generation}"), edition.root.clone());
        let root = (key.to_owned(), edition.root);
        edition.shards.into_iter().chain([copy, root])
    }

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
    fn root(
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

    /// What readers call the places of the shards.
    fn name_places(&mut self, value: &[u8]) -> Result<(), Malformed> {
        let root = Root::read(value)?;
        for section in &mut self.sections {
            if let Some(Section::Shards(shards)) = root.section(value, section.layout)? {
                for (index, shard) in section.shards.iter_mut().enumerate() {
                    shard.place = shards.place(index);
                }
            }
        }
        Ok(())
    }

    /// A list that was in a file.
    pub(crate) fn checked(mut self) -> Result<Self, Malformed> {
        let root = self.root(1, 0, &[1], |_| 1);
        self.name_places(&root)?;
        Ok(self)
    }
}

/// The hash of a root, and those of its shards: what the next generation is compared with.
fn sums_of(root: &[u8], shards: &[u64]) -> Vec<u8> {
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

impl PackedShard {
    pub(crate) fn sum(&self) -> u64 {
        hash(&[0; 16], &self.body)
    }
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
