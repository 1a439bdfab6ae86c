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
        let sections = layers.into_iter().map(|layer| PackedSection {
            layout: layer.layout,
            shards: layer
                .bodies
                .into_iter()
                .map(|body| PackedShard {
                    fence: body.fence,
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
        let root = packed.edition("", 1, None).root;
        if root.len() > MAX_ROOT_BYTES {
            return Err(PackError::TooLarge { bytes: root.len() });
        }
        packed.name_places();
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
        let root = self.edition("", 0, None).root;
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
        let former =
            former.filter(|former| (former.kind, former.payload) == (self.kind, self.payload));
        let previous = former.map_or(0, |former| former.generation);
        let mut edition = Edition {
            shards: Vec::new(),
            unchanged: 0,
            root: Vec::new(),
            sums: Vec::new(),
        };
        let mut parts = RootParts {
            kind: self.kind,
            payload: self.payload,
            generation,
            previous,
            salt: self.salt,
            generations: &[],
            sections: Vec::new(),
        };
        if self.is_inline {
            for section in &self.sections {
                for shard in &section.shards {
                    let body = SectionParts::Body(&shard.body);
                    parts.sections.push((section.layout, shard.entries, body));
                }
            }
            edition.root = write_root(&parts);
            return edition;
        }
        let kept = former.map(|former| self.kept(former)).unwrap_or_default();
        let mut generations = vec![generation];
        for section in &self.sections {
            let mut written = Vec::new();
            for shard in &section.shards {
                edition.sums.extend(shard.sum().to_le_bytes());
                let generation = match kept.get(shard.place.as_str()) {
                    Some(generation) => {
                        edition.unchanged += 1;
                        *generation
                    }
                    None => {
                        edition.shards.push(self.value_of(key, generation, shard));
                        generation
                    }
                };
                let number = generations.iter().position(|one| *one == generation);
                written.push(number.unwrap_or_else(|| {
                    generations.push(generation);
                    generations.len() - 1
                }) as u8);
            }
            let fences = section
                .shards
                .iter()
                .map(|shard| shard.fence.clone())
                .collect();
            let entries = section.entries() as u32;
            let shards = SectionParts::Shards { written, fences };
            parts.sections.push((section.layout, entries, shards));
        }
        parts.generations = &generations;
        edition.root = write_root(&parts);
        edition
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

    /// What readers will call the places of the shards.
    pub(crate) fn name_places(&mut self) {
        let value = self.edition("", 1, None).root;
        let Ok(root) = Root::read(&value) else { return };
        for section in &mut self.sections {
            if let Ok(Some(Section::Shards(shards))) = root.section(&value, section.layout) {
                for (index, shard) in section.shards.iter_mut().enumerate() {
                    shard.place = shards.place(index);
                }
            }
        }
    }
}

impl PackedShard {
    fn sum(&self) -> u64 {
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
            shards,
        })
    }

    /// Which generation it is.
    pub fn generation(&self) -> u32 {
        self.generation
    }
}
