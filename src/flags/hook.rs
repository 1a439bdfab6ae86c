//! Being told of evaluations.

use super::EvaluationContext;
use super::details::{ErrorCode, Reason};

/// An evaluation that has taken place, as a [hook](super::Flags::with_hook) is told of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Evaluation<'a> {
    /// The flag that was asked for.
    pub flag_key: &'a str,
    /// The variant whose value was answered; `None` for the caller's default, and for the value of an override.
    pub variant: Option<&'a str>,
    /// Why it is this one.
    pub reason: Reason,
    /// What went wrong.
    pub error_code: Option<ErrorCode>,
    /// The same for people.
    pub error_message: Option<&'a str>,
    /// Whom it was evaluated for.
    pub context: &'a EvaluationContext,
}

pub(super) type Hook = Box<dyn Fn(&Evaluation<'_>)>;
