//! `flags eval`: what a flag is, for somebody.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use fastedge::flags::Flags;
use jiff::Timestamp;
use serde_json::Value;

use super::{Error, Fractional, Out, context, read};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The document.
    file: PathBuf,

    /// The flag [default: all of them, a line for each].
    flag: Option<String>,

    /// Whom it is for: JSON, or @ and a file.
    #[arg(long, value_name = "JSON")]
    context: Option<String>,

    /// The type that is asked for.
    #[arg(long = "type", value_enum, requires = "flag")]
    value_type: Option<Type>,

    /// The caller's default, as JSON [default: null].
    #[arg(long, value_name = "JSON", requires = "flag")]
    default: Option<String>,

    /// The moment for `$flagd.timestamp`: seconds since 1970, or RFC 3339 [default: now].
    #[arg(long, value_name = "MOMENT")]
    at: Option<String>,

    /// The version of `fractional`.
    #[arg(long, value_enum, default_value_t)]
    fractional: Fractional,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    Bool,
    String,
    Int,
    Float,
    Object,
}

impl Arguments {
    /// Fails where the evaluation has an error, after saying which.
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        let moment = match &self.at {
            Some(at) => moment(at)?,
            None => SystemTime::now(),
        };
        let flags = Flags::from_json(read(&self.file)?)
            .with_fractional(self.fractional.into())
            .at(moment);
        let context = context(self.context.as_deref())?;
        let mut out = Out::new();
        let Some(flag) = &self.flag else {
            let all = flags.all(&context);
            let mut status = ExitCode::SUCCESS;
            for details in all.iter() {
                if details.error_code.is_some() {
                    status = ExitCode::FAILURE;
                }
                out.line(&serde_json::to_value(details)?)?;
            }
            return match all.failure() {
                Some(failure) => Err(failure.into()),
                None => Ok(status),
            };
        };

        let default = match &self.default {
            Some(default) => {
                serde_json::from_str(default).map_err(|error| format!("--default: {error}"))?
            }
            None => Value::Null,
        };
        let value_type = match self.value_type {
            Some(value_type) => value_type,
            None => self.type_of(&flags, flag, &default, &context),
        };
        let answer = match value_type {
            Type::Bool => {
                let default_value = default.as_bool().unwrap_or_default();
                serde_json::to_value(flags.bool_details(flag, default_value, &context))
            }
            Type::String => {
                let default_value = default.as_str().unwrap_or_default();
                serde_json::to_value(flags.string_details(flag, default_value, &context))
            }
            Type::Int => {
                let default_value = default.as_i64().unwrap_or_default();
                serde_json::to_value(flags.int_details(flag, default_value, &context))
            }
            Type::Float => {
                let default_value = default.as_f64().unwrap_or_default();
                serde_json::to_value(flags.float_details(flag, default_value, &context))
            }
            Type::Object => {
                serde_json::to_value(flags.object_details(flag, default.clone(), &context))
            }
        };
        let mut answer = answer?;
        if answer.get("variant").is_none() {
            // As it was given, of whichever type.
            answer["value"] = default;
        }
        out.line(&answer)?;
        Ok(match answer.get("errorCode") {
            Some(_) => ExitCode::FAILURE,
            None => ExitCode::SUCCESS,
        })
    }

    /// The type of the value that the flag has, or else of the default.
    fn type_of(
        &self,
        flags: &Flags,
        flag: &str,
        default: &Value,
        context: &fastedge::flags::EvaluationContext,
    ) -> Type {
        let all = flags.all(context);
        let found = all.iter().find(|details| details.flag_key == flag);
        let value = found
            .and_then(|details| details.value.as_ref())
            .unwrap_or(default);
        match value {
            Value::Bool(_) => Type::Bool,
            Value::String(_) => Type::String,
            Value::Number(number) if number.is_f64() => Type::Float,
            Value::Number(_) => Type::Int,
            _ => Type::Object,
        }
    }
}

fn moment(given: &str) -> Result<SystemTime, Error> {
    let timestamp = match given.parse() {
        Ok(seconds) => Timestamp::from_second(seconds),
        Err(_) => given.parse(),
    };
    let timestamp = timestamp.map_err(|error| format!("--at: {error}"))?;
    Ok(timestamp.into())
}
