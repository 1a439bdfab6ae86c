//! `fastedge-mock flags`: documents of feature flags, before and when they are published.

mod evaluate;
mod publish;
mod staff;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use fastedge::flags::{EvaluationContext, FractionalVersion};
use serde_json::json;

use super::Error;
use super::out::{Out, say};
use crate::flags::diff::{Moves, diff};
use crate::flags::lint::{self, Level, Problem};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Finds what is wrong in documents, with line and column.
    Lint {
        /// The documents.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The files are rules by themselves.
        #[arg(long)]
        targeting: bool,
    },
    /// Evaluates a flag, or all.
    Eval(evaluate::Arguments),
    /// Says who has another variant in a changed document, over a sample of users.
    Diff {
        /// The document before.
        before: PathBuf,
        /// The document after.
        after: PathBuf,
        /// A file with a context of JSON on each line, instead of `user-1` and so on.
        #[arg(long, conflicts_with = "users")]
        sample: Option<PathBuf>,
        /// How many users are made up.
        #[arg(long, default_value_t = 10_000)]
        users: u32,
        /// What all made up users have in common: JSON, or @ and a file.
        #[arg(long, conflicts_with = "sample")]
        context: Option<String>,
        /// The version of `fractional`.
        #[arg(long, value_enum, default_value_t)]
        fractional: Fractional,
    },
    /// Checks a document, makes it small and writes it to a store.
    Publish(publish::Arguments),
    /// Switches flags off at once, by the kill switch; `*` is all.
    Kill(publish::Switch),
    /// Takes flags out of the kill switch.
    Revive(publish::Switch),
    /// Signs overrides, for staff: prints the value of the cookie and the header.
    Override(staff::Arguments),
}

/// The version of `fractional`.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Fractional {
    V2,
    #[default]
    V3,
}

impl From<Fractional> for FractionalVersion {
    fn from(version: Fractional) -> Self {
        match version {
            Fractional::V2 => FractionalVersion::V2,
            Fractional::V3 => FractionalVersion::V3,
        }
    }
}

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        match &self.action {
            Action::Lint { files, targeting } => self.lint(files, *targeting),
            Action::Eval(arguments) => arguments.run(),
            Action::Diff {
                before,
                after,
                sample,
                users,
                context,
                fractional,
            } => {
                let sample = match sample {
                    Some(file) => contexts(file)?,
                    None => made_up(*users, context.as_deref())?,
                };
                let (before, after) = (text(before)?, text(after)?);
                let moves = diff(&before, &after, (*fractional).into(), &sample)?;
                self.tell_moves(&moves, sample.len())
            }
            Action::Publish(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Action::Kill(switch) => switch.kill().map(|()| ExitCode::SUCCESS),
            Action::Revive(switch) => switch.revive().map(|()| ExitCode::SUCCESS),
            Action::Override(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
        }
    }

    fn lint(&self, files: &[PathBuf], targeting: bool) -> Result<ExitCode, Error> {
        let mut out = Out::new();
        let mut is_good = true;
        for file in files {
            let text = match text(file) {
                Ok(text) => text,
                Err(error) => {
                    say(&format!("fastedge-mock: {error}"));
                    is_good = false;
                    continue;
                }
            };
            let problems = match targeting {
                true => lint::targeting(&text),
                false => lint::document(&text),
            };
            is_good &= !has_errors(&problems);
            for problem in &problems {
                match self.json {
                    true => {
                        let mut line = serde_json::to_value(problem)?;
                        line["file"] = json!(file.display().to_string());
                        out.line(&line)?;
                    }
                    false => out.line(&format!("{}:{problem}", file.display()))?,
                }
            }
        }
        Ok(if is_good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn tell_moves(&self, all: &[Moves], users: usize) -> Result<ExitCode, Error> {
        let mut out = Out::new();
        for flag in all {
            if self.json {
                out.line(&serde_json::to_value(flag)?)?;
                continue;
            }
            let share = |count: usize| 100.0 * count as f64 / users as f64;
            out.line(&format!(
                "{}: {} of {} have another variant ({:.2}%)",
                flag.flag,
                flag.moved,
                users,
                share(flag.moved)
            ))?;
            for one in &flag.moves {
                let examples = match one.examples.as_slice() {
                    [] => String::new(),
                    some => format!(", such as {}", some.join(", ")),
                };
                out.line(&format!(
                    "  {} -> {}: {} ({:.2}%){examples}",
                    one.from,
                    one.to,
                    one.count,
                    share(one.count)
                ))?;
            }
        }
        if all.is_empty() && !self.json {
            out.line(&format!("nobody of {users} has another variant"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.level == Level::Error)
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

fn text(file: &Path) -> Result<String, Error> {
    String::from_utf8(read(file)?).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// A context of JSON, or of the file behind an @.
fn context(given: Option<&str>) -> Result<EvaluationContext, Error> {
    let Some(given) = given else {
        return Ok(EvaluationContext::new());
    };
    let text = match given.strip_prefix('@') {
        Some(file) => text(Path::new(file))?,
        None => given.to_owned(),
    };
    let json = serde_json::from_str(&text).map_err(|error| format!("--context: {error}"))?;
    EvaluationContext::from_json(json).ok_or_else(|| "--context: a JSON object is wanted".into())
}

/// The contexts on the lines of a file.
fn contexts(file: &Path) -> Result<Vec<EvaluationContext>, Error> {
    let text = text(file)?;
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let contexts = lines.map(|(number, line)| {
        let problem = |what: &dyn std::fmt::Display| format!("{}:{number}: {what}", file.display());
        let json = serde_json::from_str(line).map_err(|error| problem(&error))?;
        EvaluationContext::from_json(json).ok_or_else(|| problem(&"a context is an object"))
    });
    let contexts: Vec<_> = contexts.collect::<Result<_, String>>()?;
    match contexts.is_empty() {
        true => Err(format!("{}: there are no contexts", file.display()).into()),
        false => Ok(contexts),
    }
}

fn made_up(users: u32, given: Option<&str>) -> Result<Vec<EvaluationContext>, Error> {
    let common = context(given)?;
    let users = 1..=users.max(1);
    Ok(users
        .map(|number| common.clone().with_targeting_key(format!("user-{number}")))
        .collect())
}
