//! Values that rules compute with, and JavaScript's conversions between them.

use super::{Evaluator, Fault};
use crate::flags::json::Number;

/// A value: of the document, of the context, or of the arena.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Value<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(&'a str),
    List(&'a [Value<'a>]),
    /// An array or an object of the context.
    Json(&'a serde_json::Value),
    /// The whole context.
    Context,
    /// `$flagd`.
    Flagd,
    EmptyObject,
    /// What `reduce` shows to its rule: the current item and the accumulator.
    Reduction(&'a (Value<'a>, Value<'a>)),
}

impl<'a> Value<'a> {
    pub(super) fn of(json: &'a serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(bool) => Value::Bool(*bool),
            serde_json::Value::Number(number) => Value::Number(Number::of_json(number)),
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Value::Json(json),
        }
    }

    /// How many items it has; `None` if it is no list.
    pub(super) fn length(self) -> Option<usize> {
        match self {
            Value::List(items) => Some(items.len()),
            Value::Json(serde_json::Value::Array(items)) => Some(items.len()),
            _ => None,
        }
    }

    /// The item at a place of a list, or null.
    pub(super) fn item(self, place: usize) -> Value<'a> {
        let item = match self {
            Value::List(items) => items.get(place).copied(),
            Value::Json(serde_json::Value::Array(items)) => items.get(place).map(Value::of),
            _ => None,
        };
        item.unwrap_or(Value::Null)
    }

    /// What it calls by this name.
    pub(super) fn member(self, name: &str) -> Option<Value<'a>> {
        match self {
            Value::Json(serde_json::Value::Object(members)) => members.get(name).map(Value::of),
            Value::Reduction((current, _)) if name == "current" => Some(*current),
            Value::Reduction((_, accumulator)) if name == "accumulator" => Some(*accumulator),
            list => {
                // `01` and `+1` are other names.
                let is_place =
                    name == "0" || name.starts_with(|first: char| matches!(first, '1'..='9'));
                let place: usize = name.parse().ok().filter(|_| is_place)?;
                (place < list.length()?).then(|| list.item(place))
            }
        }
    }

    pub(super) fn is_truthy(self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(bool) => bool,
            Value::Number(number) => number.is_truthy(),
            Value::Text(text) => !text.is_empty(),
            other => other.length() != Some(0),
        }
    }

    /// Whether it is neither null nor a boolean, a number or a text.
    pub(super) fn is_compound(self) -> bool {
        !matches!(
            self,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_)
        )
    }
}

impl<'a> Evaluator<'a> {
    /// As JavaScript's `Number()` has it.
    pub(super) fn number(&mut self, value: Value<'a>) -> Result<Number, Fault> {
        Ok(match value {
            Value::Null => Number::of(0),
            Value::Bool(bool) => Number::of(i128::from(bool)),
            Value::Number(number) => number,
            Value::Text(text) => Number::in_text(text),
            list if list.length().is_some() => Number::in_text(self.text(list)?),
            _ => Number::NAN,
        })
    }

    /// As JavaScript's `parseFloat()` has it: the number that a text begins with.
    pub(super) fn parse_number(&mut self, value: Value<'a>) -> Result<Number, Fault> {
        Ok(match value {
            Value::Number(number) => number,
            Value::Null | Value::Bool(_) => Number::NAN,
            other => Number::leading(self.text(other)?),
        })
    }

    /// As JavaScript's `String()` has it.
    pub(super) fn text(&mut self, value: Value<'a>) -> Result<&'a str, Fault> {
        match value {
            Value::Text(text) => Ok(text),
            Value::Null => Ok("null"),
            other => {
                let mut text = String::new();
                self.write(other, &mut text)?;
                Ok(self.made(&text))
            }
        }
    }

    /// Writes a value as an item of a list: null is nothing.
    pub(super) fn write(&mut self, value: Value<'a>, text: &mut String) -> Result<(), Fault> {
        match value {
            Value::Null => {}
            Value::Bool(bool) => text.push_str(if bool { "true" } else { "false" }),
            Value::Number(number) => number.write_to(text),
            Value::Text(part) => {
                self.budget.spend_on_bytes(part.len())?;
                text.push_str(part);
            }
            list => match list.length() {
                Some(length) => {
                    self.budget.step_into(length)?;
                    for place in 0..length {
                        if place > 0 {
                            text.push(',');
                        }
                        self.write(list.item(place), text)?;
                    }
                    self.budget.step_out();
                }
                None => text.push_str("[object Object]"),
            },
        }
        Ok(())
    }
}
