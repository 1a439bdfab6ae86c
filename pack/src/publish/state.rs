//! What is written down about publishing, in the store itself.

use serde::{Deserialize, Serialize};

/// How long what a generation leaves is kept after its second successor was pointed to, in seconds.
const KEPT: u64 = 10 * 60;

/// Where publishing a list has got to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The generation that readers find.
    pub(super) current: u32,
    /// What is so while they do.
    pub(super) now: Present,
    /// The highest number that has been used for anything.
    pub(super) last: u32,
    /// Generations of which anything is in the store, in the order in which they were pointed to.
    pub(super) flips: Vec<Flip>,
    /// Whether the generations that are due are being deleted.
    pub(super) is_cleaning: bool,
    /// The highest number that a prefilter had.
    pub(super) last_filter: u32,
    /// Numbers of publications that were given up, of which something may be there.
    pub(super) abandoned: Vec<u32>,
    /// A publication that has not come to its end.
    pub(super) pending: Option<Pending>,
}

/// A generation that has been pointed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Flip {
    pub(super) generation: u32,
    /// What it was packed of.
    pub(super) digest: String,
    /// When it was, in unix seconds.
    pub(super) at: u64,
    /// The number of the prefilter that its items are in; 0 if they are in none.
    pub(super) filter: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pending {
    /// Whose it is.
    pub(super) id: String,
    pub(super) generation: u32,
    /// What it is packed of.
    pub(super) digest: String,
    /// The hash of its manifest.
    pub(super) root: String,
    /// How many values are written for certain.
    pub(super) written: usize,
    /// How many items are in the prefilter for certain.
    pub(super) filtered: usize,
    /// What is so once it has been pointed to.
    pub(super) then: Present,
}

/// What is so while readers find a generation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Present {
    /// What it was packed of.
    pub(super) digest: String,
    /// Whether there is a pointer in a sorted set.
    pub(super) is_prompt: bool,
    /// The number of the prefilter: each that is made anew has another one. 0 is none.
    pub(super) filter: u32,
    /// Whether the generation is a former one once more.
    pub(super) rolled_back: bool,
}

impl State {
    /// The highest number of all that it knows.
    pub(super) fn highest(&self) -> u32 {
        let flips = self.flips.iter().map(|flip| flip.generation);
        let pending = self.pending.iter().map(|pending| pending.generation);
        let others = self
            .abandoned
            .iter()
            .copied()
            .chain([self.last, self.current]);
        flips.chain(pending).chain(others).max().unwrap_or(0)
    }

    /// A generation has been pointed to.
    pub(super) fn has_flipped(&mut self, pending: &Pending, at: u64) {
        self.current = pending.generation;
        self.now = pending.then.clone();
        self.last = self.last.max(pending.generation);
        self.last_filter = self.last_filter.max(self.now.filter);
        self.flips.push(Flip {
            generation: pending.generation,
            digest: self.now.digest.clone(),
            at,
            filter: self.now.filter,
        });
    }

    /// The generation that was pointed to before the present one.
    pub(super) fn before(&self, present: u32) -> Option<Flip> {
        let index = self
            .flips
            .iter()
            .position(|flip| flip.generation == present)?;
        self.flips.get(index.checked_sub(1)?).cloned()
    }

    /// When the next generation can be deleted.
    pub(super) fn next_clean(&self) -> Option<u64> {
        self.flips
            .get(2)
            .map(|successor| successor.at.saturating_add(KEPT))
    }

    /// The generations that can be deleted: those whose second successors have been pointed to for long enough.
    pub(super) fn to_clean(&self, now: u64) -> Vec<u32> {
        let successors = self.flips.iter().skip(2);
        let pairs = self.flips.iter().zip(successors);
        let due = pairs.take_while(|(_, successor)| successor.at.saturating_add(KEPT) <= now);
        due.map(|(flip, _)| flip.generation).collect()
    }
}
