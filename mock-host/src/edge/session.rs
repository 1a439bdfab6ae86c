//! The interfaces that an app calls, on the edge's state: each call is struck by a fault or carried
//! out, and written down.

use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, PoisonError};

use fastedge_host::{
    self as host, CacheError, HttpError, KeyValueError, Request, Response, SecretError, glob,
};

use super::app::Link;
use super::cache::Cache;
use super::faults::Struck;
use super::kv::MAX_KEY_BYTES;
use super::read_cache::ReadCache;
use super::replica::Replica;
use super::settings::{Scans, Unlinked};
use super::{Call, Calls, Edge, FaultError, Operation};

/// Of an app that calls for ever only so many calls are kept.
const KEPT_CALLS: usize = 10_000;

/// What one request sees of the edge: one node of a location, and a log of its own.
///
/// The methods are the functions of the host's interfaces, under their names.
pub struct Session {
    edge: Edge,
    nodes: Arc<[ReadCache]>,
    node: usize,
    /// What the app sees of the cache, if it is not the location's own.
    foreign_cache: Option<Arc<dyn host::Cache>>,
    /// `None` where nobody wants to know.
    log: Option<Mutex<Vec<Call>>>,
}

/// What the edge answers to a request that an app sends, by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnAnswer {
    /// This.
    Given(Result<Response, HttpError>),
    /// Nothing: the request is to be sent.
    None,
    /// The request is to be sent, and its answer is to get lost: the app is told this instead.
    Lost(HttpError),
}

/// An open store. It stays open however long it is kept.
#[derive(Clone)]
pub struct OpenStore {
    name: Arc<str>,
    data: OpenData,
}

#[derive(Clone)]
enum OpenData {
    Replica { id: u64, replica: Arc<Replica> },
    Foreign(Arc<dyn host::Store>),
}

impl fmt::Debug for OpenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStore")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn new(edge: Edge, is_logged: bool) -> Self {
        let (nodes, node) = edge.pop.next_node();
        Session {
            nodes,
            node,
            foreign_cache: edge.pop.foreign_cache(),
            log: is_logged.then(Mutex::default),
            edge,
        }
    }

    /// Where it is.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The calls so far, of this session.
    pub fn calls(&self) -> Calls {
        match &self.log {
            Some(log) => Calls::from(log.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            None => Calls::default(),
        }
    }

    /// `key-value.open`
    ///
    /// # Errors
    ///
    /// `access-denied` for a store that is not linked to the app, unless the settings say otherwise.
    pub fn kv_open(&self, name: &str) -> Result<OpenStore, KeyValueError> {
        let about = About::of(Operation::KvOpen, name, "");
        self.call(
            about,
            |_| 0,
            || {
                let data = match self.edge.app.store(name) {
                    Some(Link::Store(store)) => match store.database() {
                        Some(database) => OpenData::Foreign(database),
                        None => OpenData::Replica {
                            id: store.id(),
                            replica: self.edge.platform.replica(&self.edge.pop, &store),
                        },
                    },
                    Some(Link::Foreign(store)) => OpenData::Foreign(store.0),
                    None => match self.edge.platform.settings().unlinked {
                        Unlinked::AccessDenied => return Err(KeyValueError::AccessDenied),
                        Unlinked::NoSuchStore => return Err(KeyValueError::NoSuchStore),
                    },
                };
                Ok(OpenStore {
                    name: name.into(),
                    data,
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
        self.call(about, option_len, || match &store.data {
            OpenData::Foreign(store) => store.get(key),
            OpenData::Replica { id, replica } => {
                let now_ms = self.now_ms();
                let read = || replica.get(key, now_ms);
                let entry = match self.edge.platform.settings().read_cache {
                    // There can be no longer key, and so nothing to keep.
                    Some(keep) if key.len() <= MAX_KEY_BYTES => {
                        self.nodes[self.node].get(*id, key, (now_ms, keep), read)
                    }
                    _ => read(),
                };
                entry.map(|entry| entry.get()).transpose()
            }
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
        self.call(about, size, || match &store.data {
            OpenData::Foreign(store) => store.scan(pattern),
            OpenData::Replica { replica, .. } => {
                let matches = |key: &str| glob::matches(pattern.as_bytes(), key.as_bytes());
                let keys = replica.keys(self.now_ms(), matches);
                Ok(self.as_scanned(keys))
            }
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
            || match &store.data {
                OpenData::Foreign(store) => store.zrange_by_score(key, min, max),
                OpenData::Replica { .. } if min.is_nan() || max.is_nan() => {
                    Err(KeyValueError::InternalError)
                }
                OpenData::Replica { replica, .. } => match replica.get(key, self.now_ms()) {
                    Some(entry) => entry.zrange_by_score(min, max),
                    None => Ok(Vec::new()),
                },
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
            || match &store.data {
                OpenData::Foreign(store) => store.zscan(key, pattern),
                OpenData::Replica { replica, .. } => match replica.get(key, self.now_ms()) {
                    Some(entry) => Ok(self.as_scanned(entry.zscan(pattern)?)),
                    None => Ok(Vec::new()),
                },
            },
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
            || match &store.data {
                OpenData::Foreign(store) => store.bf_exists(key, item),
                OpenData::Replica { replica, .. } => {
                    let entry = replica.get(key, self.now_ms());
                    Ok(entry.is_some_and(|entry| entry.bf_exists(item.as_bytes())))
                }
            },
        )
    }

    /// `cache-sync.get`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        let about = About::of(Operation::CacheGet, "", key);
        self.call(about, option_len, || match &self.foreign_cache {
            Some(cache) => cache.get(key),
            None => self.own_cache().get(key, self.now_ms()),
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
            || match &self.foreign_cache {
                Some(cache) => cache.set(key, value, ttl_ms),
                None => self.own_cache().set(key, value, ttl_ms, self.now_ms()),
            },
        )
    }

    /// `cache-sync.delete`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_delete(&self, key: &str) -> Result<(), CacheError> {
        let about = About::of(Operation::CacheDelete, "", key);
        self.call(
            about,
            |()| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.delete(key),
                None => self.own_cache().delete(key),
            },
        )
    }

    /// `cache-sync.exists`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_exists(&self, key: &str) -> Result<bool, CacheError> {
        let about = About::of(Operation::CacheExists, "", key);
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.exists(key),
                None => self.own_cache().exists(key, self.now_ms()),
            },
        )
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
            || match &self.foreign_cache {
                Some(cache) => cache.incr(key, delta),
                None => self.own_cache().incr(key, delta, self.now_ms()),
            },
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
            || match &self.foreign_cache {
                Some(cache) => cache.expire(key, ttl_ms),
                None => self.own_cache().expire(key, ttl_ms, self.now_ms()),
            },
        )
    }

    /// `cache-sync.purge`
    ///
    /// # Errors
    ///
    /// `access-denied` where there is no cache.
    pub fn cache_purge(&self) -> Result<u64, CacheError> {
        let about = About::of(Operation::CachePurge, "", "");
        self.call(
            about,
            |_| 0,
            || match &self.foreign_cache {
                Some(cache) => cache.purge(),
                None => self.own_cache().purge(self.now_ms()),
            },
        )
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
            || match &self.foreign_cache {
                Some(cache) => cache.purge_prefix(prefix),
                None => self.own_cache().purge_prefix(prefix, self.now_ms()),
            },
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
            Ok(self
                .edge
                .app
                .secrets
                .get_effective_at(key, self.edge.clock().unix_secs()))
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
            Ok(self.edge.app.secrets.get_effective_at(key, at.into()))
        })
    }

    /// `dictionary.get`
    pub fn dictionary_get(&self, key: &str) -> Option<String> {
        let value = self.edge.app.variable(key);
        let about = About::of(Operation::DictionaryGet, "", key);
        self.note(|pop| about.call(pop, text_len(&value), None));
        value
    }

    /// `http-client.send-request`, answered from the canned answers.
    ///
    /// # Errors
    ///
    /// `invalid-url` for what is no URL of HTTP, and `request-error` if nothing answers.
    pub fn send_request(&self, request: &Request) -> Result<Response, HttpError> {
        let about = About::of_request(request);
        self.call(about, response_len, || {
            let answer = self.edge.app.outbound.answer_to(request);
            answer.unwrap_or(Err(match is_url(&request.uri) {
                true => HttpError::RequestError,
                false => HttpError::InvalidUrl,
            }))
        })
    }

    /// `http-client.send-request` and `wasi:http/outgoing-handler`, as far as the edge answers by
    /// itself: with an injected fault, or a canned answer. What is really sent is written down as sent, before its
    /// answer: without its error, and without the bytes that come back.
    pub fn answer_to_request(&self, request: &Request) -> OwnAnswer {
        let about = About::of_request(request);
        let platform = &self.edge.platform;
        let struck = platform.faults.strike(about.operation, about.store);
        let canned = match &struck {
            Some(fault) if !fault.after_the_effect => None,
            _ => self.edge.app.outbound.answer_to(request),
        };
        let answer = match (struck, canned) {
            (Some(fault), None) if fault.after_the_effect => OwnAnswer::Lost(fault.error.into()),
            // Who answers has been asked, and what it said is lost.
            (Some(fault), _) => OwnAnswer::Given(Err(fault.error.into())),
            (None, Some(canned)) => OwnAnswer::Given(canned),
            (None, None) => OwnAnswer::None,
        };
        self.note(|pop| match &answer {
            OwnAnswer::Given(Ok(response)) => about.call(pop, response_len(response), None),
            OwnAnswer::Given(Err(error)) | OwnAnswer::Lost(error) => {
                about.call(pop, 0, Some(error.to_string()))
            }
            OwnAnswer::None => about.call(pop, 0, None),
        });
        answer
    }

    /// `utils.set-user-diag`
    pub fn set_user_diag(&self, name: &str) {
        self.edge.app.label(name);
        let about = About::of(Operation::SetUserDiag, "", name);
        self.note(|pop| about.call(pop, 0, None));
    }

    fn now_ms(&self) -> u64 {
        self.edge.clock().now_ms()
    }

    fn own_cache(&self) -> &Cache {
        &self.edge.pop.cache
    }

    /// What a scan has found, in the order of the settings.
    fn as_scanned<T: Clone>(&self, mut found: Vec<T>) -> Vec<T> {
        if let Scans::Shuffled { seed } = self.edge.platform.settings().scans {
            let mut random = fastrand::Rng::with_seed(seed ^ found.len() as u64);
            for i in 0..found.len() {
                if random.u8(..) < 64 {
                    found.push(found[i].clone());
                }
            }
            random.shuffle(&mut found);
        }
        found
    }

    /// Writes a call down, wherever somebody wants to know of it.
    fn note(&self, call: impl FnOnce(&Arc<str>) -> Call) {
        let platform = &self.edge.platform;
        if self.log.is_none() && !platform.log.keeps() {
            return;
        }
        let call = call(&self.edge.pop.name);
        if let Some(log) = &self.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if log.len() < KEPT_CALLS {
                log.push(call.clone());
            }
        }
        platform.log.keep(call);
    }

    /// One call of the app: struck by a fault or carried out, and written down.
    fn call<T, E: From<FaultError> + Display>(
        &self,
        about: About<'_>,
        size: impl FnOnce(&T) -> usize,
        carry_out: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let result = match self
            .edge
            .platform
            .faults
            .strike(about.operation, about.store)
        {
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
        self.note(|pop| match &result {
            Ok(answer) => about.call(pop, size(answer), None),
            Err(error) => about.call(pop, 0, Some(error.to_string())),
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

    fn of_request(request: &'a Request) -> Self {
        let sent = request.body.as_ref().map_or(0, Vec::len);
        About::of(Operation::SendRequest, "", &request.uri).sending(sent)
    }

    fn sending(self, bytes_sent: usize) -> Self {
        About { bytes_sent, ..self }
    }

    fn call(self, pop: &Arc<str>, bytes_received: usize, error: Option<String>) -> Call {
        Call {
            pop: Arc::clone(pop),
            operation: self.operation,
            store: self.store.to_owned(),
            key: shortened(self.key),
            bytes_sent: self.bytes_sent,
            bytes_received,
            error,
        }
    }
}

/// A key as far as it is worth writing down: no key of the platform is this long.
fn shortened(key: &str) -> String {
    const MOST: usize = 1024;
    if key.len() <= MOST {
        return key.to_owned();
    }
    let cut = (0..=MOST).rev().find(|at| key.is_char_boundary(*at));
    format!("{}… ({} bytes)", &key[..cut.unwrap_or(0)], key.len())
}

fn response_len(response: &Response) -> usize {
    response.body.as_ref().map_or(0, Vec::len)
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

/// Whether a request can be sent there at all.
fn is_url(uri: &str) -> bool {
    let rest = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
}
