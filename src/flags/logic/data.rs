//! Looking at the context.

use std::time::SystemTime;

use super::arguments::Arguments;
use super::{Evaluated, Evaluator, Fault, Root, Value};
use crate::flags::json::Number;

impl<'a> Evaluator<'a> {
    /// What a path leads to, or else what is given for it.
    pub(super) fn var(&mut self, all: Arguments, scope: Value<'a>) -> Evaluated<'a> {
        let found = self.look_up(scope, self.argument(all, 0))?;
        Ok(found.unwrap_or_else(|| self.argument(all, 1)))
    }

    /// Those of the names that lead to nothing. They are the arguments, or in a list.
    pub(super) fn missing(&mut self, all: Arguments, scope: Value<'a>) -> Evaluated<'a> {
        let list = match self.argument(all, 0) {
            list if list.length().is_some() => list,
            _ => self.list_from(all.base),
        };
        self.missing_of(list, scope)
    }

    /// Nothing, if so many of the names are there; else those that are not.
    pub(super) fn missing_some(&mut self, all: Arguments, scope: Value<'a>) -> Evaluated<'a> {
        let needed = self.number(self.argument(all, 0))?;
        let names = self.argument(all, 1);
        let missing = self.missing_of(names, scope)?;
        let there = names.length().unwrap_or(0) - missing.length().unwrap_or(0);
        match there as f64 >= needed.to_f64() {
            true => Ok(Value::List(&[])),
            false => Ok(missing),
        }
    }

    fn missing_of(&mut self, names: Value<'a>, scope: Value<'a>) -> Evaluated<'a> {
        let base = self.stack.len();
        for place in 0..names.length().unwrap_or(0) {
            let name = names.item(place);
            self.budget.spend(1)?;
            if let Value::Text(path) = name {
                self.budget.spend_on_bytes(path.len())?;
            }
            match self.look_up(scope, name)? {
                None | Some(Value::Null | Value::Text("")) => self.stack.push(name),
                Some(_) => {}
            }
        }
        Ok(self.list_from(base))
    }

    /// What a path leads to.
    fn look_up(&mut self, scope: Value<'a>, path: Value<'a>) -> Result<Option<Value<'a>>, Fault> {
        let mut path = match path {
            Value::Null => return Ok(Some(scope)),
            path => self.text(path)?,
        };
        if path.is_empty() {
            return Ok(Some(scope));
        }
        let mut value = scope;
        loop {
            self.budget.spend(1)?;
            let end = path.bytes().position(|byte| byte == b'.');
            let name = path.get(..end.unwrap_or(path.len())).unwrap_or_default();
            let member = match value {
                Value::Context if name == "$flagd" => Some(Value::Flagd),
                Value::Context => self.attribute(name),
                Value::Flagd => self.flagd(name),
                value => value.member(name),
            };
            match (member, end) {
                (Some(member), Some(end)) => {
                    value = member;
                    path = path.get(end + 1..).unwrap_or_default();
                }
                (member, _) => return Ok(member),
            }
        }
    }

    /// Flagd's own data, which a context cannot change.
    pub(super) fn flagd(&self, name: &str) -> Option<Value<'a>> {
        match name {
            "flagKey" => self.surroundings.flag_key.map(Value::Text),
            "timestamp" => {
                let moment = match self.surroundings.moment {
                    Some(moment) => moment,
                    None => crate::clock::now().ok()?,
                };
                let since = moment.duration_since(SystemTime::UNIX_EPOCH).ok()?;
                Some(Value::Number(Number::of(i128::from(since.as_secs()))))
            }
            _ => None,
        }
    }

    /// What the context calls by this name.
    pub(super) fn attribute(&self, name: &str) -> Option<Value<'a>> {
        match self.surroundings.root {
            Root::Context(context) => context.get(name).map(Value::of),
            Root::Json(data) => Value::of(data).member(name),
        }
    }
}
