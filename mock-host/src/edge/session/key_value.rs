//! The interface `key-value`.

use std::fmt;
use std::sync::Arc;

use fastedge_host::{self as host, KeyValueError, glob};

use super::{About, Session, option_len};
use crate::edge::Operation;
use crate::edge::app::Link;
use crate::edge::kv::MAX_KEY_BYTES;
use crate::edge::replica::Replica;
use crate::edge::settings::{Scans, Unlinked};

/// An open store. It stays open however long it is kept.
#[derive(Clone)]
pub struct OpenStore {
    name: Arc<str>,
    data: OpenData,
}

#[derive(Clone)]
enum OpenData {
    Replica { id: u64, replica: Arc<Replica> },
    Foreign(Arc<dyn host::Store>),
}

impl fmt::Debug for OpenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenStore")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// `key-value.open`
    ///
    /// # Errors
    ///
    /// `access-denied` for a store that is not linked to the app, unless the settings say otherwise.
    pub fn kv_open(&self, name: &str) -> Result<OpenStore, KeyValueError> {
        let about = About::of(Operation::KvOpen, name, "");
        self.call(
            about,
            |_| 0,
            || {
                let data = match self.edge.app.store(name) {
                    Some(Link::Store(store)) => match store.database() {
                        Some(database) => OpenData::Foreign(database),
                        None => OpenData::Replica {
                            id: store.id(),
                            replica: self.edge.platform.replica(&self.edge.pop, &store),
                        },
                    },
                    Some(Link::Foreign(store)) => OpenData::Foreign(store.0),
                    None => match self.edge.platform.settings().unlinked {
                        Unlinked::AccessDenied => return Err(KeyValueError::AccessDenied),
                        Unlinked::NoSuchStore => return Err(KeyValueError::NoSuchStore),
                    },
                };
                Ok(OpenStore {
                    name: name.into(),
                    data,
                })
            },
        )
    }

    /// `key-value.get`
    ///
    /// # Errors
    ///
    /// `internal-error` if the key holds another type.
    pub fn kv_get(&self, store: &OpenStore, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        let about = About::of(Operation::KvGet, &store.name, key);
        self.call(about, option_len, || match &store.data {
            OpenData::Foreign(store) => store.get(key),
            OpenData::Replica { id, replica } => {
                let now_ms = self.now_ms();
                let read = || replica.get(key, now_ms);
                let entry = match self.edge.platform.settings().read_cache {
                    // There can be no longer key, and so nothing to keep.
                    Some(keep) if key.len() <= MAX_KEY_BYTES => {
                        self.nodes[self.node].get(*id, key, (now_ms, keep), read)
                    }
                    _ => read(),
                };
                entry.map(|entry| entry.get()).transpose()
            }
        })
    }

    /// `key-value.scan`
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn kv_scan(&self, store: &OpenStore, pattern: &str) -> Result<Vec<String>, KeyValueError> {
        let about = About::of(Operation::KvScan, &store.name, pattern);
        let size = |keys: &Vec<String>| keys.iter().map(String::len).sum();
        self.call(about, size, || match &store.data {
            OpenData::Foreign(store) => store.scan(pattern),
            OpenData::Replica { replica, .. } => {
                let matches = |key: &str| glob::matches(pattern.as_bytes(), key.as_bytes());
                let keys = replica.keys(self.now_ms(), matches);
                Ok(self.as_scanned(keys))
            }
        })
    }

    /// `key-value.zrange-by-score`
    ///
    /// # Errors
    ///
    /// `internal-error` if the key holds another type, or a bound is NaN.
    pub fn kv_zrange_by_score(
        &self,
        store: &OpenStore,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        let about = About::of(Operation::KvZrangeByScore, &store.name, key);
        self.call(
            about,
            |members: &Vec<_>| members_len(members),
            || match &store.data {
                OpenData::Foreign(store) => store.zrange_by_score(key, min, max),
                OpenData::Replica { .. } if min.is_nan() || max.is_nan() => {
                    Err(KeyValueError::InternalError)
                }
                OpenData::Replica { replica, .. } => match replica.get(key, self.now_ms()) {
                    Some(entry) => entry.zrange_by_score(min, max),
                    None => Ok(Vec::new()),
                },
            },
        )
    }

    /// `key-value.zscan`
    ///
    /// # Errors
    ///
    /// `internal-error` if the key holds another type.
    pub fn kv_zscan(
        &self,
        store: &OpenStore,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        let about = About::of(Operation::KvZscan, &store.name, key);
        self.call(
            about,
            |members: &Vec<_>| members_len(members),
            || match &store.data {
                OpenData::Foreign(store) => store.zscan(key, pattern),
                OpenData::Replica { replica, .. } => match replica.get(key, self.now_ms()) {
                    Some(entry) => Ok(self.as_scanned(entry.zscan(pattern)?)),
                    None => Ok(Vec::new()),
                },
            },
        )
    }

    /// `key-value.bf-exists`
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn kv_bf_exists(
        &self,
        store: &OpenStore,
        key: &str,
        item: &str,
    ) -> Result<bool, KeyValueError> {
        let about = About::of(Operation::KvBfExists, &store.name, key).sending(item.len());
        self.call(
            about,
            |_| 0,
            || match &store.data {
                OpenData::Foreign(store) => store.bf_exists(key, item),
                OpenData::Replica { replica, .. } => {
                    let entry = replica.get(key, self.now_ms());
                    Ok(entry.is_some_and(|entry| entry.bf_exists(item.as_bytes())))
                }
            },
        )
    }

    /// What a scan has found, in the order of the settings.
    fn as_scanned<T: Clone>(&self, mut found: Vec<T>) -> Vec<T> {
        if let Scans::Shuffled { seed } = self.edge.platform.settings().scans {
            let mut random = fastrand::Rng::with_seed(seed ^ found.len() as u64);
            for i in 0..found.len() {
                if random.u8(..) < 64 {
                    found.push(found[i].clone());
                }
            }
            random.shuffle(&mut found);
        }
        found
    }
}

fn members_len(members: &[(Vec<u8>, f64)]) -> usize {
    members
        .iter()
        .map(|(member, _)| member.len() + size_of::<f64>())
        .sum()
}
