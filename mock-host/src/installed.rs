//! A platform that is installed, and what a test that fails says of it.

use crate::platform::Edge;

/// Keeps a platform installed on its thread; dropping it uninstalls the platform, and prints the
/// calls so far if that is because the test has failed.
///
/// Installs nest: the latest one that is still alive is the one that is called.
#[derive(Debug)]
#[must_use = "the host is uninstalled when this guard is dropped: bind it with `let _installed = …`"]
pub struct Installed {
    edge: Edge,
    /// Dropped after the log is printed.
    #[cfg(not(target_arch = "wasm32"))]
    _guard: fastedge_host::Installed,
    #[cfg(target_arch = "wasm32")]
    number: u32,
}

impl Installed {
    pub(crate) fn new(edge: &Edge) -> Self {
        Installed {
            edge: edge.clone(),
            #[cfg(not(target_arch = "wasm32"))]
            _guard: crate::native::Native::host(edge).install(),
            #[cfg(target_arch = "wasm32")]
            number: edge.install(),
        }
    }

    fn report(&self) {
        let calls = self.edge.calls();
        match calls.is_empty() {
            true => eprintln!("The app has not called the host."),
            false => eprint!("The calls of the host so far:\n{calls}"),
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if std::thread::panicking() && self.edge.is_first_report() {
            self.report();
        }
        #[cfg(target_arch = "wasm32")]
        self.edge.uninstall(self.number);
    }
}
