//! One publication: from the published generation to the next one.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use fastedge::blocklist::format::{Header, PayloadKind, hash};
use fastedge::edge_storage_api::{DataType, Entry, Transport};
use fastedge::kv_store::SENTINEL;

use super::generations::{Generations, started};
use super::record::Record;
use super::report::Step;
use super::state::{Pending, Present, State};
use super::store::{Content, Remote};
use super::{PublishError, clean, key};
use crate::packed::{Edition, Published};

pub(super) struct Session<'r, T> {
    pub(super) remote: &'r Remote<T>,
    pub(super) now: &'r dyn Fn() -> u64,
    /// True if contents that are not a list are replaced.
    pub(super) is_forced: bool,
    pub(super) state: State,
    pub(super) generations: Generations,
    /// The contents of the list's key.
    pub(super) found: Content,
    /// The generation that readers find, or 0.
    pub(super) present: u32,
    /// The one before it, as it says itself.
    pub(super) previous: u32,
    /// The manifest that readers find, and the hashes of its shards.
    pub(super) record: Option<Record>,
    /// The highest generation of a listed key, if the keys had to be listed.
    pub(super) highest_listed: u32,
    /// True if the stored state cannot be read. The next write replaces it.
    is_state_lost: bool,
    /// True if this run has filled the prefilter.
    has_filled: bool,
}

impl<'r, T: Transport> Session<'r, T> {
    /// Reads what is published, and repairs what was interrupted.
    pub(super) fn open(
        remote: &'r Remote<T>,
        now: &'r dyn Fn() -> u64,
        is_forced: bool,
    ) -> Result<Self, PublishError> {
        key::check(&remote.key)?;
        let (state, is_state_lost) = match remote.state() {
            Err(PublishError::State { .. }) if is_forced => (State::default(), true),
            state => (state?, false),
        };
        let mut session = Session {
            remote,
            now,
            is_forced,
            state,
            generations: remote.generations()?,
            found: remote.content(&remote.key)?,
            present: 0,
            previous: 0,
            record: None,
            highest_listed: 0,
            is_state_lost,
            has_filled: false,
        };
        session.find_present()?;
        session.finish_flip()?;
        session.restore_state()?;
        session.take_over_unknown()?;
        session.delete_unfinished()?;
        Ok(session)
    }

    /// Returns the entry that points to a generation for readers of the sorted set.
    pub(super) fn pointer(&self, generation: u32, root: Vec<u8>) -> Result<Entry, PublishError> {
        let key = self.remote.pointer_key();
        Ok(Entry::sorted_set(key, [(f64::from(generation), root)])?)
    }

    /// Returns the published contents, which need not be written again.
    pub(super) fn former(&self) -> Result<Option<Published>, PublishError> {
        let Some(record) = &self.record else {
            return Ok(None);
        };
        let published = Published::read(&record.root, Some(&record.sums));
        if self.is_forced && published.is_err() {
            return Ok(None);
        }
        published.map(Some).map_err(|error| PublishError::NotAList {
            key: self.remote.key.clone(),
            reason: error.to_string(),
        })
    }

    /// Whether readers find just this list.
    pub(super) fn is_current(&self, digest: &str) -> bool {
        self.record.is_some()
            && self.state.now.digest == digest
            && self.state.current == self.present
            && self.state.pending.is_none()
    }

    /// Returns the number of the prefilter. Each rebuilt prefilter has a higher number.
    pub(super) fn filter_number(&self) -> Result<u32, PublishError> {
        let pending = self.state.pending.as_ref();
        let pending = pending.map_or(0, |pending| pending.then.filter);
        let last = self.state.last_filter.max(self.state.now.filter);
        // This filter is being filled, even if it has no item yet.
        if pending > last {
            return Ok(pending);
        }
        match self.state.now.filter {
            0 => Ok(last.saturating_add(1)),
            now if self.remote.has_filter()? => Ok(now),
            _ => Ok(last.saturating_add(1)),
        }
    }

    /// What a generation of this kind can fall back to: the present one, if readers of the one can read the other.
    pub(super) fn previous_for(&self, header: &Header) -> u32 {
        let present = self
            .record
            .as_ref()
            .and_then(|record| Header::read(&record.root).ok());
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
                let id = new_id();
                let mut state = self.fresh_state(&[former_id.as_deref()])?;
                if let Some(pending) = &mut state.pending {
                    pending.id = id.clone();
                }
                self.write_state(state, &[former_id.as_deref(), Some(&id)])?;
                return Ok(edition);
            }
        }
        let known = [self.present, self.previous, self.highest_listed];
        let known = known.into_iter().chain([self.generations.highest()]);
        let generation = known.fold(self.state.highest(), u32::max);
        if self.generations.is_empty() && self.state == State::default() {
            // Both may be lost. The listed keys keep a number from being used twice.
            let listed = self.remote.listed_generations()?;
            self.highest_listed = listed.last().copied().unwrap_or(0);
        }
        let generation = generation.max(self.highest_listed);
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
            is_recorded: false,
            written: 0,
            filtered: 0,
            then,
        };
        // Before anything else is written or deleted: no number is used for two things.
        let at = (self.now)();
        let line = Entry::sorted_set(self.remote.generations_key(), [started(generation, at)])?;
        let id = pending.id.clone();
        let mut state = self.state.clone();
        state.last = generation;
        state.pending = Some(pending);
        let entries = [line, self.remote.state_entry(&state)?];
        let ids = [former_id.as_deref(), Some(id.as_str())];
        self.remote
            .write_while(&entries, |_| self.check_mine(&ids))?;
        self.state = state;
        self.is_state_lost = false;
        self.generations.start(generation, at);
        self.delete_unfinished()?;
        Ok(edition)
    }

    /// Writes the record of the generation, unless an earlier run has.
    pub(super) fn write_record(&mut self, record: &Record) -> Result<(), PublishError> {
        let pending = self.state.pending.as_ref();
        if pending.is_some_and(|pending| pending.is_recorded) {
            return Ok(());
        }
        let key = self.remote.record_key(self.generation());
        // Pieces of an earlier record would make this one unreadable.
        let entries = [
            Entry::delete(&*key, DataType::SortedSet)?,
            record.entry(&key)?,
        ];
        self.write(&entries, |pending| pending.is_recorded = true)
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
            let items = batch.iter().map(String::as_str);
            let batch = [Entry::bloom_filter_items(&filter, items)?];
            self.write(&batch, |pending| pending.filtered = done)?;
            tell(Step::Filtered { done, all });
        }
        self.has_filled = true;
        Ok(())
    }

    /// Points readers to the new generation.
    pub(super) fn flip(&mut self, record: Record) -> Result<(), PublishError> {
        let mut state = self.state.clone();
        let Some(pending) = state.pending.take() else {
            return Err(PublishError::Overtaken);
        };
        let flip = state.flip(&pending, (self.now)());
        let mut entries = vec![Entry::plain(&self.remote.key, record.root.clone())?];
        if state.now.is_prompt {
            entries.push(self.pointer(pending.generation, record.root.clone())?);
        }
        entries.push(Entry::sorted_set(
            self.remote.generations_key(),
            [flip.line()],
        )?);
        // Readers trust the filter once it has the sentinel, so its list is written before.
        if self.has_filled {
            let filter = self.remote.filter_key();
            entries.push(Entry::bloom_filter_items(&filter, [SENTINEL])?);
        }
        entries.push(self.remote.state_entry(&state)?);
        let check = |is_uncertain: bool| {
            if is_uncertain && self.remote.state()? == state {
                return Ok(());
            }
            self.check_not_overtaken()?;
            let there = self.remote.content(&self.remote.key)?;
            match there == self.found || (is_uncertain && there.is(&record.root)) {
                true => Ok(()),
                false => Err(PublishError::Overtaken),
            }
        };
        self.remote.write_while(&entries, check)?;
        self.state = state;
        self.generations.insert(flip);
        self.present = pending.generation;
        self.record = Some(record);
        Ok(())
    }

    /// Removes all generations but the current one from the sorted set that points to it.
    ///
    /// Members are removed by their bytes. The API returns long members as a hash, so their bytes
    /// come from the records.
    pub(super) fn remove_old_pointers(&self) -> Result<(), PublishError> {
        if !self.state.now.is_prompt {
            return Ok(());
        }
        let pointer = self.remote.pointer_key();
        let mut members = Vec::new();
        let mut unknown = None;
        for (member, score) in self.remote.members(&pointer)? {
            if score >= f64::from(self.present) {
                continue;
            }
            if let Some(bytes) = member.bytes() {
                members.push(bytes.to_vec());
                continue;
            }
            match self.remote.record(score as u32)? {
                Some(record) if member.is(&record.root) => members.push(record.root),
                _ => unknown = Some(score),
            }
        }
        if !members.is_empty() {
            let removal = Entry::remove_members(&*pointer, members)?;
            self.remote.write(&[removal])?;
        }
        match unknown {
            None => Ok(()),
            Some(generation) => Err(PublishError::UnknownPointer {
                key: pointer,
                generation,
            }),
        }
    }

    /// Returns the time until the next deletion is due; `None` if one is due now, or none will be.
    pub(super) fn until_clean(&self) -> Option<Duration> {
        let wait = self.generations.next_clean()?.saturating_sub((self.now)());
        (wait > 0).then(|| Duration::from_secs(wait))
    }

    /// Deletes the keys of earlier generations, if their retention has ended.
    pub(super) fn clean(&mut self, tell: &mut dyn FnMut(Step)) -> Result<usize, PublishError> {
        let mut old = self.generations.to_clean((self.now)());
        // The order of the lines is not that of the generations if an older export was imported.
        let needed = [self.present, self.previous, self.state.current];
        old.retain(|generation| !needed.contains(generation));
        if old.is_empty() {
            return Ok(0);
        }
        let root = self.record.as_ref().map(|record| record.root.as_slice());
        let keys = clean::keys(self.remote, &self.generations, &old, root)?;
        self.check_not_overtaken()?;
        // Removing a pointer needs its record, so pointers are removed before the records.
        match self.remove_old_pointers() {
            Ok(()) | Err(PublishError::UnknownPointer { .. }) => {}
            Err(error) => return Err(error),
        }
        let deleted = self.remote.delete(&keys)?;
        self.remote.forget(&old, &self.generations)?;
        for generation in old {
            self.generations.forget(generation);
        }
        tell(Step::Cleaned { keys: deleted });
        Ok(deleted)
    }

    pub(super) fn pending_id(&self) -> Option<String> {
        self.state
            .pending
            .as_ref()
            .map(|pending| pending.id.clone())
    }

    /// Checks that no other publisher has begun meanwhile.
    pub(super) fn check_not_overtaken(&self) -> Result<(), PublishError> {
        self.check_mine(&[self.pending_id().as_deref()])
    }

    pub(super) fn check_mine(&self, ids: &[Option<&str>]) -> Result<(), PublishError> {
        self.fresh_state(ids).map(drop)
    }

    /// Reads the state, and checks that it is still that of a publication with one of these ids.
    fn fresh_state(&self, ids: &[Option<&str>]) -> Result<State, PublishError> {
        let state = match self.remote.state() {
            Err(PublishError::State { .. }) if self.is_state_lost => State::default(),
            state => state?,
        };
        let pending = state.pending.as_ref().map(|pending| pending.id.as_str());
        match ids.contains(&pending) && state.current == self.state.current {
            true => Ok(state),
            false => Err(PublishError::Overtaken),
        }
    }

    fn write_state(&mut self, state: State, ids: &[Option<&str>]) -> Result<(), PublishError> {
        let entry = self.remote.state_entry(&state)?;
        self.remote
            .write_while(&[entry], |_| self.check_mine(ids))?;
        self.state = state;
        Ok(())
    }

    /// Writes entries, and then the progress of the publication. The progress is a request of its
    /// own, so that little time passes between the check and the write.
    fn write(
        &mut self,
        entries: &[Entry],
        change: impl FnOnce(&mut Pending),
    ) -> Result<(), PublishError> {
        let id = self.pending_id();
        let ids = [id.as_deref()];
        self.remote
            .write_while(entries, |_| self.check_mine(&ids))?;
        let mut state = self.fresh_state(&ids)?;
        if let Some(pending) = &mut state.pending {
            change(pending);
        }
        self.write_state(state, &ids)
    }
}

pub(super) fn sum(root: &[u8]) -> String {
    format!("{:016x}", hash(&[0; 16], root))
}

/// What tells one publisher from another.
fn new_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
