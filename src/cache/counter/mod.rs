//! Counters that do not outstay their welcome.

mod windows;

use std::borrow::Cow;

pub use self::windows::{WindowCount, WindowCounter};

use super::{Cache, Error, ErrorKind, Retry, Ttl};
use crate::absorb::Absorb;

/// An atomic counter of one location, made by [`Cache::counter`].
///
/// A key that is merely incremented has no expiry and stays for weeks. With
/// [`expires_after`](Counter::expires_after), an increment that takes the counter from 0 also sets
/// the expiry, and others leave it alone: a counter that only grows counts what happens within that
/// time of the first event, and then starts anew.
///
/// Cost: one host call, and one more for the increment that starts it.
///
/// The two calls are not one. An increment whose answer is lost may have been the first, so it sets
/// the expiry as well, which prolongs a counter that was running. An instance that is killed between
/// the calls, and a cache that refuses the second one time after time
/// ([`ErrorKind::NoExpiry`]), leave a counter without an expiry. Where that must not matter, count by
/// windows: [`WindowCounter`].
///
/// ```
/// use fastedge::cache::{Cache, Ttl};
/// # use std::time::Duration;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let logins = Cache::counter("shop:logins:ann").expires_after(Ttl::secs(60)?);
/// assert_eq!(logins.incr()?, 1);
/// assert_eq!(logins.incr()?, 2);
/// assert_eq!(logins.get()?, 2);
/// # edge.clock().advance(Duration::from_secs(59));
/// # assert_eq!(logins.get()?, 2);
/// # edge.clock().advance(Duration::from_secs(1));
///
/// // 60 seconds after the first:
/// assert_eq!(logins.get()?, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a counter counts when `incr` or `add` is called"]
pub struct Counter<'a> {
    key: Cow<'a, str>,
    ttl: Option<Ttl>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(key: Cow<'a, str>) -> Self {
        Counter { key, ttl: None }
    }

    /// The same counter, which expires this long after the increment that starts it.
    pub fn expires_after(mut self, ttl: Ttl) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// The counter's key in the cache.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Adds one, and answers the new count.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Self::add).
    pub fn incr(&self) -> Result<i64, Error> {
        self.add(1)
    }

    /// Subtracts one, and answers the new count.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Self::add).
    pub fn decr(&self) -> Result<i64, Error> {
        self.add(-1)
    }

    /// Adds `delta`, which may be negative, and answers the new count.
    ///
    /// # Errors
    ///
    /// Those of [`Cache::incr`], after which it may have been added if
    /// [`may_have_happened`](Error::may_have_happened) says so; and
    /// [`ErrorKind::NoExpiry`], after which it has.
    pub fn add(&self, delta: i64) -> Result<i64, Error> {
        let Some(ttl) = self.ttl else {
            return Cache::incr(&self.key, delta);
        };
        match Cache::incr(&self.key, delta) {
            Ok(count) if count == delta => {
                // `false`: evicted or expired since, so there is nothing that could stay behind.
                let expiry = Retry::default().expire(&self.key, ttl);
                expiry.map_err(|reason| {
                    let key = self.key.clone().into_owned();
                    Error::from(ErrorKind::NoExpiry { key, count, reason })
                })?;
                Ok(count)
            }
            Ok(count) => Ok(count),
            Err(error) => {
                if error.may_have_happened() {
                    // What is reported is the increment's error, whatever becomes of this.
                    Retry::default().expire(&self.key, ttl).absorb();
                }
                Err(error)
            }
        }
    }

    /// The count; 0 if nothing has been counted, or it has expired.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the key holds something else, and those of [`Cache::get`].
    pub fn get(&self) -> Result<i64, Error> {
        Ok(Cache::get_parsed(&self.key)?.unwrap_or(0))
    }

    /// Forgets the count.
    ///
    /// # Errors
    ///
    /// Those of [`Cache::delete`].
    pub fn reset(&self) -> Result<(), Error> {
        Cache::delete(&self.key)
    }
}
