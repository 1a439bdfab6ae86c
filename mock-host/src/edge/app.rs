//! What is linked to one app.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::central::CentralStore;
use super::outbound::Outbound;
use super::platform::Foreign;
use super::secrets::Secrets;

/// A server runs for days, and an app may label every request.
const KEPT_LABELS: usize = 1000;
const KEPT_CHARACTERS: usize = 1000;

/// What one app finds on the platform, at whichever location.
#[derive(Debug, Default)]
pub(crate) struct AppLinks {
    stores: RwLock<BTreeMap<String, Link>>,
    pub(crate) secrets: Secrets,
    variables: RwLock<HashMap<String, String>>,
    pub(crate) outbound: Outbound,
    labels: Mutex<VecDeque<String>>,
}

/// Where the data of a store come from.
#[derive(Clone)]
pub(crate) enum Link {
    /// The platform.
    Store(Arc<CentralStore>),
    /// Somebody else.
    Foreign(Foreign),
}

impl AppLinks {
    pub(crate) fn link(&self, name: &str, link: Link) {
        let mut stores = self.stores.write().unwrap_or_else(PoisonError::into_inner);
        stores.insert(name.to_owned(), link);
    }

    pub(crate) fn store(&self, name: &str) -> Option<Link> {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        stores.get(name).cloned()
    }

    /// The names of the stores, with the numbers of those that are the platform's.
    pub(crate) fn stores(&self) -> Vec<(String, Option<u64>)> {
        let stores = self.stores.read().unwrap_or_else(PoisonError::into_inner);
        let stores = stores.iter().map(|(name, link)| match link {
            Link::Store(store) => (name.clone(), Some(store.id())),
            Link::Foreign(_) => (name.clone(), None),
        });
        stores.collect()
    }

    pub(crate) fn set_variable(&self, key: String, value: String) {
        let variables = self.variables.write();
        let mut variables = variables.unwrap_or_else(PoisonError::into_inner);
        variables.insert(key, value);
    }

    pub(crate) fn variable(&self, key: &str) -> Option<String> {
        let variables = self.variables.read();
        let variables = variables.unwrap_or_else(PoisonError::into_inner);
        variables.get(key).cloned()
    }

    /// All variables, by name.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let variables = self.variables.read();
        let variables = variables.unwrap_or_else(PoisonError::into_inner);
        let mut variables: Vec<_> = variables
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        variables.sort_unstable();
        variables
    }

    pub(crate) fn label(&self, name: &str) {
        let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        if labels.len() == KEPT_LABELS {
            labels.pop_front();
        }
        labels.push_back(name.chars().take(KEPT_CHARACTERS).collect());
    }

    pub(crate) fn labels(&self) -> Vec<String> {
        let labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        labels.iter().cloned().collect()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::Store(store) => f.debug_tuple("Store").field(&store.id()).finish(),
            Link::Foreign(_) => f.debug_tuple("Foreign").finish_non_exhaustive(),
        }
    }
}
