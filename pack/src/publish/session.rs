//! One publication, from what is published and written down to what is after it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use fastedge::blocklist::format::{Header, PayloadKind, hash};
use fastedge::edge_storage_api::{Entry, Transport};
use fastedge::kv_store::SENTINEL;

use super::report::Step;
use super::state::{Pending, Present, State};
use super::store::Remote;
use super::{PublishError, clean, key, read_root};
use crate::packed::{Edition, Published};

pub(super) struct Session<'r, T> {
    pub(super) remote: &'r Remote<T>,
    pub(super) now: &'r dyn Fn() -> u64,
    pub(super) state: State,
    /// What is at the list's key, of whatever kind.
    pub(super) found: Option<Vec<u8>>,
    /// What readers find.
    pub(super) root: Option<Vec<u8>>,
    /// Its generation; 0 if there is none.
    pub(super) present: u32,
    /// The one before it, as it says itself.
    pub(super) previous: u32,
}

impl<'r, T: Transport> Session<'r, T> {
    /// Looks at what there is. What is no list is taken for none, if that is forced.
    pub(super) fn open(
        remote: &'r Remote<T>,
        now: &'r dyn Fn() -> u64,
        is_forced: bool,
    ) -> Result<Self, PublishError> {
        key::check(&remote.key)?;
        let state = remote.state()?;
        let found = match remote.value_or_other(&remote.key)? {
            Ok(found) => found,
            Err(_) if is_forced => None,
            Err(reason) => {
                let key = remote.key.clone();
                return Err(PublishError::NotAList { key, reason });
            }
        };
        let outline = match &found {
            Some(root) => match read_root(&remote.key, root) {
                Ok(outline) => Some(outline),
                Err(_) if is_forced => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let mut session = Session {
            remote,
            now,
            present: outline
                .as_ref()
                .map_or(0, |outline| outline.header.generation),
            previous: outline.as_ref().map_or(0, |outline| outline.previous),
            root: found.clone().filter(|_| outline.is_some()),
            found,
            state,
        };
        session.finish_flip()?;
        session.take_over_unknown()?;
        session.take_back_abandoned()?;
        Ok(session)
    }

    /// What points to a generation for readers who look into the sorted set.
    pub(super) fn pointer(&self, pending: &Pending, root: Vec<u8>) -> Result<Entry, PublishError> {
        let score = f64::from(pending.generation);
        Ok(Entry::sorted_set(
            self.remote.pointer_key(),
            [(score, root)],
        )?)
    }

    /// What is published, and need not be written again.
    pub(super) fn former(&self, is_forced: bool) -> Result<Option<Published>, PublishError> {
        let Some(root) = &self.root else {
            return Ok(None);
        };
        let sums = self.remote.value(&self.remote.sums_key(self.present))?;
        let published = Published::read(root, sums.as_deref());
        if is_forced && published.is_err() {
            return Ok(None);
        }
        published.map(Some).map_err(|error| PublishError::NotAList {
            key: self.remote.key.clone(),
            reason: error.to_string(),
        })
    }

    /// Whether readers find just this list.
    pub(super) fn is_current(&self, digest: &str) -> bool {
        self.root.is_some()
            && self.state.now.digest == digest
            && self.state.current == self.present
            && self.state.pending.is_none()
    }

    /// The number of the prefilter, which is another one if there is none at present.
    pub(super) fn filter_number(&self) -> Result<u32, PublishError> {
        let pending = self
            .state
            .pending
            .as_ref()
            .map_or(0, |pending| pending.then.filter);
        match self.remote.has_filter()? {
            true if self.state.now.filter != 0 => Ok(self.state.now.filter),
            // One that is being filled.
            true if pending != 0 => Ok(pending),
            _ => Ok(self.state.last_filter.max(pending).saturating_add(1)),
        }
    }

    /// What a generation of this kind can fall back to: the present one, if readers of the one can read the other.
    pub(super) fn previous_for(&self, header: &Header) -> u32 {
        let present = self
            .root
            .as_deref()
            .and_then(|root| Header::read(root).ok());
        let is_table = |header: &Header| header.payload == PayloadKind::Value;
        let is_alike = present.is_some_and(|(present, _)| {
            present.kind == header.kind && is_table(&present) == is_table(header)
        });
        if is_alike { self.present } else { 0 }
    }

    /// The number of what is being published.
    pub(super) fn generation(&self) -> u32 {
        self.state
            .pending
            .as_ref()
            .map_or(0, |pending| pending.generation)
    }

    /// Begins a generation, or goes on with the pending one, if it is the same.
    pub(super) fn begin(
        &mut self,
        digest: &str,
        then: Present,
        edition: impl Fn(u32) -> Edition,
    ) -> Result<Edition, PublishError> {
        self.start(digest, then, |generation| {
            let edition = edition(generation);
            let root = edition.root.clone();
            Ok((edition, root))
        })
    }

    /// The same for a root alone.
    pub(super) fn begin_with(
        &mut self,
        digest: &str,
        then: Present,
        root: impl Fn(u32) -> Result<Vec<u8>, PublishError>,
    ) -> Result<Vec<u8>, PublishError> {
        self.start(digest, then, |generation| {
            root(generation).map(|root| (root.clone(), root))
        })
    }

    fn start<E>(
        &mut self,
        digest: &str,
        then: Present,
        make: impl Fn(u32) -> Result<(E, Vec<u8>), PublishError>,
    ) -> Result<E, PublishError> {
        let former_id = self.pending_id();
        if let Some(pending) = &self.state.pending
            && pending.digest == digest
        {
            let (edition, root) = make(pending.generation)?;
            if pending.root == sum(&root) && pending.then == then {
                // From now on it is this one's.
                self.change_state(former_id, |state| {
                    if let Some(pending) = &mut state.pending {
                        pending.id = new_id();
                    }
                })?;
                return Ok(edition);
            }
        }
        let generation = self.state.highest().max(self.present).max(self.previous);
        // Readers of the sorted set take the highest.
        let pointers = self.remote.members(&self.remote.pointer_key())?;
        let pointers = pointers.iter().map(|(_, score)| *score as u32);
        let generation = pointers.fold(generation, u32::max);
        let generation = generation
            .checked_add(1)
            .ok_or(PublishError::NoMoreNumbers)?;
        let (edition, root) = make(generation)?;
        let pending = Pending {
            id: new_id(),
            generation,
            digest: digest.to_owned(),
            root: sum(&root),
            written: 0,
            filtered: 0,
            then,
        };
        // Before anything else is written or deleted: no number is used for two things.
        self.change_state(former_id, |state| {
            state.last = generation;
            let abandoned = state.pending.replace(pending.clone());
            state
                .abandoned
                .extend(abandoned.map(|pending| pending.generation));
        })?;
        self.take_back_abandoned()?;
        Ok(edition)
    }

    /// Writes values, and with each batch how many of them have been.
    pub(super) fn write_values(
        &mut self,
        values: Vec<(String, Vec<u8>)>,
        tell: &mut dyn FnMut(Step),
    ) -> Result<(), PublishError> {
        let all = values.len();
        let mut done = self
            .state
            .pending
            .as_ref()
            .map_or(0, |pending| pending.written);
        let mut rest = values.into_iter().skip(done).peekable();
        while rest.peek().is_some() {
            let batch = self.remote.next_batch(&mut rest)?;
            done += batch.len();
            self.write(&batch, |pending| pending.written = done)?;
            tell(Step::Written { done, all });
        }
        Ok(())
    }

    /// Adds items to the filter. It says what is in the list only once it has the sentinel, which comes last.
    pub(super) fn fill_prefilter(
        &mut self,
        items: Vec<String>,
        tell: &mut dyn FnMut(Step),
    ) -> Result<(), PublishError> {
        let all = items.len();
        let mut done = self
            .state
            .pending
            .as_ref()
            .map_or(0, |pending| pending.filtered);
        if !self.remote.has_filter()? {
            done = 0;
        }
        let filter = self.remote.filter_key();
        let rest = items.get(done..).unwrap_or_default();
        for batch in rest.chunks(self.remote.entries_at_once()) {
            done += batch.len();
            let batch = [Entry::bloom_filter_items(&filter, batch)?];
            self.write(&batch, |pending| pending.filtered = done)?;
            tell(Step::Filtered { done, all });
        }
        Ok(())
    }

    /// Points to what has been written.
    pub(super) fn flip(&mut self, root: Vec<u8>) -> Result<(), PublishError> {
        self.still_mine()?;
        let there = self.remote.value(&self.remote.key)?;
        if there != self.found {
            return Err(PublishError::Overtaken);
        }
        let Some(pending) = self.state.pending.take() else {
            return Err(PublishError::Overtaken);
        };
        self.state.has_flipped(&pending, (self.now)());
        let mut entries = Vec::new();
        if self.state.now.filter != 0 {
            let filter = self.remote.filter_key();
            entries.push(Entry::bloom_filter_items(&filter, [SENTINEL])?);
        }
        entries.push(Entry::plain(&self.remote.key, root.clone())?);
        if self.state.now.is_prompt {
            entries.push(self.pointer(&pending, root)?);
        }
        entries.push(self.remote.state_entry(&self.state)?);
        self.remote.write(&entries, true)?;
        self.present = pending.generation;
        Ok(())
    }

    /// Leaves only the present generation in the sorted set that points to it.
    pub(super) fn remove_old_pointers(&self) -> Result<(), PublishError> {
        if !self.state.now.is_prompt {
            return Ok(());
        }
        let pointer = self.remote.pointer_key();
        let mut members = self.remote.members(&pointer)?;
        members.retain(|(_, score)| *score < f64::from(self.present));
        let members: Vec<_> = members.into_iter().map(|(member, _)| member).collect();
        match members.is_empty() {
            true => Ok(()),
            false => {
                let removal = Entry::remove_members(pointer, members)?;
                self.remote.write(&[removal], true).map(drop)
            }
        }
    }

    /// How long it takes until there is something to clean; none if there is, or never will be.
    pub(super) fn until_clean(&self) -> Option<Duration> {
        let wait = self.state.next_clean()?.saturating_sub((self.now)());
        (wait > 0).then(|| Duration::from_secs(wait))
    }

    /// Deletes what former generations have left, if it is time.
    pub(super) fn clean(&mut self, tell: &mut dyn FnMut(Step)) -> Result<usize, PublishError> {
        let old = self.state.to_clean((self.now)());
        if old.is_empty() {
            return Ok(0);
        }
        let keys = clean::keys(self.remote, &self.state, &old, self.root.as_deref())?;
        // A part may have been deleted before, by somebody who was killed then.
        let is_resumed = self.state.is_cleaning;
        let id = self.pending_id();
        self.change_state(id.clone(), |state| state.is_cleaning = true)?;
        let deleted = self.remote.delete(&keys, is_resumed)?;
        self.change_state(id, |state| {
            state.is_cleaning = false;
            state.flips.retain(|flip| !old.contains(&flip.generation));
        })?;
        tell(Step::Cleaned { keys: deleted });
        Ok(deleted)
    }

    pub(super) fn pending_id(&self) -> Option<String> {
        self.state
            .pending
            .as_ref()
            .map(|pending| pending.id.clone())
    }

    /// That nobody else has begun to publish.
    fn still_mine(&self) -> Result<(), PublishError> {
        self.fresh_state(self.pending_id()).map(drop)
    }

    fn fresh_state(&self, id: Option<String>) -> Result<State, PublishError> {
        let state = self.remote.state()?;
        let there = state.pending.as_ref().map(|pending| pending.id.clone());
        match there == id && state.current == self.state.current {
            true => Ok(state),
            false => Err(PublishError::Overtaken),
        }
    }

    /// Changes what is written down, if it is still as this one knows it.
    pub(super) fn change_state(
        &mut self,
        id: Option<String>,
        change: impl FnOnce(&mut State),
    ) -> Result<(), PublishError> {
        let mut state = self.fresh_state(id)?;
        change(&mut state);
        self.remote.write_state(&state)?;
        self.state = state;
        Ok(())
    }

    /// Writes entries, and then how far it has come: by itself, so that there is little time between looking and writing.
    fn write(
        &mut self,
        entries: &[Entry],
        change: impl FnOnce(&mut Pending),
    ) -> Result<(), PublishError> {
        self.still_mine()?;
        self.remote.write(entries, true)?;
        self.change_state(self.pending_id(), |state| {
            if let Some(pending) = &mut state.pending {
                change(pending);
            }
        })
    }
}

pub(super) fn sum(root: &[u8]) -> String {
    format!("{:016x}", hash(&[0; 16], root))
}

/// What tells one publisher from another.
fn new_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
