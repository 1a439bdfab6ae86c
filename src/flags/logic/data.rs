//! Looking at the context.

use super::{Arguments, Evaluated, Evaluator, Fault, Root, Text, Value};

/// What a path leads to, or else what is given for it.
pub(super) fn var<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let path = path_of(evaluator, &arguments.next_or_null()?)?;
    let found = look_up(evaluator, arguments.scope(), &path)?;
    match found {
        Some(found) => Ok(found),
        None => arguments.next_or_null(),
    }
}

/// Those of the names that lead to nothing.
pub(super) fn missing<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let first = arguments.next()?;
    let mut missing = Vec::new();
    match first {
        Some(list) if list.length().is_some() => {
            for name in list.items() {
                note_missing(evaluator, arguments.scope(), name, &mut missing)?;
            }
        }
        first => {
            let mut next = first;
            while let Some(name) = next {
                note_missing(evaluator, arguments.scope(), name, &mut missing)?;
                next = arguments.next()?;
            }
        }
    }
    Value::list(missing)
}

/// Nothing, if so many of the names are there; else those that are not.
pub(super) fn missing_some<'a>(
    evaluator: &Evaluator<'a>,
    arguments: &mut Arguments<'_, '_, 'a>,
) -> Evaluated<'a> {
    let needed = arguments.next_or_null()?.to_number(evaluator.budget)?;
    let names = arguments.next_or_null()?;
    let mut missing = Vec::new();
    for name in names.items() {
        note_missing(evaluator, arguments.scope(), name, &mut missing)?;
    }
    let there = names.length().unwrap_or(0) - missing.len();
    if there as f64 >= needed.to_f64() {
        missing.clear();
    }
    Value::list(missing)
}

fn note_missing<'a>(
    evaluator: &Evaluator<'a>,
    scope: Option<&Value<'a>>,
    name: Value<'a>,
    missing: &mut Vec<Value<'a>>,
) -> Result<(), Fault> {
    evaluator.budget.spend(1)?;
    let path = path_of(evaluator, &name)?;
    let is_there = match look_up(evaluator, scope, &path)? {
        None | Some(Value::Null) => false,
        Some(Value::Text(text)) => !text.is_empty(),
        Some(_) => true,
    };
    if !is_there {
        missing.push(name);
    }
    Ok(())
}

fn path_of<'a>(evaluator: &Evaluator<'a>, path: &Value<'a>) -> Result<Text<'a>, Fault> {
    match path {
        Value::Null => Ok(Text::Borrowed("")),
        path => path.to_text(evaluator.budget),
    }
}

/// `None` if the path leads to nothing.
fn look_up<'a>(
    evaluator: &Evaluator<'a>,
    scope: Option<&Value<'a>>,
    path: &str,
) -> Result<Option<Value<'a>>, Fault> {
    let mut value = match (scope, evaluator.root) {
        (Some(scope), _) => scope.clone(),
        (None, Root::Context(_)) => Value::Context,
        (None, Root::Json(data)) => Value::of(data),
    };
    if path.is_empty() {
        return Ok(Some(value));
    }
    for name in path.split('.') {
        evaluator.budget.spend(1)?;
        let member = match value {
            Value::Context if name == "$flagd" => Some(Value::Flagd),
            Value::Context => evaluator.attribute(name),
            Value::Flagd => evaluator.flagd(name),
            value => value.member(name),
        };
        match member {
            Some(member) => value = member,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}
