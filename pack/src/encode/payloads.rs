//! What entries carry.

use std::collections::HashMap;

use fastedge::blocklist::format::{PayloadKind, hash};

/// The longest value of a table: what leaves room for others in a shard.
pub(crate) const MAX_VALUE_BYTES: usize = 4096;

/// The number of nothing: of entries that say where nothing is listed.
pub(crate) const NOTHING: u32 = u32::MAX;

/// What the entries of a list carry: each has a number, which is its tag, or that of its value.
#[derive(Clone, Debug)]
pub(crate) enum Payloads {
    None,
    Tags,
    Values(Values),
}

/// Values, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// By their hashes, as long as values are added.
    numbers: HashMap<u64, u32>,
}

impl Values {
    /// The number of a value, which is there once, save where two have the same hash; none if there is no room.
    pub(crate) fn add(&mut self, value: &[u8]) -> Option<u32> {
        let hash = hash(&[0; 16], value);
        if let Some(&number) = self.numbers.get(&hash)
            && self.get(number) == value
        {
            return Some(number);
        }
        let end = u32::try_from(self.bytes.len() + value.len()).ok()?;
        let number = self.ends.len() as u32;
        self.bytes.extend(value);
        self.ends.push(end);
        self.numbers.insert(hash, number);
        Some(number)
    }

    pub(crate) fn get(&self, number: u32) -> &[u8] {
        let end_of = |number: u32| self.ends.get(number as usize).map(|end| *end as usize);
        let start = number.checked_sub(1).map_or(Some(0), end_of);
        let range = start.zip(end_of(number)).map(|(start, end)| start..end);
        range
            .and_then(|range| self.bytes.get(range))
            .unwrap_or_default()
    }

    /// How long all are together.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// No more values are added.
    pub(crate) fn finish(mut self) -> Self {
        self.numbers = HashMap::new();
        self
    }
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
            Payloads::Values(values) => values.get(number),
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
            Payloads::Values(_) if number == NOTHING || self.values.contains_key(&number) => 2,
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
        if let Payloads::Values(_) = self.payloads
            && number != NOTHING
        {
            let next = self.values.len() as u16;
            self.values.entry(number).or_insert(next);
        }
    }

    /// Writes the payloads of all entries, group by group, and begins anew.
    pub(crate) fn write(&mut self, body: &mut Vec<u8>) {
        let numbers = self.groups.iter().flatten();
        match self.payloads {
            Payloads::None => {}
            Payloads::Tags => {
                body.extend(numbers.map(|&number| if number == NOTHING { 0 } else { number as u8 }))
            }
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
