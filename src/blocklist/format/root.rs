//! What a reader opens first: a manifest, or a whole list.

use std::hash::Hasher;
use std::ops::Range;

use siphasher::sip::SipHasher13;

use super::bytes::{Malformed, take, take_array, take_count, take_u8, take_u16, take_u32};
use super::column::Column;
use super::header::{Header, Role};
use super::text::TextBody;

/// The length of a list's salt.
pub const SALT_BYTES: usize = 16;

/// The salt of a list that has been given none.
pub const DEFAULT_SALT: [u8; SALT_BYTES] = *b"fastedge packed ";

/// What a shard's header says of its place, which is what its key ends with.
pub fn shard_mark(place: &str) -> u32 {
    let mut hasher = SipHasher13::new();
    hasher.write(place.as_bytes());
    hasher.finish() as u32
}

/// How a section's entries are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// [`Ipv4Body`](super::Ipv4Body).
    Ipv4,
    /// [`Ipv6Body`](super::Ipv6Body).
    Ipv6,
    /// [`TreeBody`](super::TreeBody).
    Tree,
    /// [`HashedBody`](super::HashedBody).
    Hashed,
    /// A [`Column`] of numbers of four bytes, the highest first.
    Numbers,
    /// [`CountryBody`](super::CountryBody).
    Countries,
}

impl Layout {
    /// Its number in the bytes.
    pub fn number(self) -> u8 {
        match self {
            Layout::Ipv4 => 1,
            Layout::Ipv6 => 2,
            Layout::Tree => 3,
            Layout::Hashed => 4,
            Layout::Numbers => 5,
            Layout::Countries => 6,
        }
    }

    /// The layout of a number in the bytes.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn of_number(number: u8) -> Result<Self, Malformed> {
        match number {
            1 => Ok(Layout::Ipv4),
            2 => Ok(Layout::Ipv6),
            3 => Ok(Layout::Tree),
            4 => Ok(Layout::Hashed),
            5 => Ok(Layout::Numbers),
            6 => Ok(Layout::Countries),
            _ => Err(Malformed("a section's layout is unknown")),
        }
    }

    /// The letter with which the places of its shards begin.
    fn letter(self) -> char {
        match self {
            Layout::Ipv4 => '4',
            Layout::Ipv6 => '6',
            Layout::Tree => 't',
            Layout::Hashed => 'h',
            Layout::Numbers => 'n',
            Layout::Countries => 'c',
        }
    }

    /// The length of the keys at which its shards begin; `None` if that is no matter of such keys.
    pub fn key_bytes(self) -> Option<usize> {
        match self {
            Layout::Ipv4 | Layout::Numbers => Some(4),
            Layout::Ipv6 => Some(16),
            Layout::Tree | Layout::Hashed | Layout::Countries => None,
        }
    }
}

/// The parsed outline of a manifest or an inline list: offsets into the value, which stays with its owner.
#[derive(Clone, Debug)]
pub struct Root {
    /// The value's header.
    pub header: Header,
    /// The generation before, which may be fallen back to; 0 if there is none.
    pub previous: u32,
    /// Under which texts are hashed.
    pub salt: [u8; SALT_BYTES],
    sections: [Option<Outline>; 2],
    generations: Range<usize>,
}

/// Where a section is in the value.
#[derive(Clone, Debug)]
struct Outline {
    layout: Layout,
    entries: u32,
    /// Of shards, how many; none if the section is here.
    shards: Option<usize>,
    bytes: Range<usize>,
}

/// A section of a list.
#[derive(Clone, Copy, Debug)]
pub enum Section<'a> {
    /// Its entries.
    Body(&'a [u8]),
    /// Where its entries are.
    Shards(Shards<'a>),
}

/// The shards of a section.
#[derive(Clone, Copy, Debug)]
pub struct Shards<'a> {
    layout: Layout,
    /// A number in the table of generations for each.
    written: &'a [u8],
    generations: &'a [[u8; 4]],
    fences: Fences<'a>,
}

/// Where each shard begins.
#[derive(Clone, Copy, Debug)]
pub enum Fences<'a> {
    /// At a key of a fixed length.
    Column(Column<'a>),
    /// At a text.
    Texts(TextBody<'a>),
    /// At so many of the highest bits of a hash.
    Bits(u32),
}

impl Root {
    /// Reads the outline of a manifest or an inline list.
    ///
    /// # Errors
    ///
    /// With what is wrong.
    pub fn read(value: &[u8]) -> Result<Self, Malformed> {
        const SHORT: &str = "it is cut off";
        let (header, mut rest) = Header::read(value)?;
        let at = |rest: &[u8]| value.len() - rest.len();
        let previous = take_u32(&mut rest, SHORT)?;
        let generations = usize::from(take_u8(&mut rest, SHORT)?);
        let count = take_u8(&mut rest, SHORT)?;
        take_u16(&mut rest, SHORT)?;
        let salt = take_array(&mut rest, SHORT)?;
        let start = at(rest);
        take(&mut rest, generations * 4, SHORT)?;
        let generations = start..at(rest);
        let mut sections = [const { None }; 2];
        let wanted = sections.get_mut(..usize::from(count));
        let wanted = wanted.ok_or(Malformed("it has more sections than there can be"))?;
        match header.role {
            Role::Shard => return Err(Malformed("it is a part of a list")),
            Role::Inline => {
                let mut end = at(rest) + usize::from(count) * 12;
                for section in wanted {
                    let layout = Layout::of_number(take_u8(&mut rest, SHORT)?)?;
                    take_array::<3>(&mut rest, SHORT)?;
                    let entries = take_u32(&mut rest, SHORT)?;
                    let start = end;
                    end = start
                        .checked_add(take_count(&mut rest, SHORT)?)
                        .filter(|&end| end <= value.len())
                        .ok_or(Malformed(SHORT))?;
                    *section = Some(Outline {
                        layout,
                        entries,
                        shards: None,
                        bytes: start..end,
                    });
                }
            }
            Role::Manifest => {
                for section in wanted {
                    let layout = Layout::of_number(take_u8(&mut rest, SHORT)?)?;
                    take_array::<3>(&mut rest, SHORT)?;
                    let entries = take_u32(&mut rest, SHORT)?;
                    let shards = take_count(&mut rest, SHORT)?;
                    let length = take_count(&mut rest, SHORT)?;
                    let start = at(rest);
                    take(&mut rest, length, SHORT)?;
                    *section = Some(Outline {
                        layout,
                        entries,
                        shards: Some(shards),
                        bytes: start..at(rest),
                    });
                }
            }
        }
        Ok(Root {
            header,
            previous,
            salt,
            sections,
            generations,
        })
    }

    /// Which layouts there are, and how many entries each has.
    pub fn layouts(&self) -> impl Iterator<Item = (Layout, u32)> {
        let sections = self.sections.iter().flatten();
        sections.map(|section| (section.layout, section.entries))
    }

    /// The section of a layout, out of the value that this was read from; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it is too short for what it says.
    pub fn section<'a>(
        &self,
        value: &'a [u8],
        layout: Layout,
    ) -> Result<Option<Section<'a>>, Malformed> {
        const SHORT: &str = "where shards begin is cut off";
        let mut sections = self.sections.iter().flatten();
        let Some(outline) = sections.find(|section| section.layout == layout) else {
            return Ok(None);
        };
        let mut rest = value.get(outline.bytes.clone()).ok_or(Malformed(SHORT))?;
        let Some(count) = outline.shards else {
            return Ok(Some(Section::Body(rest)));
        };
        let generations = value.get(self.generations.clone()).unwrap_or_default();
        let written = take(&mut rest, count, SHORT)?;
        let fences = match layout {
            Layout::Hashed if count.is_power_of_two() && count <= 1 << 16 => {
                Fences::Bits(count.trailing_zeros())
            }
            Layout::Hashed => return Err(Malformed("hashes are not in 2ⁿ shards")),
            Layout::Tree => Fences::Texts(TextBody::read(&mut rest)?),
            _ => {
                let length = layout.key_bytes().unwrap_or_default();
                Fences::Column(Column::read(&mut rest, length)?)
            }
        };
        let begins = match fences {
            Fences::Column(column) => column.len(),
            Fences::Texts(texts) => texts.len(),
            Fences::Bits(_) => count,
        };
        if begins != count {
            return Err(Malformed("it has not as many shards as it says"));
        }
        Ok(Some(Section::Shards(Shards {
            layout,
            written,
            generations: generations.as_chunks().0,
            fences,
        })))
    }

    /// Whether the whole list is here.
    pub fn is_inline(&self) -> bool {
        self.header.role == Role::Inline
    }
}

impl<'a> Shards<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.written.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// Where they begin.
    pub fn fences(&self) -> Fences<'a> {
        self.fences
    }

    /// In which generation a shard was written.
    ///
    /// # Errors
    ///
    /// If the manifest does not say.
    pub fn generation(&self, index: usize) -> Result<u32, Malformed> {
        let number = self.written.get(index).map(|&number| usize::from(number));
        let generation = number.and_then(|number| self.generations.get(number));
        generation
            .map(|generation| u32::from_le_bytes(*generation))
            .ok_or(Malformed(
                "it does not say in which generation a shard was written",
            ))
    }

    /// With what a shard begins: a key of bytes, or a text; nothing for hashes.
    pub fn fence(&self, index: usize) -> Vec<u8> {
        match self.fences {
            Fences::Column(column) => {
                let key = column.get(index);
                let length = self.layout.key_bytes().unwrap_or_default();
                key.iter().take(length).copied().collect()
            }
            Fences::Texts(texts) => texts.get(index),
            Fences::Bits(_) => Vec::new(),
        }
    }

    /// The place of a shard, with which its key ends: a letter for the layout, and where it begins.
    pub fn place(&self, index: usize) -> String {
        let letter = self.layout.letter();
        match self.fences {
            Fences::Column(_) => {
                let fence = self.fence(index);
                let digits = fence.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
                std::iter::once(letter).chain(digits).collect()
            }
            Fences::Texts(texts) => place_of_text(&texts.get(index)),
            Fences::Bits(bits) => format!("{letter}{bits}-{index}"),
        }
    }
}

/// The place of a shard that begins at a text: its hash.
fn place_of_text(text: &[u8]) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(text);
    format!("{}{:016x}", Layout::Tree.letter(), hasher.finish())
}
