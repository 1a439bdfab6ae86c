//! Texts, each without what it shares with the one before: see `TreeBody`.

use fastedge::blocklist::format::{Layout, State, TEXTS_IN_BLOCK};

use super::cut::Encoder;
use super::payloads::{Carried, Payloads};

#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeEntry<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) state: State,
    pub(crate) payload: u32,
}

#[derive(Debug)]
pub(crate) struct Tree<'p> {
    texts: Texts,
    states: Vec<u8>,
    carried: Carried<'p>,
    /// Whether something is listed from the last entry on.
    is_on: bool,
}

impl<'p> Tree<'p> {
    pub(crate) fn new(payloads: &'p Payloads) -> Self {
        Tree {
            texts: Texts::default(),
            states: Vec::new(),
            carried: Carried::new(payloads, 1),
            is_on: false,
        }
    }
}

impl Encoder for Tree<'_> {
    type Entry<'e> = TreeEntry<'e>;

    const LAYOUT: Layout = Layout::Tree;

    fn fixed(&self) -> usize {
        4 + 8 + self.carried.fixed()
    }

    fn cost(&self, entry: &TreeEntry<'_>) -> usize {
        self.texts.cost(entry.text) + 1 + self.carried.cost(entry.payload)
    }

    fn has_room(&self) -> bool {
        self.carried.has_room()
    }

    fn push(&mut self, entry: TreeEntry<'_>) {
        self.texts.push(entry.text);
        self.states.push(match entry.state {
            State::Off => 0,
            State::On => 1,
            State::Subtree => 2,
            State::Exact => 3,
        });
        self.is_on = entry.state == State::On;
        self.carried.push(0, entry.payload);
    }

    fn key(entry: &TreeEntry<'_>) -> Vec<u8> {
        entry.text.to_vec()
    }

    fn last_key(entry: &TreeEntry<'_>) -> Vec<u8> {
        entry.text.to_vec()
    }

    /// What is on at the end of a shard is so up to the very first entry of the next, where that shard has to begin.
    fn carried_over(&self) -> bool {
        self.is_on
    }

    fn finish(&mut self) -> Vec<u8> {
        let has_states = self.states.iter().any(|&state| state != 2);
        let mut body = vec![u8::from(has_states), 0, 0, 0];
        self.texts.write(&mut body);
        if has_states {
            body.append(&mut self.states);
        }
        self.states.clear();
        self.carried.write(&mut body);
        body
    }
}

/// Texts that are written in blocks.
#[derive(Debug, Default)]
struct Texts {
    count: usize,
    starts: Vec<u32>,
    bytes: Vec<u8>,
    former: Vec<u8>,
}

impl Texts {
    fn shared(&self, text: &[u8]) -> usize {
        match self.count.is_multiple_of(TEXTS_IN_BLOCK) {
            true => 0,
            false => {
                let same = self
                    .former
                    .iter()
                    .zip(text)
                    .take_while(|(one, other)| one == other);
                same.count()
            }
        }
    }

    fn cost(&self, text: &[u8]) -> usize {
        let shared = self.shared(text);
        let rest = text.len() - shared;
        let start = if self.count.is_multiple_of(TEXTS_IN_BLOCK) {
            4
        } else {
            0
        };
        start + varint_bytes(shared) + varint_bytes(rest) + rest
    }

    fn push(&mut self, text: &[u8]) {
        let shared = self.shared(text);
        if self.count.is_multiple_of(TEXTS_IN_BLOCK) {
            self.starts.push(self.bytes.len() as u32);
        }
        let rest = text.get(shared..).unwrap_or_default();
        write_varint(shared, &mut self.bytes);
        write_varint(rest.len(), &mut self.bytes);
        self.bytes.extend(rest);
        self.former.truncate(shared);
        self.former.extend(rest);
        self.count += 1;
    }

    fn write(&mut self, body: &mut Vec<u8>) {
        body.extend((self.count as u32).to_le_bytes());
        body.extend((self.bytes.len() as u32).to_le_bytes());
        body.extend(self.starts.drain(..).flat_map(u32::to_le_bytes));
        body.append(&mut self.bytes);
        self.former.clear();
        self.count = 0;
    }
}

/// Writes texts in order.
pub(super) fn write_texts(texts: &[Vec<u8>], body: &mut Vec<u8>) {
    let mut all = Texts::default();
    texts.iter().for_each(|text| all.push(text));
    all.write(body);
}

fn varint_bytes(number: usize) -> usize {
    if number < 128 { 1 } else { 2 }
}

fn write_varint(number: usize, bytes: &mut Vec<u8>) {
    if number < 128 {
        bytes.push(number as u8);
    } else {
        bytes.extend([number as u8 | 128, (number >> 7) as u8]);
    }
}
