//! Conditions, of which only what is needed is evaluated.

use super::arguments::Deferred;
use super::{Evaluated, Evaluator, Value};
use crate::flags::json::Cursor;

impl<'a> Evaluator<'a> {
    /// `if`: conditions and results in turn, and what holds if no condition does. `and`: the first that does
    /// not hold, or the last. `or`: the first that holds, or the last.
    pub(super) fn branch(
        &mut self,
        operator: &str,
        cursor: &mut Cursor<'a>,
        scope: Value<'a>,
    ) -> Evaluated<'a> {
        let mut rest = Deferred::new(cursor)?;
        let value = loop {
            let value = self.next_argument(&mut rest, cursor, scope)?;
            if !rest.has_more {
                break value;
            }
            match operator {
                "and" if !value.is_truthy() => break value,
                "or" if value.is_truthy() => break value,
                "and" | "or" => {}
                _ if value.is_truthy() => {
                    break self.next_argument(&mut rest, cursor, scope)?;
                }
                _ => {
                    rest.skip(cursor)?;
                    if !rest.has_more {
                        break Value::Null;
                    }
                }
            }
        };
        rest.finish(cursor)?;
        Ok(value)
    }
}
