//! Waiting inside the probe.

use std::time::Duration;

use crate::check::Stop;

/// Waits: on a host of a test, its clock moves.
pub(crate) fn sleep(duration: Duration) -> Result<(), Stop> {
    #[cfg(not(target_arch = "wasm32"))]
    fastedge_host::current()?.clock().sleep(duration);
    #[cfg(target_arch = "wasm32")]
    std::thread::sleep(duration);
    Ok(())
}
