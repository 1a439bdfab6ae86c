//! What has been found in a document, and where to look on.

use std::collections::HashSet;
use std::ops::Range;

use super::members::{
    Member, Members, NO_END, array_members, behind, enter, is_key_before, key_text, member,
    object_members, separator,
};
use crate::flags::json::{Objects, SyntaxError, blank};

/// The places of a document's parts, as far as it has been scanned. Scanning stops at what is asked for, and
/// resumes there.
#[derive(Debug)]
pub(super) struct Index {
    /// What comes next among the document's members.
    at: usize,
    place: Place,
    flags: Flags,
    evaluators: Evaluators,
    metadata: Option<Range<usize>>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    Member,
    End,
    Broken(&'static str),
}

/// The flags of the document.
#[derive(Debug)]
enum Flags {
    /// They have not been reached, or there are none.
    Unknown,
    /// An object: the definitions in it, as far as they have been found.
    Object { at: usize, definitions: Objects },
    /// An object or an array whose members have been read one by one.
    Members(Members),
}

/// The rules of `$evaluators`.
#[derive(Debug)]
enum Evaluators {
    /// They have not been reached, or there are none.
    Unknown,
    At(usize),
    Members(Members),
}

impl Index {
    pub(super) fn new() -> Self {
        Index {
            at: 0,
            place: Place::Start,
            flags: Flags::Unknown,
            evaluators: Evaluators::Unknown,
            metadata: None,
        }
    }

    /// Where a flag's definition is. The first counts, where there are several.
    pub(super) fn definition(
        &mut self,
        bytes: &[u8],
        key: &str,
    ) -> Result<Option<Range<usize>>, SyntaxError> {
        while matches!(self.flags, Flags::Unknown) {
            if !self.advance(bytes)? {
                return Ok(None);
            }
        }
        // One that is not written as it is, is found by reading.
        if let Flags::Object { definitions, .. } = &mut self.flags
            && !key.bytes().any(|byte| matches!(byte, b'"' | b'\\'))
        {
            let is_asked_for = |start| is_key_before(bytes, start, key.as_bytes());
            let found = definitions.found();
            let known = found
                .iter()
                .find(|(start, _)| is_asked_for(*start))
                .copied();
            if let Some((start, end)) = known.or_else(|| definitions.find(bytes, is_asked_for)) {
                return Ok(Some(start..end));
            }
        }
        let (members, broken) = self.members(bytes);
        match (
            members.iter().find(|member| member.key.is(bytes, key)),
            broken,
        ) {
            (Some(member), _) => Ok(Some(member.definition.clone())),
            (None, Some(broken)) => Err(broken.clone()),
            (None, None) => Ok(None),
        }
    }

    /// All flags in their order, each key once: their keys, and where their definitions are; and what is
    /// broken behind them.
    pub(super) fn all(
        &mut self,
        bytes: &[u8],
    ) -> (Vec<(String, Range<usize>)>, Option<SyntaxError>) {
        while matches!(self.flags, Flags::Unknown) {
            match self.advance(bytes) {
                Ok(true) => {}
                Ok(false) => return (Vec::new(), None),
                Err(error) => return (Vec::new(), Some(error)),
            }
        }
        let (members, broken) = self.members(bytes);
        let mut seen = HashSet::new();
        let all = members.iter().filter_map(|member| {
            let key = member.key.text(bytes)?;
            let is_first = seen.insert(key.clone());
            is_first.then(|| (key, member.definition.clone()))
        });
        (all.collect(), broken.clone())
    }

    /// Where a rule of `$evaluators` is, and how many there are to look through.
    pub(super) fn evaluator(
        &mut self,
        bytes: &[u8],
        name: &str,
    ) -> Result<(Option<Range<usize>>, usize), SyntaxError> {
        while matches!(self.evaluators, Evaluators::Unknown) && self.advance(bytes)? {}
        if let Evaluators::At(at) = self.evaluators {
            self.evaluators = Evaluators::Members(object_members(bytes, at, &[]));
        }
        let Evaluators::Members((members, broken)) = &self.evaluators else {
            return Ok((None, 0));
        };
        let named = members.iter().find(|member| member.key.is(bytes, name));
        match (named, broken) {
            (Some(named), _) => Ok((Some(named.definition.clone()), members.len())),
            (None, Some(broken)) => Err(broken.clone()),
            (None, None) => Ok((None, members.len())),
        }
    }

    /// Where the set's metadata is.
    pub(super) fn metadata(&mut self, bytes: &[u8]) -> Result<Option<Range<usize>>, SyntaxError> {
        while self.metadata.is_none() && self.advance(bytes)? {}
        Ok(self.metadata.clone())
    }

    /// Scans a member of the document. `false` at the end.
    fn advance(&mut self, bytes: &[u8]) -> Result<bool, SyntaxError> {
        let advanced = match self.place {
            Place::Start => self.start(bytes),
            Place::Member => self.member(bytes),
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
        self.place = Place::End;
        if let Some(first) = enter(bytes, at, b'{', b'}') {
            self.at = first;
            self.place = Place::Member;
        }
        Ok(())
    }

    fn member(&mut self, bytes: &[u8]) -> Result<(), SyntaxError> {
        // Behind the flags, if they are what has been reached.
        if let Flags::Object { at, definitions } = &mut self.flags
            && self.at == *at
        {
            definitions.find(bytes, |_| false);
            let end = definitions.end().ok_or(SyntaxError::new(*at, NO_END))?;
            return self.pass(bytes, end);
        }
        let (key, start) = member(bytes, self.at)?;
        match (
            key_text(bytes, key).as_deref(),
            bytes.get(start),
            &self.flags,
        ) {
            (Some("flags"), Some(b'{'), Flags::Unknown) => {
                self.at = start;
                self.flags = Flags::Object {
                    at: start,
                    definitions: Objects::within(start),
                };
                Ok(())
            }
            (Some("flags"), Some(b'['), Flags::Unknown) => {
                let end = behind(bytes, start)?;
                self.flags = Flags::Members(array_members(bytes, start));
                self.pass(bytes, end)
            }
            (Some("flags"), ..) => Err(SyntaxError::new(start, "`flags` is not an object")),
            (key, ..) => {
                let end = behind(bytes, start)?;
                // The first count, where there are several.
                match (key, &self.evaluators, &self.metadata) {
                    (Some("$evaluators"), Evaluators::Unknown, _) => {
                        self.evaluators = Evaluators::At(start);
                    }
                    (Some("metadata"), _, None) => self.metadata = Some(start..end),
                    _ => {}
                }
                self.pass(bytes, end)
            }
        }
    }

    /// Behind a member: the next one, or the end.
    fn pass(&mut self, bytes: &[u8], end: usize) -> Result<(), SyntaxError> {
        match separator(bytes, end, b'}')? {
            Ok(next) => self.at = next,
            Err(_) => self.place = Place::End,
        }
        Ok(())
    }

    /// The flags, read one by one, and what is broken behind them.
    fn members(&mut self, bytes: &[u8]) -> (&[Member], &Option<SyntaxError>) {
        if let Flags::Object { at, definitions } = &mut self.flags {
            // Behind them, the document's members go on.
            definitions.find(bytes, |_| false);
            let end = definitions.end();
            let at = *at;
            let members = object_members(bytes, at, definitions.found());
            self.flags = Flags::Members(members);
            if self.at == at {
                let passed = match end {
                    Some(end) => self.pass(bytes, end),
                    None => Err(SyntaxError::new(at, NO_END)),
                };
                if let Err(error) = passed {
                    self.at = error.at;
                    self.place = Place::Broken(error.what);
                }
            }
        }
        match &self.flags {
            Flags::Members((members, broken)) => (members, broken),
            _ => (&[], &None),
        }
    }
}
