//! A word about the current request, for the platform's statistics.

use crate::{NoHostInstalled, host};

/// Labels the current request in the platform's statistics. One host call; the last one counts.
///
/// # Errors
///
/// [`Error::NoHostInstalled`] in a native build without a host; in a component it cannot fail.
///
/// ```
/// use fastedge::diagnostics;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// diagnostics::set("blocked by the address list")?;
/// # assert_eq!(edge.diagnostics(), ["blocked by the address list"]);
/// # Ok::<(), diagnostics::Error>(())
/// ```
pub fn set(label: &str) -> Result<(), Error> {
    Ok(host::diagnostics::set_user_diag(label)?)
}

/// How labelling a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A native build has no host to ask.
    #[error(transparent)]
    NoHostInstalled(#[from] NoHostInstalled),
}
