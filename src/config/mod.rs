//! An app's configuration: one typed document in a store.
//!
//! What a request needs of its configuration belongs into one document, read with one call. A
//! [`Config`] says which document that is, what makes it valid, and what holds where it is missing,
//! broken or out of reach; [`load`](Config::load) answers the settings, and where they are from.
//!
//! ```
//! use fastedge::config::{Config, Policy, Source};
//! # use fastedge_mock_host::MockHost;
//!
//! #[derive(serde::Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Settings {
//!     items_per_page: u32,
//! }
//!
//! impl Default for Settings {
//!     fn default() -> Self {
//!         Settings { items_per_page: 20 }
//!     }
//! }
//!
//! fn settings() -> Config<Settings> {
//!     Config::new("config", "settings")
//!         .validated(|settings: &Settings| match settings.items_per_page {
//!             1..=100 => Ok(()),
//!             other => Err(format!("items_per_page is {other}, and has to be 1 to 100")),
//!         })
//!         .when_missing(Policy::Use(Settings::default))
//!         .when_broken(Policy::Fail)
//! }
//!
//! let edge = MockHost::new().kv("config", |kv| kv.set("settings", r#"{"items_per_page": 5}"#));
//! let _installed = edge.install();
//! assert_eq!(settings().load()?.items_per_page, 5);
//!
//! edge.write("config", |kv| kv.delete("settings"));
//! let loaded = settings().load()?;
//! assert_eq!(loaded.items_per_page, 20);
//! assert!(matches!(loaded.source(), Source::Defaults(_)));
//!
//! edge.write("config", |kv| kv.set("settings", r#"{"items_per_page": 500}"#));
//! assert_eq!(
//!     settings().load().err().unwrap().to_string(),
//!     "the document at key `settings` of store `config` is broken: items_per_page is 500, and has \
//!      to be 1 to 100",
//! );
//! # Ok::<(), fastedge::config::Error>(())
//! ```
//!
//! # Derived settings, memoised
//!
//! The store is the source of truth. What an app makes of it, if that is expensive, can be kept in
//! the location's cache: a request then costs one call of the cache, and neither reads the store nor
//! derives anything.
//!
//! ```
//! use fastedge::cache::Ttl;
//! use fastedge::config::{Config, Source};
//! # use fastedge_mock_host::MockHost;
//! # let edge = MockHost::new().kv("config", |kv| kv.set("words", "tea milk tea"));
//! # let _installed = edge.install();
//!
//! /// The words of a text, sorted, each once.
//! #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
//! struct Words(Vec<String>);
//!
//! let config = Config::derived("config", "words", |document: &[u8]| {
//!     let text = str::from_utf8(document)?;
//!     let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
//!     words.sort();
//!     words.dedup();
//!     Ok(Words(words))
//! })
//! .memoised("my-app 1.0", Ttl::secs(10)?)
//! .last_good_for(Ttl::secs(3600)?);
//!
//! assert_eq!(config.load()?.0, ["milk", "tea"]);
//! assert!(matches!(config.load()?.source(), Source::Memoised));
//! assert_eq!(edge.calls().kv_reads(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod memo;

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::error::Error;
pub use self::memo::{Memoised, NotMemoised};
use self::memo::{Memory, Recalled};
use crate::cache::Ttl;
use crate::kv_store::KvStore;
use crate::value;

/// What a document is turned into, or the reason why it cannot be.
type Reason = Box<dyn std::error::Error + Send + Sync>;
type Derive<T> = Box<dyn Fn(&[u8]) -> Result<T, Reason> + Send + Sync>;
type Check<T> = Box<dyn Fn(&T) -> Result<(), Reason> + Send + Sync>;

/// Which document an app's settings are, and what holds where there is none: see the
/// [module](self).
pub struct Config<T, M = NotMemoised> {
    store: Cow<'static, str>,
    key: Cow<'static, str>,
    derive: Derive<T>,
    checks: Vec<Check<T>>,
    missing: Policy<T>,
    broken: Policy<T>,
    unavailable: Policy<T>,
    memory: M,
}

/// What holds where there are no settings to be had.
#[derive(Debug)]
pub enum Policy<T> {
    /// Loading fails.
    Fail,
    /// These hold, and [`Loaded::source`] says why: `Policy::Use(Settings::default)`. They are not
    /// checked.
    Use(fn() -> T),
}

impl<T: DeserializeOwned + 'static> Config<T> {
    /// The settings are the JSON document at `key` of `store`. Where there is none, the type's
    /// defaults hold; where it is broken or out of reach, loading fails; unless said otherwise.
    pub fn new(store: impl Into<Cow<'static, str>>, key: impl Into<Cow<'static, str>>) -> Self
    where
        T: Default,
    {
        Config::required(store, key).when_missing(Policy::Use(T::default))
    }

    /// The settings are the JSON document at `key` of `store`, and have no defaults: without it,
    /// loading fails, unless said otherwise.
    pub fn required(
        store: impl Into<Cow<'static, str>>,
        key: impl Into<Cow<'static, str>>,
    ) -> Self {
        Config::derived(store, key, |document| Ok(value::json(document)?))
    }
}

impl<T> Config<T> {
    /// The settings are made of the bytes of the document at `key` of `store`. Without it, loading
    /// fails, unless said otherwise.
    pub fn derived(
        store: impl Into<Cow<'static, str>>,
        key: impl Into<Cow<'static, str>>,
        derive: impl Fn(&[u8]) -> Result<T, Box<dyn std::error::Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Config {
            store: store.into(),
            key: key.into(),
            derive: Box::new(derive),
            checks: Vec::new(),
            missing: Policy::Fail,
            broken: Policy::Fail,
            unavailable: Policy::Fail,
            memory: NotMemoised,
        }
    }

    /// Keeps the settings in the location's cache for a while, as JSON, from which they have to come
    /// back as they were. A change of the document is seen that much later; that there is none is kept
    /// as well.
    ///
    /// The cache is shared by all apps of the account, and outlives a deployment: the entry begins
    /// with the app's name and version, so that no version reads what another one has made of the
    /// document. A cache that fails is gone without: loading reads the document.
    #[must_use]
    pub fn memoised(self, app_and_version: &str, fresh_for: Ttl) -> Config<T, Memoised>
    where
        T: Serialize + DeserializeOwned,
    {
        let memory = Memoised::new::<T>(app_and_version, &self.store, &self.key, fresh_for);
        Config {
            store: self.store,
            key: self.key,
            derive: self.derive,
            checks: self.checks,
            missing: self.missing,
            broken: self.broken,
            unavailable: self.unavailable,
            memory,
        }
    }
}

impl<T> Config<T, Memoised> {
    /// Falls back to the settings that were loaded last, within this time, where the document is
    /// broken or out of reach; only after it do the policies hold. A document that has been deleted is
    /// missing, and what it said does not come back.
    #[must_use]
    pub fn last_good_for(mut self, ttl: Ttl) -> Self {
        self.memory.keep_for(ttl);
        self
    }
}

impl<T, M> Config<T, M> {
    /// What makes the settings valid, beyond their types. Those that are not are a broken document.
    /// Said several times, all of it has to hold.
    #[must_use]
    pub fn validated<E>(
        mut self,
        check: impl Fn(&T) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let check = move |settings: &T| check(settings).map_err(Into::into);
        self.checks.push(Box::new(check));
        self
    }

    /// What holds where there is no document.
    #[must_use]
    pub fn when_missing(mut self, policy: Policy<T>) -> Self {
        self.missing = policy;
        self
    }

    /// What holds where the document cannot be read, or is not valid.
    #[must_use]
    pub fn when_broken(mut self, policy: Policy<T>) -> Self {
        self.broken = policy;
        self
    }

    /// What holds where the store cannot be opened or read.
    #[must_use]
    pub fn when_unavailable(mut self, policy: Policy<T>) -> Self {
        self.unavailable = policy;
        self
    }
}

impl<T, M: Memory<T>> Config<T, M> {
    /// Loads the settings: two host calls, of which one reads. Where they are memoised: one, while
    /// they are fresh, and four otherwise.
    ///
    /// # Errors
    ///
    /// [`Error`], where the policy for what is wrong is [`Policy::Fail`].
    pub fn load(&self) -> Result<Loaded<T>, Error> {
        let mut last_good = None;
        let error = match self.memory.recall() {
            Some(Recalled::Fresh(settings)) if self.check(&settings).is_ok() => {
                return Ok(Loaded::of(settings, Source::Memoised));
            }
            Some(Recalled::Missing) => Error::missing(&self.store, &self.key),
            recalled => {
                if let Some(Recalled::Stale(settings)) = recalled {
                    last_good = Some(settings).filter(|settings| self.check(settings).is_ok());
                }
                match self.read() {
                    Ok(settings) => {
                        self.memory.remember(Some(&settings));
                        return Ok(Loaded::of(settings, Source::Document));
                    }
                    Err(error) => error,
                }
            }
        };
        let policy = match error {
            Error::Missing { .. } => {
                last_good = None;
                &self.missing
            }
            Error::Broken { .. } => &self.broken,
            Error::Unavailable(_) => &self.unavailable,
        };
        match (last_good, policy) {
            (Some(settings), _) => Ok(Loaded::of(settings, Source::LastGood(error))),
            (None, Policy::Use(defaults)) => Ok(Loaded::of(defaults(), Source::Defaults(error))),
            (None, Policy::Fail) => Err(error),
        }
    }

    fn read(&self) -> Result<T, Error> {
        let document = KvStore::open(&*self.store)?.get_bytes(&self.key)?;
        let Some(document) = document else {
            self.memory.remember(None);
            return Err(Error::missing(&self.store, &self.key));
        };
        (self.derive)(&document)
            .and_then(|settings| self.check(&settings).map(|()| settings))
            .map_err(|reason| Error::broken(&self.store, &self.key, &reason))
    }

    /// What another version of the app has memoised need not be valid for this one either.
    fn check(&self, settings: &T) -> Result<(), Reason> {
        self.checks.iter().try_for_each(|check| check(settings))
    }
}

impl<T, M> fmt::Debug for Config<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("store", &self.store)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Settings, and where they are from. It dereferences to the settings.
#[derive(Debug)]
pub struct Loaded<T> {
    settings: T,
    source: Source,
}

/// Where settings are from.
#[derive(Debug)]
#[non_exhaustive]
pub enum Source {
    /// The document, just read.
    Document,
    /// The cache, in which they are fresh.
    Memoised,
    /// The cache, in which they are stale: the document could not be had, for this reason.
    LastGood(Error),
    /// What the policy says: the document could not be had, for this reason.
    Defaults(Error),
}

impl<T> Loaded<T> {
    fn of(settings: T, source: Source) -> Self {
        Loaded { settings, source }
    }

    /// Where the settings are from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The settings.
    pub fn into_inner(self) -> T {
        self.settings
    }
}

impl<T> Deref for Loaded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.settings
    }
}
