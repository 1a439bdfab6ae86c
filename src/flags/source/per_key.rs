//! A key for each flag.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::{Definitions, Document, Found, LookUp, Source};
use crate::Pattern;
use crate::flags::details::{ErrorCode, Fault};
use crate::flags::metadata::Metadata;
use crate::flags::pack::key_of;
use crate::kv_store::{Access, KvStore, ReadOnly};

/// Each flag under a key of its own: what [`pack`](super::super::pack()) makes of a document.
///
/// An evaluation reads the flag's key, once for all questions: a host call, and some 29,000 instructions with
/// all else that a request does (`benches/costs/flags.rs`), however many flags there are.
pub struct PerKey<'a, A = ReadOnly> {
    store: &'a KvStore<A>,
    prefix: String,
    /// What has been read, and what could not be.
    read: RefCell<Vec<(String, Read)>>,
}

type Read = Result<Option<Rc<Document>>, Fault>;

impl<'a, A: Access> PerKey<'a, A> {
    pub(in super::super) fn new(store: &'a KvStore<A>, prefix: String) -> Self {
        PerKey {
            store,
            prefix,
            read: RefCell::new(Vec::new()),
        }
    }

    /// The flag's document; `None` if there is none.
    fn document(&self, key: &str) -> Read {
        let read = self.read.borrow();
        if let Some((_, document)) = read.iter().find(|(other, _)| other == key) {
            return document.clone();
        }
        drop(read);
        let bytes = self.store.get_bytes(&key_of(&self.prefix, key));
        let document = match bytes {
            Ok(bytes) => Ok(bytes.map(|bytes| Rc::new(Document::new(bytes)))),
            Err(error) => Err(unavailable(&error)),
        };
        self.read
            .borrow_mut()
            .push((key.to_owned(), document.clone()));
        document
    }
}

#[cold]
fn unavailable(error: &crate::kv_store::Error) -> Fault {
    Fault::new(ErrorCode::ProviderNotReady, error.to_string())
}

impl<A: Access> Source for PerKey<'_, A> {}

impl<A: Access> LookUp for PerKey<'_, A> {
    fn show(&self, key: &str, show: &mut dyn FnMut(Result<Found<'_>, Fault>)) {
        match self.document(key) {
            Ok(Some(document)) => document.show(key, show),
            Ok(None) => show(Ok(Found {
                definition: None,
                document: &Document::new(Vec::new()),
            })),
            Err(fault) => show(Err(fault)),
        }
    }
}

impl<A: Access> Definitions for PerKey<'_, A> {
    fn set_metadata(&self, key: &str) -> Result<Metadata, Fault> {
        match self.document(key)? {
            Some(document) => document.set_metadata(key),
            None => Ok(Metadata::default()),
        }
    }

    /// A call lists them, and each is read.
    fn show_all(&self, show: &mut dyn FnMut(&str, Result<Found<'_>, Fault>)) -> Option<Fault> {
        let prefix = key_of(&self.prefix, "");
        let keys = match self.store.scan(Pattern::prefix(&prefix)) {
            Ok(keys) => keys,
            Err(error) => return Some(unavailable(&error)),
        };
        for key in keys.iter().filter_map(|key| key.strip_prefix(&*prefix)) {
            self.show(key, &mut |found| show(key, found));
        }
        None
    }
}

impl<A> fmt::Debug for PerKey<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PerKey")
            .field("store", &self.store)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
