//! Arithmetic. Integers are exact as long as 64 bits hold them.

use std::cmp::Ordering;

use super::arguments::Arguments;
use super::{Evaluated, Evaluator, Value};
use crate::flags::json::Number;

impl<'a> Evaluator<'a> {
    /// `+`, `*`, `min` and `max`, of any number. The extreme of none is null.
    pub(super) fn folded(&mut self, operator: &str, all: Arguments) -> Evaluated<'a> {
        let mut result = match operator {
            "+" => Some(Number::of(0)),
            "*" => Some(Number::of(1)),
            _ => None,
        };
        for place in 0..self.count(all) {
            let value = self.argument(all, place);
            let number = match operator {
                "+" | "*" => self.parse_number(value)?,
                _ => self.number(value)?,
            };
            result = Some(match (result, operator) {
                (None, _) => number,
                (Some(sum), "+") => sum.add(number),
                (Some(product), "*") => product.multiply(number),
                (Some(best), _) => match number.compare(best) {
                    Some(Ordering::Less) if operator == "min" => number,
                    Some(Ordering::Greater) if operator == "max" => number,
                    Some(_) => best,
                    None => Number::NAN,
                },
            });
        }
        Ok(result.map_or(Value::Null, Value::Number))
    }

    /// `-`, `/` and `%`. The difference of one is its opposite.
    pub(super) fn calculated(&mut self, operator: &str, all: Arguments) -> Evaluated<'a> {
        let (a, b) = (self.argument(all, 0), self.argument(all, 1));
        let (a, b) = (self.number(a)?, self.number(b)?);
        Ok(Value::Number(match operator {
            "-" if self.count(all) < 2 => Number::of(0).subtract(a),
            "-" => a.subtract(b),
            "/" => a.divide(b),
            _ => a.remainder(b),
        }))
    }
}
