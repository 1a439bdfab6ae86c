//! What entries carry.

use std::collections::HashMap;

use fastedge::blocklist::format::PayloadKind;

/// The longest value of a table: what leaves room for others in a shard.
pub(crate) const MAX_VALUE_BYTES: usize = 4096;

/// What the entries of a list carry: each has a number, which is its tag, or that of its value.
#[derive(Clone, Debug)]
pub(crate) enum Payloads {
    None,
    Tags,
    Values(Vec<Box<[u8]>>),
}

impl Payloads {
    pub(crate) fn kind(&self) -> PayloadKind {
        match self {
            Payloads::None => PayloadKind::None,
            Payloads::Tags => PayloadKind::Tag,
            Payloads::Values(_) => PayloadKind::Value,
        }
    }

    pub(crate) fn value(&self, number: u32) -> &[u8] {
        match self {
            Payloads::Values(values) => values.get(number as usize).map_or(&[], |value| value),
            _ => &[],
        }
    }
}

/// The payloads of a shard that is being made.
#[derive(Debug)]
pub(crate) struct Carried<'p> {
    payloads: &'p Payloads,
    /// Those of all entries, by the groups that a body has.
    groups: Vec<Vec<u32>>,
    /// The values that are in the shard.
    values: HashMap<u32, u16>,
}

impl<'p> Carried<'p> {
    pub(crate) fn new(payloads: &'p Payloads, groups: usize) -> Self {
        Carried {
            payloads,
            groups: vec![Vec::new(); groups],
            values: HashMap::new(),
        }
    }

    /// How many bytes one more entry takes.
    pub(crate) fn cost(&self, number: u32) -> usize {
        match self.payloads {
            Payloads::None => 0,
            Payloads::Tags => 1,
            Payloads::Values(_) if self.values.contains_key(&number) => 2,
            Payloads::Values(_) => 2 + 4 + self.payloads.value(number).len(),
        }
    }

    /// How many bytes there are without entries.
    pub(crate) fn fixed(&self) -> usize {
        match self.payloads {
            Payloads::Values(_) => 4,
            Payloads::None | Payloads::Tags => 0,
        }
    }

    /// Whether there is room for one more value.
    pub(crate) fn has_room(&self) -> bool {
        self.values.len() < usize::from(u16::MAX)
    }

    pub(crate) fn push(&mut self, group: usize, number: u32) {
        if let Some(group) = self.groups.get_mut(group) {
            group.push(number);
        }
        if let Payloads::Values(_) = self.payloads {
            let next = self.values.len() as u16;
            self.values.entry(number).or_insert(next);
        }
    }

    /// Writes the payloads of all entries, group by group, and begins anew.
    pub(crate) fn write(&mut self, body: &mut Vec<u8>) {
        let numbers = self.groups.iter().flatten();
        match self.payloads {
            Payloads::None => {}
            Payloads::Tags => body.extend(numbers.map(|&number| number as u8)),
            Payloads::Values(_) => {
                let mut values: Vec<_> = self.values.iter().collect();
                values.sort_unstable_by_key(|(_, place)| **place);
                body.extend((values.len() as u32).to_le_bytes());
                for number in numbers {
                    let place = self.values.get(number).copied().unwrap_or_default();
                    body.extend(place.to_le_bytes());
                }
                let mut end = 0_u32;
                for (number, _) in &values {
                    end += self.payloads.value(**number).len() as u32;
                    body.extend(end.to_le_bytes());
                }
                for (number, _) in &values {
                    body.extend(self.payloads.value(**number));
                }
            }
        }
        self.groups.iter_mut().for_each(Vec::clear);
        self.values.clear();
    }
}
