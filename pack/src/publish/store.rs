//! The keys of a list in a store, read and written through the API.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::time::Duration;

use fastedge::edge_storage_api::{
    Api, BatchLimits, DataType, Entry, EntryQuery, Retry, Stored, StoredValue, Transport, Upload,
};

use super::generations::Generations;
use super::record::Record;
use super::state::{MAX_STATE_BYTES, State};
use super::{PublishError, deletion, shard_keys};

/// What the platform takes from one client.
const ENTRIES_PER_SECOND: f64 = 90.0;

/// A list in a store, behind the API.
pub(super) struct Remote<T> {
    api: Api,
    pub(super) store_id: u64,
    pub(super) key: String,
    pub(super) transport: T,
    pub(super) pace: f64,
    pub(super) limits: BatchLimits,
    /// Whether keys of another type are overwritten.
    pub(super) is_forced: bool,
}

impl<T: Transport> Remote<T> {
    pub(super) fn new(api: Api, store_id: u64, key: String, transport: T) -> Self {
        Remote {
            api,
            store_id,
            key,
            transport,
            pace: ENTRIES_PER_SECOND,
            limits: BatchLimits::default(),
            is_forced: false,
        }
    }

    pub(super) fn manifest_key(&self, generation: u32) -> String {
        format!("{}:{generation}", self.key)
    }

    pub(super) fn record_key(&self, generation: u32) -> String {
        format!("{}:{generation}:record", self.key)
    }

    pub(super) fn generations_key(&self) -> String {
        format!("{}:generations", self.key)
    }

    pub(super) fn pointer_key(&self) -> String {
        format!("{}:pointer", self.key)
    }

    pub(super) fn filter_key(&self) -> String {
        format!("{}:filter", self.key)
    }

    fn state_key(&self) -> String {
        format!("{}:state", self.key)
    }

    pub(super) fn state(&self) -> Result<State, PublishError> {
        let key = self.state_key();
        let malformed = |reason: String| PublishError::State {
            key: key.clone(),
            reason,
        };
        match self.content(&key)? {
            Content::Missing => Ok(State::default()),
            Content::Value(StoredValue::Bytes(json)) => serde_json::from_slice(json.as_bytes())
                .map_err(|error| malformed(error.to_string())),
            _ => Err(malformed("it is not a value of this version".to_owned())),
        }
    }

    pub(super) fn state_entry(&self, state: &State) -> Result<Entry, PublishError> {
        let key = self.state_key();
        let json = serde_json::to_vec(state).map_err(|error| error.to_string());
        let json = json.and_then(|json| match json.len() <= MAX_STATE_BYTES {
            true => Ok(json),
            false => Err(format!("it would have {} bytes", json.len())),
        });
        match json {
            Ok(json) => Ok(Entry::plain(key, json)?),
            Err(reason) => Err(PublishError::State { key, reason }),
        }
    }

    /// Reads what a key holds, in full or as a hash.
    pub(super) fn content(&self, key: &str) -> Result<Content, PublishError> {
        let entry = self.api.entry(self.store_id, key, &self.transport)?;
        Ok(match entry.map(|entry| entry.stored) {
            None => Content::Missing,
            Some(Stored::Plain { value, .. }) => Content::Value(value),
            Some(_) => Content::OtherType,
        })
    }

    /// Reads the members of a sorted set; none if it is missing.
    pub(super) fn members(&self, key: &str) -> Result<Vec<(StoredValue, f64)>, PublishError> {
        let entry = self.api.entry(self.store_id, key, &self.transport)?;
        match entry.map(|entry| entry.stored) {
            Some(Stored::SortedSet(members)) => Ok(members),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn generations(&self) -> Result<Generations, PublishError> {
        Ok(Generations::read(&self.members(&self.generations_key())?))
    }

    /// Reads a generation's record; `None` if it is missing or incomplete.
    pub(super) fn record(&self, generation: u32) -> Result<Option<Record>, PublishError> {
        Ok(Record::read(&self.members(&self.record_key(generation))?))
    }

    /// Finds the generations that have any key in the store, by listing the keys.
    pub(super) fn listed_generations(&self) -> Result<BTreeSet<u32>, PublishError> {
        let prefix = format!("{}:", self.key);
        let query = EntryQuery::new().prefix(&*prefix);
        let mut generations = BTreeSet::new();
        for entry in self.api.entries(self.store_id, &query, &self.transport) {
            let entry = entry?;
            let number = entry.key.strip_prefix(&prefix).unwrap_or_default();
            let number = number.split(':').next().unwrap_or_default();
            generations.extend(number.parse::<u32>().ok());
        }
        Ok(generations)
    }

    pub(super) fn has_filter(&self) -> Result<bool, PublishError> {
        let key = self.filter_key();
        let data_type = self.api.data_type(self.store_id, &key, &self.transport)?;
        Ok(data_type.is_some())
    }

    pub(super) fn delete_filter(&self) -> Result<(), PublishError> {
        let deletion = Entry::delete(self.filter_key(), DataType::BloomFilter)?;
        self.write(&[deletion]).map(drop)
    }

    /// So many entries can be written at once, beside the state.
    pub(super) fn entries_at_once(&self) -> usize {
        self.limits.entries.saturating_sub(1).max(1)
    }

    /// As many values as can be written at once.
    pub(super) fn next_batch(
        &self,
        values: &mut Peekable<impl Iterator<Item = (String, Vec<u8>)>>,
    ) -> Result<Vec<Entry>, PublishError> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < self.entries_at_once() {
            let fits = |(key, value): &(String, Vec<u8>)| {
                // As base64, in JSON.
                let more = value.len() * 4 / 3 + key.len() + 100;
                let fits = bytes == 0 || bytes + more + 1000 <= self.limits.bytes;
                bytes += more;
                fits
            };
            let Some((key, value)) = values.next_if(fits) else {
                break;
            };
            batch.push(Entry::plain(key, value)?);
        }
        Ok(batch)
    }

    /// Writes entries at the pace that the platform accepts. Temporary failures are retried, and
    /// missing keys are not an error. Returns the number of deleted keys and members.
    pub(super) fn write(&self, entries: &[Entry]) -> Result<u64, PublishError> {
        self.write_while(entries, |_| Ok(()))
    }

    /// Writes entries, and calls `check` before each request and each repetition, since another
    /// publisher may have begun meanwhile. The argument of `check` is true if an earlier attempt
    /// may have been carried out.
    pub(super) fn write_while(
        &self,
        entries: &[Entry],
        check: impl Fn(bool) -> Result<(), PublishError>,
    ) -> Result<u64, PublishError> {
        let started = self.transport.now();
        let mut upload = Upload::new(self.api.clone(), self.store_id, entries.iter().cloned())
            .limits(self.limits)
            .tolerate_missing();
        if self.is_forced {
            upload = upload.force();
        }
        let retry = Retry::default();
        let (mut failures, mut is_uncertain) = (0, false);
        while let Some(call) = upload.next_call()? {
            check(is_uncertain)?;
            let error = match call.send_with(&self.transport) {
                Ok(summary) => {
                    upload.confirm(&summary)?;
                    failures = 0;
                    continue;
                }
                Err(error) => error,
            };
            if error.may_have_happened() {
                upload.mark_uncertain();
                is_uncertain = true;
            }
            failures += 1;
            match retry.delay_after(failures, error.kind()) {
                Some(delay) => self.transport.sleep(delay),
                None => return Err(error.into()),
            }
        }
        let progress = upload.progress();
        if self.pace > 0.0 {
            let due = Duration::try_from_secs_f64(progress.confirmed as f64 / self.pace);
            let took = self.transport.now().saturating_sub(started);
            let pause = due.unwrap_or_default().saturating_sub(took);
            if !pause.is_zero() {
                self.transport.sleep(pause);
            }
        }
        Ok(progress.deleted)
    }

    /// Deletes plain keys, and ignores missing ones. Returns the number of deleted keys.
    pub(super) fn delete(&self, keys: &[String]) -> Result<usize, PublishError> {
        let mut all = 0;
        for batch in keys.chunks(self.limits.entries.max(1)) {
            let entries = batch.iter().map(|key| deletion(key));
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            all += self.write(&entries)? as usize;
        }
        Ok(all)
    }

    /// Deletes all keys of a generation to which readers were never pointed. The record, which is
    /// written first and deleted last, has their names.
    pub(super) fn delete_unfinished(
        &self,
        generation: u32,
        generations: &Generations,
    ) -> Result<(), PublishError> {
        let manifest_key = self.manifest_key(generation);
        let mut keys = Vec::new();
        if let Some(record) = self.record(generation)? {
            let own = format!("{manifest_key}:");
            let shards = shard_keys(&self.key, &manifest_key, &record.root)?;
            keys.extend(shards.into_iter().filter(|key| key.starts_with(&own)));
            keys.push(manifest_key);
        }
        self.delete(&keys)?;
        self.forget(&[generation], generations)
    }

    /// Deletes the records of generations, and the lines about them.
    pub(super) fn forget(
        &self,
        old: &[u32],
        generations: &Generations,
    ) -> Result<(), PublishError> {
        let mut entries = Vec::new();
        for generation in old {
            entries.push(Entry::delete(
                self.record_key(*generation),
                DataType::SortedSet,
            )?);
        }
        self.write(&entries)?;
        let lines = old.iter().flat_map(|old| generations.lines_of(*old));
        let lines: Vec<&[u8]> = lines.collect();
        if lines.is_empty() {
            return Ok(());
        }
        let removal = Entry::remove_members(self.generations_key(), lines)?;
        self.write(&[removal]).map(drop)
    }
}

/// The contents of a key, as far as the API returns them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Missing,
    Value(StoredValue),
    OtherType,
}

impl Content {
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        matches!(self, Content::Value(value) if value.is(bytes))
    }
}
