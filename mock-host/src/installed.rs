//! A platform that is installed, and what a test that fails says of it.

use fastedge_host::Host;

use crate::edge::Edge;

/// Keeps a platform installed on its thread; dropping it uninstalls the platform, and prints the
/// calls so far if that is because the test has failed.
///
/// Installs nest: the latest one that is still alive is the one that is called.
#[derive(Debug)]
#[must_use = "the host is uninstalled when this guard is dropped: bind it with `let _installed = …`"]
pub struct Installed {
    edge: Edge,
    // Dropped after the log is printed.
    _guard: fastedge_host::Installed,
}

impl Installed {
    pub(crate) fn new(host: &Host, edge: Edge) -> Self {
        Installed {
            edge,
            _guard: host.install(),
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        if !std::thread::panicking() || !self.edge.is_first_report() {
            return;
        }
        let calls = self.edge.calls();
        match calls.is_empty() {
            true => eprintln!("The app has not called the host."),
            false => eprint!("The calls of the host so far:\n{calls}"),
        }
    }
}
