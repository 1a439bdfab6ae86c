//! Feature flags: flagd's documents, evaluated in the app, per request.
//!
//! A *flag set* is a [document of flagd](https://flagd.dev/reference/flag-definitions/), unmodified, as one
//! value in Edge Storage. [`Flags`] reads it with one host call, and evaluates what it is asked for where it
//! stands, in [OpenFeature](https://openfeature.dev)'s words. Evaluating never fails: whatever is wrong, with
//! the document, with the flag or with its type, the answer is the caller's default, and the `…_details` say
//! why.
//!
//! ```
//! use fastedge::KvStore;
//! use fastedge::flags::{EvaluationContext, Flags, Reason};
//! # use fastedge_mock_host::MockHost;
//!
//! # let edge = MockHost::new().kv("config", |kv| kv.set("flags", r#"
//! {
//!   "flags": {
//!     "new-checkout": {
//!       "state": "ENABLED",
//!       "variants": { "on": true, "off": false },
//!       "defaultVariant": "off",
//!       "targeting": { "if": [{ "in": [{ "var": "country" }, ["DE", "AT"]] },
//!                             { "fractional": [["on", 20], ["off", 80]] }] }
//!     }
//!   }
//! }
//! # "#));
//! # let _installed = edge.install();
//! let store = KvStore::open("config")?;
//! let flags = Flags::load(&store, "flags")?;
//! let context = EvaluationContext::new().with_targeting_key("user-2").with("country", "AT");
//!
//! assert!(flags.bool("new-checkout", false, &context));
//! assert_eq!(flags.bool_details("new-checkout", false, &context).reason, Reason::TargetingMatch);
//! assert_eq!(flags.string("no-such-flag", "mine", &context), "mine");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | use |
//! |---|---|
//! | say who asks | [`EvaluationContext`], also [from a request](EvaluationContext::from_request); [`Visitor`] for who is not logged in |
//! | ask | [`Flags::bool`], [`string`](Flags::string), [`int`](Flags::int), [`float`](Flags::float), [`object`](Flags::object), and the same with `_details` |
//! | know all at once | [`Flags::all`] |
//! | be told of what was answered | [`Flags::with_hook`] |
//! | have it otherwise | [`Overrides`], [`StaffOverrides`] |
//! | switch off at once | [`KillSwitch`] |
//! | keep many flags | [`Flags::per_key`], [`pack()`] |
//! | use OpenFeature's own crate | `open_feature` (feature `open-feature`) |
//! | evaluate rules without flags | [`json_logic`] |
//!
//! # What a flag resolves to
//!
//! | where | value | reason |
//! |---|---|---|
//! | there is no such flag | the caller's default | `ERROR`, `FLAG_NOT_FOUND` |
//! | its state is `DISABLED` | the caller's default | `DISABLED` |
//! | it has no `targeting`, or `{}` | that of `defaultVariant` | `STATIC` |
//! | targeting gives null | that of `defaultVariant` | `DEFAULT` |
//! | targeting gives a variant's name, or `true` or `false` as one | that variant's | `TARGETING_MATCH` |
//! | targeting gives anything else | the caller's default | `ERROR`, `GENERAL` |
//! | `defaultVariant` is null or absent, where it would count | the caller's default | `DEFAULT` |
//! | the definition, a rule or a `$ref` is broken | the caller's default | `ERROR`, `PARSE_ERROR` |
//! | the value is of another type | the caller's default | `ERROR`, `TYPE_MISMATCH` |
//! | the document could not be had | the caller's default | `ERROR`, `PROVIDER_NOT_READY` |
//!
//! What is broken in one flag does not touch the others, as long as its quotes and brackets are balanced. Integers are exact to 64 bits, and an integer and a
//! float pass for each other where nothing is lost. Of two flags with the same key the first counts.
//!
//! # Targeting
//!
//! JsonLogic, with `starts_with`, `ends_with`, `sem_ver`, `fractional`, `$ref` to rules in `$evaluators` (none
//! within another), `$flagd.flagKey` and `$flagd.timestamp`. A flag is JSON of up to 128 levels, and its rule
//! does up to 200,000 steps.
//!
//! `fractional` is the [third version](FractionalVersion::V3) unless [said
//! otherwise](Flags::with_fractional). When a share grows, keep the total of the weights as it is, and let the
//! first variant grow at the cost of those behind it: from `[["on", 10], ["off", 90]]` to
//! `[["on", 20], ["off", 80]]` nobody loses what they had. Where the total changes, or a variant comes in
//! before others, users move.
//!
//! # When a change is seen
//!
//! Edge Storage replicates a document within one or two seconds, but a node keeps what it has read for some
//! 30 seconds. So for half a minute after a change, one request of a user is answered by the new document
//! and the next one, at another node, by the old one. For a rollout that is nothing; for what has to go off at
//! once there is the [`KillSwitch`]. A document is one value, so what changes in several flags is seen at
//! once, where it is seen.
//!
//! # What it costs
//!
//! Loading is two host calls, one of which reads; asking is none. In a component, one flag of 1,000 (213 KB) takes
//! 1.9 million instructions where it is the last of them, 41,000 where it is the first, and ten flags take 2.5 million;
//! `serde_json::Value` with the crate `datalogic-rs` takes 38 million (`benches/costs/flags.rs`). One that does not exist
//! takes 2.8 million: everything has been looked at twice.
//!
//! | layout | calls | for |
//! |---|---|---|
//! | [a document](Flags::load) | 1 for all flags | hundreds of flags; they change together |
//! | [a key for each flag](Flags::per_key) | 1 for each flag that is asked for | more, or large ones; each changes by itself |

mod bulk;
mod context;
mod definition;
mod details;
mod error;
mod evaluation;
mod hook;
mod json;
mod kill_switch;
mod logic;
mod metadata;
#[cfg(feature = "open-feature")]
pub mod open_feature;
mod overrides;
mod pack;
mod source;
mod value;
mod visitor;

/// JsonLogic by itself: the rules that targeting is made of.
pub mod json_logic {
    pub use super::logic::{RuleError, apply};
}

use std::fmt;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

pub use self::bulk::AllFlags;
pub use self::context::{Device, EvaluationContext};
pub use self::details::{ErrorCode, EvaluationDetails, Reason};
pub use self::error::Error;
pub use self::hook::Evaluation;
use self::hook::Hook;
pub use self::kill_switch::KillSwitch;
pub use self::logic::FractionalVersion;
pub use self::metadata::Metadata;
pub use self::overrides::{OverrideError, Overrides, StaffOverrides};
pub use self::pack::{PackError, Packed, minify, pack};
pub use self::source::{Document, PerKey, Source};
use self::value::Object;
pub use self::visitor::{Visitor, VisitorError};
use crate::kv_store::{Access, KvStore};

/// The flags of a document: see the [module](self).
#[must_use = "flags are asked for their values"]
pub struct Flags<S = Document> {
    source: S,
    settings: Settings,
}

/// What holds for all of a source's flags.
#[derive(Default)]
struct Settings {
    fractional: FractionalVersion,
    moment: Option<SystemTime>,
    overrides: Overrides,
    kill_switch: KillSwitch,
    hooks: Vec<Hook>,
}

impl Flags {
    /// Reads the document at a key of a store: one host call. What is in it is not looked at yet.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if there is no document, [`Error::Unavailable`] if the store cannot be read. Where
    /// an app goes on with its own defaults, there is [`Flags::open`].
    pub fn load<A: Access>(store: &KvStore<A>, key: &str) -> Result<Self, Error> {
        match store.get_bytes(key)? {
            Some(document) => Ok(Flags::from_json(document)),
            None => Err(Error::Missing {
                store: store.name().to_owned(),
                key: key.to_owned(),
            }),
        }
    }

    /// Opens a store and reads the document: two host calls. Where that fails, each flag is the caller's
    /// default, with `PROVIDER_NOT_READY`, and [`failure`](Self::failure) says why.
    ///
    /// ```
    /// use fastedge::flags::{ErrorCode, EvaluationContext, Flags};
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// let flags = Flags::open("config", "flags");
    /// let beta = flags.bool_details("beta", false, &EvaluationContext::new());
    /// assert_eq!(beta.error_code, Some(ErrorCode::ProviderNotReady));
    /// assert!(flags.failure().unwrap().contains("store `config`"));
    /// ```
    pub fn open(store: &str, key: &str) -> Self {
        let store = KvStore::open(store).map_err(Error::from);
        let flags = store.and_then(|store| Flags::load(&store, key));
        flags.unwrap_or_else(|error| Flags::unavailable(error.to_string()))
    }

    /// The flags of a document that is there already. What is in it is not looked at yet.
    pub fn from_json(document: impl Into<Vec<u8>>) -> Self {
        Flags::of(Document::new(document.into()))
    }

    /// No flags, for a reason: each is the caller's default, with `PROVIDER_NOT_READY`.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Flags::of(Document::unavailable(reason.into()))
    }

    /// Why there are no flags.
    pub fn failure(&self) -> Option<&str> {
        self.source.failure()
    }
}

impl<'a, A: Access> Flags<PerKey<'a, A>> {
    /// Flags under keys of their own, as [`pack()`] makes them: `<prefix>:<flag's key>`. No host call; one
    /// for each flag when it is asked for.
    pub fn per_key(store: &'a KvStore<A>, prefix: impl Into<String>) -> Self {
        Flags::of(PerKey::new(store, prefix.into()))
    }
}

impl<S: Source> Flags<S> {
    fn of(source: S) -> Self {
        Flags {
            source,
            settings: Settings::default(),
        }
    }

    /// With another version of `fractional` than the third.
    pub fn with_fractional(mut self, version: FractionalVersion) -> Self {
        self.settings.fractional = version;
        self
    }

    /// At this moment, as `$flagd.timestamp`, instead of the clock's.
    pub fn at(mut self, moment: SystemTime) -> Self {
        self.settings.moment = Some(moment);
        self
    }

    /// With overrides, which come before those that there are.
    pub fn with_overrides(mut self, overrides: Overrides) -> Self {
        self.settings.overrides.extend(overrides);
        self
    }

    /// With flags that are off, whatever else is said.
    pub fn with_kill_switch(mut self, kill_switch: KillSwitch) -> Self {
        self.settings.kill_switch = kill_switch;
        self
    }

    /// With a callback for each evaluation: to log it, to count exposures.
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    /// use fastedge::flags::{EvaluationContext, Flags};
    ///
    /// let seen = Rc::new(RefCell::new(Vec::new()));
    /// let exposures = seen.clone();
    /// let flags = Flags::from_json(r#"{"flags": {"beta":
    ///     {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#)
    ///     .with_hook(move |evaluation| {
    ///         let variant = evaluation.variant.unwrap_or("(default)");
    ///         exposures.borrow_mut().push(format!("{}={variant}", evaluation.flag_key));
    ///     });
    /// flags.bool("beta", false, &EvaluationContext::new());
    /// flags.bool("gamma", false, &EvaluationContext::new());
    /// assert_eq!(*seen.borrow(), ["beta=on", "gamma=(default)"]);
    /// ```
    pub fn with_hook(mut self, hook: impl Fn(&Evaluation<'_>) + 'static) -> Self {
        self.settings.hooks.push(Box::new(hook));
        self
    }

    /// A flag that is on or off.
    pub fn bool(&self, key: &str, default: bool, context: &EvaluationContext) -> bool {
        self.value(key, default, context)
    }

    /// A flag that is a text.
    pub fn string(
        &self,
        key: &str,
        default: impl Into<String>,
        context: &EvaluationContext,
    ) -> String {
        self.value(key, default.into(), context)
    }

    /// A flag that is an integer. A float that is whole is one.
    pub fn int(&self, key: &str, default: i64, context: &EvaluationContext) -> i64 {
        self.value(key, default, context)
    }

    /// A flag that is a float. An integer is one, if a float holds it exactly.
    pub fn float(&self, key: &str, default: f64, context: &EvaluationContext) -> f64 {
        self.value(key, default, context)
    }

    /// A flag that is an object, as any type that `serde` makes of it: `serde_json::Value`, or a type of
    /// one's own. An object that is no such type is a `TYPE_MISMATCH`.
    ///
    /// ```
    /// use fastedge::flags::{EvaluationContext, Flags};
    ///
    /// #[derive(Debug, PartialEq, serde::Deserialize)]
    /// struct Banner { text: String }
    ///
    /// let flags = Flags::from_json(r#"{"flags": {"banner": {"state": "ENABLED",
    ///     "variants": {"tea": {"text": "Tea!"}}, "defaultVariant": "tea"}}}"#);
    /// let banner = flags.object("banner", Banner { text: "…".into() }, &EvaluationContext::new());
    /// assert_eq!(banner, Banner { text: "Tea!".into() });
    /// ```
    pub fn object<T: DeserializeOwned>(
        &self,
        key: &str,
        default: T,
        context: &EvaluationContext,
    ) -> T {
        self.value(key, Object(default), context).0
    }

    /// The same as [`bool`](Self::bool), and how it came about. Unlike it, this reads the document up to its
    /// metadata.
    pub fn bool_details(
        &self,
        key: &str,
        default: bool,
        context: &EvaluationContext,
    ) -> EvaluationDetails<bool> {
        self.details(key, default, context)
    }

    /// The same as [`string`](Self::string), and how it came about.
    pub fn string_details(
        &self,
        key: &str,
        default: impl Into<String>,
        context: &EvaluationContext,
    ) -> EvaluationDetails<String> {
        self.details(key, default.into(), context)
    }

    /// The same as [`int`](Self::int), and how it came about.
    pub fn int_details(
        &self,
        key: &str,
        default: i64,
        context: &EvaluationContext,
    ) -> EvaluationDetails<i64> {
        self.details(key, default, context)
    }

    /// The same as [`float`](Self::float), and how it came about.
    pub fn float_details(
        &self,
        key: &str,
        default: f64,
        context: &EvaluationContext,
    ) -> EvaluationDetails<f64> {
        self.details(key, default, context)
    }

    /// The same as [`object`](Self::object), and how it came about.
    pub fn object_details<T: DeserializeOwned>(
        &self,
        key: &str,
        default: T,
        context: &EvaluationContext,
    ) -> EvaluationDetails<T> {
        let details = self.details(key, Object(default), context);
        EvaluationDetails {
            flag_key: details.flag_key,
            value: details.value.0,
            variant: details.variant,
            reason: details.reason,
            error_code: details.error_code,
            error_message: details.error_message,
            flag_metadata: details.flag_metadata,
        }
    }

    /// All flags for one context: see [`AllFlags`]. Their metadata is what is said of each, without the set's. Of flags [per key](Self::per_key), it lists the keys and
    /// reads each: a host call for the list and one for each flag.
    pub fn all(&self, context: &EvaluationContext) -> AllFlags {
        self.evaluate_all(context)
    }
}

impl<S: fmt::Debug> fmt::Debug for Flags<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flags")
            .field("source", &self.source)
            .field("fractional", &self.settings.fractional)
            .field("overrides", &self.settings.overrides)
            .field("kill_switch", &self.settings.kill_switch)
            .finish_non_exhaustive()
    }
}
