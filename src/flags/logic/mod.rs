//! JsonLogic (<https://jsonlogic.com>) with flagd's operators, evaluated where it stands in the document.
//!
//! Nothing is parsed ahead: a rule is read from its text as it is evaluated, branches that are not taken
//! are skipped, and what `map` and its like repeat is read again. So an evaluation costs what it looks at,
//! and allocates what it computes.
//!
//! It ends, and in little memory, whatever the rule says: what it looks at is counted, and so is how deep
//! the lists are that it makes.

mod arguments;
mod arithmetic;
mod budget;
mod collections;
mod compare;
mod control;
mod data;
mod fractional;
mod public;
mod sem_ver;
mod strings;
mod value;

use std::time::SystemTime;

use self::arguments::Arguments;
pub(super) use self::budget::Budget;
pub use self::fractional::FractionalVersion;
pub use self::public::{RuleError, apply};
pub(super) use self::value::{Text, Value};
use super::context::EvaluationContext;
use super::details::{ErrorCode, Fault};
use super::json::{Cursor, Kind};

type Evaluated<'a> = Result<Value<'a>, Fault>;

/// What a rule is evaluated with.
pub(super) struct Evaluator<'a> {
    pub(super) root: Root<'a>,
    pub(super) flag_key: Option<&'a str>,
    /// The present moment, if it is not the clock's.
    pub(super) moment: Option<SystemTime>,
    pub(super) fractional: FractionalVersion,
    /// The rule behind a `$ref`, if there can be any here.
    pub(super) references: Option<&'a dyn Fn(&str) -> Result<&'a str, Fault>>,
    pub(super) budget: &'a Budget,
}

/// What `var` looks at, outside of `map` and its like.
#[derive(Clone, Copy)]
pub(super) enum Root<'a> {
    Context(&'a EvaluationContext),
    Json(&'a serde_json::Value),
}

impl<'a> Evaluator<'a> {
    /// The result of a rule, whose text is JSON.
    pub(super) fn apply(&self, rule: &'a str) -> Evaluated<'a> {
        self.value(&mut Cursor::new(rule), None)
    }

    /// The result of the rule that comes next. `scope` is what `var` looks at within `map` and its like.
    fn value(&self, cursor: &mut Cursor<'a>, scope: Option<&Value<'a>>) -> Evaluated<'a> {
        match cursor.kind()? {
            Kind::Null => cursor.skip().map(|()| Value::Null).map_err(Fault::from),
            Kind::Bool(bool) => {
                cursor.skip()?;
                Ok(Value::Bool(bool))
            }
            Kind::Number => Ok(Value::Number(cursor.number()?)),
            Kind::String => Ok(Value::Text(cursor.string()?.into())),
            Kind::Array => self.list(cursor, scope),
            Kind::Object => self.rule(cursor, scope),
        }
    }

    fn list(&self, cursor: &mut Cursor<'a>, scope: Option<&Value<'a>>) -> Evaluated<'a> {
        let mut items = Vec::new();
        let mut more = cursor.enter()?;
        while more {
            self.budget.spend(1)?;
            items.push(self.value(cursor, scope)?);
            more = cursor.next()?;
        }
        Value::list(items)
    }

    fn rule(&self, cursor: &mut Cursor<'a>, scope: Option<&Value<'a>>) -> Evaluated<'a> {
        self.budget.spend(1)?;
        if !cursor.enter()? {
            return Ok(Value::EmptyObject);
        }
        let operator = cursor.key()?;
        let value = if operator == "$ref" {
            self.reference(cursor, scope)?
        } else {
            let mut arguments = Arguments::new(self, cursor, scope)?;
            let value = self.operation(&operator, &mut arguments)?;
            arguments.finish()?;
            value
        };
        match cursor.next()? {
            false => Ok(value),
            true => Err(Fault::malformed("a rule has one operator")),
        }
    }

    fn operation(&self, operator: &str, arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
        match operator {
            "var" => data::var(self, arguments),
            "missing" => data::missing(self, arguments),
            "missing_some" => data::missing_some(self, arguments),
            "if" | "?:" => control::branch(arguments),
            "and" => control::and(arguments),
            "or" => control::or(arguments),
            "!" => control::not(arguments),
            "!!" => control::to_bool(arguments),
            "==" => compare::loosely_equal(self, arguments).map(Value::Bool),
            "!=" => compare::loosely_equal(self, arguments).map(|equal| Value::Bool(!equal)),
            "===" => compare::strictly_equal(self, arguments).map(Value::Bool),
            "!==" => compare::strictly_equal(self, arguments).map(|equal| Value::Bool(!equal)),
            "<" | "<=" => compare::between(self, arguments, operator == "<="),
            ">" | ">=" => compare::greater(self, arguments, operator == ">="),
            "+" => arithmetic::add(self, arguments),
            "*" => arithmetic::multiply(self, arguments),
            "-" => arithmetic::subtract(self, arguments),
            "/" | "%" => arithmetic::divide(self, arguments, operator == "%"),
            "min" | "max" => arithmetic::extreme(self, arguments, operator == "max"),
            "map" => collections::map(self, arguments),
            "filter" => collections::filter(self, arguments),
            "reduce" => collections::reduce(self, arguments),
            "all" | "some" | "none" => collections::quantifier(self, arguments, operator),
            "merge" => collections::merge(self, arguments),
            "in" => strings::contains(self, arguments),
            "cat" => strings::cat(self, arguments),
            "substr" => strings::substr(self, arguments),
            "starts_with" => strings::affix(arguments, |text, affix| text.starts_with(affix)),
            "ends_with" => strings::affix(arguments, |text, affix| text.ends_with(affix)),
            "sem_ver" => sem_ver::compare(arguments),
            "fractional" => fractional::fractional(self, arguments),
            unknown => Err(Fault::malformed(format!("unknown operator `{unknown}`"))),
        }
    }

    /// The rule of `$evaluators` that is named. There are no references in it.
    fn reference(&self, cursor: &mut Cursor<'a>, scope: Option<&Value<'a>>) -> Evaluated<'a> {
        let name = cursor
            .string()
            .map_err(|_| Fault::malformed("a `$ref` is a name"))?;
        let Some(references) = self.references else {
            let message = format!("`$ref` to `{name}` within a rule of `$evaluators`");
            return Err(Fault::malformed(message));
        };
        let within = Evaluator {
            references: None,
            ..*self
        };
        within.value(&mut Cursor::new(references(&name)?), scope)
    }

    /// Flagd's own data, which a context cannot change.
    fn flagd(&self, name: &str) -> Option<Value<'a>> {
        match name {
            "flagKey" => Some(Value::Text(self.flag_key?.into())),
            "timestamp" => {
                let moment = match self.moment {
                    Some(moment) => moment,
                    None => crate::clock::now().ok()?,
                };
                let since = moment.duration_since(SystemTime::UNIX_EPOCH).ok()?;
                Some(Value::integer(i128::from(since.as_secs())))
            }
            _ => None,
        }
    }

    /// What the context calls by this name.
    fn attribute(&self, name: &str) -> Option<Value<'a>> {
        match self.root {
            Root::Context(context) => context.get(name).map(Value::of),
            Root::Json(data) => Value::of(data).member(name),
        }
    }
}

/// A rule that is no rule, and one that does too much.
impl Fault {
    #[cold]
    fn too_much() -> Self {
        Fault::new(
            ErrorCode::General,
            "the rule does too much: it was given up",
        )
    }
}
