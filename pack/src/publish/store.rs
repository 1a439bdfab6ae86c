//! The keys of a list, and the API behind which they are.

use std::iter::Peekable;
use std::time::Duration;

use fastedge::edge_storage_api::{
    Api, BatchLimits, Call, DataType, Entry, EntryQuery, Error, ErrorKind, Page, Stored, Transport,
    Upload,
};
use fastedge::http::StatusCode;

use super::state::State;
use super::{PublishError, deletion, key};

/// So many entries are listed at once.
const PAGE: u32 = 100;

/// What the platform takes from one client.
const ENTRIES_PER_SECOND: f64 = 90.0;

/// What is read is asked for so often, with pauses of one second and more.
const TRIES: u32 = 4;

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

    pub(super) fn sums_key(&self, generation: u32) -> String {
        format!("{}:{generation}:sums", self.key)
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

    /// Where publishing has got to.
    pub(super) fn state(&self) -> Result<State, PublishError> {
        let key = self.state_key();
        match self.value(&key)? {
            None => Ok(State::default()),
            Some(json) => serde_json::from_slice(&json).map_err(|error| PublishError::State {
                key,
                reason: error.to_string(),
            }),
        }
    }

    pub(super) fn write_state(&self, state: &State) -> Result<(), PublishError> {
        self.write(&[self.state_entry(state)?], true).map(drop)
    }

    pub(super) fn state_entry(&self, state: &State) -> Result<Entry, PublishError> {
        let key = self.state_key();
        let json = serde_json::to_vec(state).map_err(|error| PublishError::State {
            key: key.clone(),
            reason: error.to_string(),
        })?;
        Ok(Entry::plain(key, json)?)
    }

    /// The value of a plain key.
    pub(super) fn value(&self, key: &str) -> Result<Option<Vec<u8>>, PublishError> {
        Ok(self.value_or_other(key)?.ok().flatten())
    }

    /// The value of a key, or that it is no plain one.
    pub(super) fn value_or_other(
        &self,
        key: &str,
    ) -> Result<Result<Option<Vec<u8>>, String>, PublishError> {
        Ok(match self.stored(key)? {
            None => Ok(None),
            Some(Stored::Plain { value, .. }) => Ok(Some(value.into_bytes())),
            Some(_) => Err("the key holds another data type".to_owned()),
        })
    }

    /// The members of a sorted set.
    pub(super) fn members(&self, key: &str) -> Result<Vec<(Vec<u8>, f64)>, PublishError> {
        match self.stored(key)? {
            Some(Stored::SortedSet(members)) => {
                let members = members.into_iter();
                Ok(members
                    .map(|(member, score)| (member.into_bytes(), score))
                    .collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn has_filter(&self) -> Result<bool, PublishError> {
        Ok(self.stored(&self.filter_key())?.is_some())
    }

    pub(super) fn delete_filter(&self) -> Result<(), PublishError> {
        let deletion = Entry::delete(self.filter_key(), DataType::BloomFilter)?;
        self.write(&[deletion], true).map(drop)
    }

    fn stored(&self, key: &str) -> Result<Option<Stored>, PublishError> {
        let call = self.api.get_entry(self.store_id, key)?;
        match self.read(&call) {
            Ok(entry) => Ok(Some(entry.stored)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reading can be repeated, whatever has become of it.
    fn read<A>(&self, call: &Call<A>) -> Result<A, Error> {
        let mut tries = 0;
        loop {
            let error = match call.send_with(&self.transport) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tries += 1;
            let is_temporary = match error.kind() {
                ErrorKind::NotAnswered { is_permanent, .. } => !is_permanent,
                ErrorKind::Refused { status, .. } => {
                    status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
                }
                _ => false,
            };
            if tries == TRIES || !is_temporary {
                return Err(error);
            }
            self.transport.sleep(Duration::from_secs(1 << (tries - 1)));
        }
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

    /// Writes entries at the pace that the platform takes; what fails for a while is repeated. How many keys it has deleted:
    /// fewer than asked for is an error, unless that is tolerated.
    pub(super) fn write(
        &self,
        entries: &[Entry],
        tolerates_missing: bool,
    ) -> Result<u64, PublishError> {
        let started = self.transport.now();
        let mut upload = Upload::new(self.api.clone(), self.store_id, entries.iter().cloned())
            .limits(self.limits)
            .entries_per_second(self.pace);
        if tolerates_missing {
            upload = upload.tolerate_missing();
        }
        if self.is_forced {
            upload = upload.force();
        }
        let progress = upload.run(&self.transport)?;
        // It does not pause after the last of its requests.
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

    /// Deletes keys, all of which are there, unless some may be gone. How many.
    pub(super) fn delete(&self, keys: &[String], may_be_gone: bool) -> Result<usize, PublishError> {
        let mut all = 0;
        for batch in keys.chunks(self.limits.entries.max(1)) {
            let entries = batch.iter().map(|key| deletion(key));
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            all += self.write(&entries, may_be_gone)? as usize;
        }
        Ok(all)
    }

    /// Deletes what there is of a generation that nobody has pointed to.
    pub(super) fn delete_generation(&self, generation: u32) -> Result<(), PublishError> {
        let own = self.manifest_key(generation);
        let prefix = format!("{own}:");
        let query = EntryQuery::new().data_type(DataType::Plain).prefix(prefix);
        let mut keys: Vec<String> = Vec::new();
        loop {
            let offset = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            let query = query.clone().page(Page::first(PAGE).after(offset));
            let page = self.read(&self.api.list_entries(self.store_id, &query)?)?;
            let is_last = page.entries.is_empty();
            keys.extend(page.entries.into_iter().map(|entry| entry.key));
            if is_last || keys.len() as u64 >= page.count {
                break;
            }
        }
        // What is not the list's own stays.
        let is_own = |key: &String| {
            let end = key.rsplit_once(':').map_or("", |(_, end)| end);
            key.len() == own.len() + 1 + end.len() && key::is_of_generation(end)
        };
        keys.retain(is_own);
        keys.push(own);
        self.delete(&keys, true).map(drop)
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
}
