//! The state of publishing a list, in one value that the API returns in full.

use serde::{Deserialize, Serialize};

use super::generations::Flip;

/// The longest state, in bytes. The API returns it in full.
pub(super) const MAX_STATE_BYTES: usize = fastedge::edge_storage_api::MAX_READABLE_BYTES;

/// The state of publishing a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The generation that readers find.
    pub(super) current: u32,
    /// What is so while they do.
    pub(super) now: Present,
    /// The highest number that has been used for anything.
    pub(super) last: u32,
    /// The highest number that a prefilter had.
    pub(super) last_filter: u32,
    /// A publication that has not come to its end.
    pub(super) pending: Option<Pending>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pending {
    /// The publisher.
    pub(super) id: String,
    pub(super) generation: u32,
    /// What it is packed of.
    pub(super) digest: String,
    /// The hash of its manifest.
    pub(super) root: String,
    /// True if its record is written, which comes before everything else.
    pub(super) is_recorded: bool,
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
    /// True if the generation is an earlier one once more.
    pub(super) rolled_back: bool,
}

impl State {
    /// Returns the highest generation in the state.
    pub(super) fn highest(&self) -> u32 {
        let pending = self.pending.as_ref();
        let pending = pending.map_or(0, |pending| pending.generation);
        self.last.max(self.current).max(pending)
    }

    /// Records that readers were pointed to the pending generation.
    pub(super) fn flip(&mut self, pending: &Pending, at: u64) -> Flip {
        self.current = pending.generation;
        self.now = pending.then.clone();
        self.last = self.last.max(pending.generation);
        self.last_filter = self.last_filter.max(self.now.filter);
        Flip {
            generation: pending.generation,
            digest: self.now.digest.clone(),
            at,
            filter: self.now.filter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_state_is_returned_in_full() {
        let present = Present {
            digest: "f".repeat(16),
            is_prompt: false,
            filter: u32::MAX,
            rolled_back: false,
        };
        let state = State {
            current: u32::MAX,
            now: present.clone(),
            last: u32::MAX,
            last_filter: u32::MAX,
            pending: Some(Pending {
                id: "f".repeat(16),
                generation: u32::MAX,
                digest: format!("rollback to {}", u32::MAX),
                root: "f".repeat(16),
                is_recorded: false,
                written: usize::MAX,
                filtered: usize::MAX,
                then: present,
            }),
        };
        let json = serde_json::to_vec(&state).unwrap();
        assert!(json.len() <= MAX_STATE_BYTES, "{} bytes", json.len());
    }
}
