//! The cache of one location: fast, strongly consistent there, and nowhere else.
//!
//! Every location has a cache of its own, shared by all apps of the account: begin keys with the
//! app's name. An entry can be evicted at any time. One that is set lives at most as long as the platform's
//! ceiling (4 days by default), whatever its [`Ttl`]; one that [`incr`](Cache::incr) makes has no expiry, and
//! stays for weeks unless it is given one. On plans without a cache every call fails
//! with [`ErrorKind::AccessDenied`].
//!
//! The one atomic read-modify-write is [`incr`](Cache::incr). There is no compare-and-set and no
//! set-if-absent. An `incr` that failed may or may not have happened: do not repeat it blindly.
//!
//! # What is built of it
//!
//! | to | use |
//! |---|---|
//! | allow a client so much in a time | [`RateLimit`], [`RateLimits`], with a [penalty](rate_limit::Penalty) |
//! | allow so many at the same time | [`ConcurrencyLimit`] |
//! | compute a value once, and keep it | [`Cache::memoize`], [`Memoize`] |
//! | keep whole responses as their headers say | [`ResponseCache`] |
//! | carry out a request once, however often it is sent | [`Idempotency`] |
//! | tell an event from its repetitions | [`Once`] |
//! | let one of many do something | [`Lease`], [`SingleFlight`] |
//! | count | [`Counter`]; by windows, with shards, to be flushed: [`WindowCounter`] |
//! | remember a visitor | [`session`](crate::session) |
//! | forget much at once | [`Namespace`] |
//! | repeat calls that may be repeated | [`Retry`] |
//!
//! All of them hold to the same rules, and their documentation says how many host calls each outcome takes:
//!
//! - **One location.** They count, lock and remember where the request is. Another location does so for
//!   itself.
//! - **Keys** begin with the name that they are given, which begins with the app's name; ids follow
//!   ([`Id`]), apart from each other and of bounded length.
//! - **An app that is killed** between two calls leaves a key behind that the cache keeps for some weeks at
//!   worst, and locks nobody out for longer than is said.
//! - **A failing cache** is answered by a policy that the answer names, or is an error.
//! - **Time** is the host's, which tests move; nodes' clocks may differ.
//!
//! All but `Counter` and `Retry` are simulated by 100,000 schedules of up to eight requests at once, with all
//! that may happen to them (`tests/simulation`), and most are run by eight threads on a real Redis.

mod claim;
mod concurrency;
mod counter;
mod error;
mod id;
pub mod idempotency;
mod lease;
pub mod memoize;
mod namespace;
mod once;
pub mod rate_limit;
pub mod response_cache;
mod retry;
mod single_flight;
mod structured;
mod ttl;

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::concurrency::{ConcurrencyLimit, NoPermit, Permit};
pub use self::counter::{Counter, WindowCount, WindowCounter};
pub use self::error::{Error, ErrorKind};
pub use self::id::{Hashed, Id, IdWriter};
pub use self::idempotency::Idempotency;
pub use self::lease::Lease;
pub use self::memoize::{Memoize, Memoized, Source};
pub use self::namespace::{Name, Namespace};
pub use self::once::Once;
pub use self::rate_limit::{RateLimit, RateLimits, Verdict};
pub use self::response_cache::ResponseCache;
pub use self::retry::Retry;
pub use self::single_flight::{Flight, SingleFlight};
pub use self::ttl::{Ttl, TtlError};
use crate::host;
use crate::value::{self, DecodeError, Value};

/// The cache of the location where the app runs. There is one, so there is nothing to open.
///
/// Every method is one host call, [`decr`](Cache::decr) and the typed ones included, but for
/// [`counter`](Cache::counter), which makes none, and [`memoize`](Cache::memoize): see there.
///
/// ```
/// use fastedge::cache::{Cache, Ttl};
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new();
/// # let _installed = edge.install();
///
/// Cache::set("shop:banner", "Sale!", Ttl::secs(60)?)?;
/// assert_eq!(Cache::get_text("shop:banner")?.as_deref(), Some("Sale!"));
/// assert_eq!(Cache::incr("shop:visits", 1)?, 1);
/// # edge.clock().advance(std::time::Duration::from_secs(60));
/// # assert_eq!(Cache::get_text("shop:banner")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Cache {}

impl Cache {
    /// The value of `key`, to be read as whatever it turns out to be.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn get(key: &str) -> Result<Option<Value>, Error> {
        Ok(Self::get_bytes(key)?.map(Value::from))
    }

    /// The bytes of `key`.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn get_bytes(key: &str) -> Result<Option<Vec<u8>>, Error> {
        host::cache::get(key).map_err(|failure| Error::of_call(key, failure))
    }

    /// The text of `key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value is not UTF-8, and those of [`get_bytes`](Self::get_bytes).
    pub fn get_text(key: &str) -> Result<Option<String>, Error> {
        decoded(key, value::text)
    }

    /// The JSON document at `key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value is not JSON of the shape of `T`, and those of
    /// [`get_bytes`](Self::get_bytes).
    pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
        decoded(key, |bytes| value::json(&bytes))
    }

    /// The text of `key`, read with [`FromStr`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value is not UTF-8, or `T` does not take it, and those of
    /// [`get_bytes`](Self::get_bytes).
    pub fn get_parsed<T>(key: &str) -> Result<Option<T>, Error>
    where
        T: FromStr,
        T::Err: Display,
    {
        decoded(key, |bytes| value::parse(&bytes))
    }

    /// Replaces both the value and the expiry of `key`. The value is text or bytes; the expiry is
    /// a [`Ttl`], or `None` for the platform's ceiling.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn set(
        key: &str,
        value: impl AsRef<[u8]>,
        ttl: impl Into<Option<Ttl>>,
    ) -> Result<(), Error> {
        let ttl_ms = ttl.into().map(Ttl::as_millis);
        host::cache::set(key, value.as_ref(), ttl_ms)
            .map_err(|failure| Error::of_call(key, failure))
    }

    /// Like [`set`](Self::set), for a value written as JSON: what [`get_json`](Self::get_json)
    /// reads.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] if `value` cannot be written as JSON, and those of [`set`](Self::set).
    ///
    /// ```
    /// use fastedge::Cache;
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// Cache::set_json("shop:sizes", &["S", "M"], None)?;
    /// assert_eq!(Cache::get_json::<Vec<String>>("shop:sizes")?.unwrap(), ["S", "M"]);
    /// # Ok::<(), fastedge::cache::Error>(())
    /// ```
    pub fn set_json<T: Serialize + ?Sized>(
        key: &str,
        value: &T,
        ttl: impl Into<Option<Ttl>>,
    ) -> Result<(), Error> {
        let bytes = serde_json::to_vec(value).map_err(|reason| {
            let key = key.to_owned();
            ErrorKind::Encode { key, reason }
        })?;
        Self::set(key, bytes, ttl)
    }

    /// Like [`set`](Self::set), for a value written with [`Display`]: what
    /// [`get_parsed`](Self::get_parsed) reads.
    ///
    /// # Errors
    ///
    /// Those of [`set`](Self::set).
    pub fn set_display(
        key: &str,
        value: impl Display,
        ttl: impl Into<Option<Ttl>>,
    ) -> Result<(), Error> {
        Self::set(key, value.to_string(), ttl)
    }

    /// Removes `key`. A missing key is fine.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn delete(key: &str) -> Result<(), Error> {
        host::cache::delete(key).map_err(|failure| Error::of_call(key, failure))
    }

    /// Whether `key` exists.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn exists(key: &str) -> Result<bool, Error> {
        host::cache::exists(key).map_err(|failure| Error::of_call(key, failure))
    }

    /// Adds `delta` to the integer at `key`, atomically, and answers the sum. A missing key counts
    /// as 0; the expiry is kept.
    ///
    /// A key that `incr` made has **no expiry** and is not seen by
    /// [`purge_prefix`](Self::purge_prefix): it stays for weeks unless
    /// [`expire`](Self::expire) follows. [`counter`](Self::counter) does both.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Other`] if the value is not a decimal integer. On overflow hosts differ: the
    /// platform's wraps around, a Redis answers an error. After an error of which
    /// [`may_have_happened`](Error::may_have_happened) is true, it may have been added.
    #[inline]
    pub fn incr(key: &str, delta: i64) -> Result<i64, Error> {
        host::cache::incr(key, delta).map_err(|failure| Error::of_call(key, failure))
    }

    /// Subtracts `delta` from the integer at `key`: the same as [`incr`](Self::incr) with
    /// `-delta`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::DeltaOutOfRange`] for `i64::MIN`, which has no negative, and those of
    /// [`incr`](Self::incr).
    #[inline]
    pub fn decr(key: &str, delta: i64) -> Result<i64, Error> {
        match delta.checked_neg() {
            Some(negative) => Self::incr(key, negative),
            None => {
                let key = key.to_owned();
                Err(ErrorKind::DeltaOutOfRange { key }.into())
            }
        }
    }

    /// Sets the expiry of `key`, and answers whether the key existed.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn expire(key: &str, ttl: Ttl) -> Result<bool, Error> {
        host::cache::expire(key, ttl.as_millis()).map_err(|failure| Error::of_call(key, failure))
    }

    /// Removes everything from the location's cache, that of the account's other apps included,
    /// and answers how many keys went.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn purge() -> Result<u64, Error> {
        host::cache::purge().map_err(|failure| Error::of_call("*", failure))
    }

    /// Removes the keys that begin with `prefix`, and answers how many went. Keys made by
    /// [`incr`](Self::incr) are not among them.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    #[inline]
    pub fn purge_prefix(prefix: &str) -> Result<u64, Error> {
        host::cache::purge_prefix(prefix).map_err(|failure| Error::of_call(prefix, failure))
    }

    /// A counter at `key`: see [`Counter`].
    pub fn counter<'a>(key: impl Into<Cow<'a, str>>) -> Counter<'a> {
        Counter::new(key.into())
    }
}

fn decoded<T>(
    key: &str,
    decode: impl FnOnce(Vec<u8>) -> Result<T, DecodeError>,
) -> Result<Option<T>, Error> {
    match Cache::get_bytes(key)? {
        Some(bytes) => decode(bytes)
            .map(Some)
            .map_err(|reason| Error::of_decoding(key, reason)),
        None => Ok(None),
    }
}
