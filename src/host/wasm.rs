//! The platform's interfaces, called directly.
//!
//! Nothing here does work on the success path: a call of the host is the binding's call. A failure
//! stays the binding's own type until a room explains it to its caller: translating it at once would
//! make every result, the good ones too, go through memory in another shape.

use fastedge_host::KeyValueError;

use super::bindings::gcore::fastedge as wit;

/// Makes the linker take the description of the imports, without which there is no component of them.
///
/// It is a section of the object file of the bindings, which is linked where something in it is referred
/// to. The bindings' functions are inlined, so calling them does not. Whatever calls the host refers to this
/// instead: what fails where failing is, to cost nothing otherwise.
use super::bindings::__link_custom_section_describing_imports as describe_imports;

/// An open store of Edge Storage.
pub(crate) struct Store(wit::key_value::Store);

impl Store {
    #[inline]
    pub(crate) fn open(name: &str) -> Result<Self, KeyValueFailure> {
        wit::key_value::Store::open(name).map(Store)
    }

    #[inline]
    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueFailure> {
        self.0.get(key)
    }

    #[inline]
    pub(crate) fn scan(&self, pattern: &str) -> Result<Vec<String>, KeyValueFailure> {
        self.0.scan(pattern)
    }

    #[inline]
    pub(crate) fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueFailure> {
        self.0.zrange_by_score(key, min, max)
    }

    #[inline]
    pub(crate) fn zscan(
        &self,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueFailure> {
        self.0.zscan(key, pattern)
    }

    #[inline]
    pub(crate) fn bf_exists(&self, key: &str, item: &str) -> Result<bool, KeyValueFailure> {
        self.0.bf_exists(key, item)
    }
}

/// How a call of a store fails, before anybody asks.
pub(crate) type KeyValueFailure = wit::key_value::Error;

#[cold]
pub(crate) fn explain_key_value(failure: KeyValueFailure) -> KeyValueError {
    describe_imports();
    match failure {
        wit::key_value::Error::NoSuchStore => KeyValueError::NoSuchStore,
        wit::key_value::Error::AccessDenied => KeyValueError::AccessDenied,
        wit::key_value::Error::InternalError => KeyValueError::InternalError,
        wit::key_value::Error::Other(message) => KeyValueError::Other(message),
    }
}

/// The interface `cache-sync`.
pub(crate) mod cache {
    use fastedge_host::CacheError;

    use super::wit::{cache_sync, cache_types};

    #[inline]
    pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, Failure> {
        cache_sync::get(key)
    }

    #[inline]
    pub(crate) fn set(key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Failure> {
        cache_sync::set(key, value, ttl_ms)
    }

    #[inline]
    pub(crate) fn delete(key: &str) -> Result<(), Failure> {
        cache_sync::delete(key)
    }

    #[inline]
    pub(crate) fn exists(key: &str) -> Result<bool, Failure> {
        cache_sync::exists(key)
    }

    #[inline]
    pub(crate) fn incr(key: &str, delta: i64) -> Result<i64, Failure> {
        cache_sync::incr(key, delta)
    }

    #[inline]
    pub(crate) fn expire(key: &str, ttl_ms: u64) -> Result<bool, Failure> {
        cache_sync::expire(key, ttl_ms)
    }

    #[inline]
    pub(crate) fn purge() -> Result<u64, Failure> {
        cache_sync::purge()
    }

    #[inline]
    pub(crate) fn purge_prefix(prefix: &str) -> Result<u64, Failure> {
        cache_sync::purge_prefix(prefix)
    }

    /// How a call of the cache fails, before anybody asks.
    pub(crate) type Failure = cache_types::Error;

    #[cold]
    pub(crate) fn explain(failure: Failure) -> CacheError {
        super::describe_imports();
        match failure {
            cache_types::Error::AccessDenied => CacheError::AccessDenied,
            cache_types::Error::InternalError => CacheError::InternalError,
            cache_types::Error::Other(message) => CacheError::Other(message),
        }
    }
}

/// The interface `secret`.
pub(crate) mod secrets {
    use fastedge_host::SecretError;

    use super::wit::secret;

    #[inline]
    pub(crate) fn get(key: &str) -> Result<Option<String>, Failure> {
        secret::get(key)
    }

    #[inline]
    pub(crate) fn get_effective_at(key: &str, at: u32) -> Result<Option<String>, Failure> {
        secret::get_effective_at(key, at)
    }

    /// How reading a secret fails, before anybody asks.
    pub(crate) type Failure = secret::Error;

    #[cold]
    pub(crate) fn explain(failure: Failure) -> SecretError {
        super::describe_imports();
        match failure {
            secret::Error::AccessDenied => SecretError::AccessDenied,
            secret::Error::DecryptError => SecretError::DecryptError,
            secret::Error::Other(message) => SecretError::Other(message),
        }
    }
}

/// The interface `dictionary`.
pub(crate) mod dictionary {
    use fastedge_host::NoHostInstalled;

    use super::wit::dictionary;

    #[inline]
    pub(crate) fn get(key: &str) -> Result<Option<String>, NoHostInstalled> {
        super::describe_imports();
        Ok(dictionary::get(key))
    }
}

/// The interface `utils`.
pub(crate) mod diagnostics {
    use fastedge_host::NoHostInstalled;

    use super::wit::utils;

    #[inline]
    pub(crate) fn set_user_diag(name: &str) -> Result<(), NoHostInstalled> {
        super::describe_imports();
        utils::set_user_diag(name);
        Ok(())
    }
}

/// The interface `http-client`.
pub(crate) mod http_client {
    use fastedge_host::{HttpError, Method, Request, Response};

    use super::wit::{http, http_client};

    pub(crate) fn send_request(request: Request) -> Result<Response, HttpError> {
        super::describe_imports();
        let request = http::Request {
            method: match request.method {
                Method::Get => http::Method::Get,
                Method::Post => http::Method::Post,
                Method::Put => http::Method::Put,
                Method::Delete => http::Method::Delete,
                Method::Head => http::Method::Head,
                Method::Patch => http::Method::Patch,
                Method::Options => http::Method::Options,
            },
            uri: request.uri,
            headers: request.headers,
            body: request.body,
        };
        match http_client::send_request(&request) {
            Ok(response) => Ok(Response {
                status: response.status,
                headers: response.headers,
                body: response.body,
            }),
            Err(error) => Err(match error {
                http::Error::Success => HttpError::Success,
                http::Error::DestinationNotAllowed => HttpError::DestinationNotAllowed,
                http::Error::InvalidUrl => HttpError::InvalidUrl,
                http::Error::RequestError => HttpError::RequestError,
                http::Error::RuntimeError => HttpError::RuntimeError,
                http::Error::TooManyRequests => HttpError::TooManyRequests,
            }),
        }
    }
}

/// WASI's wall clock, which is imported only where it is read.
pub(crate) mod clock {
    use std::time::{Duration, SystemTime};

    use fastedge_host::NoHostInstalled;

    pub(crate) fn now() -> Result<Duration, NoHostInstalled> {
        Ok(SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default())
    }

    pub(crate) fn sleep(duration: Duration) -> Result<(), NoHostInstalled> {
        std::thread::sleep(duration);
        Ok(())
    }
}

/// WASI's source of randomness, which is imported only where it is asked.
pub(crate) mod random {
    /// How asking for randomness fails.
    pub(crate) type Failure = getrandom::Error;

    pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
        getrandom::fill(bytes)
    }
}
