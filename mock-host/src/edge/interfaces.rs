//! The interfaces that an app calls, on the edge's state: each call is struck by a fault or carried
//! out, and written down.

use std::fmt::Display;
use std::sync::PoisonError;

use fastedge_host::{CacheError, HttpError, KeyValueError, Request, Response, SecretError};

use super::faults::Struck;
use super::{Call, Edge, FaultError, KEPT_CHARACTERS, KEPT_DIAGNOSTICS, OpenStore, Operation};

impl Edge {
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
        let about = About::of_request(request);
        self.call(about, response_len, || {
            let answer = self.outbound.answer_to(request);
            answer.unwrap_or(Err(HttpError::RequestError))
        })
    }

    /// `http-client.send-request` and `wasi:http/outgoing-handler`, as far as the edge answers by
    /// itself: with an injected fault, or a canned answer. `None` is a request that is to be sent.
    pub fn answer_to_request(&self, request: &Request) -> Option<Result<Response, HttpError>> {
        let about = About::of_request(request);
        let answer = match self.faults.strike(about.operation, about.store) {
            Some(Struck { error, .. }) => Some(Err(error.into())),
            None => self.outbound.answer_to(request),
        };
        self.log.keep(|| match &answer {
            Some(Ok(response)) => about.call(response_len(response), None),
            Some(Err(error)) => about.call(0, Some(error.to_string())),
            None => about.call(0, None),
        });
        answer
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

    fn of_request(request: &'a Request) -> Self {
        let sent = request.body.as_ref().map_or(0, Vec::len);
        About::of(Operation::SendRequest, "", &request.uri).sending(sent)
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
