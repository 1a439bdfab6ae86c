//! The simulated platform, and the only owner of its state.
//!
//! What the host's contract says of stores, cache, secrets and variables is implemented here, once.
//! The adapters around it only translate: [`MockHost`](crate::MockHost) to the traits of
//! `fastedge-host` for native tests, `fastedge-mock` to the imports of a component.

pub(crate) mod cache;
mod calls;
mod clock;
mod faults;
pub(crate) mod kv;
mod outbound;
mod secrets;

use std::collections::{HashMap, VecDeque};
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use fastedge_host::{CacheError, HttpError, KeyValueError, Request, Response, SecretError};

use self::cache::Cache;
use self::calls::CallLog;
pub use self::calls::{Call, Calls, Operation};
pub use self::clock::Clock;
pub use self::faults::{Fault, FaultError};
use self::faults::{Faults, Struck};
pub use self::kv::BloomOptions;
use self::kv::Stores;
pub use self::outbound::Answer;
use self::outbound::Outbound;
use self::secrets::Secrets;
use crate::view::{CacheView, StoreWriter};

/// A server runs for days, and an app may label every request.
const KEPT_DIAGNOSTICS: usize = 1000;
const KEPT_CHARACTERS: usize = 1000;

/// One location of the platform, with what is linked to one app.
///
/// The methods named after an interface's functions are what an app calls: they are logged, and
/// faults strike them. The others are for whoever sets the scene.
#[derive(Debug)]
pub struct Edge {
    stores: Stores,
    cache: Cache,
    secrets: Secrets,
    variables: RwLock<HashMap<String, String>>,
    outbound: Outbound,
    clock: Clock,
    random: Mutex<fastrand::Rng>,
    faults: Faults,
    log: CallLog,
    diagnostics: Mutex<VecDeque<String>>,
}

/// An open store. It stays open however long it is kept.
#[derive(Clone, Debug)]
pub struct OpenStore {
    name: Arc<str>,
    store: Arc<kv::Store>,
}

impl Edge {
    /// For tests: time stands still until it is moved, and calls are kept.
    pub fn for_tests() -> Self {
        Edge::new(Clock::still(), CallLog::new(true))
    }

    /// For a server: time is the system's, and calls are not kept.
    pub fn for_serving() -> Self {
        Edge::new(Clock::system(), CallLog::new(false))
    }

    fn new(clock: Clock, log: CallLog) -> Self {
        Edge {
            stores: Stores::default(),
            cache: Cache::default(),
            secrets: Secrets::default(),
            variables: RwLock::default(),
            outbound: Outbound::default(),
            clock,
            random: Mutex::new(fastrand::Rng::with_seed(0)),
            faults: Faults::default(),
            log,
            diagnostics: Mutex::default(),
        }
    }

    /// The location's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Links a store to the app under this name, if none is, and writes to it.
    pub fn store(&self, name: &str) -> StoreWriter {
        StoreWriter::new(self.stores.link(name), self.clock.now_ms())
    }

    /// Whether a store is linked to the app under this name.
    pub fn has_store(&self, name: &str) -> bool {
        self.stores.open(name).is_ok()
    }

    /// The cache, past the app's interface.
    pub fn cache(&self) -> CacheView<'_> {
        CacheView::new(&self.cache, &self.clock)
    }

    /// Denies the cache to the app, as a plan without one does.
    pub fn deny_cache(&self) {
        self.cache.deny();
    }

    /// Gives a secret a value that is in effect from a moment (unix seconds) on.
    pub fn set_secret(&self, key: &str, effective_from: u64, value: impl Into<String>) {
        self.secrets.set(key, effective_from, value.into());
    }

    /// Takes a secret away, with all of its values.
    pub fn remove_secret(&self, key: &str) {
        self.secrets.remove(key);
    }

    /// Sets a variable of the app.
    pub fn set_variable(&self, key: impl Into<String>, value: impl Into<String>) {
        let mut variables = self
            .variables
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        variables.insert(key.into(), value.into());
    }

    /// Answers requests to this URL.
    pub fn answer(&self, url: impl Into<String>, answer: Answer) {
        self.outbound.answer(url.into(), answer);
    }

    /// Answers requests to URLs that have no answer of their own.
    pub fn answer_with(
        &self,
        respond: impl Fn(&Request) -> Result<Response, HttpError> + Send + Sync + 'static,
    ) {
        self.outbound.answer_with(Arc::new(respond));
    }

    /// Seeds the source of randomness.
    pub fn seed(&self, seed: u64) {
        self.random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seed(seed);
    }

    /// Fills `bytes` from the source of randomness.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill(bytes);
    }

    /// Makes calls fail from now on.
    pub fn inject(&self, fault: Fault) {
        self.faults.inject(fault);
    }

    /// Makes no more calls fail.
    pub fn clear_faults(&self) {
        self.faults.clear();
    }

    /// The calls so far.
    pub fn calls(&self) -> Calls {
        self.log.snapshot()
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.log.clear();
    }

    /// The labels that the app has set, in order: the latest thousand of them.
    pub fn diagnostics(&self) -> Vec<String> {
        let labels = self.diagnostics.lock();
        let labels = labels.unwrap_or_else(PoisonError::into_inner);
        labels.iter().cloned().collect()
    }

    /// `key-value.open`
    ///
    /// # Errors
    ///
    /// `access-denied` for a store that is not linked to the app.
    pub fn kv_open(&self, name: &str) -> Result<OpenStore, KeyValueError> {
        let about = About::of(Operation::KvOpen, name, "");
        self.call(
            about,
            |_| 0,
            || {
                Ok(OpenStore {
                    name: name.into(),
                    store: self.stores.open(name)?,
                })
            },
        )
    }

    /// `key-value.get`
    ///
    /// # Errors
    ///
    /// `internal-error` if the key holds another type.
    pub fn kv_get(&self, store: &OpenStore, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        let about = About::of(Operation::KvGet, &store.name, key);
        self.call(about, option_len, || {
            store.store.get(key, self.clock.now_ms())
        })
    }

    /// `key-value.scan`
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn kv_scan(&self, store: &OpenStore, pattern: &str) -> Result<Vec<String>, KeyValueError> {
        let about = About::of(Operation::KvScan, &store.name, pattern);
        let size = |keys: &Vec<String>| keys.iter().map(String::len).sum();
        self.call(about, size, || {
            Ok(store.store.scan(pattern, self.clock.now_ms()))
        })
    }

    /// `key-value.zrange-by-score`
    ///
    /// # Errors
    ///
    /// `internal-error` if the key holds another type, or a bound is NaN.
    pub fn kv_zrange_by_score(
        &self,
        store: &OpenStore,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        let about = About::of(Operation::KvZrangeByScore, &store.name, key);
        self.call(
            about,
            |members: &Vec<_>| members_len(members),
            || {
                store
                    .store
                    .zrange_by_score(key, min, max, self.clock.now_ms())
            },
        )
    }

    /// `key-value.zscan`
    ///
    /// # Errors
    ///
    /// `internal-error` if the key holds another type.
    pub fn kv_zscan(
        &self,
        store: &OpenStore,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        let about = About::of(Operation::KvZscan, &store.name, key);
        self.call(
            about,
            |members: &Vec<_>| members_len(members),
            || store.store.zscan(key, pattern, self.clock.now_ms()),
        )
    }

    /// `key-value.bf-exists`
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn kv_bf_exists(
        &self,
        store: &OpenStore,
        key: &str,
        item: &str,
    ) -> Result<bool, KeyValueError> {
        let about = About::of(Operation::KvBfExists, &store.name, key).sending(item.len());
        self.call(
            about,
            |_| 0,
            || Ok(store.store.bf_exists(key, item, self.clock.now_ms())),
        )
    }

    /// `cache-sync.get`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        let about = About::of(Operation::CacheGet, "", key);
        self.call(about, option_len, || {
            self.cache.get(key, self.clock.now_ms())
        })
    }

    /// `cache-sync.set`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_set(
        &self,
        key: &str,
        value: &[u8],
        ttl_ms: Option<u64>,
    ) -> Result<(), CacheError> {
        let about = About::of(Operation::CacheSet, "", key).sending(value.len());
        self.call(
            about,
            |()| 0,
            || self.cache.set(key, value, ttl_ms, self.clock.now_ms()),
        )
    }

    /// `cache-sync.delete`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_delete(&self, key: &str) -> Result<(), CacheError> {
        let about = About::of(Operation::CacheDelete, "", key);
        self.call(about, |()| 0, || self.cache.delete(key))
    }

    /// `cache-sync.exists`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_exists(&self, key: &str) -> Result<bool, CacheError> {
        let about = About::of(Operation::CacheExists, "", key);
        self.call(about, |_| 0, || self.cache.exists(key, self.clock.now_ms()))
    }

    /// `cache-sync.incr`
    ///
    /// # Errors
    ///
    /// `other` if the value is not an integer; `access-denied` where there is no cache.
    pub fn cache_incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        let about = About::of(Operation::CacheIncr, "", key);
        self.call(
            about,
            |_| 0,
            || self.cache.incr(key, delta, self.clock.now_ms()),
        )
    }

    /// `cache-sync.expire`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        let about = About::of(Operation::CacheExpire, "", key);
        self.call(
            about,
            |_| 0,
            || self.cache.expire(key, ttl_ms, self.clock.now_ms()),
        )
    }

    /// `cache-sync.purge`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_purge(&self) -> Result<u64, CacheError> {
        let about = About::of(Operation::CachePurge, "", "");
        self.call(about, |_| 0, || self.cache.purge(self.clock.now_ms()))
    }

    /// `cache-sync.purge-prefix`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        let about = About::of(Operation::CachePurgePrefix, "", prefix);
        self.call(
            about,
            |_| 0,
            || self.cache.purge_prefix(prefix, self.clock.now_ms()),
        )
    }

    /// `secret.get`
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn secret_get(&self, key: &str) -> Result<Option<String>, SecretError> {
        let about = About::of(Operation::SecretGet, "", key);
        self.call(about, text_len, || {
            Ok(self.secrets.get_effective_at(key, self.clock.unix_secs()))
        })
    }

    /// `secret.get-effective-at`, in unix seconds.
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn secret_get_effective_at(
        &self,
        key: &str,
        at: u32,
    ) -> Result<Option<String>, SecretError> {
        let about = About::of(Operation::SecretGetEffectiveAt, "", key);
        self.call(about, text_len, || {
            Ok(self.secrets.get_effective_at(key, at.into()))
        })
    }

    /// `dictionary.get`
    pub fn dictionary_get(&self, key: &str) -> Option<String> {
        let variables = self
            .variables
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let value = variables.get(key).cloned();
        let about = About::of(Operation::DictionaryGet, "", key);
        self.log.keep(|| about.call(text_len(&value), None));
        value
    }

    /// `http-client.send-request`, answered from the canned answers.
    ///
    /// # Errors
    ///
    /// `request-error` if nothing answers.
    pub fn send_request(&self, request: &Request) -> Result<Response, HttpError> {
        let sent = request.body.as_ref().map_or(0, Vec::len);
        let about = About::of(Operation::SendRequest, "", &request.uri).sending(sent);
        let size = |response: &Response| response.body.as_ref().map_or(0, Vec::len);
        self.call(about, size, || self.outbound.send(request))
    }

    /// `utils.set-user-diag`
    pub fn set_user_diag(&self, name: &str) {
        let labels = self.diagnostics.lock();
        let mut labels = labels.unwrap_or_else(PoisonError::into_inner);
        if labels.len() == KEPT_DIAGNOSTICS {
            labels.pop_front();
        }
        labels.push_back(name.chars().take(KEPT_CHARACTERS).collect());
        drop(labels);
        let about = About::of(Operation::SetUserDiag, "", name);
        self.log.keep(|| about.call(0, None));
    }

    /// One call of the app: struck by a fault or carried out, and written down.
    fn call<T, E: From<FaultError> + Display>(
        &self,
        about: About<'_>,
        size: impl FnOnce(&T) -> usize,
        carry_out: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let result = match self.faults.strike(about.operation, about.store) {
            None => carry_out(),
            Some(Struck {
                error,
                after_the_effect,
            }) => {
                if after_the_effect {
                    // The effect is wanted, the answer is what gets lost.
                    let _lost = carry_out();
                }
                Err(error.into())
            }
        };
        self.log.keep(|| match &result {
            Ok(answer) => about.call(size(answer), None),
            Err(error) => about.call(0, Some(error.to_string())),
        });
        result
    }
}

/// What there is to say of a call before it is carried out.
#[derive(Clone, Copy)]
struct About<'a> {
    operation: Operation,
    store: &'a str,
    key: &'a str,
    bytes_sent: usize,
}

impl<'a> About<'a> {
    fn of(operation: Operation, store: &'a str, key: &'a str) -> Self {
        About {
            operation,
            store,
            key,
            bytes_sent: 0,
        }
    }

    fn sending(self, bytes_sent: usize) -> Self {
        About { bytes_sent, ..self }
    }

    fn call(self, bytes_received: usize, error: Option<String>) -> Call {
        Call {
            operation: self.operation,
            store: self.store.to_owned(),
            key: self.key.to_owned(),
            bytes_sent: self.bytes_sent,
            bytes_received,
            error,
        }
    }
}

fn option_len(value: &Option<Vec<u8>>) -> usize {
    value.as_ref().map_or(0, Vec::len)
}

fn text_len(value: &Option<String>) -> usize {
    value.as_ref().map_or(0, String::len)
}

fn members_len(members: &[(Vec<u8>, f64)]) -> usize {
    members
        .iter()
        .map(|(member, _)| member.len() + size_of::<f64>())
        .sum()
}
