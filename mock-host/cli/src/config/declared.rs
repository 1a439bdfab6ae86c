//! What a configuration declares of a store, beside what the API has written there.

use std::collections::BTreeMap;

use fastedge_mock_host::Edge;
use fastedge_mock_host::central::{Change, WriteError};

/// A key that a configuration declares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declaration {
    pub(crate) key: String,
    /// What makes it so.
    pub(crate) changes: Vec<Change>,
    /// What tells it from another one.
    pub(crate) fingerprint: String,
    /// It is made so at each start: it expires after a time.
    pub(crate) is_renewed: bool,
}

/// What was declared before, by the name of a store and a key: the fingerprints.
///
/// A key is written when its declaration is another one than before, and deleted when it is not
/// declared any more. What the API has written to it meanwhile stays until then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) fingerprints: BTreeMap<String, BTreeMap<String, String>>,
    /// Stores whose declarations have been looked at since [`begin`](Declared::begin).
    looked_at: Vec<String>,
    is_first: bool,
}

impl Declared {
    /// What a database has kept of former declarations.
    pub(crate) fn of(fingerprints: BTreeMap<String, BTreeMap<String, String>>) -> Self {
        Declared {
            fingerprints,
            looked_at: Vec::new(),
            is_first: true,
        }
    }

    /// A configuration begins to be applied; `is_start` if the server has just been started.
    pub(crate) fn begin(&mut self, is_start: bool) {
        self.looked_at.clear();
        self.is_first = is_start;
    }

    pub(crate) fn apply(
        &mut self,
        edge: &Edge,
        (id, store): (u64, &str),
        declarations: &[Declaration],
    ) -> Result<(), WriteError> {
        let former = self.fingerprints.entry(store.to_owned()).or_default();
        let mut changes = Vec::new();
        // Several apps may declare parts of one store.
        let is_again = self.looked_at.iter().any(|other| other == store);
        if !is_again {
            self.looked_at.push(store.to_owned());
            let is_declared = |key: &str| declarations.iter().any(|new| new.key == key);
            former.retain(|key, _| {
                let stays = is_declared(key);
                if !stays {
                    changes.push(Change::Delete {
                        key: key.clone(),
                        data_type: None,
                    });
                }
                stays
            });
        }
        for declaration in declarations {
            let is_as_before = former.get(&declaration.key) == Some(&declaration.fingerprint);
            if is_as_before && !(declaration.is_renewed && self.is_first) {
                continue;
            }
            changes.extend(declaration.changes.iter().cloned());
            former.insert(declaration.key.clone(), declaration.fingerprint.clone());
        }
        if !changes.is_empty() {
            edge.write_everywhere(id, &changes)?;
        }
        Ok(())
    }
}
