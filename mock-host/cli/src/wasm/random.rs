//! WASI's randomness, where it is the edge's.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use fastedge_mock_host::Edge;

/// The edge that an instance is on at the moment.
pub(super) type CurrentEdge = Arc<Mutex<Edge>>;

/// The edge's seeded source.
pub(super) struct EdgeRandom(pub(super) CurrentEdge);

impl EdgeRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let edge = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        edge.fill_random(bytes);
    }
}

impl rand_core::TryRng for EdgeRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.fill(bytes);
        Ok(())
    }
}
