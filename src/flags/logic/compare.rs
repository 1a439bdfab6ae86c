//! Comparisons, with JavaScript's conversions (ECMA-262, 7.2.13 to 7.2.15). Only that lists are equal if
//! their items are, whichever lists they are, and that texts are in the order of their code points.

use std::cmp::Ordering;

use super::arguments::Arguments;
use super::{Evaluated, Evaluator, Fault, Value};

impl<'a> Evaluator<'a> {
    pub(super) fn is_loosely_equal(&mut self, a: Value<'a>, b: Value<'a>) -> Result<bool, Fault> {
        match (a, b) {
            (Value::Null, _) | (_, Value::Null) | (Value::Text(_), Value::Text(_)) => {
                self.is_equal(a, b)
            }
            (a, b) if a.is_compound() && b.is_compound() => self.is_equal(a, b),
            // What a list is as a text, is compared with a text as a text.
            (Value::Text(text), list) | (list, Value::Text(text)) if list.is_compound() => {
                Ok(text == self.text(list)?)
            }
            (a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                Ok(a.compare(b) == Some(Ordering::Equal))
            }
        }
    }

    /// Of the same type, and the same.
    pub(super) fn is_equal(&mut self, a: Value<'a>, b: Value<'a>) -> Result<bool, Fault> {
        Ok(match (a, b) {
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a.compare(b) == Some(Ordering::Equal),
            (Value::Text(a), Value::Text(b)) if a.len() == b.len() => {
                self.budget.spend_on_bytes(a.len())?;
                a == b
            }
            (Value::Null, Value::Null)
            | (Value::Context, Value::Context)
            | (Value::Flagd, Value::Flagd)
            | (Value::EmptyObject, Value::EmptyObject) => true,
            (
                Value::Json(serde_json::Value::Object(a)),
                Value::Json(serde_json::Value::Object(b)),
            ) if a.len() == b.len() => {
                self.budget.step_into(a.len())?;
                let mut is_equal = true;
                for (name, a) in a {
                    is_equal &= match b.get(name) {
                        Some(b) => self.is_equal(Value::of(a), Value::of(b))?,
                        None => false,
                    };
                }
                self.budget.step_out();
                is_equal
            }
            (a, b) => match (a.length(), b.length()) {
                (Some(length), Some(other)) if length == other => {
                    self.budget.step_into(length)?;
                    let mut is_equal = true;
                    for place in 0..length {
                        is_equal &= self.is_equal(a.item(place), b.item(place))?;
                    }
                    self.budget.step_out();
                    is_equal
                }
                _ => false,
            },
        })
    }

    /// `<`, `<=`, `>` and `>=`. The first two are also of three.
    pub(super) fn is_in_order(&mut self, operator: &str, all: Arguments) -> Evaluated<'a> {
        let is_upwards = operator.starts_with('<');
        let count = match is_upwards {
            true => self.count(all).max(2),
            false => 2,
        };
        for place in 1..count.min(3) {
            let (a, b) = (self.argument(all, place - 1), self.argument(all, place));
            let ordering = self.ordering(a, b)?;
            let holds = match ordering {
                Some(Ordering::Less) => is_upwards,
                Some(Ordering::Greater) => !is_upwards,
                Some(Ordering::Equal) => operator.len() == 2,
                None => false,
            };
            if !holds {
                return Ok(Value::Bool(false));
            }
        }
        Ok(Value::Bool(true))
    }

    fn ordering(&mut self, a: Value<'a>, b: Value<'a>) -> Result<Option<Ordering>, Fault> {
        match (self.as_compared(a)?, self.as_compared(b)?) {
            (Value::Text(a), Value::Text(b)) => Ok(Some(a.cmp(b))),
            (a, b) => {
                let (a, b) = (self.number(a)?, self.number(b)?);
                Ok(a.compare(b))
            }
        }
    }

    /// What is compound is compared as a text.
    fn as_compared(&mut self, value: Value<'a>) -> Evaluated<'a> {
        match value.is_compound() {
            true => self.text(value).map(Value::Text),
            false => Ok(value),
        }
    }
}
