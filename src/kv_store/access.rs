//! What a store is opened for: reading it, or reading what has been written as well.

use super::Error;
use crate::host;

/// How a [`KvStore`](super::KvStore) is accessed: [`ReadOnly`], or with a
/// [`Writer`](super::Writer). There are no others.
pub trait Access: Reads {}

/// The access that every app has: reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOnly;

impl Access for ReadOnly {}
impl Reads for ReadOnly {}

/// The reads of a store. As provided they are the host's, one call each.
///
/// A parameter of the store's type, so that what an access adds to a read is only in the components
/// that have that access.
pub trait Reads {
    #[inline]
    fn get(&self, store: &OpenStore, key: &str) -> Result<Option<Vec<u8>>, Error> {
        store.get(key)
    }

    #[inline]
    fn zrange_by_score(
        &self,
        store: &OpenStore,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        store.zrange_by_score(key, min, max)
    }

    #[inline]
    fn zscan(
        &self,
        store: &OpenStore,
        key: &str,
        pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        store.zscan(key, pattern)
    }

    #[inline]
    fn bf_exists(&self, store: &OpenStore, key: &str, item: &str) -> Result<bool, Error> {
        store.bf_exists(key, item)
    }
}

/// The host's open store, with the name that its errors tell.
pub struct OpenStore {
    name: String,
    store: host::Store,
}

impl OpenStore {
    pub(super) fn open(name: &str) -> Result<Self, Error> {
        match host::Store::open(name) {
            Ok(store) => Ok(OpenStore {
                name: name.to_owned(),
                store,
            }),
            Err(failure) => Err(Error::of_open(name, failure)),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    #[inline]
    pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.store
            .get(key)
            .map_err(|failure| Error::of_call(&self.name, key, failure))
    }

    #[inline]
    pub(super) fn scan(&self, pattern: &str) -> Result<Vec<String>, Error> {
        self.store
            .scan(pattern)
            .map_err(|failure| Error::of_call(&self.name, pattern, failure))
    }

    #[inline]
    pub(super) fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        self.store
            .zrange_by_score(key, min, max)
            .map_err(|failure| Error::of_call(&self.name, key, failure))
    }

    #[inline]
    pub(super) fn zscan(&self, key: &str, pattern: &str) -> Result<Vec<(Vec<u8>, f64)>, Error> {
        self.store
            .zscan(key, pattern)
            .map_err(|failure| Error::of_call(&self.name, key, failure))
    }

    #[inline]
    pub(super) fn bf_exists(&self, key: &str, item: &str) -> Result<bool, Error> {
        self.store
            .bf_exists(key, item)
            .map_err(|failure| Error::of_call(&self.name, key, failure))
    }
}
