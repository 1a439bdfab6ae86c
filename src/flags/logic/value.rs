//! Values that rules compute with, and JavaScript's conversions between them.

use std::borrow::Cow;
use std::ops::Deref;
use std::rc::Rc;

use super::budget::MAX_LIST_DEPTH;
use super::{Budget, Evaluated, Fault};
use crate::flags::json::Number;

/// A value: of the document and of the context borrowed, computed ones shared, so that a copy is cheap.
#[derive(Clone, Debug)]
pub(in super::super) enum Value<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text<'a>),
    List(List<'a>),
    /// An array or an object of the context.
    Json(&'a serde_json::Value),
    /// The whole context.
    Context,
    /// `$flagd`.
    Flagd,
    EmptyObject,
    /// What `reduce` shows to its rule.
    Reduction(Rc<Reduction<'a>>),
}

#[derive(Clone, Debug)]
pub(in super::super) enum Text<'a> {
    Borrowed(&'a str),
    Shared(Rc<str>),
}

/// Its depth is known, so that nobody recurses too deep.
#[derive(Clone, Debug)]
pub(in super::super) struct List<'a> {
    items: Rc<[Value<'a>]>,
    depth: u8,
}

#[derive(Debug)]
pub(in super::super) struct Reduction<'a> {
    current: Value<'a>,
    accumulator: Value<'a>,
    depth: u8,
}

impl<'a> Value<'a> {
    pub(in super::super) fn of(json: &'a serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(bool) => Value::Bool(*bool),
            serde_json::Value::Number(number) => Value::Number(number_of(number)),
            serde_json::Value::String(text) => Value::Text(Text::Borrowed(text)),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => Value::Json(json),
        }
    }

    pub(super) fn integer(integer: i128) -> Self {
        Value::Number(Number::of(integer))
    }

    pub(super) fn text(text: String) -> Self {
        Value::Text(Text::Shared(text.into()))
    }

    pub(super) fn list(items: Vec<Value<'a>>) -> Evaluated<'a> {
        let depth = 1 + items.iter().map(Value::depth).max().unwrap_or(0);
        if depth > MAX_LIST_DEPTH {
            return Err(Fault::too_much());
        }
        let items = items.into();
        Ok(Value::List(List { items, depth }))
    }

    pub(super) fn reduction(current: Value<'a>, accumulator: Value<'a>) -> Evaluated<'a> {
        let depth = 1 + current.depth().max(accumulator.depth());
        if depth > MAX_LIST_DEPTH {
            return Err(Fault::too_much());
        }
        Ok(Value::Reduction(Rc::new(Reduction {
            current,
            accumulator,
            depth,
        })))
    }

    fn depth(&self) -> u8 {
        match self {
            Value::List(list) => list.depth,
            Value::Reduction(reduction) => reduction.depth,
            _ => 0,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How many items it has; `None` if it is no list.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Value::List(list) => Some(list.items.len()),
            Value::Json(serde_json::Value::Array(items)) => Some(items.len()),
            _ => None,
        }
    }

    /// The item at a place of a list.
    pub(super) fn item(&self, place: usize) -> Option<Value<'a>> {
        match self {
            Value::List(list) => list.items.get(place).cloned(),
            Value::Json(serde_json::Value::Array(items)) => items.get(place).map(Value::of),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Value<'a>> + '_ {
        (0..self.length().unwrap_or(0)).filter_map(|place| self.item(place))
    }

    /// What it calls by this name.
    pub(super) fn member(&self, name: &str) -> Option<Value<'a>> {
        match self {
            Value::Json(serde_json::Value::Object(members)) => members.get(name).map(Value::of),
            Value::Reduction(reduction) if name == "current" => Some(reduction.current.clone()),
            Value::Reduction(reduction) if name == "accumulator" => {
                Some(reduction.accumulator.clone())
            }
            list => list.item(name.parse().ok()?),
        }
    }

    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Value::Null => false,
            Value::Bool(bool) => *bool,
            Value::Number(number) => number.is_truthy(),
            Value::Text(text) => !text.is_empty(),
            other => other.length() != Some(0),
        }
    }

    /// As JavaScript's `Number()` has it.
    pub(super) fn to_number(&self, budget: &Budget) -> Result<Number, Fault> {
        Ok(match self {
            Value::Null => Number::of(0),
            Value::Bool(bool) => Number::of(i128::from(*bool)),
            Value::Number(number) => *number,
            Value::Text(text) => number_in(text),
            list if list.length().is_some() => number_in(&list.to_text(budget)?),
            _ => Number::NAN,
        })
    }

    /// As JavaScript's `parseFloat()` has it: the number that a text begins with.
    pub(super) fn parse_number(&self, budget: &Budget) -> Result<Number, Fault> {
        Ok(match self {
            Value::Number(number) => *number,
            Value::Text(text) => leading_number(text),
            list if list.length().is_some() => leading_number(&list.to_text(budget)?),
            _ => Number::NAN,
        })
    }

    /// As JavaScript's `String()` has it.
    pub(super) fn to_text(&self, budget: &Budget) -> Result<Text<'a>, Fault> {
        if let Value::Text(text) = self {
            return Ok(text.clone());
        }
        let mut text = String::new();
        match self {
            Value::Null => text.push_str("null"),
            other => other.write_to(&mut text, budget)?,
        }
        Ok(Text::Shared(text.into()))
    }

    /// As an item of a list is written: null is nothing.
    pub(super) fn write_to(&self, text: &mut String, budget: &Budget) -> Result<(), Fault> {
        match self {
            Value::Null => {}
            Value::Bool(bool) => text.push_str(if *bool { "true" } else { "false" }),
            Value::Number(number) => number.write_to(text),
            Value::Text(part) => {
                budget.spend_on_bytes(part.len())?;
                text.push_str(part);
            }
            list => match list.length() {
                Some(length) => budget.look_into(length, || {
                    for (place, item) in list.items().enumerate() {
                        if place > 0 {
                            text.push(',');
                        }
                        item.write_to(text, budget)?;
                    }
                    Ok(())
                })?,
                None => text.push_str("[object Object]"),
            },
        }
        Ok(())
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Shared(text) => text,
        }
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Text::Borrowed(text)
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Text::Borrowed(text),
            Cow::Owned(text) => Text::Shared(text.into()),
        }
    }
}

pub(in super::super) fn number_of(number: &serde_json::Number) -> Number {
    if let Some(integer) = number.as_i64() {
        return Number::of(i128::from(integer));
    }
    if let Some(integer) = number.as_u64() {
        return Number::of(i128::from(integer));
    }
    Number::Float(number.as_f64().unwrap_or(f64::NAN))
}

/// The number that a text is.
fn number_in(text: &str) -> Number {
    let text = text.trim();
    match text.len() {
        0 => Number::of(0),
        length if numeric_length(text) == length => Number::parse_loosely(text),
        _ => Number::NAN,
    }
}

/// The number that a text begins with.
fn leading_number(text: &str) -> Number {
    let text = text.trim_start();
    match text.get(..numeric_length(text)) {
        None | Some("") => Number::NAN,
        Some(number) => Number::parse_loosely(number),
    }
}

/// How much of a text is a number: a sign, digits with a point among them, an exponent.
fn numeric_length(text: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let signed = |text: &str| usize::from(text.starts_with(['+', '-']));
    let rest = |from: usize| text.get(from..).unwrap_or_default();

    let sign = signed(text);
    if rest(sign).starts_with("Infinity") {
        return sign + "Infinity".len();
    }
    let whole = digits(rest(sign));
    let mut length = sign + whole;
    let mut all = whole;
    if rest(length).starts_with('.') {
        let fraction = digits(rest(length + 1));
        all += fraction;
        length += 1 + fraction;
    }
    if all == 0 {
        return 0;
    }
    if rest(length).starts_with(['e', 'E']) {
        let sign = signed(rest(length + 1));
        let exponent = digits(rest(length + 1 + sign));
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: Number) -> String {
        let mut text = String::new();
        number.write_to(&mut text);
        text
    }

    #[test]
    fn texts_are_numbers_as_in_javascript() {
        // The text, Number(text), parseFloat(text).
        for (text, whole, leading) in [
            ("", "0", "NaN"),
            (" 12 ", "12", "12"),
            ("+7", "7", "7"),
            ("-.5", "-0.5", "-0.5"),
            ("5.", "5", "5"),
            (".", "NaN", "NaN"),
            ("1e3", "1000", "1000"),
            ("1e", "NaN", "1"),
            ("3.14abc", "NaN", "3.14"),
            ("inf", "NaN", "NaN"),
            ("nan", "NaN", "NaN"),
            ("-Infinity", "-Infinity", "-Infinity"),
            ("9007199254740993", "9007199254740993", "9007199254740993"),
            ("007", "7", "7"),
            ("1 2", "NaN", "1"),
        ] {
            assert_eq!(shown(number_in(text)), whole, "{text:?}");
            assert_eq!(shown(leading_number(text)), leading, "{text:?}");
        }
    }
}
