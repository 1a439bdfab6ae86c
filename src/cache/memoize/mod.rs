//! Values that are computed once, and kept for a time.
//!
//! [`Cache::memoize`] is it in one line; [`Memoize`] has the settings. Whole HTTP responses are
//! memoised by [`ResponseCache`](super::ResponseCache), by what their headers say.
//!
//! | | host calls |
//! |---|---|
//! | there is a fresh value | 1 |
//! | there is none, and this request computes it | 9 |
//! | it is stale, and this request refreshes it | 9 |
//! | it is stale, and another one refreshes it | 2, or 4 (up to 8 around a lease's end) |
//! | there is none, and another one computes it | as many, and one for each look while waiting |
//! | without single flight: there is none | 2 |
//!
//! # Single flight
//!
//! Of those who find no fresh value at a location, one computes it, under a [lease](super::Lease).
//! The others are served a stale value, if there is one and that is allowed, or wait a little for the
//! new one, and compute it for themselves when their patience is over. Nobody is refused, and nothing
//! is waited for longer than [`wait`](Memoize::wait): the app's time is short.
//!
//! There is no background on the platform: who refreshes a value does so before it answers. The
//! others do not notice.
//!
//! A request that is killed while it computes, or whose claim could not be made or released for certain,
//! keeps the others from storing for up to two [lease](Memoize::lease) times: they compute for themselves
//! meanwhile. So does one that takes longer than the app may run, each time: memoise what fits into the
//! app's time.
//!
//! [`forget`](Memoize::forget) forgets what is kept. A request that is computing from older data at that
//! moment still stores it: where that matters, forget it once more when such requests are over, or put
//! a version into the id.
//!
//! # When something fails
//!
//! - Errors of the computation are never stored. Within [`stale_if_error`](Memoize::stale_if_error), and
//!   [`stale_while_revalidate`](Memoize::stale_while_revalidate), the former value is served instead, and
//!   [`Memoized::error`] has the error.
//! - When the cache fails, the value is computed and not stored; [`Memoized::fell_back`] says so.
//! - What cannot be decoded, since another version of the app has written it, is computed anew.

pub(super) mod entry;
pub(super) mod slot;

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::entry::Lifetimes;
use self::slot::{Computation, Found, Policy};
use super::namespace::Name;
use super::{Cache, Error, Id, Ttl, id};
use crate::codec::{Decode, Encode, Json};

/// Computes values and keeps them: see the [module](self).
///
/// `C` is the [codec](crate::codec) by which they are kept.
///
/// ```
/// use std::time::Duration;
/// use fastedge::cache::{Memoize, Source, Ttl};
/// use fastedge::codec::Json;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let pages = Memoize::<Json<Vec<String>>>::new("shop:menu", Ttl::secs(60)?)
///     .stale_while_revalidate(Duration::from_secs(30))
///     .stale_if_error(Duration::from_secs(3600));
/// let render = || Ok::<_, std::io::Error>(vec!["tea".to_owned()]);
///
/// let menu = pages.get("en", render)?;
/// assert_eq!(*menu, ["tea"]);
/// assert_eq!(menu.source(), Source::Computed);
/// assert_eq!(pages.get("en", render)?.source(), Source::Fresh);
///
/// edge.clock().advance(Duration::from_secs(100));
/// let menu = pages.get("en", || Err("the kitchen is closed"))?;
/// assert_eq!(*menu, ["tea"]);
/// assert_eq!(menu.error(), Some(&"the kitchen is closed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Memoize<C> {
    name: Name,
    lifetimes: Lifetimes,
    policy: Policy,
    codec: PhantomData<fn() -> C>,
}

/// From where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// It was there, and fresh.
    Fresh,
    /// Another request computed it just now, and this one has waited for it.
    Shared,
    /// It was there, and stale; another request refreshes it.
    Stale,
    /// It was there, and stale; refreshing it has failed.
    StaleOnError,
    /// This request computed it, and it is stored.
    Computed,
    /// This request computed it, and it is not stored: another one is at it, the cache failed, or it
    /// cannot be encoded.
    NotStored,
}

/// A value, and from where it is.
#[derive(Debug)]
pub struct Memoized<T, E> {
    value: T,
    source: Source,
    error: Option<E>,
    fell_back: Option<Error>,
}

impl<C> Memoize<C> {
    /// Values that are fresh for `fresh`. The name begins with the app's.
    pub fn new(name: impl Into<Name>, fresh: Ttl) -> Self {
        Memoize {
            name: name.into(),
            lifetimes: Lifetimes {
                fresh: fresh.into(),
                ..Lifetimes::default()
            },
            policy: Policy::USUAL,
            codec: PhantomData,
        }
    }

    /// For so long after it was fresh, a value is served to others while one request refreshes it
    /// (RFC 5861, section 3).
    #[must_use]
    pub fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.lifetimes.while_revalidate = time;
        self
    }

    /// For so long after it was fresh, a value is served if refreshing it fails (RFC 5861, section 4).
    #[must_use]
    pub fn stale_if_error(mut self, time: Duration) -> Self {
        self.lifetimes.if_error = time;
        self
    }

    /// How long a request waits for the value that another one computes, where there is no stale one:
    /// 25 ms unless said otherwise. It counts against the app's time.
    #[must_use]
    pub fn wait(mut self, longest: Duration) -> Self {
        self.policy.wait(longest);
        self
    }

    /// For how long one request may compute alone: 10 s unless said otherwise. It has to be longer
    /// than the longest request and the difference of the nodes' clocks, and the same for all who
    /// memoise under this name.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a time that is not from 1 ms to a day.
    pub fn lease(mut self, lease: Duration) -> Result<Self, Error> {
        self.policy.lease(lease)?;
        Ok(self)
    }

    /// Everybody who finds no fresh value computes it: two host calls instead of nine, where computing
    /// costs little. [`refresh_early`](Self::refresh_early) keeps them from doing so at once.
    #[must_use]
    pub fn without_single_flight(mut self) -> Self {
        self.policy.single_flight = None;
        self
    }

    /// Some refresh a value before its time, by chance, and the sooner the longer computing it takes:
    /// so it is rarely missing, without a lock. 1 is the usual `beta`; more is earlier,
    /// and 0, less and NaN refresh nothing early.
    ///
    /// (Vattani, Chierichetti, Lowenstein: "Optimal Probabilistic Cache Stampede Prevention", 2015.)
    #[must_use]
    pub fn refresh_early(mut self, beta: f64) -> Self {
        self.policy.early_refresh = Some(beta);
        self
    }

    /// Forgets a value. One host call.
    ///
    /// # Errors
    ///
    /// If the host fails, or offers no cache.
    pub fn forget(&self, id: impl Id) -> Result<(), Error> {
        slot::forget(&self.key(&id)?)
    }

    fn key(&self, id: &dyn Id) -> Result<String, Error> {
        Ok([&*self.name.resolved()?, "#memo:", &id::subject(id)].concat())
    }
}

impl<C> Memoize<C>
where
    C: Decode + Encode,
    C::Value: Borrow<C::Borrowed>,
{
    /// The value for this id: the one that is kept, or what `compute` answers, which is then kept.
    ///
    /// # Errors
    ///
    /// Those of `compute`, and no others: the cache's are in [`Memoized::fell_back`].
    pub fn get<E>(
        &self,
        id: impl Id,
        compute: impl FnOnce() -> Result<C::Value, E>,
    ) -> Result<Memoized<C::Value, E>, E> {
        let key = match self.key(&id) {
            Ok(key) => key,
            Err(error) => return compute().map(|value| Memoized::unstored(value, Some(error))),
        };
        let computation = match slot::look(key, &self.policy) {
            Found::Value(entry, source) => match C::decode(entry.value) {
                Ok(value) => return Ok(Memoized::found(value, source)),
                Err(_) => match self.key(&id) {
                    Ok(key) => Computation::replacing(key),
                    Err(error) => {
                        return compute().map(|value| Memoized::unstored(value, Some(error)));
                    }
                },
            },
            Found::Nothing(computation) => computation,
        };
        self.finish(computation, compute())
    }

    fn finish<E>(
        &self,
        computation: Computation,
        computed: Result<C::Value, E>,
    ) -> Result<Memoized<C::Value, E>, E> {
        let error = match computed {
            Ok(value) => {
                let stored = match C::encode(value.borrow()) {
                    Ok(bytes) => computation.store(bytes, self.lifetimes),
                    Err(_) => {
                        computation.release();
                        Ok(false)
                    }
                };
                return Ok(match stored {
                    Ok(true) => Memoized::found(value, Source::Computed),
                    Ok(false) => Memoized::unstored(value, None),
                    Err(error) => Memoized::unstored(value, Some(error)),
                });
            }
            Err(error) => error,
        };
        match computation.failed().map(|entry| C::decode(entry.value)) {
            Some(Ok(value)) => Ok(Memoized {
                error: Some(error),
                ..Memoized::found(value, Source::StaleOnError)
            }),
            _ => Err(error),
        }
    }
}

impl<C> fmt::Debug for Memoize<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memoize")
            .field("name", &self.name.text())
            .field("lifetimes", &self.lifetimes)
            .finish_non_exhaustive()
    }
}

impl<C> Clone for Memoize<C> {
    fn clone(&self) -> Self {
        Memoize {
            name: self.name.clone(),
            ..*self
        }
    }
}

impl<T, E> Memoized<T, E> {
    fn found(value: T, source: Source) -> Self {
        Memoized {
            value,
            source,
            error: None,
            fell_back: None,
        }
    }

    fn unstored(value: T, fell_back: Option<Error>) -> Self {
        Memoized {
            fell_back,
            ..Memoized::found(value, Source::NotStored)
        }
    }

    /// The value.
    pub fn into_value(self) -> T {
        self.value
    }

    /// From where it is.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Why refreshing it has failed, where a stale value is served instead.
    pub fn error(&self) -> Option<&E> {
        self.error.as_ref()
    }

    /// Why it is not stored, where the cache failed.
    pub fn fell_back(&self) -> Option<&Error> {
        self.fell_back.as_ref()
    }
}

impl<T, E> Deref for Memoized<T, E> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Cache {
    /// The value that is kept under a key (which begins with the app's name), or what `compute`
    /// answers, which is then kept for `fresh`, as JSON. Of those who find none at once, one computes
    /// it: see [`memoize`](self) for this, for what it costs, and for the settings of [`Memoize`].
    ///
    /// # Errors
    ///
    /// Those of `compute`, and no others: when the cache fails, the value is computed. Errors are
    /// not kept.
    ///
    /// ```
    /// use fastedge::cache::{Cache, Ttl};
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    /// # fn render() -> Result<String, fastedge::http::Error> { Ok("home".to_owned()) }
    ///
    /// let page: String = Cache::memoize("shop:home", Ttl::secs(60)?, || render())?;
    /// assert_eq!(page, "home");
    /// # Ok::<(), fastedge::http::Error>(())
    /// ```
    pub fn memoize<T: Serialize + DeserializeOwned, E>(
        key: impl Into<Name>,
        fresh: Ttl,
        compute: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let memoized = Memoize::<Json<T>>::new(key, fresh).get((), compute)?;
        Ok(memoized.into_value())
    }
}
