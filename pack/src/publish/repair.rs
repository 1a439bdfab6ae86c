//! Repairs after interrupted publications.

use fastedge::edge_storage_api::{DataType, Entry, StoredValue, Transport};
use fastedge::kv_store::SENTINEL;

use super::generations::Flip;
use super::record::Record;
use super::session::Session;
use super::store::Content;
use super::{PublishError, read_root};

impl<T: Transport> Session<'_, T> {
    /// Finds the generation at the list's key, whose value the API may return as a hash.
    pub(super) fn find_present(&mut self) -> Result<(), PublishError> {
        let key = self.remote.key.clone();
        match &self.found {
            Content::Missing => return Ok(()),
            Content::OtherType if self.is_forced => return Ok(()),
            Content::OtherType => {
                let reason = "the key holds another data type".to_owned();
                return Err(PublishError::NotAList { key, reason });
            }
            Content::Value(_) => {}
        }
        let pending = self
            .state
            .pending
            .as_ref()
            .map(|pending| pending.generation);
        let known = self.generations.pointed().rev().map(|flip| flip.generation);
        let candidates = pending.into_iter().chain([self.state.current]).chain(known);
        let candidates: Vec<u32> = candidates.filter(|number| *number > 0).collect();
        if self.take_matching(candidates)? {
            return Ok(());
        }
        if let Content::Value(StoredValue::Bytes(root)) = &self.found {
            match read_root(&key, root.as_bytes()) {
                Ok(outline) => {
                    self.present = outline.header.generation;
                    self.previous = outline.previous;
                    self.record = Some(Record {
                        root: root.as_bytes().to_vec(),
                        sums: Vec::new(),
                    });
                    return Ok(());
                }
                Err(_) if self.is_forced => {}
                Err(error) => return Err(error),
            }
        }
        // The state may be lost. Records are found by their keys, and no number is used twice.
        let listed = self.remote.listed_generations()?;
        self.highest_listed = listed.last().copied().unwrap_or(0);
        if self.take_matching(listed.into_iter().rev().collect())? || self.is_forced {
            return Ok(());
        }
        Err(PublishError::UnknownValue { key })
    }

    /// Selects the candidate whose manifest is at the list's key.
    fn take_matching(&mut self, candidates: Vec<u32>) -> Result<bool, PublishError> {
        for generation in candidates {
            let Some(record) = self.remote.record(generation)? else {
                continue;
            };
            if self.found.is(&record.root) {
                let outline = read_root(&self.remote.key, &record.root)?;
                self.present = outline.header.generation;
                self.previous = outline.previous;
                self.record = Some(record);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Completes a publication that was interrupted between pointing readers to it and recording
    /// that.
    pub(super) fn finish_flip(&mut self) -> Result<(), PublishError> {
        let pending = self.state.pending.clone();
        let Some(pending) =
            pending.filter(|one| self.present > 0 && one.generation == self.present)
        else {
            return Ok(());
        };
        let mut state = self.state.clone();
        state.pending = None;
        let flip = state.flip(&pending, (self.now)());
        state.last = state.last.max(self.generations.highest());
        let mut entries = Vec::new();
        if let Some(record) = self.record.as_ref().filter(|_| state.now.is_prompt) {
            entries.push(self.pointer(self.present, record.root.clone())?);
        }
        entries.push(Entry::sorted_set(
            self.remote.generations_key(),
            [flip.line()],
        )?);
        if pending.filtered > 0 {
            let filter = self.remote.filter_key();
            entries.push(Entry::bloom_filter_items(&filter, [SENTINEL])?);
        }
        entries.push(self.remote.state_entry(&state)?);
        let ids = [Some(pending.id.as_str())];
        self.remote.write_while(&entries, |is_uncertain| {
            match is_uncertain && self.remote.state()? == state {
                true => Ok(()),
                false => self.check_mine(&ids),
            }
        })?;
        self.state = state;
        self.generations.insert(flip);
        Ok(())
    }

    /// Restores a lost state: whether the current generation has a pointer and a prefilter. Later
    /// generations must have the same.
    pub(super) fn restore_state(&mut self) -> Result<(), PublishError> {
        if self.present == 0 || self.state.current == self.present {
            return Ok(());
        }
        let now = &mut self.state.now;
        now.is_prompt |= !self.remote.members(&self.remote.pointer_key())?.is_empty();
        now.filter = match self.generations.flip_to(self.present) {
            Some(flip) => flip.filter,
            None => 0,
        };
        self.state.last_filter = self.state.last_filter.max(self.generations.last_filter());
        if now.filter == 0 && self.remote.has_filter()? {
            // The filter's number is unknown. The next publication adds its items to it.
            self.state.last_filter = self.state.last_filter.saturating_add(1);
            self.state.now.filter = self.state.last_filter;
        }
        Ok(())
    }

    /// Records the generation that readers find, if it is not among the known ones.
    pub(super) fn take_over_unknown(&mut self) -> Result<(), PublishError> {
        let Some(record) = &self.record else {
            return Ok(());
        };
        if self.generations.is_pointed(self.present) {
            return Ok(());
        }
        let flip = Flip {
            generation: self.present,
            at: (self.now)(),
            filter: self.state.now.filter,
            ..Flip::default()
        };
        let key = self.remote.record_key(self.present);
        let entries = [
            Entry::delete(&*key, DataType::SortedSet)?,
            record.entry(&key)?,
        ];
        self.remote.write(&entries)?;
        let line = Entry::sorted_set(self.remote.generations_key(), [flip.line()])?;
        self.remote.write(&[line])?;
        self.generations.insert(flip);
        Ok(())
    }

    /// Deletes the keys of abandoned publications.
    pub(super) fn delete_unfinished(&mut self) -> Result<(), PublishError> {
        // The state is read after this, and shows whether another publisher has begun meanwhile.
        let generations = self.remote.generations()?;
        let unfinished = generations.unfinished((self.now)());
        if unfinished.is_empty() {
            return Ok(());
        }
        self.check_not_overtaken()?;
        let pending = self.state.pending.as_ref();
        let pending = pending.map_or(0, |pending| pending.generation);
        let needed = [pending, self.state.current, self.present, self.previous];
        for generation in unfinished {
            if !needed.contains(&generation) {
                self.remote.delete_unfinished(generation, &generations)?;
                self.generations.forget(generation);
            }
        }
        Ok(())
    }
}
