//! What a configuration declares of stores, beside what the API has written there.

use std::collections::BTreeMap;

use fastedge_mock_host::Edge;
use fastedge_mock_host::central::{Change, WriteError};

use crate::database::Fingerprints;

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

/// What the apps of a configuration declare, by the stores' numbers.
#[derive(Debug, Default)]
pub(crate) struct Declarations<'a>(BTreeMap<u64, BTreeMap<&'a str, &'a Declaration>>);

impl<'a> Declarations<'a> {
    /// Several apps may declare parts of one store; of a key that is declared twice, the latter is
    /// meant.
    pub(crate) fn add(&mut self, store: u64, declarations: &'a [Declaration]) {
        let keys = self.0.entry(store).or_default();
        keys.extend(declarations.iter().map(|one| (one.key.as_str(), one)));
    }
}

/// What was declared before: the fingerprints.
///
/// A key is written when its declaration is another one than before, and deleted when it is not
/// declared any more. What the API has written to it meanwhile stays until then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared(pub(crate) Fingerprints);

impl Declared {
    /// Makes the stores as they are declared; `is_start` if the server has just been started. What
    /// could not be written is tried again the next time.
    pub(crate) fn apply(
        &mut self,
        edge: &Edge,
        declarations: &Declarations<'_>,
        is_start: bool,
    ) -> Result<(), WriteError> {
        let nothing = BTreeMap::new();
        let former = self.0.keys().filter(|id| !declarations.0.contains_key(id));
        let former: Vec<u64> = former.copied().collect();
        let gone = former.iter().map(|id| (*id, &nothing));
        let meant = declarations.0.iter().map(|(id, keys)| (*id, keys));
        let mut plans: Vec<_> = gone
            .chain(meant)
            .map(|(id, keys)| (id, keys, self.changes(id, keys, is_start)))
            .collect();
        // A customer's own database can be down: then nothing else has changed yet.
        plans.sort_by_key(|(id, ..)| !is_byod(edge, *id));
        for (id, keys, changes) in plans {
            let written = match changes.is_empty() {
                true => Ok(()),
                false => edge.write_everywhere(id, &changes).map(|_| ()),
            };
            match written {
                Ok(()) => {}
                // It was declared once, and has been deleted since.
                Err(WriteError::NoSuchStore) => {}
                Err(error) => return Err(error),
            }
            let fingerprints = keys.iter();
            let fingerprints = fingerprints
                .map(|(key, one)| ((*key).to_owned(), one.fingerprint.clone()))
                .collect();
            self.0.insert(id, fingerprints);
        }
        self.0.retain(|_, keys| !keys.is_empty());
        Ok(())
    }

    /// What makes a store as it is declared.
    fn changes(&self, id: u64, keys: &BTreeMap<&str, &Declaration>, is_start: bool) -> Vec<Change> {
        let nothing = BTreeMap::new();
        let former = self.0.get(&id).unwrap_or(&nothing);
        let gone = former.keys().filter(|key| !keys.contains_key(key.as_str()));
        let mut changes: Vec<_> = gone
            .map(|key| Change::Delete {
                key: key.clone(),
                data_type: None,
            })
            .collect();
        for (key, declaration) in keys {
            let is_as_before = former.get(*key) == Some(&declaration.fingerprint);
            if !is_as_before || (is_start && declaration.is_renewed) {
                changes.extend(declaration.changes.iter().cloned());
            }
        }
        changes
    }
}

fn is_byod(edge: &Edge, id: u64) -> bool {
    let store = edge.store_state(id);
    store.is_some_and(|store| store.info.byod.is_some())
}
