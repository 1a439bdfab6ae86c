//! IPv6 networks: those of up to 64 bits, and longer ones.

use super::Hit;
use super::bytes::{Malformed, take};
use super::column::Column;

/// IPv6 networks that do not overlap, in two columns.
#[derive(Clone, Copy, Debug)]
pub struct Ipv6Body<'a> {
    /// Those of up to 64 bits, then those of more, each with the lengths of their prefixes.
    parts: [(Column<'a>, &'a [u8]); 2],
    payload: &'a [u8],
}

impl<'a> Ipv6Body<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// If it is too short for what it says.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut rest = body;
        let mut part = |length| {
            let column = Column::read(&mut rest, length)?;
            let lengths = take(&mut rest, column.len(), "lengths of prefixes are cut off")?;
            Ok((column, lengths))
        };
        Ok(Ipv6Body {
            parts: [part(8)?, part(16)?],
            payload: rest,
        })
    }

    /// The entry that an address is in.
    ///
    /// # Errors
    ///
    /// If a prefix is longer than an address.
    pub fn find(&self, address: u128) -> Result<Option<Hit<'a>>, Malformed> {
        let key = address.to_be_bytes();
        let mut before = 0;
        for (starts, lengths) in &self.parts {
            if let Some(index) = starts.predecessor(&key) {
                let start = u128::from_be_bytes(starts.get(index));
                if network_bits(address ^ start, lengths.get(index))? == 0 {
                    return Ok(Some(self.hit(before + index)));
                }
            }
            before += starts.len();
        }
        Ok(None)
    }

    /// All networks, as first address and length of the prefix, with what they carry.
    pub fn entries(self) -> impl Iterator<Item = ((u128, u8), Hit<'a>)> {
        let body = self;
        let networks = body.parts.into_iter().flat_map(|(starts, lengths)| {
            let starts = (0..starts.len()).map(move |index| u128::from_be_bytes(starts.get(index)));
            starts.zip(lengths.iter().copied())
        });
        networks
            .enumerate()
            .map(move |(index, network)| (network, body.hit(index)))
    }

    fn hit(&self, index: usize) -> Hit<'a> {
        Hit {
            index,
            entries: self.parts.iter().map(|(starts, _)| starts.len()).sum(),
            payload: self.payload,
        }
    }
}

/// The bits that are the network's.
fn network_bits(bits: u128, length: Option<&u8>) -> Result<u128, Malformed> {
    match length {
        Some(0) => Ok(0),
        Some(&length @ 1..=128) => Ok(bits >> (128 - u32::from(length))),
        _ => Err(Malformed("a prefix is longer than an address")),
    }
}
