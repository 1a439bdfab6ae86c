//! Who has another variant in a changed document.

use std::collections::{BTreeMap, BTreeSet};

use fastedge::flags::{AllFlags, EvaluationContext, Flags};
use serde::Serialize;

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

/// How a flag resolves: its variant, or why it has none.
type Resolved = String;

/// The flags that resolve otherwise for some of a sample.
pub fn diff(before: &Flags, after: &Flags, sample: &[EvaluationContext]) -> Vec<Moves> {
    let mut moves: BTreeMap<String, BTreeMap<(Resolved, Resolved), (usize, Vec<String>)>> =
        BTreeMap::new();
    for context in sample {
        let (old, new) = (
            resolved(&before.all(context)),
            resolved(&after.all(context)),
        );
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let nothing = || "(no flag)".to_owned();
            let from = old.get(key).cloned().unwrap_or_else(nothing);
            let to = new.get(key).cloned().unwrap_or_else(nothing);
            if from == to {
                continue;
            }
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
    moves
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
        .collect()
}

fn resolved(all: &AllFlags) -> BTreeMap<String, Resolved> {
    let flags = all.iter().map(|flag| {
        let resolved = match (&flag.variant, flag.error_code) {
            (Some(variant), _) => variant.clone(),
            (None, Some(code)) => format!("({code})"),
            (None, None) => format!("({})", flag.reason),
        };
        (flag.flag_key.clone(), resolved)
    });
    flags.collect()
}
