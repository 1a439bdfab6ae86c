//! Whether what is written is on disk, and what was declared when.

use std::path::PathBuf;
use std::sync::Arc;

use fastedge_mock_host::Edge;

use crate::api;
use crate::config::{Declarations, Declared};
use crate::database::{self, Database, OpenError};
use crate::serve::LoadError;

pub(super) struct Durability {
    folder: PathBuf,
    database: Option<Arc<Database>>,
    declared: Declared,
}

impl Durability {
    /// Nothing is kept, until something is written or a database is found.
    pub(super) fn none_yet(folder: PathBuf) -> Self {
        Durability {
            folder,
            database: None,
            declared: Declared::default(),
        }
    }

    /// Goes on with what an earlier server has kept.
    pub(super) fn open_if_there(&mut self, edge: &Edge) -> Result<(), OpenError> {
        match self.folder.join(database::FILE).is_file() {
            true => self.open(edge),
            false => Ok(()),
        }
    }

    /// From now on all is kept.
    pub(super) fn begin(&mut self, edge: &Edge) -> Result<(), OpenError> {
        match self.database {
            Some(_) => Ok(()),
            None => self.open(edge),
        }
    }

    /// Makes the stores as they are declared.
    pub(super) fn declare(
        &mut self,
        edge: &Edge,
        declarations: &Declarations,
        is_start: bool,
    ) -> Result<(), LoadError> {
        let applied = self.declared.apply(edge, declarations, is_start);
        if let Some(database) = &self.database {
            database
                .keep_fingerprints(&self.declared.0)
                .map_err(LoadError::SetUp)?;
        }
        applied.map_err(|error| LoadError::SetUp(error.to_string()))
    }

    /// Opens the database: what it has kept is there, and what is here is kept in it.
    fn open(&mut self, edge: &Edge) -> Result<(), OpenError> {
        let database = Arc::new(Database::open(&self.folder)?);
        let other = |reason: String| OpenError::Other {
            file: self.folder.join(database::FILE),
            reason,
        };
        let (stored, fingerprints) = database.load().map_err(other)?;
        edge.keep_in(Arc::clone(&database) as _, stored)
            .map_err(|error| other(error.to_string()))?;
        if !fingerprints.is_empty() {
            self.declared = Declared(fingerprints);
        }
        for store in edge.stores() {
            if let Some(byod) = &store.info.byod {
                api::connect(edge, store.info.id, Some(byod)).map_err(other)?;
            }
        }
        database
            .keep_fingerprints(&self.declared.0)
            .map_err(other)?;
        self.database = Some(database);
        Ok(())
    }
}
