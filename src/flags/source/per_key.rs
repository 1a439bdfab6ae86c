//! A key for each flag.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::{Definitions, Document, Found, Source};
use crate::Pattern;
use crate::flags::details::{ErrorCode, Fault};
use crate::flags::metadata::Metadata;
use crate::flags::pack::key_of;
use crate::kv_store::{Access, KvStore, ReadOnly};

/// Each flag under a key of its own: what [`pack`](super::super::pack()) makes of a document.
///
/// An evaluation reads the flag's key, once for all questions: a host call and some 24,000 instructions,
/// however many flags there are.
pub struct PerKey<'a, A = ReadOnly> {
    store: &'a KvStore<A>,
    prefix: String,
    read: RefCell<Vec<(String, Option<Rc<Document>>)>>,
}

impl<'a, A: Access> PerKey<'a, A> {
    pub(in super::super) fn new(store: &'a KvStore<A>, prefix: String) -> Self {
        PerKey {
            store,
            prefix,
            read: RefCell::new(Vec::new()),
        }
    }

    /// The flag's document; `None` if there is none.
    fn document(&self, key: &str) -> Result<Option<Rc<Document>>, Fault> {
        let read = self.read.borrow();
        if let Some((_, document)) = read.iter().find(|(other, _)| other == key) {
            return Ok(document.clone());
        }
        drop(read);
        let bytes = self.store.get_bytes(&key_of(&self.prefix, key));
        let bytes = bytes.map_err(|error| unavailable(&error))?;
        let document = bytes.map(|bytes| Rc::new(Document::new(bytes)));
        self.read
            .borrow_mut()
            .push((key.to_owned(), document.clone()));
        Ok(document)
    }
}

#[cold]
fn unavailable(error: &crate::kv_store::Error) -> Fault {
    Fault::new(ErrorCode::ProviderNotReady, error.to_string())
}

impl<A: Access> Source for PerKey<'_, A> {}

impl<A: Access> Definitions for PerKey<'_, A> {
    fn with_flag<R>(&self, key: &str, show: impl FnOnce(Result<Found<'_>, Fault>) -> R) -> R {
        let nothing = Document::new(Vec::new());
        match self.document(key) {
            Ok(Some(document)) => document.with_flag(key, show),
            Ok(None) => show(Ok(Found {
                definition: None,
                document: &nothing,
            })),
            Err(fault) => show(Err(fault)),
        }
    }

    fn set_metadata(&self, key: &str) -> Result<Metadata, Fault> {
        match self.document(key)? {
            Some(document) => document.set_metadata(key),
            None => Ok(Metadata::default()),
        }
    }

    /// A call that lists them: their values are read one by one.
    fn keys(&self) -> Result<Vec<String>, Fault> {
        let prefix = key_of(&self.prefix, "");
        let keys = self.store.scan(Pattern::prefix(&prefix));
        let keys = keys.map_err(|error| unavailable(&error))?;
        let flags = keys.iter().filter_map(|key| key.strip_prefix(&*prefix));
        Ok(flags.map(str::to_owned).collect())
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
