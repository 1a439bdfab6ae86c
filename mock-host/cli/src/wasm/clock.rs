//! The time, as a component sees it.

use std::sync::Arc;
use std::time::Duration;

use fastedge_mock_host::Edge;
use wasmtime_wasi::HostWallClock;

/// WASI's wall clock is the edge's, by which entries expire as well.
pub(super) struct EdgeClock(pub(super) Arc<Edge>);

impl HostWallClock for EdgeClock {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        self.0.clock().now()
    }
}
