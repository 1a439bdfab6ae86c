//! A place in JSON that is read.

use std::borrow::Cow;

use super::text::unescaped;
use super::{NotJson, Number, blank, value};

/// Reads values one after the other, in place. The text has been [validated](super::validated); where it
/// is not JSON after all, reading ends with an error.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// What a value is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Null,
    Bool(bool),
    Number,
    String,
    Array,
    Object,
}

impl<'a> Cursor<'a> {
    pub(in super::super) fn new(text: &'a str) -> Self {
        Cursor { text, at: 0 }
    }

    /// How many bytes have been read.
    pub(in super::super) fn place(&self) -> usize {
        self.at
    }

    /// What the value is that comes next.
    #[inline(never)]
    pub(in super::super) fn kind(&mut self) -> Result<Kind, NotJson> {
        match self.peek() {
            Some(b'n') => Ok(Kind::Null),
            Some(b't') => Ok(Kind::Bool(true)),
            Some(b'f') => Ok(Kind::Bool(false)),
            Some(b'"') => Ok(Kind::String),
            Some(b'[') => Ok(Kind::Array),
            Some(b'{') => Ok(Kind::Object),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            _ => Err(NotJson),
        }
    }

    /// The next value's text, which is passed over.
    #[inline(never)]
    pub(in super::super) fn raw(&mut self) -> Result<&'a str, NotJson> {
        self.peek();
        let start = self.at;
        let end = value(self.text.as_bytes(), start);
        match end.and_then(|end| Some((end, self.text.get(start..end)?))) {
            Some((end, raw)) => {
                self.at = end;
                Ok(raw)
            }
            None => Err(NotJson),
        }
    }

    /// Passes over the next value.
    pub(in super::super) fn skip(&mut self) -> Result<(), NotJson> {
        self.raw().map(|_| ())
    }

    /// The next value, which is a string.
    #[inline(never)]
    pub(in super::super) fn string(&mut self) -> Result<Cow<'a, str>, NotJson> {
        let raw = self.raw()?;
        let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        match inner {
            Some(inner) => Ok(unescaped(inner)),
            None => Err(NotJson),
        }
    }

    /// The next value, which is a number.
    pub(in super::super) fn number(&mut self) -> Result<Number, NotJson> {
        Ok(Number::parse(self.raw()?))
    }

    /// Steps into the object or array that comes next. Whether there is anything in it.
    #[inline(never)]
    pub(in super::super) fn enter(&mut self) -> Result<bool, NotJson> {
        let close = match self.peek() {
            Some(b'{') => b'}',
            Some(b'[') => b']',
            _ => return Err(NotJson),
        };
        self.at += 1;
        let is_empty = self.peek() == Some(close);
        if is_empty {
            self.at += 1;
        }
        Ok(!is_empty)
    }

    /// Behind a value in an object or array: whether another one follows. If not, steps out.
    #[inline(never)]
    pub(in super::super) fn next(&mut self) -> Result<bool, NotJson> {
        let byte = self.peek();
        match byte {
            Some(b',' | b'}' | b']') => {
                self.at += 1;
                Ok(byte == Some(b','))
            }
            _ => Err(NotJson),
        }
    }

    /// The key that comes next in an object.
    #[inline(never)]
    pub(in super::super) fn key(&mut self) -> Result<Cow<'a, str>, NotJson> {
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(NotJson);
        }
        self.at += 1;
        Ok(key)
    }

    /// The value of an object's member; the last of several, as all of JSON's readers have it.
    pub(in super::super) fn member(mut self, name: &str) -> Result<Option<Cursor<'a>>, NotJson> {
        let mut found = None;
        let mut more = self.enter()?;
        while more {
            if self.key()? == name {
                found = Some(self);
            }
            self.skip()?;
            more = self.next()?;
        }
        Ok(found)
    }

    /// The first byte of what comes next.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        self.at = blank(bytes, self.at);
        bytes.get(self.at).copied()
    }
}
