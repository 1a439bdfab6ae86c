//! The host that a test has installed for its thread.

use std::sync::Arc;

use fastedge_host::{KeyValueError, current};

/// An open store of Edge Storage.
pub(crate) struct Store(Arc<dyn fastedge_host::Store>);

impl Store {
    pub(crate) fn open(name: &str) -> Result<Self, KeyValueFailure> {
        current()?.key_value().open(name).map(Store)
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueFailure> {
        self.0.get(key)
    }

    pub(crate) fn scan(&self, pattern: &str) -> Result<Vec<String>, KeyValueFailure> {
        self.0.scan(pattern)
    }

    pub(crate) fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueFailure> {
        self.0.zrange_by_score(key, min, max)
    }

    pub(crate) fn zscan(
        &self,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueFailure> {
        self.0.zscan(key, pattern)
    }

    pub(crate) fn bf_exists(&self, key: &str, item: &str) -> Result<bool, KeyValueFailure> {
        self.0.bf_exists(key, item)
    }
}

/// How a call of a store fails.
pub(crate) type KeyValueFailure = KeyValueError;

pub(crate) fn explain_key_value(failure: KeyValueFailure) -> KeyValueError {
    failure
}

/// The interface `cache-sync`.
pub(crate) mod cache {
    use fastedge_host::{CacheError, current};

    /// How a call of the cache fails.
    pub(crate) type Failure = CacheError;

    pub(crate) fn explain(failure: Failure) -> CacheError {
        failure
    }

    pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, Failure> {
        current()?.cache().get(key)
    }

    pub(crate) fn set(key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Failure> {
        current()?.cache().set(key, value, ttl_ms)
    }

    pub(crate) fn delete(key: &str) -> Result<(), Failure> {
        current()?.cache().delete(key)
    }

    pub(crate) fn exists(key: &str) -> Result<bool, Failure> {
        current()?.cache().exists(key)
    }

    pub(crate) fn incr(key: &str, delta: i64) -> Result<i64, Failure> {
        current()?.cache().incr(key, delta)
    }

    pub(crate) fn expire(key: &str, ttl_ms: u64) -> Result<bool, Failure> {
        current()?.cache().expire(key, ttl_ms)
    }

    pub(crate) fn purge() -> Result<u64, Failure> {
        current()?.cache().purge()
    }

    pub(crate) fn purge_prefix(prefix: &str) -> Result<u64, Failure> {
        current()?.cache().purge_prefix(prefix)
    }
}

/// The interface `secret`.
pub(crate) mod secrets {
    use fastedge_host::{SecretError, current};

    /// How reading a secret fails.
    pub(crate) type Failure = SecretError;

    pub(crate) fn explain(failure: Failure) -> SecretError {
        failure
    }

    pub(crate) fn get(key: &str) -> Result<Option<String>, Failure> {
        current()?.secrets().get(key)
    }

    pub(crate) fn get_effective_at(key: &str, at: u32) -> Result<Option<String>, Failure> {
        current()?.secrets().get_effective_at(key, at)
    }
}

/// The interface `dictionary`.
pub(crate) mod dictionary {
    use fastedge_host::{NoHostInstalled, current};

    pub(crate) fn get(key: &str) -> Result<Option<String>, NoHostInstalled> {
        Ok(current()?.dictionary().get(key))
    }
}

/// The interface `utils`.
pub(crate) mod diagnostics {
    use fastedge_host::{NoHostInstalled, current};

    pub(crate) fn set_user_diag(name: &str) -> Result<(), NoHostInstalled> {
        current()?.diagnostics().set_user_diag(name);
        Ok(())
    }
}

/// The interface `http-client`.
pub(crate) mod http_client {
    use fastedge_host::{HttpError, Request, Response, current};

    pub(crate) fn send_request(request: Request) -> Result<Response, HttpError> {
        current()?.http_client().send_request(request)
    }
}

/// The installed host's clock.
pub(crate) mod clock {
    use std::time::Duration;

    use fastedge_host::{NoHostInstalled, current};

    pub(crate) fn now() -> Result<Duration, NoHostInstalled> {
        Ok(current()?.clock().now())
    }

    pub(crate) fn sleep(duration: Duration) -> Result<(), NoHostInstalled> {
        current()?.clock().sleep(duration);
        Ok(())
    }
}

/// The installed host's source of randomness.
pub(crate) mod random {
    use fastedge_host::{NoHostInstalled, current};

    /// How asking for randomness fails.
    pub(crate) type Failure = NoHostInstalled;

    pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
        current()?.random().fill(bytes);
        Ok(())
    }
}
