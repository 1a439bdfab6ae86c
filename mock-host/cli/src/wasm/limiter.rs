//! How much memory an instance may have.

use wasmtime::ResourceLimiter;

/// Refuses memory above a limit, and remembers that it has.
///
/// An app that is refused memory usually traps a moment later; what it died of is only known here.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    limit: usize,
    used: usize,
    has_refused: bool,
}

/// More elements than any table of a sensible component has.
const MAX_TABLE_ELEMENTS: usize = 100_000;

impl MemoryLimiter {
    pub(crate) fn new(limit: usize) -> Self {
        MemoryLimiter {
            limit,
            used: 0,
            has_refused: false,
        }
    }

    /// The bytes of all memories of the instance, which never become fewer.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    pub(crate) fn has_refused(&self) -> bool {
        self.has_refused
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The limit is for all memories of the instance together.
        let used = (self.used + desired).saturating_sub(current);
        if used > self.limit {
            self.has_refused = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}
