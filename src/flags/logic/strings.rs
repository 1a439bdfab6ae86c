//! Texts and lists.

use super::arguments::Arguments;
use super::{Evaluated, Evaluator, Fault, Value};
use crate::flags::json::Number;

impl<'a> Evaluator<'a> {
    /// All items in one list. What is no list is an item.
    pub(super) fn merged(&mut self, all: Arguments) -> Evaluated<'a> {
        let base = self.stack.len();
        for place in all.base..base {
            let value = self.stack.get(place).copied().unwrap_or(Value::Null);
            match value.length() {
                Some(length) => {
                    self.budget.spend(length)?;
                    self.stack
                        .extend((0..length).map(|place| value.item(place)));
                }
                None => self.stack.push(value),
            }
        }
        Ok(self.list_from(base))
    }

    /// Whether a text has a part, or a list an item.
    pub(super) fn contains(&mut self, whole: Value<'a>, part: Value<'a>) -> Evaluated<'a> {
        if let Value::Text(text) = whole {
            if text.is_empty() {
                return Ok(Value::Bool(false));
            }
            let part = self.text(part)?;
            return self
                .has_part(text.as_bytes(), part.as_bytes())
                .map(Value::Bool);
        }
        for place in 0..whole.length().unwrap_or(0) {
            self.budget.spend(1)?;
            if self.is_equal(whole.item(place), part)? {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }

    /// Place by place: texts here are short, and others cost so many steps.
    fn has_part(&mut self, text: &[u8], part: &[u8]) -> Result<bool, Fault> {
        let Some(first) = part.first() else {
            return Ok(true);
        };
        self.budget.spend_on_bytes(text.len())?;
        for place in 0..text.len() {
            let rest = text.get(place..).unwrap_or_default();
            if rest.first() == Some(first) {
                self.budget.spend_on_bytes(part.len())?;
                if rest.starts_with(part) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    pub(super) fn cat(&mut self, all: Arguments) -> Evaluated<'a> {
        let mut text = String::new();
        for place in 0..self.count(all) {
            self.write(self.argument(all, place), &mut text)?;
        }
        Ok(Value::Text(self.made(&text)))
    }

    /// A part of a text: from a place, or so many characters before its end; of a length, or without so
    /// many characters at its end.
    pub(super) fn substr(&mut self, all: Arguments) -> Evaluated<'a> {
        let text = self.text(self.argument(all, 0))?;
        self.budget.spend_on_bytes(text.len())?;
        let count = text.chars().count();
        let start = self.number(self.argument(all, 1))?;
        let start = offset(count, start);
        let end = match self.count(all) {
            ..=2 => count,
            _ => {
                let length = self.number(self.argument(all, 2))?;
                start + offset(count - start, length)
            }
        };
        // The byte at which a character begins.
        let byte = |character: usize| match text.char_indices().nth(character) {
            Some((byte, _)) => byte,
            None => text.len(),
        };
        let part = text.get(byte(start)..byte(end));
        Ok(Value::Text(part.unwrap_or_default()))
    }

    /// `starts_with` and `ends_with`: of exactly two texts, else null.
    pub(super) fn affix(&self, is_prefix: bool, all: Arguments) -> Value<'a> {
        match (
            self.argument(all, 0),
            self.argument(all, 1),
            self.count(all),
        ) {
            (Value::Text(text), Value::Text(affix), 2) => Value::Bool(match is_prefix {
                true => text.as_bytes().starts_with(affix.as_bytes()),
                false => text.as_bytes().ends_with(affix.as_bytes()),
            }),
            _ => Value::Null,
        }
    }
}

/// So many, or so many less than all, within them.
fn offset(count: usize, number: Number) -> usize {
    // What is not a number is 0, and what is too large is as large as can be.
    let offset = number.to_f64() as isize;
    match usize::try_from(offset) {
        Ok(offset) => offset.min(count),
        Err(_) => count.saturating_sub(offset.unsigned_abs()),
    }
}
