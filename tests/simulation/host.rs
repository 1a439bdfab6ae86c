//! The host of one request: the mock edge, with what the scheduler does to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastedge_host::{Cache, CacheError, Clock, Host, Random};
use fastedge_mock_host::MockHost;

use crate::record::Failure;
use crate::scheduler::{Shared, give_way, lock};

/// The host of one request.
pub(crate) struct SimulatedHost<E> {
    pub(crate) index: usize,
    pub(crate) shared: Arc<Mutex<Shared<E>>>,
    pub(crate) edge: MockHost,
    pub(crate) host: Host,
}

impl<E: Send + 'static> SimulatedHost<E> {
    fn call<T>(
        &self,
        operation: &'static str,
        key: &str,
        delta: i64,
        effect: impl FnOnce(&dyn Cache) -> Result<T, CacheError>,
    ) -> Result<T, CacheError> {
        give_way(&self.shared, self.index);
        let (fails, happens) = {
            let mut shared = lock(&self.shared);
            if shared.crashed[self.index] {
                return Err(CacheError::InternalError);
            }
            let failing = shared.chaos.failing;
            (shared.random.f64() < failing, shared.random.bool())
        };
        let result = (!fails || happens).then(|| effect(self.host.cache()));
        let mut shared = lock(&self.shared);
        if operation == "incr" && result.is_some() {
            shared.count(self.index, key, delta);
        }
        let step = shared.step;
        if let Some(traces) = &mut shared.traces {
            let now = self.edge.clock().now_ms() % 1_000_000;
            let outcome = match fails {
                true => format!("FAILS, {}", if happens { "done" } else { "not done" }),
                false => String::new(),
            };
            let value = self.edge.cache().get_text(key).unwrap_or_default();
            let value: String = value
                .chars()
                .filter(char::is_ascii_graphic)
                .take(12)
                .collect();
            let index = self.index;
            traces.push(format!(
                "{step:4} {now:6}ms  {index} {operation} {key} {delta} {outcome} -> {value}"
            ));
        }
        match result {
            Some(result) if !fails => result,
            _ => {
                let actor = self.index;
                shared.record.failures.push(Failure { actor });
                Err(CacheError::InternalError)
            }
        }
    }
}

impl<E: Send + 'static> Cache for SimulatedHost<E> {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        self.call("get", key, 0, |cache| cache.get(key))
    }

    fn set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), CacheError> {
        self.call("set", key, 0, |cache| cache.set(key, value, ttl_ms))
    }

    fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.call("delete", key, 0, |cache| cache.delete(key))
    }

    fn exists(&self, key: &str) -> Result<bool, CacheError> {
        self.call("exists", key, 0, |cache| cache.exists(key))
    }

    fn incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        self.call("incr", key, delta, |cache| cache.incr(key, delta))
    }

    fn expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        self.call("expire", key, 0, |cache| cache.expire(key, ttl_ms))
    }

    fn purge(&self) -> Result<u64, CacheError> {
        self.call("purge", "", 0, |cache| cache.purge())
    }

    fn purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        self.call("purge-prefix", prefix, 0, |cache| {
            cache.purge_prefix(prefix)
        })
    }
}

impl<E: Send + 'static> Clock for SimulatedHost<E> {
    fn now(&self) -> Duration {
        let skew_ms = lock(&self.shared).record.actors[self.index].skew_ms;
        let now = self.edge.clock().now();
        match u64::try_from(skew_ms) {
            Ok(ahead) => now + Duration::from_millis(ahead),
            Err(_) => now - Duration::from_millis(skew_ms.unsigned_abs()),
        }
    }

    fn sleep(&self, duration: Duration) {
        let ends_ms = self.edge.clock().now_ms() + u64::try_from(duration.as_millis()).unwrap() + 1;
        lock(&self.shared).wakes_at_ms[self.index] = ends_ms;
        give_way(&self.shared, self.index);
    }
}

impl<E: Send + 'static> Random for SimulatedHost<E> {
    fn fill(&self, bytes: &mut [u8]) {
        lock(&self.shared).random.fill(bytes);
    }
}
