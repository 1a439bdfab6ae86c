//! A lease: a lock that ends by itself.

use std::time::Duration;

use super::claim::{self, Attempt, Held, LeaseTime};
use super::namespace::Name;
use super::{Error, Id, id};
use crate::absorb::Absorb;

/// The right to do something alone, for a time: a lock that ends by itself.
///
/// Dropping it, or [`release`](Self::release), lets others have it. If the app is killed, or the release
/// fails, others wait for up to two lease times.
///
/// There are no two holders at once at one location, provided that the lease time is longer than the
/// longest request and the difference of the nodes' clocks, that all who want the lease name the same
/// time, and that the cache does not evict it.
/// So it keeps work from being done twice; where doing it twice would be wrong and not just wasteful,
/// the work itself has to notice.
///
/// ```
/// use std::time::Duration;
/// use fastedge::cache::Lease;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let time = Duration::from_secs(30);
/// if let Some(lease) = Lease::acquire("shop:report", "monday", time)? {
///     // Whoever else comes does not get it.
///     assert!(Lease::acquire("shop:report", "monday", time)?.is_none());
///     lease.release()?;
/// }
/// # assert!(Lease::acquire("shop:report", "monday", time)?.is_some());
/// # Ok::<(), fastedge::cache::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a lease is released when it is dropped: bind it with `let lease = …`"]
pub struct Lease {
    /// `None` once it is released.
    held: Option<Held>,
}

impl Lease {
    /// The lease, if nobody has it. Five host calls if it is had; otherwise one, or three, or, where
    /// two claim it at once around the end of a lease time, up to six. One more to release it.
    ///
    /// # Errors
    ///
    /// [`InvalidArgument`](super::ErrorKind::InvalidArgument) for a time that is not from 1 ms to a
    /// day; if the host fails, or offers no cache. It may be locked then, for up to two lease times.
    pub fn acquire(
        name: impl Into<Name>,
        id: impl Id,
        time: Duration,
    ) -> Result<Option<Lease>, Error> {
        let time = LeaseTime::new(time)?;
        let name = name.into();
        let base = format!("{}#lease:{}", name.resolved()?, id::subject(&id));
        Lease::claim(&base, time)
    }

    pub(super) fn claim(base: &str, time: LeaseTime) -> Result<Option<Lease>, Error> {
        match claim::claim(base, time)? {
            Attempt::Held(held) => Ok(Some(Lease { held: Some(held) })),
            Attempt::Locked => Ok(None),
        }
    }

    /// How much of it is left. Do not do alone what takes longer.
    pub fn left(&self) -> Duration {
        self.held.as_ref().map_or(Duration::ZERO, Held::left)
    }

    /// Lets others have it. One host call.
    ///
    /// # Errors
    ///
    /// If the host fails: others wait until it ends by itself.
    pub fn release(mut self) -> Result<(), Error> {
        self.held.take().map_or(Ok(()), |held| held.release())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            held.release().absorb();
        }
    }
}
