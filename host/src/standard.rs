//! What a host answers where it has nothing of its own.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::{
    Cache, CacheError, Clock, Diagnostics, Dictionary, HttpClient, HttpError, KeyValue,
    KeyValueError, Random, Request, Response, SecretError, Secrets, Store,
};

/// A platform to which nothing is linked: every store, the cache and every destination is denied,
/// there are no secrets and no variables, and time and randomness are the system's.
///
/// It is the ground to build a host of one's own on, with the `with_…` methods of
/// [`Host`](crate::Host).
#[derive(Clone, Copy, Debug, Default)]
pub struct StandardInterfaces;

impl KeyValue for StandardInterfaces {
    fn open(&self, _name: &str) -> Result<Arc<dyn Store>, KeyValueError> {
        Err(KeyValueError::AccessDenied)
    }
}

impl Cache for StandardInterfaces {
    fn get(&self, _key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn set(&self, _key: &str, _value: &[u8], _ttl_ms: Option<u64>) -> Result<(), CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn delete(&self, _key: &str) -> Result<(), CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn exists(&self, _key: &str) -> Result<bool, CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn incr(&self, _key: &str, _delta: i64) -> Result<i64, CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn expire(&self, _key: &str, _ttl_ms: u64) -> Result<bool, CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn purge(&self) -> Result<u64, CacheError> {
        Err(CacheError::AccessDenied)
    }

    fn purge_prefix(&self, _prefix: &str) -> Result<u64, CacheError> {
        Err(CacheError::AccessDenied)
    }
}

impl Secrets for StandardInterfaces {
    fn get(&self, _key: &str) -> Result<Option<String>, SecretError> {
        Ok(None)
    }

    fn get_effective_at(&self, _key: &str, _at: u32) -> Result<Option<String>, SecretError> {
        Ok(None)
    }
}

impl Dictionary for StandardInterfaces {
    fn get(&self, _key: &str) -> Option<String> {
        None
    }
}

impl HttpClient for StandardInterfaces {
    fn send_request(&self, _request: Request) -> Result<Response, HttpError> {
        Err(HttpError::DestinationNotAllowed)
    }
}

impl Diagnostics for StandardInterfaces {
    fn set_user_diag(&self, _name: &str) {}
}

impl Clock for StandardInterfaces {
    fn now(&self) -> Duration {
        // A clock before 1970 is a broken clock; it reads as 1970 rather than as a panic.
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

impl Random for StandardInterfaces {
    /// Bytes from the standard library's per-process random keys: different in every call, but not
    /// for cryptography.
    fn fill(&self, bytes: &mut [u8]) {
        for (i, chunk) in bytes.chunks_mut(8).enumerate() {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_usize(i);
            chunk.copy_from_slice(&hasher.finish().to_le_bytes()[..chunk.len()]);
        }
    }
}
