//! What a configuration declares of stores, beside what the API has written there.

use std::collections::BTreeMap;
use std::time::Duration;

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
    /// How long it lives from when it is made so, which is at each start.
    pub(crate) expires_after: Option<Duration>,
}

impl Declaration {
    /// What makes it so now.
    fn changes_at(&self, now_ms: u64) -> Vec<Change> {
        let mut changes = self.changes.clone();
        if let Some(after) = self.expires_after {
            let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
            for change in &mut changes {
                if let Change::Put { expires_at_ms, .. } = change {
                    *expires_at_ms = Some(now_ms.saturating_add(after_ms));
                }
            }
        }
        changes
    }
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
        // What expires does so by the platform's clock, which is not the machine's in a test.
        let now_ms = edge.clock().now_ms();
        let nothing = BTreeMap::new();
        let former = self.0.keys().filter(|id| !declarations.0.contains_key(id));
        let former: Vec<u64> = former.copied().collect();
        let gone = former.iter().map(|id| (*id, &nothing));
        let meant = declarations.0.iter().map(|(id, keys)| (*id, keys));
        let mut plans: Vec<_> = gone
            .chain(meant)
            .map(|(id, keys)| (id, keys, self.changes(id, keys, is_start, now_ms)))
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
    fn changes(
        &self,
        id: u64,
        keys: &BTreeMap<&str, &Declaration>,
        is_start: bool,
        now_ms: u64,
    ) -> Vec<Change> {
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
            if !is_as_before || (is_start && declaration.expires_after.is_some()) {
                changes.extend(declaration.changes_at(now_ms));
            }
        }
        changes
    }
}

fn is_byod(edge: &Edge, id: u64) -> bool {
    let store = edge.store_state(id);
    store.is_some_and(|store| store.info.byod.is_some())
}
