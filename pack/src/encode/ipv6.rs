//! IPv6: see `Ipv6Body`.

use fastedge::blocklist::format::Layout;

use super::column::{Span, write_column};
use super::cut::Encoder;
use super::payloads::{Carried, Payloads};
use crate::resolve::addresses::Number;

/// First address, length of the prefix, and the number of what is carried.
pub(crate) type Piece = (u128, u8, u32);

#[derive(Debug)]
pub(crate) struct Ipv6<'p> {
    /// Networks of up to 64 bits, and longer ones.
    parts: [Part; 2],
    carried: Carried<'p>,
}

#[derive(Debug, Default)]
struct Part {
    keys: Vec<Vec<u8>>,
    lengths: Vec<u8>,
    span: Span,
}

impl<'p> Ipv6<'p> {
    pub(crate) fn new(payloads: &'p Payloads) -> Self {
        Ipv6 {
            parts: Default::default(),
            carried: Carried::new(payloads, 2),
        }
    }

    fn part((_, prefix, _): &Piece) -> usize {
        usize::from(*prefix > 64)
    }
}

impl Encoder for Ipv6<'_> {
    type Entry<'e> = Piece;

    const LAYOUT: Layout = Layout::Ipv6;

    const SHORT_FENCE: usize = 8;

    fn fixed(&self) -> usize {
        2 * 8 + self.carried.fixed()
    }

    fn cost(&self, piece: &Piece) -> usize {
        let former = self.parts.get(Self::part(piece)).map(|part| part.span);
        let former = former.unwrap_or_default();
        let mut span = former;
        span.add(&piece.0.to_be_bytes());
        // Keys that share less are longer, all of them.
        span.bytes() - former.bytes() + 1 + self.carried.cost(piece.2)
    }

    fn has_room(&self) -> bool {
        self.carried.has_room()
    }

    fn push(&mut self, piece: Piece) {
        let number = Self::part(&piece);
        let (first, prefix, payload) = piece;
        if let Some(part) = self.parts.get_mut(number) {
            let key = first.to_be_bytes();
            part.span.add(&key);
            part.keys.push(key.to_vec());
            part.lengths.push(prefix);
        }
        self.carried.push(number, payload);
    }

    fn key(piece: &Piece) -> Vec<u8> {
        piece.0.to_be_bytes().to_vec()
    }

    fn last_key((first, prefix, _): &Piece) -> Vec<u8> {
        first.last_of(*prefix).to_be_bytes().to_vec()
    }

    fn finish(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        for part in std::mem::take(&mut self.parts) {
            write_column(&part.keys, &mut body);
            body.extend(part.lengths);
        }
        self.carried.write(&mut body);
        body
    }
}
