//! Calls that the SDK's types do not let an app make.

use crate::check::Stop;

/// Members with their scores, or what went wrong, in the host's words.
pub(crate) type Members = Result<Vec<(Vec<u8>, f64)>, String>;

#[cfg(not(target_arch = "wasm32"))]
mod target {
    use super::{Members, Stop};

    pub(crate) fn open(store: &str) -> Result<Result<(), String>, Stop> {
        let opened = fastedge_host::current()?.key_value().open(store);
        Ok(opened.map(|_| ()).map_err(|error| error.to_string()))
    }

    pub(crate) fn scan(store: &str, pattern: &str) -> Result<Vec<String>, Stop> {
        let store = fastedge_host::current()?.key_value().open(store)?;
        Ok(store.scan(pattern)?)
    }

    pub(crate) fn zrange_by_score(
        store: &str,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Members, Stop> {
        let store = fastedge_host::current()?.key_value().open(store)?;
        let members = store.zrange_by_score(key, min, max);
        Ok(members.map_err(|error| error.to_string()))
    }

    pub(crate) fn cache_set(key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Stop> {
        Ok(fastedge_host::current()?.cache().set(key, value, ttl_ms)?)
    }

    pub(crate) fn cache_expire(key: &str, ttl_ms: u64) -> Result<bool, Stop> {
        Ok(fastedge_host::current()?.cache().expire(key, ttl_ms)?)
    }
}

#[cfg(target_arch = "wasm32")]
mod target {
    use fastedge::__private::bindings::gcore::fastedge::cache_sync;
    use fastedge::__private::bindings::gcore::fastedge::key_value::{Error, Store};

    use super::{Members, Stop};

    pub(crate) fn open(store: &str) -> Result<Result<(), String>, Stop> {
        Ok(Store::open(store).map(|_| ()).map_err(in_words))
    }

    pub(crate) fn scan(store: &str, pattern: &str) -> Result<Vec<String>, Stop> {
        Ok(Store::open(store)?.scan(pattern)?)
    }

    fn in_words(error: Error) -> String {
        match error {
            Error::NoSuchStore => "no-such-store".to_owned(),
            Error::AccessDenied => "access-denied".to_owned(),
            Error::InternalError => "internal-error".to_owned(),
            Error::Other(message) => message,
        }
    }

    pub(crate) fn zrange_by_score(
        store: &str,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Members, Stop> {
        let members = Store::open(store)?.zrange_by_score(key, min, max);
        Ok(members.map_err(in_words))
    }

    pub(crate) fn cache_set(key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Stop> {
        Ok(cache_sync::set(key, value, ttl_ms)?)
    }

    pub(crate) fn cache_expire(key: &str, ttl_ms: u64) -> Result<bool, Stop> {
        Ok(cache_sync::expire(key, ttl_ms)?)
    }
}

pub(crate) use target::{cache_expire, cache_set, open, scan, zrange_by_score};
