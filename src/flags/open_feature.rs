//! The flags as a provider for OpenFeature's own crate.
//!
//! For code that is written against [`open_feature`](https://docs.rs/open-feature), at the price of some tens of
//! kilobytes and an async runtime. [`Flags`] itself needs neither.
//!
//! ```
//! use fastedge::flags::open_feature::FlagdProvider;
//! use open_feature::{EvaluationContext, OpenFeature};
//!
//! # let document = r#"{"flags": {"new-checkout": {"state": "ENABLED", "variants": {"on": true, "off": false},
//! #     "defaultVariant": "off", "targeting": {"if": [{"==": [{"var": "country"}, "DE"]}, "on"]}}}}"#;
//! # let task = async {
//! let mut api = OpenFeature::default();
//! api.set_provider(FlagdProvider::from_json(document)).await;
//! let client = api.create_client();
//!
//! let context = EvaluationContext::default().with_custom_field("country", "DE");
//! let on = client.get_bool_value("new-checkout", Some(&context), None).await;
//! assert!(on.unwrap_or(false));
//! # };
//! # let mut task = std::pin::pin!(task);
//! # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
//! # assert!(std::future::Future::poll(task.as_mut(), &mut context).is_ready());
//! ```

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use open_feature::provider::{FeatureProvider, ProviderMetadata, ResolutionDetails};
use open_feature::{
    EvaluationContextFieldValue, EvaluationError, EvaluationErrorCode, EvaluationReason,
    EvaluationResult, FlagMetadata, FlagMetadataValue, StructValue, Value, async_trait,
};
use serde_json::Value as Json;

use super::value::{FlagValue, Object};
use super::{
    Document, Error, ErrorCode, EvaluationContext, EvaluationDetails, Flags, FractionalVersion,
    Reason,
};
use crate::kv_store::{Access, KvStore};

/// The last second that RFC 3339 can write: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// A provider of the flags of a document.
///
/// OpenFeature's crate answers errors and leaves the default to the caller's `unwrap_or`. So what is the
/// caller's default without an error, a disabled flag or one without a default variant, is an error here as
/// well: `General`, with that reason.
///
/// A `Struct` of a context is looked at if it is a `serde_json::Value`; dates are texts (RFC 3339).
#[derive(Debug)]
pub struct FlagdProvider {
    metadata: ProviderMetadata,
    document: Mutex<Document>,
    fractional: FractionalVersion,
}

impl FlagdProvider {
    /// Reads the document at a key of a store: one host call.
    ///
    /// # Errors
    ///
    /// Those of [`Flags::load`].
    pub fn load<A: Access>(store: &KvStore<A>, key: &str) -> Result<Self, Error> {
        Flags::load(store, key).map(|flags| FlagdProvider::of(flags.source))
    }

    /// The flags of a document that is there already.
    pub fn from_json(document: impl Into<Vec<u8>>) -> Self {
        FlagdProvider::of(Document::new(document.into()))
    }

    /// With another version of `fractional` than the third.
    #[must_use]
    pub fn with_fractional(mut self, version: FractionalVersion) -> Self {
        self.fractional = version;
        self
    }

    fn of(document: Document) -> Self {
        FlagdProvider {
            metadata: ProviderMetadata::new("flagd on FastEdge"),
            document: Mutex::new(document),
            fractional: FractionalVersion::default(),
        }
    }

    fn resolve<T: FlagValue>(
        &self,
        key: &str,
        context: &open_feature::EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<T>> {
        // A document is as good as before after a panic: it only knows more places or fewer.
        let document: MutexGuard<'_, Document> =
            self.document.lock().unwrap_or_else(PoisonError::into_inner);
        let flags = Flags::of(&*document).with_fractional(self.fractional);
        let details = flags.details(key, None, &context_of(context));
        answer(details)
    }
}

/// A value, if there is one.
impl<T: FlagValue> FlagValue for Option<T> {
    const NAME: &'static str = T::NAME;

    fn read(json: &str) -> Option<Self> {
        T::read(json).map(Some)
    }
}

fn answer<T>(details: EvaluationDetails<Option<T>>) -> EvaluationResult<ResolutionDetails<T>> {
    let message = details.error_message.unwrap_or_default();
    if let Some(code) = details.error_code {
        return Err(error(code, message));
    }
    let Some(value) = details.value else {
        let message = format!("the caller's default: {}", details.reason);
        return Err(error(ErrorCode::General, message));
    };
    let metadata = details.flag_metadata.iter();
    Ok(ResolutionDetails {
        value,
        variant: details.variant,
        reason: Some(match details.reason {
            Reason::Static => EvaluationReason::Static,
            Reason::Default => EvaluationReason::Default,
            Reason::TargetingMatch => EvaluationReason::TargetingMatch,
            Reason::Disabled => EvaluationReason::Disabled,
            Reason::Error => EvaluationReason::Error,
            Reason::Override => EvaluationReason::Other(details.reason.to_string()),
        }),
        flag_metadata: Some(
            metadata.fold(
                FlagMetadata::default(),
                |all, (name, value)| match metadata_value(value) {
                    Some(value) => all.with_value(name, value),
                    None => all,
                },
            ),
        ),
    })
}

fn error(code: ErrorCode, message: String) -> EvaluationError {
    EvaluationError {
        code: match code {
            ErrorCode::ProviderNotReady => EvaluationErrorCode::ProviderNotReady,
            ErrorCode::FlagNotFound => EvaluationErrorCode::FlagNotFound,
            ErrorCode::ParseError => EvaluationErrorCode::ParseError,
            ErrorCode::TypeMismatch => EvaluationErrorCode::TypeMismatch,
            ErrorCode::General => EvaluationErrorCode::General(message.clone()),
        },
        message: Some(message),
    }
}

fn metadata_value(value: &Json) -> Option<FlagMetadataValue> {
    match value {
        Json::Bool(bool) => Some((*bool).into()),
        Json::String(text) => Some(text.as_str().into()),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Some(integer.into()),
            None => number.as_f64().map(Into::into),
        },
        _ => None,
    }
}

fn context_of(context: &open_feature::EvaluationContext) -> EvaluationContext {
    let mut ours = EvaluationContext::new();
    for (name, value) in &context.custom_fields {
        if let Some(value) = attribute(value) {
            ours.set(name.clone(), value);
        }
    }
    match &context.targeting_key {
        Some(key) => ours.with_targeting_key(key),
        None => ours,
    }
}

fn attribute(value: &EvaluationContextFieldValue) -> Option<Json> {
    Some(match value {
        EvaluationContextFieldValue::Bool(bool) => (*bool).into(),
        EvaluationContextFieldValue::Int(integer) => (*integer).into(),
        EvaluationContextFieldValue::Float(float) => (*float).into(),
        EvaluationContextFieldValue::String(text) => text.as_str().into(),
        EvaluationContextFieldValue::DateTime(moment) => date(moment.unix_timestamp()),
        EvaluationContextFieldValue::Struct(any) => any.downcast_ref::<Json>()?.clone(),
    })
}

/// As a text, or, where that has none, in seconds since 1970.
fn date(seconds: i64) -> Json {
    match u64::try_from(seconds) {
        Ok(since) if seconds <= LAST_SECOND => {
            let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(since);
            humantime::format_rfc3339_seconds(moment).to_string().into()
        }
        _ => seconds.into(),
    }
}

/// Null is left out: OpenFeature's crate has none. An integer beyond its range is a float.
fn structure(members: &serde_json::Map<String, Json>) -> StructValue {
    let fields = members.iter();
    StructValue {
        fields: fields
            .filter_map(|(name, member)| Some((name.clone(), of_json(member)?)))
            .collect(),
    }
}

fn of_json(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::String(text) => Value::String(text.clone()),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Int(integer),
            None => Value::Float(number.as_f64()?),
        },
        Json::Array(items) => Value::Array(items.iter().filter_map(of_json).collect()),
        Json::Object(members) => Value::Struct(structure(members)),
    })
}

#[async_trait]
impl FeatureProvider for FlagdProvider {
    fn metadata(&self) -> &ProviderMetadata {
        &self.metadata
    }

    async fn resolve_bool_value(
        &self,
        flag_key: &str,
        context: &open_feature::EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<bool>> {
        self.resolve(flag_key, context)
    }

    async fn resolve_int_value(
        &self,
        flag_key: &str,
        context: &open_feature::EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<i64>> {
        self.resolve(flag_key, context)
    }

    async fn resolve_float_value(
        &self,
        flag_key: &str,
        context: &open_feature::EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<f64>> {
        self.resolve(flag_key, context)
    }

    async fn resolve_string_value(
        &self,
        flag_key: &str,
        context: &open_feature::EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<String>> {
        self.resolve(flag_key, context)
    }

    async fn resolve_struct_value(
        &self,
        flag_key: &str,
        context: &open_feature::EvaluationContext,
    ) -> EvaluationResult<ResolutionDetails<StructValue>> {
        let details = self.resolve::<Object<serde_json::Map<String, Json>>>(flag_key, context)?;
        Ok(ResolutionDetails {
            value: structure(&details.value.0),
            variant: details.variant,
            reason: details.reason,
            flag_metadata: details.flag_metadata,
        })
    }
}
