//! IPv4: see `Ipv4Body`.

use fastedge::blocklist::format::Layout;

use super::cut::Encoder;
use super::payloads::{Carried, Payloads};

/// First and last address, within a /16 or of whole ones, and the number of what is carried.
pub(crate) type Piece = (u32, u32, u32);

const WIDES: usize = 0;
const SINGLES: usize = 1;
const RUNS: usize = 2;

#[derive(Debug)]
pub(crate) struct Ipv4<'p> {
    wides: Vec<(u16, u16)>,
    single_ends: Vec<(u16, u16)>,
    run_ends: Vec<(u16, u16)>,
    singles: Vec<u16>,
    runs: Vec<(u16, u16)>,
    carried: Carried<'p>,
}

impl<'p> Ipv4<'p> {
    pub(crate) fn new(payloads: &'p Payloads) -> Self {
        Ipv4 {
            wides: Vec::new(),
            single_ends: Vec::new(),
            run_ends: Vec::new(),
            singles: Vec::new(),
            runs: Vec::new(),
            carried: Carried::new(payloads, 3),
        }
    }

    /// The pieces of a range: the end of a /16, whole ones, the beginning of one.
    pub(crate) fn pieces(first: u32, last: u32, payload: u32, mut each: impl FnMut(Piece)) {
        let mut first = first;
        let end = first | 0xffff;
        if first & 0xffff != 0 || end > last {
            each((first, end.min(last), payload));
            match end.checked_add(1) {
                Some(next) if end < last => first = next,
                _ => return,
            }
        }
        // Now at the beginning of a /16.
        let tail = last & !0xffff;
        if last & 0xffff == 0xffff {
            each((first, last, payload));
            return;
        }
        if tail > first {
            each((first, tail - 1, payload));
        }
        each((tail, last, payload));
    }

    fn group((first, last, _): &Piece) -> usize {
        match (first & 0xffff, last & 0xffff) {
            (0, 0xffff) => WIDES,
            _ if first == last => SINGLES,
            _ => RUNS,
        }
    }
}

fn high(address: u32) -> u16 {
    (address >> 16) as u16
}

impl Encoder for Ipv4<'_> {
    type Entry<'e> = Piece;

    const LAYOUT: Layout = Layout::Ipv4;

    const SHORT_FENCE: usize = 3;

    fn fixed(&self) -> usize {
        16 + self.carried.fixed()
    }

    fn cost(&self, piece: &Piece) -> usize {
        let high = high(piece.0);
        let is_new = |ends: &Vec<(u16, u16)>| ends.last().is_none_or(|(former, _)| *former != high);
        let own = match Self::group(piece) {
            SINGLES => 2 + if is_new(&self.single_ends) { 4 } else { 0 },
            RUNS => 4 + if is_new(&self.run_ends) { 4 } else { 0 },
            _ => 4,
        };
        own + self.carried.cost(piece.2)
    }

    fn has_room(&self) -> bool {
        self.carried.has_room()
    }

    fn push(&mut self, piece: Piece) {
        let (first, last, payload) = piece;
        let group = Self::group(&piece);
        let count = |ends: &mut Vec<(u16, u16)>, end: usize| match ends.last_mut() {
            Some((former, old)) if *former == high(first) => *old = end as u16,
            _ => ends.push((high(first), end as u16)),
        };
        match group {
            WIDES => self.wides.push((high(first), high(last))),
            SINGLES => {
                self.singles.push(first as u16);
                count(&mut self.single_ends, self.singles.len());
            }
            _ => {
                self.runs.push((first as u16, last as u16));
                count(&mut self.run_ends, self.runs.len());
            }
        }
        self.carried.push(group, payload);
    }

    fn key(piece: &Piece) -> Vec<u8> {
        piece.0.to_be_bytes().to_vec()
    }

    fn last_key(piece: &Piece) -> Vec<u8> {
        piece.1.to_be_bytes().to_vec()
    }

    fn finish(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        for count in [
            self.wides.len(),
            self.single_ends.len(),
            self.run_ends.len(),
            0,
        ] {
            body.extend((count as u16).to_le_bytes());
        }
        for count in [self.singles.len(), self.runs.len()] {
            body.extend((count as u32).to_le_bytes());
        }
        let mut pairs = |pairs: &mut Vec<(u16, u16)>| {
            for (one, other) in pairs.drain(..) {
                body.extend(one.to_le_bytes());
                body.extend(other.to_le_bytes());
            }
        };
        pairs(&mut self.wides);
        pairs(&mut self.single_ends);
        pairs(&mut self.run_ends);
        body.extend(self.singles.drain(..).flat_map(u16::to_le_bytes));
        for (one, other) in self.runs.drain(..) {
            body.extend(one.to_le_bytes());
            body.extend(other.to_le_bytes());
        }
        self.carried.write(&mut body);
        body
    }
}
