//! What publications have left that did not come to their end.

use fastedge::edge_storage_api::Transport;

use super::PublishError;
use super::session::{Session, sum};
use super::state::Flip;

impl<T: Transport> Session<'_, T> {
    /// A publication that was killed between pointing and writing that down has come to its end.
    pub(super) fn finish_flip(&mut self) -> Result<(), PublishError> {
        let pending = self.state.pending.take_if(|pending| {
            let root = self.root.as_deref().unwrap_or_default();
            pending.generation == self.present && pending.root == sum(root)
        });
        let Some(pending) = pending else {
            return Ok(());
        };
        self.state.has_flipped(&pending, (self.now)());
        let mut entries = Vec::new();
        if self.state.now.is_prompt {
            let root = self.root.clone().unwrap_or_default();
            entries.push(self.pointer(&pending, root)?);
        }
        entries.push(self.remote.state_entry(&self.state)?);
        self.remote.write(&entries, true).map(drop)
    }

    /// A generation that readers find, and nobody has written down, counts from now on.
    pub(super) fn take_over_unknown(&mut self) -> Result<(), PublishError> {
        let flips = &mut self.state.flips;
        if self.present == 0 || flips.iter().any(|flip| flip.generation == self.present) {
            return Ok(());
        }
        flips.push(Flip {
            generation: self.present,
            at: (self.now)(),
            ..Flip::default()
        });
        self.remote.write_state(&self.state)
    }

    /// Deletes what publications have left that were given up.
    pub(super) fn take_back_abandoned(&mut self) -> Result<(), PublishError> {
        if self.state.abandoned.is_empty() {
            return Ok(());
        }
        for &generation in &self.state.abandoned {
            let is_alive = self
                .state
                .flips
                .iter()
                .any(|flip| flip.generation == generation);
            if !is_alive && ![self.present, self.previous].contains(&generation) {
                self.remote.delete_generation(generation)?;
            }
        }
        let id = self.pending_id();
        self.change_state(id, |state| state.abandoned.clear())
    }
}
