//! What operators are given.

use super::{Evaluated, Evaluator, Fault, Value};
use crate::flags::json::{Cursor, Kind};

/// The evaluated arguments of an operator: what is on the stack above this.
#[derive(Clone, Copy)]
pub(super) struct Arguments {
    pub(super) base: usize,
}

/// Arguments that are evaluated one by one. What is no array is the only one.
pub(super) struct Deferred {
    is_array: bool,
    pub(super) has_more: bool,
}

impl<'a> Evaluator<'a> {
    /// An argument, or null.
    pub(super) fn argument(&self, all: Arguments, place: usize) -> Value<'a> {
        let value = self.stack.get(all.base + place);
        value.copied().unwrap_or(Value::Null)
    }

    /// How many arguments there are.
    pub(super) fn count(&self, all: Arguments) -> usize {
        self.stack.len() - all.base
    }

    /// Evaluates the items of an array, or what is none, onto the stack.
    pub(super) fn evaluate_all(
        &mut self,
        cursor: &mut Cursor<'a>,
        scope: Value<'a>,
    ) -> Result<(), Fault> {
        let mut deferred = Deferred::new(cursor)?;
        while deferred.has_more {
            self.budget.spend(1)?;
            let value = self.next_argument(&mut deferred, cursor, scope)?;
            // Whatever an operator does with a text, it looks at it.
            if let Value::Text(text) = value {
                self.budget.spend_on_bytes(text.len())?;
            }
            self.stack.push(value);
        }
        Ok(())
    }

    /// The next argument, or null.
    pub(super) fn next_argument(
        &mut self,
        deferred: &mut Deferred,
        cursor: &mut Cursor<'a>,
        scope: Value<'a>,
    ) -> Evaluated<'a> {
        if !deferred.has_more {
            return Ok(Value::Null);
        }
        let value = self.value(cursor, scope)?;
        deferred.pass(cursor)?;
        Ok(value)
    }
}

impl Deferred {
    pub(super) fn new(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let is_array = cursor.kind()? == Kind::Array;
        Ok(Deferred {
            is_array,
            has_more: !is_array || cursor.enter()?,
        })
    }

    /// Skips the next argument.
    pub(super) fn skip(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        if self.has_more {
            cursor.skip()?;
            self.pass(cursor)?;
        }
        Ok(())
    }

    /// Skips what has not been asked for.
    pub(super) fn finish(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        while self.has_more {
            self.skip(cursor)?;
        }
        Ok(())
    }

    fn pass(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        self.has_more = self.is_array && cursor.next()?;
        Ok(())
    }
}
