//! Evaluating a flag, of whichever type and wherever it is from.

use bumpalo::Bump;

use super::bulk::AllFlags;
use super::context::EvaluationContext;
use super::definition::{Choice, no_variant};
use super::details::{ErrorCode, EvaluationDetails, Fault, Reason};
use super::hook::Evaluation;
use super::logic::{Root, Surroundings};
use super::metadata::Metadata;
use super::overrides::Override;
use super::source::{Found, LookUp, Source};
use super::value::{FlagValue, json_of};
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

    fn into_details<T>(self, key: &str, value: T, flag_metadata: Metadata) -> EvaluationDetails<T> {
        let fault = self.fault.map(|fault| (fault.code(), fault.into_message()));
        let (error_code, error_message) = fault.unzip();
        EvaluationDetails {
            flag_key: key.to_owned(),
            value,
            variant: self.variant,
            reason: self.reason,
            error_code,
            error_message,
            flag_metadata,
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
        outcome.into_details(key, value.unwrap_or(default), self.metadata(key))
    }

    /// All flags, with metadata of their own.
    pub(super) fn evaluate_all(&self, context: &EvaluationContext) -> AllFlags {
        let mut all = AllFlags::default();
        let settings = &self.settings;
        let fault = self.source.show_all(&mut |key, found| {
            let mut flag_metadata = Metadata::default();
            flag_metadata.extend_with(&found);
            let mut outcome = match settings.kill_switch.is_killed(key) {
                true => Outcome::default_because(Reason::Disabled),
                false => settings.outcome(key, context, found),
            };
            let value = outcome.value.take().and_then(|json| json_of(&json));
            settings.tell(key, context, &outcome);
            all.flags
                .push(outcome.into_details(key, value, flag_metadata));
        });
        all.failure = fault.map(Fault::into_message);
        all
    }

    /// What the set says and what the flag says. What cannot be had of one does not touch the other.
    fn metadata(&self, key: &str) -> Metadata {
        let mut metadata = self.source.set_metadata(key).unwrap_or_default();
        self.source
            .show(key, &mut |found| metadata.extend_with(&found));
        metadata
    }

    /// The value as it was asked for, and what came of the evaluation. Hooks are told.
    fn evaluate<T>(
        &self,
        key: &str,
        context: &EvaluationContext,
        type_name: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> (Option<T>, Outcome) {
        let mut outcome = self.settings.evaluate(&self.source, key, context);
        let json = outcome.value.take();
        let value = json.as_deref().and_then(read);
        if json.is_some() && value.is_none() {
            outcome = mismatch(type_name);
        }
        self.settings.tell(key, context, &outcome);
        (value, outcome)
    }
}

impl Metadata {
    /// Takes what a flag says, as far as it can be read.
    fn extend_with(&mut self, found: &Result<Found<'_>, Fault>) {
        let definition = found
            .as_ref()
            .ok()
            .and_then(|found| found.definition.as_ref());
        if let Some(object) = definition.and_then(|definition| definition.metadata()) {
            let _readable = self.extend(object);
        }
    }
}

#[cold]
fn mismatch(type_name: &'static str) -> Outcome {
    let around = ["the value is not ", ""];
    Fault::named(ErrorCode::TypeMismatch, around, type_name).into()
}

impl Settings {
    fn evaluate(&self, source: &dyn LookUp, key: &str, context: &EvaluationContext) -> Outcome {
        let mut outcome = Outcome::default_because(Reason::Disabled);
        if self.kill_switch.is_killed(key) {
            return outcome;
        }
        source.show(key, &mut |found| {
            outcome = self.outcome(key, context, found)
        });
        outcome
    }

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
        let arena = Bump::new();
        let choice = self.choice(key, context, &found, instead, &arena);
        choice.map_or_else(Outcome::from, Outcome::from)
    }

    fn choice<'a>(
        &self,
        key: &'a str,
        context: &'a EvaluationContext,
        found: &'a Found<'_>,
        instead: Option<&'a Override>,
        arena: &'a Bump,
    ) -> Result<Choice<'a>, Fault> {
        let Some(definition) = &found.definition else {
            let around = ["there is no flag `", "`"];
            return Err(Fault::named(ErrorCode::FlagNotFound, around, key));
        };
        if let Some(Override::Variant(variant)) = instead {
            let Some(value) = definition.value_of(variant)? else {
                return Err(no_variant("an override is `", variant));
            };
            return Ok(Choice {
                variant: Some((variant.into(), value)),
                reason: Reason::Override,
            });
        }
        let references = arena.alloc(|name: &str| found.document.evaluator(name));
        definition.resolve(Surroundings {
            root: Root::Context(context),
            flag_key: Some(key),
            moment: self.moment,
            fractional: self.fractional,
            references,
            arena,
        })
    }

    fn tell(&self, key: &str, context: &EvaluationContext, outcome: &Outcome) {
        let fault = outcome.fault.as_ref();
        for hook in &self.hooks {
            hook(&Evaluation {
                flag_key: key,
                variant: outcome.variant.as_deref(),
                reason: outcome.reason,
                error_code: fault.map(Fault::code),
                error_message: fault.map(Fault::message),
                context,
            });
        }
    }
}
