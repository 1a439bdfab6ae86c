//! How long an entry lives.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::{NoHostInstalled, host};

/// How long a cache entry lives: at least 1 millisecond.
///
/// The platform has a ceiling of its own (4 days by default) and shortens what is above it.
///
/// ```
/// use std::time::Duration;
/// use fastedge::cache::{Ttl, TtlError};
///
/// assert_eq!(Ttl::secs(60)?, Ttl::millis(60_000)?);
/// assert_eq!(Ttl::try_from(Duration::from_secs(60))?.as_millis(), 60_000);
/// assert!(matches!(Ttl::secs(0), Err(TtlError::Zero)));
/// assert!(matches!(Ttl::secs(u64::MAX), Err(TtlError::TooLong)));
/// # Ok::<(), TtlError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(NonZeroU64);

impl Ttl {
    /// The longest: half of what fits the signed 64-bit milliseconds in which Redis keeps the
    /// moment of expiry, so that adding it to the present time cannot overflow.
    pub const MAX: Ttl = match NonZeroU64::new(i64::MAX as u64 / 2) {
        Some(millis) => Ttl(millis),
        None => Ttl(NonZeroU64::MIN),
    };

    /// A number of seconds.
    ///
    /// # Errors
    ///
    /// [`TtlError::Zero`], or [`TtlError::TooLong`] above [`Ttl::MAX`].
    pub const fn secs(seconds: u64) -> Result<Ttl, TtlError> {
        match seconds.checked_mul(1000) {
            Some(millis) => Ttl::millis(millis),
            None => Err(TtlError::TooLong),
        }
    }

    /// A number of milliseconds.
    ///
    /// # Errors
    ///
    /// [`TtlError::Zero`], or [`TtlError::TooLong`] above [`Ttl::MAX`].
    pub const fn millis(milliseconds: u64) -> Result<Ttl, TtlError> {
        match NonZeroU64::new(milliseconds) {
            None => Err(TtlError::Zero),
            Some(millis) if millis.get() > Ttl::MAX.0.get() => Err(TtlError::TooLong),
            Some(millis) => Ok(Ttl(millis)),
        }
    }

    /// From now until a moment, in seconds since 1970-01-01T00:00:00Z. Reads the clock.
    ///
    /// # Errors
    ///
    /// [`TtlError::Past`] if the moment is not in the future, [`TtlError::TooLong`] if it is too
    /// far away, [`TtlError::NoHostInstalled`] in a native build without a host (and so a clock).
    ///
    /// ```
    /// use fastedge::cache::Ttl;
    /// # let edge = fastedge_mock_host::MockHost::new();
    /// # let _installed = edge.install();
    ///
    /// let now = edge.clock().unix_secs();
    /// assert_eq!(Ttl::until_unix(now + 10)?, Ttl::secs(10)?);
    /// assert!(Ttl::until_unix(now).is_err());
    /// # Ok::<(), fastedge::cache::TtlError>(())
    /// ```
    pub fn until_unix(seconds: u64) -> Result<Ttl, TtlError> {
        let now = host::clock::now()?;
        match Duration::from_secs(seconds).checked_sub(now) {
            Some(remaining) if !remaining.is_zero() => Ttl::try_from(remaining),
            _ => Err(TtlError::Past {
                moment: seconds,
                now: now.as_secs(),
            }),
        }
    }

    /// The milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0.get()
    }
}

impl TryFrom<Duration> for Ttl {
    type Error = TtlError;

    /// Whole milliseconds, rounded up: an entry lives at least as long as asked for.
    fn try_from(duration: Duration) -> Result<Ttl, TtlError> {
        let millis = duration.as_nanos().div_ceil(1_000_000);
        Ttl::millis(u64::try_from(millis).map_err(|_| TtlError::TooLong)?)
    }
}

impl From<Ttl> for Duration {
    fn from(ttl: Ttl) -> Duration {
        Duration::from_millis(ttl.as_millis())
    }
}

/// Why a time to live is refused, before any host is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TtlError {
    /// An entry that expires at once is not an entry: delete it instead.
    #[error("a time to live is at least 1 millisecond: to expire an entry now, delete it")]
    Zero,
    /// More than [`Ttl::MAX`].
    #[error("a time to live is at most {} milliseconds", Ttl::MAX.as_millis())]
    TooLong,
    /// The moment until which an entry was to live is not in the future.
    #[error("the unix time {moment} is not in the future: it is {now} now")]
    Past {
        /// The moment, in unix seconds.
        moment: u64,
        /// The host's time, in unix seconds.
        now: u64,
    },
    /// A native build has no host to ask for the time.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}
