//! The time, as the host has it.
//!
//! In a component it is the system's, and the same as `SystemTime::now()`. In a native test it is that
//! of the mock host, which stands still until the test moves it: an app that asks here can be tested
//! at any time of day.

use std::time::{Duration, SystemTime};

use crate::{NoHostInstalled, host};

/// The present moment.
///
/// # Errors
///
/// In a native build without a host.
///
/// ```
/// use std::time::Duration;
/// use fastedge::clock;
///
/// let edge = fastedge_mock_host::MockHost::new();
/// let _installed = edge.install();
/// let before = clock::now()?;
/// edge.clock().advance(Duration::from_secs(60));
/// assert_eq!(clock::now()?, before + Duration::from_secs(60));
/// # Ok::<(), fastedge::NoHostInstalled>(())
/// ```
pub fn now() -> Result<SystemTime, NoHostInstalled> {
    Ok(SystemTime::UNIX_EPOCH + host::clock::now()?)
}

/// The present moment, in milliseconds since 1970.
pub(crate) fn now_ms() -> Result<u64, NoHostInstalled> {
    Ok(millis(host::clock::now()?))
}

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
