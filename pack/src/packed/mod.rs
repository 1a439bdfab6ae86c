//! A packed list.

mod edition;
mod published;

use fastedge::blocklist::format::{
    HashedBody, Kind, Layout, Malformed, PayloadKind, Root, SALT_BYTES, Section, hash,
};

pub use self::edition::Edition;
use self::edition::MAX_GENERATIONS;
pub use self::published::Published;
pub(crate) use self::published::sums_for;
use crate::encode::{INLINE_BYTES, Layer, MAX_ROOT_BYTES};
use crate::error::PackError;

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
        // Shards are values as well.
        let shards = packed.sections.iter().flat_map(|section| &section.shards);
        let largest = shards.map(|shard| shard.body.len()).max().unwrap_or(0);
        if largest > MAX_ROOT_BYTES / 2 || packed.name_places(&root).is_err() {
            return Err(PackError::TooLarge { bytes: largest });
        }
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

impl PackedShard {
    pub(crate) fn sum(&self) -> u64 {
        hash(&[0; 16], &self.body)
    }
}
