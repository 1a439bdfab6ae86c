//! Rules that look at each item of a list.

use super::arguments::Deferred;
use super::{Evaluated, Evaluator, Value};
use crate::flags::json::Cursor;

impl<'a> Evaluator<'a> {
    /// `map`, `filter`, `reduce`, `all`, `some` and `none`. Of nothing, `all` does not hold.
    pub(super) fn each(
        &mut self,
        operator: &str,
        cursor: &mut Cursor<'a>,
        scope: Value<'a>,
    ) -> Evaluated<'a> {
        let mut rest = Deferred::new(cursor)?;
        let list = self.next_argument(&mut rest, cursor, scope)?;
        // It is read again for each item.
        let rule = rest.has_more.then_some(*cursor);
        let start = cursor.place();
        rest.skip(cursor)?;
        let rule_bytes = cursor.place() - start;
        let mut result = match operator {
            "reduce" => self.next_argument(&mut rest, cursor, scope)?,
            _ => Value::Null,
        };
        rest.finish(cursor)?;

        let base = self.stack.len();
        let length = list.length().unwrap_or(0);
        // What an item has to be to decide at once; of `some`, to hold.
        let deciding = operator != "all";
        let mut is_decided = false;
        for place in 0..length {
            self.budget.spend(1)?;
            self.budget.spend_on_bytes(rule_bytes)?;
            let item = list.item(place);
            let looked_at = match operator {
                "reduce" => Value::Reduction(self.surroundings.arena.alloc((item, result))),
                _ => item,
            };
            let value = match rule {
                Some(mut rule) => self.value(&mut rule, looked_at)?,
                None => Value::Null,
            };
            match operator {
                "reduce" => result = value,
                "map" => self.stack.push(value),
                "filter" if value.is_truthy() => self.stack.push(item),
                "filter" => {}
                _ if value.is_truthy() == deciding => {
                    is_decided = true;
                    break;
                }
                _ => {}
            }
        }
        Ok(match operator {
            "reduce" => result,
            "map" | "filter" => self.list_from(base),
            "some" => Value::Bool(is_decided),
            "all" => Value::Bool(!is_decided && length > 0),
            _ => Value::Bool(!is_decided),
        })
    }
}
