//! The generations of a list that may have keys in the store.

use std::collections::BTreeMap;

use fastedge::edge_storage_api::StoredValue;

/// The retention of a generation's keys after readers were pointed to its second successor, in
/// seconds.
const KEPT: u64 = 10 * 60;

/// The longest time that a request of a killed publisher may still be under way, in seconds. The
/// platform's gateway waits for 30 s.
const UNDER_WAY: u64 = 2 * 60;

/// The generations of a list, as the members of a sorted set. A line is added when a generation is
/// started, and another one when readers are pointed to it. The score is the generation.
#[derive(Clone, Debug, Default)]
pub(super) struct Generations {
    /// The started generations, with the times in Unix seconds.
    started: BTreeMap<u32, u64>,
    /// The generations that readers were pointed to. The order of their numbers is that of the
    /// events.
    pointed: BTreeMap<u32, Flip>,
    /// All lines, including those that are not understood.
    lines: Vec<(u32, Vec<u8>)>,
}

/// The event that readers were pointed to a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Flip {
    pub(super) generation: u32,
    /// The digest of its source.
    pub(super) digest: String,
    /// The time, in Unix seconds.
    pub(super) at: u64,
    /// The number of the prefilter that its items are in; 0 if they are in none.
    pub(super) filter: u32,
}

/// Returns the line for the start of a generation, at a time in Unix seconds.
pub(super) fn started(generation: u32, at: u64) -> (f64, String) {
    let line = format!("{generation} started {at}");
    (f64::from(generation), line)
}

fn read_started(text: &str) -> Option<(u32, u64)> {
    let (generation, at) = text.split_once(" started ")?;
    Some((generation.parse().ok()?, at.parse().ok()?))
}

impl Flip {
    /// Returns the line for this event.
    pub(super) fn line(&self) -> (f64, String) {
        let Flip {
            generation,
            digest,
            at,
            filter,
        } = self;
        let line = format!("{generation} pointed {at} {filter} {digest}");
        (f64::from(*generation), line)
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let generation = words.next()?.parse().ok()?;
        words.next().filter(|word| *word == "pointed")?;
        Some(Flip {
            generation,
            at: words.next()?.parse().ok()?,
            filter: words.next()?.parse().ok()?,
            digest: words.next()?.to_owned(),
        })
    }
}

impl Generations {
    pub(super) fn read(members: &[(StoredValue, f64)]) -> Self {
        let mut generations = Generations::default();
        for (member, score) in members {
            let Some(line) = member.bytes() else { continue };
            // A cast of any other number is within the bounds.
            generations.lines.push((*score as u32, line.to_vec()));
            let text = str::from_utf8(line).unwrap_or_default();
            if let Some(flip) = Flip::read(text) {
                generations.note(flip);
            } else if let Some((generation, at)) = read_started(text) {
                generations.started.insert(generation, at);
            }
        }
        generations
    }

    /// Adds a flip, and the line about it.
    pub(super) fn insert(&mut self, flip: Flip) {
        let (score, line) = flip.line();
        self.lines.push((score as u32, line.into_bytes()));
        self.note(flip);
    }

    /// Adds a flip. After an interruption it may be recorded twice: the later time counts.
    fn note(&mut self, flip: Flip) {
        match self.pointed.get_mut(&flip.generation) {
            Some(known) if known.at >= flip.at => {}
            Some(known) => *known = flip,
            None => {
                self.pointed.insert(flip.generation, flip);
            }
        }
    }

    pub(super) fn start(&mut self, generation: u32, at: u64) {
        let (_, line) = started(generation, at);
        self.lines.push((generation, line.into_bytes()));
        self.started.insert(generation, at);
    }

    pub(super) fn forget(&mut self, generation: u32) {
        self.started.remove(&generation);
        self.pointed.remove(&generation);
        self.lines.retain(|(number, _)| *number != generation);
    }

    /// Returns the lines about a generation.
    pub(super) fn lines_of(&self, generation: u32) -> impl Iterator<Item = &[u8]> {
        let lines = self.lines.iter();
        lines
            .filter(move |(number, _)| *number == generation)
            .map(|(_, line)| line.as_slice())
    }

    pub(super) fn is_pointed(&self, generation: u32) -> bool {
        self.pointed.contains_key(&generation)
    }

    pub(super) fn pointed(&self) -> impl DoubleEndedIterator<Item = &Flip> {
        self.pointed.values()
    }

    /// Returns the abandoned generations. Readers were never pointed to them, and no request that
    /// is still under way can do so.
    pub(super) fn unfinished(&self, now: u64) -> Vec<u32> {
        let started = self.started.iter();
        started
            .filter(|(number, at)| {
                !self.is_pointed(**number) && at.saturating_add(UNDER_WAY) <= now
            })
            .map(|(number, _)| *number)
            .collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the event of pointing readers to a generation.
    pub(super) fn flip_to(&self, generation: u32) -> Option<&Flip> {
        self.pointed.get(&generation)
    }

    /// Returns the highest number of a prefilter.
    pub(super) fn last_filter(&self) -> u32 {
        let filters = self.pointed.values().map(|flip| flip.filter);
        filters.max().unwrap_or(0)
    }

    /// Returns the highest generation, or 0 if none is known.
    pub(super) fn highest(&self) -> u32 {
        let lines = self.lines.iter().map(|(number, _)| *number);
        let started = self.started.keys().copied();
        let pointed = self.pointed.keys().copied();
        lines.chain(started).chain(pointed).max().unwrap_or(0)
    }

    /// Returns the generation that readers found before this one.
    pub(super) fn before(&self, generation: u32) -> Option<&Flip> {
        self.pointed
            .range(..generation)
            .next_back()
            .map(|(_, flip)| flip)
    }

    /// Returns when the next generation can be deleted.
    pub(super) fn next_clean(&self) -> Option<u64> {
        let successor = self.pointed.values().nth(2)?;
        Some(successor.at.saturating_add(KEPT))
    }

    /// Returns the generations that can be deleted: those whose second successors have been pointed
    /// to for long enough.
    pub(super) fn to_clean(&self, now: u64) -> Vec<u32> {
        let successors = self.pointed.values().skip(2);
        let pairs = self.pointed.values().zip(successors);
        let due = pairs.take_while(|(_, successor)| successor.at.saturating_add(KEPT) <= now);
        due.map(|(flip, _)| flip.generation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(line: (f64, String)) -> (StoredValue, f64) {
        (StoredValue::Bytes(line.1.into_bytes().into()), line.0)
    }

    fn flip(generation: u32, at: u64) -> Flip {
        Flip {
            generation,
            digest: "0123456789abcdef".to_owned(),
            at,
            filter: 3,
        }
    }

    #[test]
    fn lines_are_read_as_they_were_written() {
        let lines = [
            started(1, 100),
            flip(1, 200).line(),
            started(2, 300),
            flip(1, 250).line(),
            started(3, 400),
            flip(3, 500).line(),
        ];
        let read = Generations::read(&lines.map(member));
        let pointed: Vec<_> = read.pointed().cloned().collect();
        // A repeated flip counts from its later time.
        assert_eq!(pointed, [flip(1, 250), flip(3, 500)]);
        assert_eq!(read.before(3), Some(&flip(1, 250)));
        assert_eq!((read.highest(), read.last_filter()), (3, 3));
        // A request of the second one may still be under way.
        assert!(read.unfinished(419).is_empty());
        assert_eq!(read.unfinished(420), [2]);
        assert_eq!(read.lines_of(1).count(), 3);
    }

    #[test]
    fn garbled_lines_name_no_generation_that_was_not_written() {
        let line = flip(7, 1_800_000_000).line();
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..20_000 {
            let mut bytes = line.1.clone().into_bytes();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            let read = Generations::read(&[(StoredValue::Bytes(bytes.into()), f64::NAN)]);
            let _any = (read.highest(), read.to_clean(u64::MAX), read.next_clean());
            assert!(read.pointed().count() <= 1);
        }
        let hashed = StoredValue::from_sha256_hex(&"0".repeat(64)).unwrap();
        assert!(Generations::read(&[(hashed, 1.0)]).is_empty());
    }
}
