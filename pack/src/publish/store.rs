//! The keys of a list, and the API behind which they are.

use fastedge::edge_storage_api::{
    Api, DataType, Entry, EntryQuery, Error, ErrorKind, Page, Stored, Transport, Upload,
};
use fastedge::http::StatusCode;

use super::state::State;
use super::{PublishError, deletion};

/// So many entries are written at once.
pub(super) const BATCH_ENTRIES: usize = 500;

/// And so many bytes, which are a third more on the way: a request has 1 MB at most.
pub(super) const BATCH_BYTES: usize = 700_000;

/// So many entries are listed at once.
const PAGE: u32 = 100;

/// A list in a store, behind the API.
pub(super) struct Remote<T> {
    api: Api,
    pub(super) store_id: u64,
    pub(super) key: String,
    pub(super) transport: T,
    pub(super) pace: Option<f64>,
}

impl<T: Transport> Remote<T> {
    pub(super) fn new(api: Api, store_id: u64, key: String, transport: T) -> Self {
        Remote {
            api,
            store_id,
            key,
            transport,
            pace: None,
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

    pub(super) fn state_entry(&self, state: &State) -> Result<Entry, PublishError> {
        let key = self.state_key();
        let json = serde_json::to_vec(state).map_err(|error| PublishError::State {
            key: key.clone(),
            reason: error.to_string(),
        })?;
        Ok(Entry::plain(key, json)?)
    }

    /// What readers find.
    pub(super) fn current(&self) -> Result<Option<Vec<u8>>, PublishError> {
        self.value(&self.key)
    }

    /// The value of a plain key.
    pub(super) fn value(&self, key: &str) -> Result<Option<Vec<u8>>, PublishError> {
        match self.stored(key)? {
            Some(Stored::Plain { value, .. }) => Ok(Some(value.into_bytes())),
            _ => Ok(None),
        }
    }

    /// The members of a sorted set.
    pub(super) fn members(&self, key: &str) -> Result<Vec<Vec<u8>>, PublishError> {
        match self.stored(key)? {
            Some(Stored::SortedSet(members)) => Ok(members
                .into_iter()
                .map(|(member, _)| member.into_bytes())
                .collect()),
            _ => Ok(Vec::new()),
        }
    }

    fn stored(&self, key: &str) -> Result<Option<Stored>, PublishError> {
        let call = self.api.get_entry(self.store_id, key)?;
        match call.send_with(&self.transport) {
            Ok(entry) => Ok(Some(entry.stored)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes entries in one request, or a few; what fails for a while is repeated.
    pub(super) fn write(&self, entries: &[Entry]) -> Result<u64, PublishError> {
        let mut upload = Upload::new(self.api.clone(), self.store_id, entries.iter().cloned());
        if let Some(pace) = self.pace {
            upload = upload.entries_per_second(pace);
        }
        let progress = upload.tolerate_missing().run(&self.transport)?;
        Ok(progress.deleted)
    }

    /// Deletes keys, all of which are there, unless some may be gone. How many.
    pub(super) fn delete(&self, keys: &[String], may_be_gone: bool) -> Result<usize, PublishError> {
        let mut all = 0;
        for batch in keys.chunks(BATCH_ENTRIES) {
            let entries = batch.iter().map(|key| deletion(key));
            let deleted = self.write(&entries.collect::<Result<Vec<_>, _>>()?)?;
            let asked = batch.len() as u64;
            if deleted < asked && !may_be_gone {
                return Err(PublishError::NotDeleted { asked, deleted });
            }
            all += deleted as usize;
        }
        Ok(all)
    }

    /// Deletes what there is of a generation that nobody has pointed to.
    pub(super) fn delete_generation(&self, generation: u32) -> Result<(), PublishError> {
        let own = self.manifest_key(generation);
        let prefix = format!("{own}:");
        let query = EntryQuery::new().data_type(DataType::Plain).prefix(&own);
        let mut keys = Vec::new();
        loop {
            let offset = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            let query = query.clone().page(Page::first(PAGE).after(offset));
            let call = self.api.list_entries(self.store_id, &query)?;
            let page = call.send_with(&self.transport)?;
            let is_last = page.entries.is_empty();
            keys.extend(page.entries.into_iter().map(|entry| entry.key));
            if is_last || keys.len() as u64 >= page.count {
                break;
            }
        }
        // 1 is no generation of which 10 is a part.
        keys.retain(|key| *key == own || key.starts_with(&prefix));
        self.delete(&keys, true).map(drop)
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
}
