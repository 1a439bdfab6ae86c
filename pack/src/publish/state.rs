//! What is written down about publishing, in the store itself.

use serde::{Deserialize, Serialize};

/// Where publishing a list has got to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The generation that readers find.
    pub(super) current: u32,
    /// The highest that has been used for anything.
    pub(super) last: u32,
    /// What the present generation was packed of.
    pub(super) digest: String,
    /// The same of the one before.
    pub(super) digest_before: String,
    /// When readers began to find it, in unix seconds.
    pub(super) flipped_at: u64,
    /// Those of which anything is in the store, in order.
    pub(super) generations: Vec<u32>,
    /// Whether those before are being deleted.
    pub(super) is_cleaning: bool,
    /// Whether it has the pointer in a sorted set.
    pub(super) is_prompt: bool,
    /// Whether its items are in the prefilter.
    pub(super) has_prefilter: bool,
    /// A publication that has not come to its end.
    pub(super) pending: Option<Pending>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pending {
    pub(super) generation: u32,
    pub(super) digest: String,
    /// How many values are written for certain.
    pub(super) written: usize,
    /// How many items are in the prefilter for certain.
    pub(super) filtered: usize,
}

impl State {
    /// The generations that nobody needs: all but the last two.
    pub(super) fn to_clean(&self) -> &[u32] {
        let most = self.generations.len().saturating_sub(2);
        self.generations.get(..most).unwrap_or_default()
    }
}
