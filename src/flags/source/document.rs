//! A document of flagd, in which all flags are.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use super::index::Index;
use super::{Definitions, Found, LookUp, Source};
use crate::flags::definition::Definition;
use crate::flags::details::{ErrorCode, Fault};
use crate::flags::json::{Cursor, SyntaxError, validated};
use crate::flags::metadata::Metadata;

/// All flags in one document of flagd, which is read where it stands.
///
/// What is asked for is found by skipping to it: nothing before it is parsed, and what is behind it is not
/// looked at. What has been skipped is remembered, so that the next question goes on from there.
pub struct Document {
    /// Or why there are none.
    bytes: Result<Vec<u8>, String>,
    index: RefCell<Index>,
}

/// A flag's key, and the text of its definition.
type Named<'a> = (String, Result<&'a str, Fault>);

impl Document {
    pub(in super::super) fn new(bytes: Vec<u8>) -> Self {
        Document {
            bytes: Ok(bytes),
            index: RefCell::new(Index::new()),
        }
    }

    pub(in super::super) fn unavailable(reason: String) -> Self {
        Document {
            bytes: Err(reason),
            index: RefCell::new(Index::new()),
        }
    }

    /// Why there is no document.
    pub(in super::super) fn failure(&self) -> Option<&str> {
        self.bytes.as_ref().err().map(String::as_str)
    }

    fn bytes(&self) -> Result<&[u8], Fault> {
        let bytes = self.bytes.as_deref();
        bytes.map_err(|reason| Fault::new(ErrorCode::ProviderNotReady, reason.to_owned()))
    }

    /// The text of a part of the document, which is JSON.
    fn part(&self, place: Range<usize>) -> Result<&str, Fault> {
        let start = place.start;
        let part = self.bytes()?.get(place).unwrap_or_default();
        validated(part).map_err(|error| SyntaxError::new(start + error.at, error.what).into())
    }

    /// The text of a flag's definition, which is JSON.
    pub(in super::super) fn definition_text(&self, key: &str) -> Result<Option<&str>, Fault> {
        let bytes = self.bytes()?;
        let place = self
            .index
            .borrow_mut()
            .definition(bytes, key)
            .map_err(broken)?;
        place.map(|place| self.part(place)).transpose()
    }

    /// The keys of all flags and the texts of their definitions; and why there are no more.
    pub(in super::super) fn all(&self) -> (Vec<Named<'_>>, Option<Fault>) {
        let bytes = match self.bytes() {
            Ok(bytes) => bytes,
            Err(fault) => return (Vec::new(), Some(fault)),
        };
        let (all, error) = self.index.borrow_mut().all(bytes);
        let all = all.into_iter().map(|(key, place)| (key, self.part(place)));
        (all.collect(), error.map(broken))
    }

    /// A rule of `$evaluators`, and how many there are to look through.
    pub(in super::super) fn evaluator(&self, name: &str) -> Result<(&str, usize), Fault> {
        let bytes = self.bytes()?;
        let found = self.index.borrow_mut().evaluator(bytes, name);
        match found.map_err(broken)? {
            (Some(place), others) => Ok((self.part(place)?, others)),
            (None, _) => {
                let around = ["`$ref` to `", "`, which is not in `$evaluators`"];
                Err(Fault::named(ErrorCode::ParseError, around, name))
            }
        }
    }

    /// The text of the set's metadata.
    pub(in super::super) fn metadata_text(&self) -> Result<Option<&str>, Fault> {
        let bytes = self.bytes()?;
        let place = self.index.borrow_mut().metadata(bytes).map_err(broken)?;
        place.map(|place| self.part(place)).transpose()
    }
}

#[cold]
fn broken(error: SyntaxError) -> Fault {
    error.within("the document is broken")
}

impl Source for Document {}

impl LookUp for Document {
    fn show(&self, key: &str, show: &mut dyn FnMut(Result<Found<'_>, Fault>)) {
        let definition = self
            .definition_text(key)
            .and_then(|text| text.map(Definition::read).transpose());
        show(definition.map(|definition| Found {
            definition,
            document: self,
        }));
    }
}

impl Definitions for Document {
    fn set_metadata(&self, _key: &str) -> Result<Metadata, Fault> {
        let mut metadata = Metadata::default();
        if let Some(text) = self.metadata_text()? {
            metadata.extend(Cursor::new(text))?;
        }
        Ok(metadata)
    }

    fn show_all(&self, show: &mut dyn FnMut(&str, Result<Found<'_>, Fault>)) -> Option<Fault> {
        let (all, fault) = self.all();
        for (key, text) in all {
            let definition = text.and_then(Definition::read);
            let found = definition.map(|definition| Found {
                definition: Some(definition),
                document: self,
            });
            show(&key, found);
        }
        fault
    }
}

#[cfg(feature = "open-feature")]
impl Source for &Document {}

#[cfg(feature = "open-feature")]
impl LookUp for &Document {
    fn show(&self, key: &str, show: &mut dyn FnMut(Result<Found<'_>, Fault>)) {
        (**self).show(key, show)
    }
}

#[cfg(feature = "open-feature")]
impl Definitions for &Document {
    fn set_metadata(&self, key: &str) -> Result<Metadata, Fault> {
        (**self).set_metadata(key)
    }

    fn show_all(&self, show: &mut dyn FnMut(&str, Result<Found<'_>, Fault>)) -> Option<Fault> {
        (**self).show_all(show)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Document");
        match &self.bytes {
            Ok(bytes) => debug.field("bytes", &bytes.len()),
            Err(reason) => debug.field("unavailable", reason),
        };
        debug.finish_non_exhaustive()
    }
}
