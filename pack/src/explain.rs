//! What is in packed bytes, in words.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use fastedge::blocklist::canonical::{DomainKey, PathKey};
use fastedge::blocklist::format::{
    Column, CountryBody, HashedBody, Hit, Ipv4Body, Ipv6Body, Kind, Layout, Malformed, Payload,
    PayloadKind, REMAINDER_BYTES, State, TreeBody,
};

use crate::packed::{Packed, PackedSection, PackedShard};

/// An entry, as it is packed: what is listed, and what it carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// An address, a network or a range; a domain or a path with what is below it; 48 bits of a hash; …
    pub what: String,
    /// The tag, or the value as text.
    pub carries: Option<String>,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.carries {
            Some(carries) => write!(f, "{}\t{carries}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl Packed {
    /// Shows all entries, in the order in which they are.
    ///
    /// # Errors
    ///
    /// If the list is broken.
    pub fn each_entry(&self, each: &mut dyn FnMut(Entry)) -> Result<(), Malformed> {
        for section in &self.sections {
            for (number, shard) in section.shards.iter().enumerate() {
                self.explain_shard(section, number, shard, each)?;
            }
        }
        Ok(())
    }

    /// Shows the entries of a shard, by its number in its section.
    pub(crate) fn explain_shard(
        &self,
        section: &PackedSection,
        number: usize,
        shard: &PackedShard,
        each: &mut dyn FnMut(Entry),
    ) -> Result<(), Malformed> {
        let place = section.place_of_hashes(number);
        let (kind, payload) = (self.kind, self.payload);
        explain(kind, section.layout, payload, place, &shard.body, each)
    }
}

/// Shows the entries of a body: that of a shard, or a section of a list in one value.
///
/// A shard of hashes has only what follows the bits that say which one it is: `shard` is its number, and how many bits that
/// has.
///
/// # Errors
///
/// If the body is broken.
pub fn explain(
    kind: Kind,
    layout: Layout,
    payload: PayloadKind,
    shard: Option<(usize, u32)>,
    body: &[u8],
    each: &mut dyn FnMut(Entry),
) -> Result<(), Malformed> {
    let mut tell = |what: String, hit: Hit<'_>| {
        each(entry(what, hit, payload)?);
        Ok(())
    };
    match layout {
        Layout::Ipv4 => {
            let mut entries = Ipv4Body::read(body)?.entries();
            entries.try_for_each(|((first, last), hit)| tell(ipv4(first, last), hit))
        }
        Layout::Ipv6 => {
            let mut entries = Ipv6Body::read(body)?.entries();
            entries.try_for_each(|((first, prefix), hit)| {
                tell(format!("{}/{prefix}", Ipv6Addr::from_bits(first)), hit)
            })
        }
        Layout::Tree => {
            let tree = TreeBody::read(body)?;
            let mut walk = tree.walk();
            for index in 0..tree.len() {
                let Some(text) = walk.next_text() else {
                    return Err(Malformed::CUT_OFF);
                };
                let state = tree.state(index)?;
                let what = branch(kind, text, state);
                match state {
                    State::Off => each(Entry {
                        what,
                        carries: None,
                    }),
                    _ => each(entry(what, tree.hit(index), payload)?),
                }
            }
            Ok(())
        }
        Layout::Hashed => {
            let mut entries = HashedBody::read(body)?.entries();
            entries.try_for_each(|(remainder, hit)| tell(hash_in_shard(shard, remainder), hit))
        }
        Layout::Numbers => {
            let mut rest = body;
            let numbers = Column::read(&mut rest, 4)?;
            (0..numbers.len()).try_for_each(|index| {
                let [a, b, c, d, ..] = numbers.get(index);
                let hit = Hit {
                    index,
                    entries: numbers.len(),
                    payload: rest,
                };
                tell(format!("AS{}", u32::from_be_bytes([a, b, c, d])), hit)
            })
        }
        Layout::Countries => {
            let mut entries = CountryBody::read(body)?.entries();
            entries.try_for_each(|(code, hit)| tell(code, hit))
        }
    }
}

fn entry(what: String, hit: Hit<'_>, payload: PayloadKind) -> Result<Entry, Malformed> {
    let carries = match hit.payload(payload)? {
        Payload::None => None,
        Payload::Tag(tag) => Some(tag.to_string()),
        Payload::Value(value) => Some(String::from_utf8_lossy(value).into_owned()),
    };
    Ok(Entry { what, carries })
}

/// The first 48 bits of a hash, or, without the shard, the 48 that are kept.
fn hash_in_shard(shard: Option<(usize, u32)>, remainder: [u8; REMAINDER_BYTES]) -> String {
    let kept = remainder
        .iter()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let first = match shard {
        Some((number, bits @ 0..48)) => (number as u64) << (48 - bits) | kept >> bits,
        _ => kept,
    };
    format!("{first:012x}")
}

/// A network, if the range is one.
fn ipv4(first: u32, last: u32) -> String {
    let size = u64::from(last.wrapping_sub(first)) + 1;
    let start = Ipv4Addr::from_bits(first);
    match size.is_power_of_two() && u64::from(first) % size == 0 {
        true if size == 1 => start.to_string(),
        true => format!("{start}/{}", 32 - size.trailing_zeros()),
        false => format!("{start}-{}", Ipv4Addr::from_bits(last)),
    }
}

fn branch(kind: Kind, text: &[u8], state: State) -> String {
    // From the end of what is below a text on, or from what is below it on.
    let (text, place) = match (text, state) {
        ([text @ .., 1], _) => (text, "after what is below "),
        ([text @ .., 0], _) => (text, "from what is below "),
        (text, State::On | State::Off) => (text, "from "),
        (text, _) => (text, ""),
    };
    let name = match kind {
        Kind::Paths => PathKey::to_path(text),
        _ => DomainKey::to_domain(text),
    };
    match state {
        State::Subtree => name,
        State::Exact => format!("{name} (alone)"),
        State::On => format!("{place}{name} on: listed"),
        State::Off => format!("{place}{name} on: not listed"),
    }
}
