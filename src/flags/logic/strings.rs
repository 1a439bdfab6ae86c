//! Texts.

use super::{Arguments, Evaluated, Evaluator, Value, compare};
use crate::flags::json::Number;

/// `in`: whether a text has a part, or a list an item.
pub(super) fn contains<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let budget = evaluator.budget;
    let needle = arguments.next_or_null()?;
    let is_needle = |item: Value<'a>| compare::equal(&needle, &item, budget);
    if let Some(found) = arguments.next_items(is_needle)? {
        return Ok(Value::Bool(found));
    }
    let found = match arguments.next_or_null()? {
        Value::Text(text) => text.contains(&*needle.to_text(budget)?),
        list => {
            let mut found = false;
            for item in list.items() {
                budget.spend(1)?;
                found = is_needle(item)?;
                if found {
                    break;
                }
            }
            found
        }
    };
    Ok(Value::Bool(found))
}

pub(super) fn cat<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let mut text = String::new();
    while let Some(value) = arguments.next()? {
        value.write_to(&mut text, evaluator.budget)?;
    }
    Ok(Value::text(text))
}

/// A part of a text: from a place, or so many characters before its end; of a length, or without so many
/// characters at its end.
pub(super) fn substr<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let budget = evaluator.budget;
    let text = arguments.next_or_null()?.to_text(budget)?;
    let count = text.chars().count();
    let start = whole(arguments.next_or_null()?.to_number(budget)?);
    let start = match usize::try_from(start) {
        Ok(start) => start.min(count),
        Err(_) => count.saturating_sub(start.unsigned_abs()),
    };
    let rest = count - start;
    let length = match arguments.next()? {
        None | Some(Value::Null) => rest,
        Some(length) => {
            let length = whole(length.to_number(budget)?);
            match usize::try_from(length) {
                Ok(length) => length.min(rest),
                Err(_) => rest.saturating_sub(length.unsigned_abs()),
            }
        }
    };
    Ok(Value::text(text.chars().skip(start).take(length).collect()))
}

/// Towards zero.
fn whole(number: Number) -> isize {
    // What is not a number is 0, and what is too large is as large as can be.
    number.to_f64() as isize
}

/// `starts_with` and `ends_with`: of exactly two texts, else null.
pub(super) fn affix<'a>(
    arguments: &mut Arguments<'_, '_, 'a>,
    is_affix: impl Fn(&str, &str) -> bool,
) -> Evaluated<'a> {
    let (text, affix) = (arguments.next_or_null()?, arguments.next_or_null()?);
    Ok(match (text.as_text(), affix.as_text()) {
        (Some(text), Some(affix)) if !arguments.has_more() => Value::Bool(is_affix(text, affix)),
        _ => Value::Null,
    })
}
