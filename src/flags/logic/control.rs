//! Conditions.

use super::{Arguments, Evaluated, Value};

/// `if`: conditions and results in turn, and what holds if no condition does.
pub(super) fn branch<'a>(arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
    loop {
        let condition = arguments.next_or_null()?;
        if !arguments.has_more() {
            return Ok(condition);
        }
        if condition.is_truthy() {
            return arguments.next_or_null();
        }
        arguments.skip()?;
        if !arguments.has_more() {
            return Ok(Value::Null);
        }
    }
}

/// The first that does not hold, or the last.
pub(super) fn and<'a>(arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
    first(arguments, |value| !value.is_truthy())
}

/// The first that holds, or the last.
pub(super) fn or<'a>(arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
    first(arguments, Value::is_truthy)
}

fn first<'a>(
    arguments: &mut Arguments<'_, '_, 'a>,
    decides: impl Fn(&Value<'a>) -> bool,
) -> Evaluated<'a> {
    let mut last = Value::Null;
    while let Some(value) = arguments.next()? {
        last = value;
        if decides(&last) {
            break;
        }
    }
    Ok(last)
}

pub(super) fn not<'a>(arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
    Ok(Value::Bool(!arguments.next_or_null()?.is_truthy()))
}

pub(super) fn to_bool<'a>(arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
    Ok(Value::Bool(arguments.next_or_null()?.is_truthy()))
}
