//! Arithmetic. Integers are exact as long as 64 bits hold them.

use std::cmp::Ordering;

use super::{Arguments, Evaluated, Evaluator, Value};
use crate::flags::json::Number;

pub(super) fn add<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let mut sum = Number::of(0);
    while let Some(value) = arguments.next()? {
        sum = sum.add(value.parse_number(evaluator.budget)?);
    }
    Ok(Value::Number(sum))
}

pub(super) fn multiply<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let mut product = Number::of(1);
    while let Some(value) = arguments.next()? {
        product = product.multiply(value.parse_number(evaluator.budget)?);
    }
    Ok(Value::Number(product))
}

/// The difference of two, or the opposite of one.
pub(super) fn subtract<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let minuend = arguments.next_or_null()?.to_number(evaluator.budget)?;
    Ok(Value::Number(match arguments.next()? {
        Some(subtrahend) => minuend.subtract(subtrahend.to_number(evaluator.budget)?),
        None => minuend.negate(),
    }))
}

/// The quotient, or the remainder.
pub(super) fn divide<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
    remainder: bool,
) -> Evaluated<'a> {
    let dividend = arguments.next_or_null()?.to_number(evaluator.budget)?;
    let divisor = arguments.next_or_null()?.to_number(evaluator.budget)?;
    Ok(Value::Number(match remainder {
        true => dividend.remainder(divisor),
        false => dividend.divide(divisor),
    }))
}

/// The smallest, or the largest. Of none, null.
pub(super) fn extreme<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
    largest: bool,
) -> Evaluated<'a> {
    let better = match largest {
        true => Ordering::Greater,
        false => Ordering::Less,
    };
    let mut best: Option<Number> = None;
    while let Some(value) = arguments.next()? {
        let number = value.to_number(evaluator.budget)?;
        best = Some(match best {
            None => number,
            Some(best) => match number.compare(best) {
                Some(ordering) if ordering == better => number,
                Some(_) => best,
                None => Number::NAN,
            },
        });
    }
    Ok(best.map_or(Value::Null, Value::Number))
}
