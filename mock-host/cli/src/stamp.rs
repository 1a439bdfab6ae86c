//! What tells a file from its former self.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file, as it was at a moment; `None` where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The file.
    pub path: PathBuf,
    state: Option<(SystemTime, u64)>,
}

impl Stamp {
    /// The file as it is now. Whoever reads it takes the stamp first: what changes while it is read
    /// is noticed later.
    pub fn of(path: &Path) -> Self {
        let state = std::fs::metadata(path)
            .and_then(|metadata| Ok((metadata.modified()?, metadata.len())))
            .ok();
        Stamp {
            path: path.to_owned(),
            state,
        }
    }

    /// The same file, as it is now.
    #[must_use]
    pub fn again(&self) -> Self {
        Stamp::of(&self.path)
    }
}
