//! A component, as it was read.

use std::path::Path;
use std::sync::Arc;

use crate::serve::LoadError;
use crate::stamp::Stamp;

#[derive(Clone)]
pub(super) struct Binary {
    /// What it was asked for as.
    pub(super) app: String,
    pub(super) file: Stamp,
    pub(super) bytes: Arc<[u8]>,
}

impl Binary {
    pub(super) fn read(file: &Path, files: &mut Vec<Stamp>) -> Result<Self, LoadError> {
        let stamp = Stamp::of(file);
        files.push(stamp.clone());
        let bytes = std::fs::read(file).map_err(|error| LoadError::Unreadable {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Binary {
            app: String::new(),
            file: stamp,
            bytes: bytes.into(),
        })
    }

    pub(super) fn named(mut self, app: &str) -> Self {
        self.app = app.to_owned();
        self
    }
}
