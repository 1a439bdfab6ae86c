//! Who has another variant in a changed document.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::SystemTime;

use fastedge::flags::{AllFlags, EvaluationContext, Flags, FractionalVersion};
use serde::Serialize;
use serde_json::Value;

/// How many examples of a move are kept.
const EXAMPLES: usize = 3;

/// What becomes of a flag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moves {
    /// The flag.
    pub flag: String,
    /// How many of the sample have another variant.
    pub moved: usize,
    /// From which variant to which.
    pub moves: Vec<Move>,
}

/// Those who go from a variant to another one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// The variant before; what there is instead of one, in brackets.
    pub from: String,
    /// The variant after.
    pub to: String,
    /// How many.
    pub count: usize,
    /// Targeting keys of some.
    pub examples: Vec<String>,
}

/// How a flag resolves: its variant, or why it has none; and its value.
type Resolved = (String, Option<Value>);

/// From where to where, and how many and which ones.
type Counted = BTreeMap<(String, String), (usize, Vec<String>)>;

/// The flags that resolve otherwise for some of a sample, at one moment.
///
/// # Errors
///
/// If a document cannot be read, or there are no flags in it.
pub fn diff(
    before: &str,
    after: &str,
    fractional: FractionalVersion,
    sample: &[EvaluationContext],
) -> Result<Vec<Moves>, String> {
    let (mut before, mut after) = (parsed(before, "before")?, parsed(after, "after")?);
    keep_changed(&mut before, &mut after);
    let now = SystemTime::now();
    let flags = |document: &Value| {
        let flags = Flags::from_json(document.to_string());
        flags.with_fractional(fractional).at(now)
    };
    let (before, after) = (flags(&before), flags(&after));
    let mut moves: BTreeMap<String, Counted> = BTreeMap::new();
    for context in sample {
        let (old, new) = (
            resolved(&before.all(context)),
            resolved(&after.all(context)),
        );
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let nothing = || ("(no flag)".to_owned(), None);
            let from = old.get(key).cloned().unwrap_or_else(nothing);
            let to = new.get(key).cloned().unwrap_or_else(nothing);
            if from == to {
                continue;
            }
            let (from, to) = named(from, to);
            let of_flag = moves.entry(key.clone()).or_default();
            let (count, examples) = of_flag.entry((from, to)).or_default();
            *count += 1;
            if let Some(user) = context.targeting_key()
                && examples.len() < EXAMPLES
            {
                examples.push(user.to_owned());
            }
        }
    }
    let moves = moves
        .into_iter()
        .map(|(flag, moves)| {
            let moves: Vec<Move> = moves
                .into_iter()
                .map(|((from, to), (count, examples))| Move {
                    from,
                    to,
                    count,
                    examples,
                })
                .collect();
            Moves {
                flag,
                moved: moves.iter().map(|one| one.count).sum(),
                moves,
            }
        })
        .collect();
    Ok(moves)
}

fn parsed(text: &str, which: &str) -> Result<Value, String> {
    let failed = |what: &dyn Display| format!("the document {which}: {what}");
    let document: Value = serde_json::from_str(text).map_err(|error| failed(&error))?;
    let all = Flags::from_json(text).all(&EvaluationContext::new());
    match (all.failure(), all.iter().next()) {
        (Some(failure), _) => Err(failed(&failure)),
        (None, None) => Err(failed(&"there are no flags in it")),
        (None, Some(_)) => Ok(document),
    }
}

/// Leaves out the flags that are the same in both, if the rules that they could refer to are.
fn keep_changed(before: &mut Value, after: &mut Value) {
    if before.get("$evaluators") != after.get("$evaluators") {
        return;
    }
    let (Some(old), Some(new)) = (
        before.get_mut("flags").and_then(Value::as_object_mut),
        after.get_mut("flags").and_then(Value::as_object_mut),
    ) else {
        return;
    };
    let same: Vec<String> = old
        .iter()
        .filter(|(key, flag)| new.get(*key) == Some(flag))
        .map(|(key, _)| key.clone())
        .collect();
    for key in same {
        old.remove(&key);
        new.remove(&key);
    }
}

/// What is called the same, and is not, says so.
fn named(from: Resolved, to: Resolved) -> (String, String) {
    match from.0 == to.0 {
        true => (from.0, format!("{}, with another value", to.0)),
        false => (from.0, to.0),
    }
}

fn resolved(all: &AllFlags) -> BTreeMap<String, Resolved> {
    let flags = all.iter().map(|flag| {
        let resolved = match (&flag.variant, flag.error_code) {
            (Some(variant), _) => variant.clone(),
            (None, Some(code)) => format!("({code})"),
            (None, None) => format!("({})", flag.reason),
        };
        (flag.flag_key.clone(), (resolved, flag.value.clone()))
    });
    flags.collect()
}
