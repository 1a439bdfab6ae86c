//! What has been found in a document, and where to look on.

use std::ops::Range;

use crate::flags::json::{Cursor, SyntaxError, blank, string, validated, value};

/// The places of a document's parts, as far as it has been scanned. Scanning stops at what is asked for, and
/// resumes there.
#[derive(Debug)]
pub(super) struct Index {
    flags: Vec<Entry>,
    evaluators: Option<usize>,
    metadata: Option<Range<usize>>,
    at: usize,
    place: Place,
}

/// A flag: its key, as it is written or else read already, and its definition.
#[derive(Debug)]
struct Entry {
    key: Key,
    definition: Range<usize>,
}

#[derive(Debug)]
enum Key {
    Written(Range<usize>),
    Read(String),
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    /// A member of the document.
    Member,
    /// A flag, of an object or of an array.
    Flag {
        is_array: bool,
    },
    End,
    Broken(&'static str),
}

impl Index {
    pub(super) fn new() -> Self {
        Index {
            flags: Vec::new(),
            evaluators: None,
            metadata: None,
            at: 0,
            place: Place::Start,
        }
    }

    /// Where a flag's definition is. The first counts, where there are several.
    pub(super) fn definition(
        &mut self,
        bytes: &[u8],
        key: &str,
    ) -> Result<Option<Range<usize>>, SyntaxError> {
        let mut known = 0;
        loop {
            while let Some(entry) = self.flags.get(known) {
                if entry.key.is(bytes, key) {
                    return Ok(Some(entry.definition.clone()));
                }
                known += 1;
            }
            if !self.advance(bytes)? {
                return Ok(None);
            }
        }
    }

    /// The keys of all flags, each once, in their order.
    pub(super) fn keys(&mut self, bytes: &[u8]) -> Result<Vec<String>, SyntaxError> {
        while self.advance(bytes)? {}
        let mut seen = std::collections::HashSet::new();
        let keys = self.flags.iter().filter_map(|entry| entry.key.text(bytes));
        Ok(keys.filter(|key| seen.insert(key.clone())).collect())
    }

    /// Where a rule of `$evaluators` is.
    pub(super) fn evaluator(
        &mut self,
        bytes: &[u8],
        name: &str,
    ) -> Result<Option<Range<usize>>, SyntaxError> {
        while self.evaluators.is_none() && self.advance(bytes)? {}
        let Some(object) = self.evaluators else {
            return Ok(None);
        };
        if bytes.get(object) != Some(&b'{') {
            return Ok(None);
        }
        let mut at = blank(bytes, object + 1);
        if bytes.get(at) == Some(&b'}') {
            return Ok(None);
        }
        loop {
            let (key, start) = member(bytes, at)?;
            let end = behind(bytes, start)?;
            if Key::Written(key).is(bytes, name) {
                return Ok(Some(start..end));
            }
            match separator(bytes, end, b'}')? {
                (true, next) => at = next,
                (false, _) => return Ok(None),
            }
        }
    }

    /// Where the set's metadata is.
    pub(super) fn metadata(&mut self, bytes: &[u8]) -> Result<Option<Range<usize>>, SyntaxError> {
        while self.metadata.is_none() && self.advance(bytes)? {}
        Ok(self.metadata.clone())
    }

    /// Scans one member on. `false` at the end.
    fn advance(&mut self, bytes: &[u8]) -> Result<bool, SyntaxError> {
        let advanced = match self.place {
            Place::Start => self.start(bytes),
            Place::Member => self.document_member(bytes),
            Place::Flag { is_array: false } => self.flag(bytes),
            Place::Flag { is_array: true } => self.flag_of_array(bytes),
            Place::End => return Ok(false),
            Place::Broken(what) => return Err(SyntaxError::new(self.at, what)),
        };
        if let Err(error) = &advanced {
            self.at = error.at;
            self.place = Place::Broken(error.what);
        }
        advanced.map(|()| true)
    }

    fn start(&mut self, bytes: &[u8]) -> Result<(), SyntaxError> {
        let at = blank(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return Err(SyntaxError::new(at, "expected an object"));
        }
        self.enter(bytes, at, Place::Member, b'}', Place::End);
        Ok(())
    }

    fn document_member(&mut self, bytes: &[u8]) -> Result<(), SyntaxError> {
        let (key, start) = member(bytes, self.at)?;
        let key = Key::Written(key);
        if key.is(bytes, "flags") {
            match bytes.get(start) {
                Some(b'{') => {
                    self.enter(
                        bytes,
                        start,
                        Place::Flag { is_array: false },
                        b'}',
                        Place::Member,
                    );
                }
                Some(b'[') => {
                    self.enter(
                        bytes,
                        start,
                        Place::Flag { is_array: true },
                        b']',
                        Place::Member,
                    );
                }
                _ => return Err(SyntaxError::new(start, "`flags` is not an object")),
            }
            return match self.place {
                Place::Member => self.leave(bytes, self.at, b'}', Place::End),
                _ => Ok(()),
            };
        }
        let end = behind(bytes, start)?;
        if key.is(bytes, "$evaluators") {
            self.evaluators = Some(start);
        } else if key.is(bytes, "metadata") {
            self.metadata = Some(start..end);
        }
        self.leave(bytes, end, b'}', Place::End)
    }

    fn flag(&mut self, bytes: &[u8]) -> Result<(), SyntaxError> {
        let (key, start) = member(bytes, self.at)?;
        let end = behind(bytes, start)?;
        self.flags.push(Entry {
            key: Key::Written(key),
            definition: start..end,
        });
        self.leave_flags(bytes, end, b'}')
    }

    /// Of flagd's own documents: a list of flags with their keys in them.
    fn flag_of_array(&mut self, bytes: &[u8]) -> Result<(), SyntaxError> {
        let start = blank(bytes, self.at);
        let end = behind(bytes, start)?;
        let definition = bytes.get(start..end).unwrap_or_default();
        // One without a key cannot be asked for.
        let key = validated(definition).and_then(|text| Cursor::new(text).member("key"));
        if let Ok(Some(mut key)) = key {
            if let Ok(key) = key.string() {
                self.flags.push(Entry {
                    key: Key::Read(key.into_owned()),
                    definition: start..end,
                });
            }
        }
        self.leave_flags(bytes, end, b']')
    }

    /// Steps into an object or array, or behind it if there is nothing in it.
    fn enter(&mut self, bytes: &[u8], at: usize, within: Place, close: u8, behind: Place) {
        self.at = blank(bytes, at + 1);
        self.place = within;
        if bytes.get(self.at) == Some(&close) {
            self.at += 1;
            self.place = behind;
        }
    }

    /// Behind a member: the next one follows, or else what comes behind them all.
    fn leave(
        &mut self,
        bytes: &[u8],
        end: usize,
        close: u8,
        behind: Place,
    ) -> Result<(), SyntaxError> {
        let (more, next) = separator(bytes, end, close)?;
        self.at = next;
        if !more {
            self.place = behind;
        }
        Ok(())
    }

    fn leave_flags(&mut self, bytes: &[u8], end: usize, close: u8) -> Result<(), SyntaxError> {
        self.leave(bytes, end, close, Place::Member)?;
        match self.place {
            // Behind the flags, there is the next member, or the end.
            Place::Member => self.leave(bytes, self.at, b'}', Place::End),
            _ => Ok(()),
        }
    }
}

impl Key {
    fn is(&self, bytes: &[u8], text: &str) -> bool {
        let written = match self {
            Key::Read(key) => return key == text,
            Key::Written(place) => bytes.get(place.clone()).unwrap_or_default(),
        };
        // An escape is longer than what it stands for, and holds a backslash, which is one itself.
        match written.len() > text.len() {
            true => written.contains(&b'\\') && self.text(bytes).as_deref() == Some(text),
            false => written == text.as_bytes() && !written.contains(&b'\\'),
        }
    }

    /// The key, if it is text.
    fn text(&self, bytes: &[u8]) -> Option<String> {
        match self {
            Key::Read(key) => Some(key.clone()),
            Key::Written(place) => {
                // With its quotes.
                let written = bytes.get(place.start.checked_sub(1)?..=place.end)?;
                let mut cursor = Cursor::new(validated(written).ok()?);
                Some(cursor.string().ok()?.into_owned())
            }
        }
    }
}

/// A member's key, without its quotes, and where its value begins.
fn member(bytes: &[u8], at: usize) -> Result<(Range<usize>, usize), SyntaxError> {
    let start = blank(bytes, at);
    if bytes.get(start) != Some(&b'"') {
        return Err(SyntaxError::new(start, "expected a key"));
    }
    let end = string(bytes, start).ok_or(SyntaxError::new(start, "a key does not end"))?;
    let colon = blank(bytes, end);
    if bytes.get(colon) != Some(&b':') {
        return Err(SyntaxError::new(colon, "expected `:`"));
    }
    Ok((start + 1..end - 1, blank(bytes, colon + 1)))
}

fn behind(bytes: &[u8], start: usize) -> Result<usize, SyntaxError> {
    value(bytes, start).ok_or(SyntaxError::new(start, "a value does not end"))
}

/// Whether another member follows, and where; else what is behind the last one.
fn separator(bytes: &[u8], end: usize, close: u8) -> Result<(bool, usize), SyntaxError> {
    let at = blank(bytes, end);
    match bytes.get(at) {
        Some(b',') => Ok((true, at + 1)),
        Some(byte) if *byte == close => Ok((false, at + 1)),
        _ => Err(SyntaxError::new(at, "expected `,` or an end")),
    }
}
