//! Where the state of sessions is.

use std::time::{Duration, SystemTime};

use super::Error;
use crate::cache::{Name, Retry, Ttl};
use crate::host;
use crate::kv_store::{KvStore, Writer};

/// A place where the state of sessions is kept, by keys of 22 characters.
///
/// For a place of one's own. Its errors are an [`ErrorKind::Place`](super::ErrorKind::Place):
/// `map_err(|error| ErrorKind::Place(error.into()))?`.
pub trait SessionStore {
    /// What is kept at a key, unless it is over.
    ///
    /// # Errors
    ///
    /// If the place fails. That there is nothing is no error.
    fn load(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Keeps a new record for a time.
    ///
    /// # Errors
    ///
    /// If the place fails.
    fn create(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error>;

    /// Keeps a record for a time in the place of a former one, if that is still there, and answers whether
    /// it was.
    ///
    /// # Errors
    ///
    /// If the place fails.
    fn replace(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<bool, Error>;

    /// Keeps the record that is there for a time from now on. A place that cannot do that without writing
    /// the record does nothing.
    ///
    /// # Errors
    ///
    /// If the place fails.
    fn touch(&self, key: &str, ttl: Ttl) -> Result<(), Error>;

    /// Forgets what is kept at a key, if there is anything.
    ///
    /// # Errors
    ///
    /// If the place fails.
    fn delete(&self, key: &str) -> Result<(), Error>;
}

/// Sessions in the cache of the location.
#[derive(Clone, Debug)]
pub struct InCache {
    name: Name,
}

impl InCache {
    pub(super) fn new(name: Name) -> Self {
        InCache { name }
    }

    fn key(&self, key: &str) -> Result<String, Error> {
        Ok(format!("{}#session:{key}", self.name.resolved()?))
    }
}

impl SessionStore for InCache {
    fn load(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(Retry::default().get_bytes(&self.key(key)?)?)
    }

    fn create(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error> {
        Ok(Retry::default().set(&self.key(key)?, record, ttl)?)
    }

    /// There is no set-if-present: one that ends between these two calls comes back.
    fn replace(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<bool, Error> {
        let key = self.key(key)?;
        let is_there = Retry::default().expire(&key, ttl)?;
        if is_there {
            Retry::default().set(&key, record, ttl)?;
        }
        Ok(is_there)
    }

    /// The record stays as it is: another request may have changed it meanwhile.
    fn touch(&self, key: &str, ttl: Ttl) -> Result<(), Error> {
        let _is_there = Retry::default().expire(&self.key(key)?, ttl)?;
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        Ok(Retry::default().delete(&self.key(key)?)?)
    }
}

/// Sessions in a store.
#[derive(Debug)]
pub struct InStore {
    store: KvStore<Writer>,
    prefix: String,
}

impl InStore {
    pub(super) fn new(store: KvStore<Writer>, prefix: String) -> Self {
        InStore { store, prefix }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl SessionStore for InStore {
    fn load(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.store.get_bytes(&self.key(key))?)
    }

    fn create(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error> {
        let until = host::clock::now()?.saturating_add(Duration::from(ttl));
        let until = SystemTime::UNIX_EPOCH + until;
        self.store.put_expiring(&self.key(key), record, until)?;
        Ok(())
    }

    /// Whether it is still there is known as far as this location knows it.
    fn replace(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<bool, Error> {
        let is_there = self.load(key)?.is_some();
        if is_there {
            self.create(key, record, ttl)?;
        }
        Ok(is_there)
    }

    /// It would be a write of the whole record, which could bring back what has ended elsewhere.
    fn touch(&self, _key: &str, _ttl: Ttl) -> Result<(), Error> {
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        // That there is none to delete is fine.
        let _deletion = self.store.delete(&self.key(key))?;
        Ok(())
    }
}
