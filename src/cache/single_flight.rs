//! Doing something once for all who want it now.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::claim::LeaseTime;
use super::memoize::entry::Lifetimes;
use super::memoize::slot::{self, Computation, Found, Policy, SingleFlightPolicy};
use super::namespace::Name;
use super::rate_limit::OnFailure;
use super::{Error, Id, Ttl, id};
use crate::absorb::{Absorb, carry_on};
use crate::codec::{Decode, Encode};

/// Lets one of those who want the same thing at the same time do it, and the others share what it
/// answers.
///
/// Unlike [`Memoize`](super::Memoize), whose others compute for themselves when their patience is over,
/// here nobody does it a second time: they are told that they
/// [timed out](Flight::TimedOut). For what must not be done too often rather than for what must be
/// known.
///
/// A request that is killed while it is at it, and one whose claim could not be made or released for certain,
/// keep the others from it for up to two [lease](Self::lease) times, in which they time out. Two versions of
/// the app whose codecs differ do not share results, and may both do it: let them have different names.
///
/// Host calls: nine for who does it, one for who finds the result, two or four (up to eight around a
/// lease's end) and one for each look for who waits. When the cache fails, it is done, unshared, or not
/// done, by the [policy](Self::fail_closed).
///
/// ```
/// use fastedge::cache::{Flight, SingleFlight, Ttl};
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let refresh = SingleFlight::<String>::new("shop:prices", Ttl::secs(5)?);
/// let fetch = || Ok::<_, std::io::Error>("7.50".to_owned());
/// assert_eq!(refresh.run("tea", fetch)?, Flight::Led("7.50".to_owned()));
/// assert_eq!(refresh.run("tea", fetch)?, Flight::Joined("7.50".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SingleFlight<C> {
    name: Name,
    shared_for: Ttl,
    flight: SingleFlightPolicy,
    on_failure: OnFailure,
    codec: PhantomData<fn() -> C>,
}

/// What has become of a request for something that is done by one for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a flight may have no result"]
#[non_exhaustive]
pub enum Flight<T> {
    /// This request has done it.
    Led(T),
    /// Another one has done it, and this is its result.
    Joined(T),
    /// Another one is at it, or was, and could not say that it is not any more; this one waits no longer.
    TimedOut,
    /// The cache failed: this request has done it, as others may have, and the result is not shared.
    FellBack(T),
    /// The cache failed, and it is not done then.
    Refused,
}

impl<T> Flight<T> {
    /// The result, whoever has done it.
    pub fn into_value(self) -> Option<T> {
        match self {
            Flight::Led(value) | Flight::Joined(value) | Flight::FellBack(value) => Some(value),
            Flight::TimedOut | Flight::Refused => None,
        }
    }
}

impl<C> SingleFlight<C> {
    /// Results are shared for `shared_for` after they are there.
    pub fn new(name: impl Into<Name>, shared_for: Ttl) -> Self {
        SingleFlight {
            name: name.into(),
            shared_for,
            flight: SingleFlightPolicy::USUAL,
            on_failure: OnFailure::Open,
            codec: PhantomData,
        }
    }

    /// How long a request waits for another one's result: 25 ms unless said otherwise. It counts
    /// against the app's time.
    #[must_use]
    pub fn wait(mut self, longest: Duration) -> Self {
        self.flight.wait = longest;
        self
    }

    /// When the cache fails, it is done: that is so unless said otherwise.
    #[must_use]
    pub fn fail_open(mut self) -> Self {
        self.on_failure = OnFailure::Open;
        self
    }

    /// When the cache fails, it is not done.
    #[must_use]
    pub fn fail_closed(mut self) -> Self {
        self.on_failure = OnFailure::Closed;
        self
    }

    /// For how long one request may be at it: 10 s unless said otherwise. It has to be longer than the
    /// longest request and the difference of the nodes' clocks, and the same for all who use this name.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a time that is not from 1 ms to a day.
    pub fn lease(mut self, lease: Duration) -> Result<Self, Error> {
        self.flight.lease = LeaseTime::new(lease)?;
        Ok(self)
    }
}

impl<C> SingleFlight<C>
where
    C: Decode + Encode,
    C::Value: Borrow<C::Borrowed>,
{
    /// Does it, or shares the result of whoever does.
    ///
    /// # Errors
    ///
    /// Those of `f`. They are not shared: the next request tries.
    pub fn run<E>(
        &self,
        id: impl Id,
        f: impl FnOnce() -> Result<C::Value, E>,
    ) -> Result<Flight<C::Value>, E> {
        let key = match self.name.resolved() {
            Ok(name) => format!("{name}#sf:{}", id::subject(&id)),
            Err(error) => return self.fall_back(&error, f),
        };
        let policy = Policy {
            single_flight: Some(self.flight),
            early_refresh: None,
        };
        let computation = match slot::look(key.clone(), &policy) {
            Found::Value(entry, _) => match C::decode(entry.value) {
                Ok(value) => return Ok(Flight::Joined(value)),
                // Another version of the app has done it.
                Err(_) => Computation::replacing(key),
            },
            Found::Nothing(computation) => computation,
        };
        if let Some(error) = computation.fell_back() {
            return self.fall_back(error, f);
        }
        if !computation.is_ours() {
            return Ok(Flight::TimedOut);
        }
        let done = f().inspect_err(|_| computation.release())?;
        match C::encode(done.borrow()) {
            Ok(bytes) => {
                let lifetimes = Lifetimes {
                    fresh: self.shared_for.into(),
                    ..Lifetimes::default()
                };
                // What is not stored is not shared, which those who wait find out.
                computation.store(bytes, lifetimes).absorb();
            }
            Err(_) => computation.release(),
        }
        Ok(Flight::Led(done))
    }

    fn fall_back<E>(
        &self,
        error: &Error,
        f: impl FnOnce() -> Result<C::Value, E>,
    ) -> Result<Flight<C::Value>, E> {
        carry_on(error);
        match self.on_failure {
            OnFailure::Open => f().map(Flight::FellBack),
            OnFailure::Closed => Ok(Flight::Refused),
        }
    }
}

impl<C> fmt::Debug for SingleFlight<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight")
            .field("name", &self.name.text())
            .finish_non_exhaustive()
    }
}
