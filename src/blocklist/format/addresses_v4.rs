//! IPv4 addresses: 16 bits of each, below the other 16.

use super::Hit;
use super::bytes::{Malformed, take_all, take_count, take_u16};

/// Ranges of IPv4 addresses that do not overlap, in three forms: *wide* ones of whole /16 networks,
/// *runs* within one, and *single* addresses.
#[derive(Clone, Copy, Debug)]
pub struct Ipv4Body<'a> {
    /// First and last /16.
    wides: &'a [[u8; 4]],
    /// A /16, and the number of the first single address after those in it.
    single_ends: &'a [[u8; 4]],
    /// The same for runs.
    run_ends: &'a [[u8; 4]],
    singles: &'a [[u8; 2]],
    /// First and last address.
    runs: &'a [[u8; 4]],
    payload: &'a [u8],
}

/// First and last address of a range.
pub type Ipv4Range = (u32, u32);

impl<'a> Ipv4Body<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// If it is too short for what it says.
    pub fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        const SHORT: &str = "IPv4 addresses are cut off";
        let mut rest = body;
        let wides = usize::from(take_u16(&mut rest, SHORT)?);
        let single_ends = usize::from(take_u16(&mut rest, SHORT)?);
        let run_ends = usize::from(take_u16(&mut rest, SHORT)?);
        take_u16(&mut rest, SHORT)?;
        let singles = take_count(&mut rest, SHORT)?;
        let runs = take_count(&mut rest, SHORT)?;
        Ok(Ipv4Body {
            wides: take_all(&mut rest, wides, SHORT)?,
            single_ends: take_all(&mut rest, single_ends, SHORT)?,
            run_ends: take_all(&mut rest, run_ends, SHORT)?,
            singles: take_all(&mut rest, singles, SHORT)?,
            runs: take_all(&mut rest, runs, SHORT)?,
            payload: rest,
        })
    }

    /// The entry that an address is in.
    ///
    /// # Errors
    ///
    /// If the body contradicts itself.
    pub fn find(&self, address: u32) -> Result<Option<Hit<'a>>, Malformed> {
        let (high, low) = halves(address);
        let index = if let Some(wide) = within(self.wides, high) {
            Some(wide)
        } else if let Some((start, part)) = part_of(self.single_ends, self.singles, high)?
            && let Ok(single) = part.binary_search_by_key(&low, |one| u16::from_le_bytes(*one))
        {
            Some(self.wides.len() + start + single)
        } else if let Some((start, part)) = part_of(self.run_ends, self.runs, high)?
            && let Some(run) = within(part, low)
        {
            Some(self.wides.len() + self.singles.len() + start + run)
        } else {
            None
        };
        Ok(index.map(|index| self.hit(index)))
    }

    /// All ranges, with what they carry: wide ones, then single ones, then runs.
    pub fn entries(self) -> impl Iterator<Item = (Ipv4Range, Hit<'a>)> {
        let body = self;
        let wides = body.wides.iter().map(|wide| {
            let (first, last) = pair(wide);
            (address(first, 0), address(last, u16::MAX))
        });
        let singles = each(body.single_ends, body.singles).map(|(high, low)| {
            let one = address(high, u16::from_le_bytes(*low));
            (one, one)
        });
        let runs = each(body.run_ends, body.runs).map(|(high, run)| {
            let (first, last) = pair(run);
            (address(high, first), address(high, last))
        });
        let ranges = wides.chain(singles).chain(runs).enumerate();
        ranges.map(move |(index, range)| (range, body.hit(index)))
    }

    fn hit(&self, index: usize) -> Hit<'a> {
        Hit {
            index,
            entries: self.wides.len() + self.singles.len() + self.runs.len(),
            payload: self.payload,
        }
    }
}

fn halves(address: u32) -> (u16, u16) {
    ((address >> 16) as u16, address as u16)
}

fn address(high: u16, low: u16) -> u32 {
    u32::from(high) << 16 | u32::from(low)
}

/// Two numbers of 16 bits.
fn pair(bytes: &[u8; 4]) -> (u16, u16) {
    let both = u32::from_le_bytes(*bytes);
    (both as u16, (both >> 16) as u16)
}

/// The number of the range that a number is in, of ranges that are sorted.
fn within(ranges: &[[u8; 4]], wanted: u16) -> Option<usize> {
    let index = ranges
        .partition_point(|range| pair(range).0 <= wanted)
        .checked_sub(1)?;
    let (_, last) = pair(ranges.get(index)?);
    (wanted <= last).then_some(index)
}

/// The elements of a /16, and the number of the first.
fn part_of<'a, T>(
    ends: &[[u8; 4]],
    all: &'a [T],
    high: u16,
) -> Result<Option<(usize, &'a [T])>, Malformed> {
    let Ok(index) = ends.binary_search_by_key(&high, |end| pair(end).0) else {
        return Ok(None);
    };
    let end_of = |index: usize| ends.get(index).map_or(0, |end| usize::from(pair(end).1));
    let start = index.checked_sub(1).map_or(0, end_of);
    match all.get(start..end_of(index)) {
        Some(part) => Ok(Some((start, part))),
        None => Err(Malformed("a /16 has more addresses than there are")),
    }
}

/// All elements, with their /16.
fn each<'a, T>(ends: &'a [[u8; 4]], all: &'a [T]) -> impl Iterator<Item = (u16, &'a T)> {
    let mut start = 0;
    ends.iter().flat_map(move |end| {
        let (high, end) = pair(end);
        let part = all.get(start..usize::from(end)).unwrap_or_default();
        start = usize::from(end);
        part.iter().map(move |element| (high, element))
    })
}
