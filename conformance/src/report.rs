//! What became of the cases.

use std::fmt;

use serde::Serialize;

/// What became of all cases.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Case by case.
    pub cases: Vec<CaseReport>,
}

/// What became of a case.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CaseReport {
    /// Its name.
    pub name: &'static str,
    /// The clauses that it is for.
    pub clauses: &'static [&'static str],
    /// The SDK's helpers that it is for.
    pub helpers: &'static [&'static str],
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Outcome {
    /// The host does what the contract says; where that is left to it, this.
    Passed {
        /// What it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        choice: Option<String>,
    },
    /// It does something else.
    Failed {
        /// What is wrong.
        why: String,
    },
    /// It cannot be told.
    Skipped {
        /// What is missing.
        why: String,
    },
}

impl Report {
    /// How many cases have passed.
    pub fn passed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Passed { .. }))
    }

    /// How many cases have failed.
    pub fn failed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed { .. }))
    }

    /// How many cases were skipped.
    pub fn skipped(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Skipped { .. }))
    }

    /// How a case ended, if it was among them.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        let case = self.cases.iter().find(|case| case.name == name);
        case.map(|case| &case.outcome)
    }

    fn count(&self, is_meant: impl Fn(&Outcome) -> bool) -> usize {
        let outcomes = self.cases.iter().map(|case| &case.outcome);
        outcomes.filter(|outcome| is_meant(outcome)).count()
    }
}

impl fmt::Display for CaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, rest) = match &self.outcome {
            Outcome::Passed { choice: None } => ("ok", ""),
            Outcome::Passed {
                choice: Some(choice),
            } => ("ok", choice.as_str()),
            Outcome::Failed { why } => ("FAILED", why.as_str()),
            Outcome::Skipped { why } => ("skipped", why.as_str()),
        };
        write!(f, "{word:8} {}", self.name)?;
        let what = self.clauses.iter().chain(self.helpers);
        for (number, what) in what.enumerate() {
            f.write_str(if number == 0 { ": " } else { ", " })?;
            f.write_str(what)?;
        }
        match rest {
            "" => Ok(()),
            rest => write!(f, " — {rest}"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.cases {
            writeln!(f, "{case}")?;
        }
        write!(f, "\n{} passed, {} failed", self.passed(), self.failed())?;
        match self.skipped() {
            0 => writeln!(f),
            skipped => writeln!(f, ", {skipped} skipped"),
        }
    }
}
