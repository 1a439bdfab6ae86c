//! Evaluating a flag, of whichever type and wherever it is from.

use super::context::EvaluationContext;
use super::definition::{Choice, no_variant};
use super::details::{ErrorCode, EvaluationDetails, Fault, Reason};
use super::hook::Evaluation;
use super::logic::{Budget, Evaluator, Root};
use super::metadata::Metadata;
use super::overrides::Override;
use super::source::{Found, Source};
use super::value::FlagValue;
use super::{Flags, Settings};

/// What came of an evaluation, before it is asked for a type.
#[derive(Debug)]
struct Outcome {
    variant: Option<String>,
    /// As JSON; `None` for the caller's default.
    value: Option<String>,
    reason: Reason,
    fault: Option<Fault>,
}

impl Outcome {
    fn default_because(reason: Reason) -> Self {
        Outcome {
            variant: None,
            value: None,
            reason,
            fault: None,
        }
    }
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Outcome {
            variant: None,
            value: None,
            reason: Reason::Error,
            fault: Some(fault),
        }
    }
}

impl From<Choice<'_>> for Outcome {
    fn from(choice: Choice<'_>) -> Self {
        let (variant, value) = choice.variant.unzip();
        Outcome {
            variant: variant.map(Into::into),
            value: value.map(str::to_owned),
            reason: choice.reason,
            fault: None,
        }
    }
}

impl<S: Source> Flags<S> {
    /// The value, or the caller's default.
    pub(super) fn value<T: FlagValue>(
        &self,
        key: &str,
        default: T,
        context: &EvaluationContext,
    ) -> T {
        self.evaluate(key, context, T::NAME, T::read)
            .0
            .unwrap_or(default)
    }

    pub(super) fn details<T: FlagValue>(
        &self,
        key: &str,
        default: T,
        context: &EvaluationContext,
    ) -> EvaluationDetails<T> {
        let (value, outcome) = self.evaluate(key, context, T::NAME, T::read);
        self.described(key, value.unwrap_or(default), outcome)
    }

    /// A value of any type.
    pub(super) fn any(
        &self,
        key: &str,
        context: &EvaluationContext,
    ) -> EvaluationDetails<Option<serde_json::Value>> {
        let read = |json: &str| serde_json::from_str(json).ok();
        let (value, outcome) = self.evaluate(key, context, "a value", read);
        self.described(key, value, outcome)
    }

    fn described<T>(&self, key: &str, value: T, outcome: Outcome) -> EvaluationDetails<T> {
        // Of a flag that cannot be had, there is nothing to say.
        let flag_metadata = self.metadata(key).unwrap_or_default();
        let (error_code, error_message) = outcome
            .fault
            .map(|fault| (fault.code, fault.message.into_owned()))
            .unzip();
        EvaluationDetails {
            flag_key: key.to_owned(),
            value,
            variant: outcome.variant,
            reason: outcome.reason,
            error_code,
            error_message,
            flag_metadata,
        }
    }

    fn metadata(&self, key: &str) -> Result<Metadata, Fault> {
        let mut metadata = self.source.set_metadata(key)?;
        self.source.with_flag(key, |found| {
            let definition = found.ok().and_then(|found| found.definition);
            match definition.and_then(|definition| definition.metadata()) {
                Some(object) => metadata.extend(object),
                None => Ok(()),
            }
        })?;
        Ok(metadata)
    }

    /// The value as it was asked for, and what came of the evaluation. Hooks are told.
    fn evaluate<T>(
        &self,
        key: &str,
        context: &EvaluationContext,
        type_name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> (Option<T>, Outcome) {
        let settings = &self.settings;
        let mut outcome = match settings.kill_switch.is_killed(key) {
            true => Outcome::default_because(Reason::Disabled),
            false => self
                .source
                .with_flag(key, |found| settings.outcome(key, context, found)),
        };
        let value = outcome.value.take().and_then(|json| {
            let value = read(&json);
            if value.is_none() {
                let message = format!("the value is not {type_name}");
                outcome = Fault::new(ErrorCode::TypeMismatch, message).into();
            }
            value
        });
        for hook in &settings.hooks {
            hook(&Evaluation {
                flag_key: key,
                variant: outcome.variant.as_deref(),
                reason: outcome.reason,
                error_code: outcome.fault.as_ref().map(|fault| fault.code),
                error_message: outcome.fault.as_ref().map(|fault| &*fault.message),
                context,
            });
        }
        (value, outcome)
    }
}

impl Settings {
    fn outcome(
        &self,
        key: &str,
        context: &EvaluationContext,
        found: Result<Found<'_>, Fault>,
    ) -> Outcome {
        let instead = self.overrides.of(key);
        if let Some(Override::Value(json)) = instead {
            return Outcome {
                value: Some(json.clone()),
                ..Outcome::default_because(Reason::Override)
            };
        }
        let found = match found {
            Ok(found) => found,
            Err(fault) => return fault.into(),
        };
        let Some(definition) = &found.definition else {
            let message = format!("there is no flag `{key}`");
            return Fault::new(ErrorCode::FlagNotFound, message).into();
        };
        let document = found.document;
        let references = |name: &str| document.evaluator(name);
        let budget = Budget::new();
        let choice = match instead {
            Some(Override::Variant(variant)) => match definition.value_of(variant) {
                Ok(Some(value)) => Ok(Choice {
                    variant: Some((variant.into(), value)),
                    reason: Reason::Override,
                }),
                Ok(None) => Err(no_variant("an override is", variant)),
                Err(fault) => Err(fault),
            },
            _ => definition.resolve(&Evaluator {
                root: Root::Context(context),
                flag_key: Some(key),
                moment: self.moment,
                fractional: self.fractional,
                references: Some(&references),
                budget: &budget,
            }),
        };
        choice.map_or_else(Outcome::from, Outcome::from)
    }
}
