//! Lists, and rules that look at each of their items.

use super::{Arguments, Evaluated, Evaluator, Value};

pub(super) fn map<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let list = arguments.next_or_null()?;
    let rule = arguments.deferred()?;
    let mut mapped = Vec::new();
    for item in list.items() {
        evaluator.budget.spend(1)?;
        mapped.push(match rule {
            Some(mut rule) => evaluator.value(&mut rule, Some(&item))?,
            None => Value::Null,
        });
    }
    Value::list(mapped)
}

pub(super) fn filter<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let list = arguments.next_or_null()?;
    let rule = arguments.deferred()?;
    let mut kept = Vec::new();
    for item in list.items() {
        evaluator.budget.spend(1)?;
        if let Some(mut rule) = rule {
            if evaluator.value(&mut rule, Some(&item))?.is_truthy() {
                kept.push(item);
            }
        }
    }
    Value::list(kept)
}

pub(super) fn reduce<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let list = arguments.next_or_null()?;
    let rule = arguments.deferred()?;
    let mut accumulator = arguments.next_or_null()?;
    if list.length().is_some() {
        for current in list.items() {
            evaluator.budget.spend(1)?;
            let scope = Value::reduction(current, accumulator)?;
            accumulator = match rule {
                Some(mut rule) => evaluator.value(&mut rule, Some(&scope))?,
                None => Value::Null,
            };
        }
    }
    Ok(accumulator)
}

/// `all`, `some` and `none`. Of nothing, `all` does not hold.
pub(super) fn quantifier<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
    which: &str,
) -> Evaluated<'a> {
    let list = arguments.next_or_null()?;
    let rule = arguments.deferred()?;
    // What an item has to be to decide, and what is decided then.
    let (deciding, decided) = match which {
        "all" => (false, false),
        "some" => (true, true),
        _ => (true, false),
    };
    for item in list.items() {
        evaluator.budget.spend(1)?;
        let holds = match rule {
            Some(mut rule) => evaluator.value(&mut rule, Some(&item))?.is_truthy(),
            None => false,
        };
        if holds == deciding {
            return Ok(Value::Bool(decided));
        }
    }
    let is_empty = list.length().unwrap_or(0) == 0;
    Ok(Value::Bool(!decided && !(which == "all" && is_empty)))
}

/// All items in one list. What is no list is an item.
pub(super) fn merge<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let mut merged = Vec::new();
    while let Some(value) = arguments.next()? {
        match value.length() {
            Some(length) => {
                evaluator.budget.spend(length)?;
                merged.extend(value.items());
            }
            None => merged.push(value),
        }
    }
    Value::list(merged)
}
