//! From the traits of `fastedge-host` to the edge: translation only.

use std::sync::Arc;
use std::time::Duration;

use fastedge_host::{
    Cache, CacheError, Clock, Diagnostics, Dictionary, Host, HttpClient, HttpError, KeyValue,
    KeyValueError, Random, Request, Response, SecretError, Secrets, Store,
};

use crate::edge::{Edge, OpenStore, Session};

/// The edge, as the SDK calls it in a native test.
#[derive(Clone)]
pub(crate) struct Native(pub(crate) Arc<Session>);

impl Native {
    /// The edge, to be installed: one node, in its turn.
    pub(crate) fn host(edge: &Edge) -> Host {
        Host::new(Native(Arc::new(edge.session_without_log())))
    }
}

struct NativeStore {
    session: Arc<Session>,
    store: OpenStore,
}

impl KeyValue for Native {
    fn open(&self, name: &str) -> Result<Arc<dyn Store>, KeyValueError> {
        Ok(Arc::new(NativeStore {
            session: Arc::clone(&self.0),
            store: self.0.kv_open(name)?,
        }))
    }
}

impl Store for NativeStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.session.kv_get(&self.store, key)
    }

    fn scan(&self, pattern: &str) -> Result<Vec<String>, KeyValueError> {
        self.session.kv_scan(&self.store, pattern)
    }

    fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        self.session.kv_zrange_by_score(&self.store, key, min, max)
    }

    fn zscan(&self, key: &str, pattern: &str) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        self.session.kv_zscan(&self.store, key, pattern)
    }

    fn bf_exists(&self, key: &str, item: &str) -> Result<bool, KeyValueError> {
        self.session.kv_bf_exists(&self.store, key, item)
    }
}

impl Cache for Native {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        self.0.cache_get(key)
    }

    fn set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), CacheError> {
        self.0.cache_set(key, value, ttl_ms)
    }

    fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.0.cache_delete(key)
    }

    fn exists(&self, key: &str) -> Result<bool, CacheError> {
        self.0.cache_exists(key)
    }

    fn incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        self.0.cache_incr(key, delta)
    }

    fn expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        self.0.cache_expire(key, ttl_ms)
    }

    fn purge(&self) -> Result<u64, CacheError> {
        self.0.cache_purge()
    }

    fn purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        self.0.cache_purge_prefix(prefix)
    }
}

impl Secrets for Native {
    fn get(&self, key: &str) -> Result<Option<String>, SecretError> {
        self.0.secret_get(key)
    }

    fn get_effective_at(&self, key: &str, at: u32) -> Result<Option<String>, SecretError> {
        self.0.secret_get_effective_at(key, at)
    }
}

impl Dictionary for Native {
    fn get(&self, key: &str) -> Option<String> {
        self.0.dictionary_get(key)
    }
}

impl HttpClient for Native {
    fn send_request(&self, request: Request) -> Result<Response, HttpError> {
        self.0.send_request(&request)
    }
}

impl Diagnostics for Native {
    fn set_user_diag(&self, name: &str) {
        self.0.set_user_diag(name);
    }
}

impl Clock for Native {
    fn now(&self) -> Duration {
        self.0.edge().clock().now()
    }

    fn sleep(&self, duration: Duration) {
        self.0.edge().clock().sleep(duration);
    }
}

impl Random for Native {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.edge().fill_random(bytes);
    }
}
