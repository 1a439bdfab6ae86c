//! Exports of stores.

use std::collections::HashSet;

use fastedge::edge_storage_api::{
    Api, EntryQuery, MAX_READABLE_BYTES, Retry, Stored, StoredEntry, StoredValue, Transport,
};
use fastedge::http::StatusCode;

use super::line;
use super::values_app::{ValuesApp, ValuesError};

/// The most changes of a value while it is read.
const CHANGES: u32 = 3;

/// The most listings of a store that changes meanwhile.
const PASSES: u32 = 5;

/// An export of the entries of a store, as lines of JSON.
#[derive(Debug)]
pub struct Export<'a, T: ?Sized> {
    /// The API.
    pub api: &'a Api,
    /// The client that sends the API's requests.
    pub transport: &'a T,
    /// The number of the store.
    pub store: u64,
    /// An app that serves the values which the API returns as a hash.
    pub values: Option<&'a ValuesApp>,
}

/// An entry that could not be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The key.
    pub key: String,
    /// The reason.
    pub reason: String,
}

/// An entry in full and its masked values, or the reason why it cannot be read.
type Resolved = Result<(StoredEntry, HashSet<Vec<u8>>), String>;

/// The ways in which an export fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The API failed.
    #[error(transparent)]
    Api(#[from] fastedge::edge_storage_api::Error),
    /// The app that serves values failed.
    #[error(transparent)]
    Values(#[from] ValuesError),
    /// A line could not be written.
    #[error("cannot write the export: {0}")]
    Write(String),
    /// The store kept changing.
    #[error(
        "cannot export the store: it changed during each of {PASSES} listings; export it again later"
    )]
    Unstable,
}

impl<T: Transport + ?Sized> Export<'_, T> {
    /// Writes each entry whose key has a prefix as a line, and returns the entries that it could not
    /// read.
    ///
    /// An entry that exists during the whole export is in it once. If the store changes meanwhile, its
    /// entries are listed again, until they stay the same.
    ///
    /// Masked values are exported as masked if they are short. A masked value of more than 1,024 bytes
    /// is exported like any other long value: the API does not show that it is masked.
    ///
    /// # Errors
    ///
    /// If the API or the app fails, a line cannot be written, or the store keeps changing.
    pub fn run(
        &self,
        prefix: &str,
        mut write: impl FnMut(&str) -> Result<(), String>,
    ) -> Result<Vec<Skipped>, ExportError> {
        let query = EntryQuery::new().prefix(prefix);
        let (mut done, mut skipped) = (HashSet::new(), Vec::new());
        for pass in 0..PASSES {
            let before = self.revision()?;
            let mut is_same = true;
            for entry in self.api.entries(self.store, &query, self.transport) {
                let entry = entry?;
                if !done.insert(entry.key.clone()) {
                    continue;
                }
                is_same = false;
                let key = entry.key.clone();
                match self.read_whole(entry)? {
                    Ok(Some(line)) => write(&line).map_err(ExportError::Write)?,
                    // The entry was deleted meanwhile.
                    Ok(None) => {}
                    Err(reason) => skipped.push(Skipped { key, reason }),
                }
            }
            // A store with a database of the customer's own has no revision.
            let is_unchanged = before.is_some() && before == self.revision()?;
            if is_unchanged || (is_same && pass > 0) {
                return Ok(skipped);
            }
        }
        Err(ExportError::Unstable)
    }

    /// Reads a key in full; `None` if there is no such key.
    ///
    /// # Errors
    ///
    /// If the API or the app fails. The inner error is the reason why the key cannot be read.
    pub fn entry(&self, key: &str) -> Result<Option<Result<StoredEntry, String>>, ExportError> {
        match self.api.entry(self.store, key, self.transport)? {
            Some(entry) => Ok(Some(self.resolved(entry)?.map(|(entry, _)| entry))),
            None => Ok(None),
        }
    }

    fn revision(&self) -> Result<Option<u64>, ExportError> {
        let store = self.api.get_store(self.store)?;
        let store = store.send_with_retry(self.transport, &Retry::default())?;
        Ok(store.revision)
    }

    /// Returns an entry's line, or the reason why it cannot be read.
    fn read_whole(
        &self,
        listed: StoredEntry,
    ) -> Result<Result<Option<String>, String>, ExportError> {
        let key = listed.key.clone();
        let mut entry = match listed.stored {
            Stored::Plain { .. } | Stored::Unreadable { .. } => listed,
            // A listing may have only a part of a set or a filter.
            _ => match self.read(&key)? {
                Ok(Some(entry)) => entry,
                other => return Ok(other.map(|_| None)),
            },
        };
        let mut tries = 0;
        loop {
            // Only an app can serve another value than the listed one.
            let hashed = self.values.map(|_| entry.clone());
            match self.resolved(entry) {
                Ok(resolved) => {
                    let line =
                        resolved.map(|(entry, masked)| line::of(&entry, &masked).to_string());
                    return Ok(line.map(Some));
                }
                // The value may have changed since it was listed.
                Err(ExportError::Values(error @ ValuesError::OtherValue { .. })) => {
                    tries += 1;
                    entry = match self.read(&key)? {
                        Ok(Some(entry)) => entry,
                        other => return Ok(other.map(|_| None)),
                    };
                    if Some(&entry) == hashed.as_ref() || tries == CHANGES {
                        return Ok(Err(error.to_string()));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads a key through the API.
    fn read(&self, key: &str) -> Result<Result<Option<StoredEntry>, String>, ExportError> {
        match self.api.entry(self.store, key, self.transport) {
            Ok(entry) => Ok(Ok(entry)),
            // No URL can name the key, or its response is not readable.
            Err(error) if !is_of_server(&error) => Ok(Err(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces hashes by the values that the app serves. Returns the masked values too.
    fn resolved(&self, mut entry: StoredEntry) -> Result<Resolved, ExportError> {
        let mut masked = HashSet::new();
        if let Some(app) = self.values {
            let mut resolve = |value: &mut StoredValue, bytes: Vec<u8>| {
                if is_masked(&bytes) {
                    masked.insert(bytes.clone());
                }
                *value = StoredValue::Bytes(bytes.into());
            };
            match &mut entry.stored {
                Stored::Plain { value, .. } if value.bytes().is_none() => {
                    let bytes = app.value(&entry.key, value, self.transport)?;
                    resolve(value, bytes);
                }
                Stored::SortedSet(members) => {
                    for (member, _) in members {
                        if member.bytes().is_none() {
                            let bytes = app.member(&entry.key, member, self.transport)?;
                            resolve(member, bytes);
                        }
                    }
                }
                // Apps cannot list the items of a Bloom filter.
                _ => {}
            }
        }
        Ok(match entry.check_readable() {
            Ok(()) => Ok((entry, masked)),
            Err(error) => Err(error.to_string()),
        })
    }
}

/// Returns whether a value that the API returns as a hash is masked. A masked value is text.
/// Without a mask, the API would return the value, whether it counts bytes or base64.
fn is_masked(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else {
        return false;
    };
    let is_sent_as_text = !text.contains(|c: char| c.is_control() && !"\t\r\n".contains(c));
    let base64 = bytes.len().div_ceil(3) * 4;
    bytes.len() <= MAX_READABLE_BYTES && (is_sent_as_text || base64 <= MAX_READABLE_BYTES)
}

/// Returns whether an error concerns the server, and not one key.
fn is_of_server(error: &fastedge::edge_storage_api::Error) -> bool {
    use fastedge::edge_storage_api::ErrorKind;
    match error.kind() {
        ErrorKind::Refused { status, .. } => !matches!(
            *status,
            StatusCode::BAD_REQUEST | StatusCode::INTERNAL_SERVER_ERROR
        ),
        ErrorKind::Key { .. }
        | ErrorKind::Answer { .. }
        | ErrorKind::NotReadable { .. }
        | ErrorKind::Unstable { .. } => false,
        _ => true,
    }
}
