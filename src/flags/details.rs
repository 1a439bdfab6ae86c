//! What an evaluation answers, in OpenFeature's words.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::json::{NotJson, SyntaxError};
use super::metadata::Metadata;

/// What an evaluation answers: the value, and how it came about.
///
/// <https://openfeature.dev/specification/types#evaluation-details>
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EvaluationDetails<T> {
    /// The flag that was asked for.
    pub flag_key: String,
    /// Its value, or the caller's default.
    pub value: T,
    /// The variant whose value it is; `None` for the caller's default, and for the value of an override.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Why it is this value.
    pub reason: Reason,
    /// What went wrong, where the reason is [`Reason::Error`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// The same for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The set's metadata and the flag's, of which the flag's come first.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub flag_metadata: Metadata,
}

/// Why a value is what it is. It is written as OpenFeature names it: `TARGETING_MATCH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Reason {
    /// The flag has no targeting: its default variant.
    Static,
    /// Targeting chose nothing: the flag's default variant, or, where it has none, the caller's default.
    Default,
    /// Targeting chose the variant, `fractional` included.
    TargetingMatch,
    /// The flag is disabled, or [killed](super::KillSwitch): the caller's default.
    Disabled,
    /// An [override](super::Overrides) chose the value. The one that OpenFeature does not know.
    Override,
    /// Something is wrong: the caller's default. [`EvaluationDetails::error_code`] says what.
    Error,
}

/// What went wrong. It is written as OpenFeature names it: `FLAG_NOT_FOUND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum ErrorCode {
    /// There are no flags: their document could not be had.
    ProviderNotReady,
    /// There is no such flag.
    FlagNotFound,
    /// The flag's definition is broken.
    ParseError,
    /// Its value is of another type than was asked for.
    TypeMismatch,
    /// Anything else, such as targeting that chose what is no variant.
    General,
}

impl Reason {
    /// OpenFeature's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Static => "STATIC",
            Reason::Default => "DEFAULT",
            Reason::TargetingMatch => "TARGETING_MATCH",
            Reason::Disabled => "DISABLED",
            Reason::Override => "OVERRIDE",
            Reason::Error => "ERROR",
        }
    }
}

impl ErrorCode {
    /// OpenFeature's name.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::ProviderNotReady => "PROVIDER_NOT_READY",
            ErrorCode::FlagNotFound => "FLAG_NOT_FOUND",
            ErrorCode::ParseError => "PARSE_ERROR",
            ErrorCode::TypeMismatch => "TYPE_MISMATCH",
            ErrorCode::General => "GENERAL",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is wrong with a flag, of which the others know nothing. One pointer: results that are good do not
/// pay for those that are not.
#[derive(Clone, Debug)]
pub struct Fault(Box<(ErrorCode, Cow<'static, str>)>);

impl Fault {
    #[cold]
    #[inline(never)]
    pub(super) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Fault(Box::new((code, message.into())))
    }

    pub(super) fn code(&self) -> ErrorCode {
        self.0.0
    }

    pub(super) fn message(&self) -> &str {
        &self.0.1
    }

    pub(super) fn into_message(self) -> String {
        self.0.1.into_owned()
    }

    #[cold]
    pub(super) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Fault::new(ErrorCode::ParseError, message)
    }

    /// A message with a name in it.
    #[cold]
    pub(super) fn named(code: ErrorCode, around: [&'static str; 2], name: &str) -> Self {
        let [before, behind] = around;
        let mut message = String::with_capacity(before.len() + name.len() + behind.len());
        message.push_str(before);
        message.push_str(name);
        message.push_str(behind);
        Fault::new(code, message)
    }
}

impl From<SyntaxError> for Fault {
    #[cold]
    fn from(error: SyntaxError) -> Self {
        error.within("not JSON")
    }
}

impl From<NotJson> for Fault {
    #[cold]
    fn from(_: NotJson) -> Self {
        Fault::malformed("not JSON")
    }
}

impl SyntaxError {
    #[cold]
    pub(super) fn within(self, what: &'static str) -> Fault {
        Fault::malformed(format!("{what} at byte {}: {}", self.at, self.what))
    }
}
