//! Where the state of sessions is.

use std::time::{Duration, SystemTime};

use super::Error;
use crate::cache::{Cache, Name, Retry, Ttl};
use crate::host;
use crate::kv_store::{KvStore, Writer};

/// A place where the state of sessions is kept, by keys of 22 characters.
///
/// For a place of one's own. Its errors are an [`ErrorKind::Place`](super::ErrorKind::Place).
pub trait SessionStore {
    /// Into how many parts the idle time is divided: a session that has not changed is touched at most
    /// once in each.
    const TOUCHES_PER_IDLE_TIME: u64 = 4;

    /// What is kept at a key, unless it is over.
    ///
    /// # Errors
    ///
    /// If the place fails. That there is nothing is no error.
    fn load(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Keeps a record for a time, in the place of a former one.
    ///
    /// # Errors
    ///
    /// If the place fails.
    fn save(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error>;

    /// Keeps a record that has not changed for a time from now on.
    ///
    /// # Errors
    ///
    /// If the place fails.
    fn touch(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error> {
        self.save(key, record, ttl)
    }

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

    fn save(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error> {
        Ok(Retry::default().set(&self.key(key)?, record, ttl)?)
    }

    /// The record stays as it is: another request may have changed it meanwhile.
    fn touch(&self, key: &str, _record: &[u8], ttl: Ttl) -> Result<(), Error> {
        // One that was evicted meanwhile is gone, which the next request will see.
        let _existed = Cache::expire(&self.key(key)?, ttl)?;
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
    /// Each is a write of the whole record.
    const TOUCHES_PER_IDLE_TIME: u64 = 2;

    fn load(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.store.get_bytes(&self.key(key))?)
    }

    fn save(&self, key: &str, record: &[u8], ttl: Ttl) -> Result<(), Error> {
        let until = host::clock::now()?.saturating_add(Duration::from(ttl));
        let until = SystemTime::UNIX_EPOCH + until;
        self.store.put_expiring(&self.key(key), record, until)?;
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        // That there is none to delete is fine.
        let _deletion = self.store.delete(&self.key(key))?;
        Ok(())
    }
}
