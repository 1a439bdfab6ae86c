//! Comparisons, with JavaScript's conversions (ECMA-262, 7.2.13 to 7.2.15). Only that lists are equal if
//! their items are, whichever lists they are.

use std::cmp::Ordering;

use super::{Arguments, Budget, Evaluated, Evaluator, Fault, Value};

pub(super) fn loosely_equal<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Result<bool, Fault> {
    let (a, b) = (arguments.next_or_null()?, arguments.next_or_null()?);
    let budget = evaluator.budget;
    match (&a, &b) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::Text(_), Value::Text(_)) => equal(&a, &b, budget),
        (a, b) if is_compound(a) && is_compound(b) => equal(a, b, budget),
        // What a list is as a text, is compared with a text as a text.
        (Value::Text(text), list) | (list, Value::Text(text)) if is_compound(list) => {
            Ok(**text == *list.to_text(budget)?)
        }
        (a, b) => {
            let (a, b) = (a.to_number(budget)?, b.to_number(budget)?);
            Ok(a.compare(b) == Some(Ordering::Equal))
        }
    }
}

pub(super) fn strictly_equal<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Result<bool, Fault> {
    let (a, b) = (arguments.next_or_null()?, arguments.next_or_null()?);
    equal(&a, &b, evaluator.budget)
}

/// Of the same type, and the same.
pub(super) fn equal(a: &Value<'_>, b: &Value<'_>, budget: &Budget) -> Result<bool, Fault> {
    Ok(match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a.compare(*b) == Some(Ordering::Equal),
        (Value::Text(a), Value::Text(b)) => **a == **b,
        (Value::Json(a), Value::Json(b)) => std::ptr::eq(*a, *b) || equal_members(a, b, budget)?,
        (Value::Context, Value::Context)
        | (Value::Flagd, Value::Flagd)
        | (Value::EmptyObject, Value::EmptyObject) => true,
        (a, b) => equal_items(a, b, budget)?,
    })
}

fn equal_items(a: &Value<'_>, b: &Value<'_>, budget: &Budget) -> Result<bool, Fault> {
    let (Some(length), Some(other)) = (a.length(), b.length()) else {
        return Ok(false);
    };
    if length != other {
        return Ok(false);
    }
    budget.look_into(length, || {
        for (a, b) in a.items().zip(b.items()) {
            if !equal(&a, &b, budget)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

fn equal_members(
    a: &serde_json::Value,
    b: &serde_json::Value,
    budget: &Budget,
) -> Result<bool, Fault> {
    let (Some(members), Some(others)) = (a.as_object(), b.as_object()) else {
        return equal_items(&Value::of(a), &Value::of(b), budget);
    };
    if members.len() != others.len() {
        return Ok(false);
    }
    budget.look_into(members.len(), || {
        for (name, member) in members {
            let Some(other) = others.get(name) else {
                return Ok(false);
            };
            if !equal(&Value::of(member), &Value::of(other), budget)? {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// `<` and `<=`, of two or of three.
pub(super) fn between<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
    or_equal: bool,
) -> Evaluated<'a> {
    let budget = evaluator.budget;
    let (a, b) = (arguments.next_or_null()?, arguments.next_or_null()?);
    if !is_less(&a, &b, or_equal, budget)? {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(match arguments.next()? {
        Some(c) => is_less(&b, &c, or_equal, budget)?,
        None => true,
    }))
}

pub(super) fn greater<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
    or_equal: bool,
) -> Evaluated<'a> {
    let (a, b) = (arguments.next_or_null()?, arguments.next_or_null()?);
    Ok(Value::Bool(is_less(&b, &a, or_equal, evaluator.budget)?))
}

fn is_less(a: &Value<'_>, b: &Value<'_>, or_equal: bool, budget: &Budget) -> Result<bool, Fault> {
    let ordering = match (as_compared(a, budget)?, as_compared(b, budget)?) {
        // By UTF-16 code units.
        (Value::Text(a), Value::Text(b)) => Some(a.encode_utf16().cmp(b.encode_utf16())),
        (a, b) => a.to_number(budget)?.compare(b.to_number(budget)?),
    };
    Ok(match ordering {
        Some(Ordering::Less) => true,
        Some(Ordering::Equal) => or_equal,
        Some(Ordering::Greater) | None => false,
    })
}

/// What is compound is compared as a text.
fn as_compared<'a>(value: &Value<'a>, budget: &Budget) -> Evaluated<'a> {
    match is_compound(value) {
        true => Ok(Value::Text(value.to_text(budget)?)),
        false => Ok(value.clone()),
    }
}

fn is_compound(value: &Value<'_>) -> bool {
    !matches!(
        value,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_)
    )
}
