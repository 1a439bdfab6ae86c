//! A location of the platform of a test.

use std::fmt;
#[cfg(not(target_arch = "wasm32"))]
use {
    crate::native::Native,
    fastedge_host::{Host, Scope},
    std::future::Future,
};

use crate::edge::Calls;
use crate::installed::Installed;
use crate::platform::{CacheView, Edge};

/// A location of a [`MockHost`](crate::MockHost): what is installed or run here sees the location's
/// copies of the stores, and its cache.
#[derive(Clone)]
pub struct Location {
    edge: Edge,
}

impl Location {
    pub(crate) fn new(edge: Edge) -> Self {
        Location { edge }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.edge.pop()
    }

    /// Makes this the platform of the current thread until the guard is dropped. If the test fails
    /// meanwhile, the calls so far are printed.
    pub fn install(&self) -> Installed {
        Installed::new(&self.edge)
    }

    /// Runs `f` here.
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        let _installed = self.install();
        f()
    }

    /// A future during whose every poll the platform is installed: for async tests.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        self.host().scope(future)
    }

    /// The handle with which other threads install the platform: one node, in its turn.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn host(&self) -> Host {
        Native::host(&self.edge)
    }

    /// The location's cache, past the app's interface.
    pub fn cache(&self) -> CacheView<'_> {
        self.edge.cache()
    }

    /// The calls here so far.
    pub fn calls(&self) -> Calls {
        self.edge.calls().at(self.edge.pop())
    }

    /// Everything that is on its way to this location arrives now.
    pub fn replicate_now(&self) {
        self.edge.replicate_here_now();
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Location").field(&self.name()).finish()
    }
}
