//! JsonLogic (<https://jsonlogic.com>) with flagd's operators, evaluated where it stands in the document.
//!
//! Nothing is parsed ahead: a rule is read from its text as it is evaluated, branches that are not taken
//! are skipped, and what `map` and its like repeat is read again. So an evaluation costs what it looks at.
//! What it computes is in an arena, so that values are copied and never dropped: that makes the evaluator
//! half as large.
//!
//! It ends, and in little memory, whatever the rule says: what it looks at is counted.

mod arguments;
mod arithmetic;
mod budget;
mod compare;
mod control;
mod data;
mod each;
mod fractional;
mod public;
mod sem_ver;
mod strings;
mod value;

use std::borrow::Cow;
use std::time::SystemTime;

use bumpalo::Bump;

use self::arguments::Arguments;
use self::budget::Budget;
pub use self::fractional::FractionalVersion;
pub use self::public::{RuleError, apply};
pub(super) use self::value::Value;
use super::context::EvaluationContext;
use super::details::{ErrorCode, Fault};
use super::json::{Cursor, Kind};

/// Looking a rule of `$evaluators` up costs a step for each so many of them.
const NAMES_A_STEP: usize = 8;

/// What reading a number of many digits costs.
const LONG_NUMBER_STEPS: usize = 8;

type Evaluated<'a> = Result<Value<'a>, Fault>;

/// What a rule is evaluated with.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) root: Root<'a>,
    pub(super) flag_key: Option<&'a str>,
    /// The present moment, if it is not the clock's.
    pub(super) moment: Option<SystemTime>,
    pub(super) fractional: FractionalVersion,
    /// The rule behind a `$ref`, and how many others there are to look through for it.
    pub(super) references: &'a References<'a>,
    /// Where texts and lists are that rules make.
    pub(super) arena: &'a Bump,
}

/// Finds the rule of a name in `$evaluators`, and says how many there are.
type References<'a> = dyn Fn(&str) -> Result<(&'a str, usize), Fault> + 'a;

/// What `var` looks at, outside of `map` and its like.
#[derive(Clone, Copy)]
pub(super) enum Root<'a> {
    Context(&'a EvaluationContext),
    Json(&'a serde_json::Value),
}

/// An evaluation under way.
struct Evaluator<'a> {
    surroundings: Surroundings<'a>,
    budget: Budget,
    /// The arguments of the operators that are evaluated, innermost last.
    stack: Vec<Value<'a>>,
    is_in_reference: bool,
}

impl<'a> Surroundings<'a> {
    /// The result of a rule, whose text is JSON.
    pub(super) fn apply(self, rule: &'a str) -> Evaluated<'a> {
        let mut evaluator = Evaluator {
            surroundings: self,
            budget: Budget::new(),
            stack: Vec::new(),
            is_in_reference: false,
        };
        let root = match self.root {
            Root::Context(_) => Value::Context,
            Root::Json(data) => Value::of(data),
        };
        evaluator.value(&mut Cursor::new(rule), root)
    }
}

impl<'a> Evaluator<'a> {
    /// The result of the rule that comes next. `scope` is what `var` looks at.
    fn value(&mut self, cursor: &mut Cursor<'a>, scope: Value<'a>) -> Evaluated<'a> {
        match cursor.kind()? {
            Kind::Null => cursor.skip().map(|()| Value::Null).map_err(Fault::from),
            Kind::Bool(bool) => {
                cursor.skip()?;
                Ok(Value::Bool(bool))
            }
            Kind::Number => {
                let start = cursor.place();
                let number = cursor.number()?;
                // Of many digits, the last ones are looked at more closely.
                if cursor.place() - start > 15 {
                    self.budget.spend(LONG_NUMBER_STEPS)?;
                }
                Ok(Value::Number(number))
            }
            Kind::String => {
                let text = self.kept(cursor.string()?);
                self.budget.spend_on_bytes(text.len())?;
                Ok(Value::Text(text))
            }
            Kind::Array => {
                let base = self.stack.len();
                self.evaluate_all(cursor, scope)?;
                Ok(self.list_from(base))
            }
            Kind::Object => self.rule(cursor, scope),
        }
    }

    fn rule(&mut self, cursor: &mut Cursor<'a>, scope: Value<'a>) -> Evaluated<'a> {
        self.budget.spend(1)?;
        if !cursor.enter()? {
            return Ok(Value::EmptyObject);
        }
        let operator = cursor.key()?;
        let value = match &*operator {
            "$ref" => self.reference(cursor, scope)?,
            "if" | "?:" | "and" | "or" => self.branch(&operator, cursor, scope)?,
            "map" | "filter" | "reduce" | "all" | "some" | "none" => {
                self.each(&operator, cursor, scope)?
            }
            operator => {
                let base = self.stack.len();
                self.evaluate_all(cursor, scope)?;
                let value = self.operation(operator, Arguments { base }, scope)?;
                self.stack.truncate(base);
                value
            }
        };
        match cursor.next()? {
            false => Ok(value),
            true => Err(Fault::malformed(
                "a rule has one operator, and this one has several",
            )),
        }
    }

    /// What an operator makes of its arguments.
    fn operation(&mut self, operator: &str, all: Arguments, scope: Value<'a>) -> Evaluated<'a> {
        match operator {
            "var" => self.var(all, scope),
            "missing" => self.missing(all, scope),
            "missing_some" => self.missing_some(all, scope),
            "!" => Ok(Value::Bool(!self.argument(all, 0).is_truthy())),
            "!!" => Ok(Value::Bool(self.argument(all, 0).is_truthy())),
            "==" | "!=" => {
                let is_equal =
                    self.is_loosely_equal(self.argument(all, 0), self.argument(all, 1))?;
                Ok(Value::Bool(is_equal == (operator == "==")))
            }
            "===" | "!==" => {
                let is_equal = self.is_equal(self.argument(all, 0), self.argument(all, 1))?;
                Ok(Value::Bool(is_equal == (operator == "===")))
            }
            "<" | "<=" | ">" | ">=" => self.is_in_order(operator, all),
            "+" | "*" | "min" | "max" => self.folded(operator, all),
            "-" | "/" | "%" => self.calculated(operator, all),
            "merge" => self.merged(all),
            "in" => self.contains(self.argument(all, 1), self.argument(all, 0)),
            "cat" => self.cat(all),
            "substr" => self.substr(all),
            "starts_with" | "ends_with" => Ok(self.affix(operator == "starts_with", all)),
            "sem_ver" => Ok(self.sem_ver(all)),
            "fractional" => self.fractional(all),
            unknown => Err(Fault::named(
                ErrorCode::ParseError,
                ["unknown operator `", "`"],
                unknown,
            )),
        }
    }

    /// The rule of `$evaluators` that is named. There are no references in it.
    fn reference(&mut self, cursor: &mut Cursor<'a>, scope: Value<'a>) -> Evaluated<'a> {
        let Ok(name) = cursor.string() else {
            return Err(Fault::malformed(
                "a `$ref` takes the name of a rule in `$evaluators`, as text",
            ));
        };
        if self.is_in_reference {
            let around = [
                "`$ref` to `",
                "` within a rule of `$evaluators`, where none may be",
            ];
            return Err(Fault::named(ErrorCode::ParseError, around, &name));
        }
        let (rule, others) = (self.surroundings.references)(&name)?;
        self.budget.spend(others / NAMES_A_STEP)?;
        self.budget.spend_on_bytes(rule.len())?;
        self.is_in_reference = true;
        let value = self.value(&mut Cursor::new(rule), scope);
        self.is_in_reference = false;
        value
    }

    /// A text that lives as long as the evaluation.
    #[inline(never)]
    fn kept(&self, text: Cow<'a, str>) -> &'a str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.made(&text),
        }
    }

    /// The same for a text that has been made.
    #[inline(never)]
    fn made(&self, text: &str) -> &'a str {
        self.surroundings.arena.alloc_str(text)
    }

    /// Takes what is above a place of the stack as a list.
    #[inline(never)]
    fn list_from(&mut self, base: usize) -> Value<'a> {
        let items = self.stack.get(base..).unwrap_or_default();
        let list = self.surroundings.arena.alloc_slice_copy(items);
        self.stack.truncate(base);
        Value::List(list)
    }
}

impl Fault {
    /// Of a rule that does too much.
    #[cold]
    fn too_much() -> Self {
        Fault::new(
            ErrorCode::General,
            "the rule was given up: it takes too many steps, or its values are too deep",
        )
    }
}
