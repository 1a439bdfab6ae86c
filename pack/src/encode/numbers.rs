//! Numbers: a column.

use fastedge::blocklist::format::Layout;

use super::column::{Span, write_column};
use super::cut::Encoder;
use super::payloads::{Carried, Payloads};

#[derive(Debug)]
pub(crate) struct Numbers<'p> {
    keys: Vec<Vec<u8>>,
    span: Span,
    carried: Carried<'p>,
}

impl<'p> Numbers<'p> {
    pub(crate) fn new(payloads: &'p Payloads) -> Self {
        Numbers {
            keys: Vec::new(),
            span: Span::default(),
            carried: Carried::new(payloads, 1),
        }
    }
}

impl Encoder for Numbers<'_> {
    type Entry<'e> = (u32, u32);

    const LAYOUT: Layout = Layout::Numbers;

    fn fixed(&self) -> usize {
        8 + self.carried.fixed()
    }

    fn cost(&self, (number, payload): &(u32, u32)) -> usize {
        let mut span = self.span;
        span.add(&number.to_be_bytes());
        span.bytes() - self.span.bytes() + self.carried.cost(*payload)
    }

    fn has_room(&self) -> bool {
        self.carried.has_room()
    }

    fn push(&mut self, (number, payload): (u32, u32)) {
        let key = number.to_be_bytes();
        self.span.add(&key);
        self.keys.push(key.to_vec());
        self.carried.push(0, payload);
    }

    fn key((number, _): &(u32, u32)) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    fn last_key(entry: &(u32, u32)) -> Vec<u8> {
        Self::key(entry)
    }

    fn finish(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        write_column(&self.keys, &mut body);
        self.carried.write(&mut body);
        self.keys.clear();
        self.span = Span::default();
        body
    }
}
