//! What an operator is given.

use super::{Evaluated, Evaluator, Fault, Value};
use crate::flags::json::{Cursor, Kind};

/// The arguments of an operator, evaluated as it asks for them. What is no array is the only one.
pub(super) struct Arguments<'e, 'c, 'a> {
    evaluator: &'e Evaluator<'a>,
    cursor: &'c mut Cursor<'a>,
    scope: Option<&'e Value<'a>>,
    is_array: bool,
    more: bool,
}

impl<'e, 'c, 'a> Arguments<'e, 'c, 'a> {
    pub(super) fn new(
        evaluator: &'e Evaluator<'a>,
        cursor: &'c mut Cursor<'a>,
        scope: Option<&'e Value<'a>>,
    ) -> Result<Self, Fault> {
        let is_array = cursor.kind()? == Kind::Array;
        let more = !is_array || cursor.enter()?;
        Ok(Arguments {
            evaluator,
            cursor,
            scope,
            is_array,
            more,
        })
    }

    /// What `var` looks at; `None` outside of `map` and its like.
    pub(super) fn scope(&self) -> Option<&'e Value<'a>> {
        self.scope
    }

    /// The next argument, evaluated.
    pub(super) fn next(&mut self) -> Result<Option<Value<'a>>, Fault> {
        if !self.more {
            return Ok(None);
        }
        let value = self.evaluator.value(self.cursor, self.scope)?;
        self.passed()?;
        if let Value::Text(text) = &value {
            self.evaluator.budget.spend_on_bytes(text.len())?;
        }
        Ok(Some(value))
    }

    /// The next argument, or null.
    pub(super) fn next_or_null(&mut self) -> Evaluated<'a> {
        Ok(self.next()?.unwrap_or(Value::Null))
    }

    /// The next argument, to be evaluated as often as needed. It is skipped here.
    pub(super) fn deferred(&mut self) -> Result<Option<Cursor<'a>>, Fault> {
        if !self.more {
            return Ok(None);
        }
        let place = *self.cursor;
        self.skip()?;
        Ok(Some(place))
    }

    /// Skips the next argument.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        if self.more {
            self.cursor.skip()?;
            self.passed()?;
        }
        Ok(())
    }

    /// Whether there is a further argument.
    pub(super) fn has_more(&self) -> bool {
        self.more
    }

    /// The items of the next argument, if it is written as an array: they need not become a list.
    pub(super) fn next_items(
        &mut self,
        mut each: impl FnMut(Value<'a>) -> Result<bool, Fault>,
    ) -> Result<Option<bool>, Fault> {
        if !self.more || !self.is_array || self.cursor.kind()? != Kind::Array {
            return Ok(None);
        }
        let mut place = *self.cursor;
        self.skip()?;
        let mut more = place.enter()?;
        while more {
            self.evaluator.budget.spend(1)?;
            if each(self.evaluator.value(&mut place, self.scope)?)? {
                return Ok(Some(true));
            }
            more = place.next()?;
        }
        Ok(Some(false))
    }

    /// Skips what has not been asked for.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        while self.more {
            self.skip()?;
        }
        Ok(())
    }

    fn passed(&mut self) -> Result<(), Fault> {
        self.more = self.is_array && self.cursor.next()?;
        Ok(())
    }
}
