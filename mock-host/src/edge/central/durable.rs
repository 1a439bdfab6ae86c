//! Where the central side keeps what it has acknowledged.

use std::collections::BTreeSet;

use super::super::kv::Entry;
use super::{StoreInfo, Stored};

/// What the central side writes to before it acknowledges anything: a database.
///
/// Each method is one transaction: it has happened as a whole when it answers `Ok`, and not at all
/// when it answers an error, which is the reason in words.
pub trait Durable: Send + Sync {
    /// A store is new, or described anew.
    ///
    /// # Errors
    ///
    /// If it could not be made durable.
    fn describe(&self, store: &StoreInfo) -> Result<(), String>;

    /// The largest number that any store has had, so that none is given twice.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn latest_id(&self) -> Result<u64, String>;

    /// These stores, with all that is in them, are to be kept from now on.
    ///
    /// # Errors
    ///
    /// If they could not be made durable; then none of them is.
    fn adopt(&self, stores: &[Stored]) -> Result<(), String>;

    /// A store is gone, with all that is in it.
    ///
    /// # Errors
    ///
    /// If it could not be made durable.
    fn delete(&self, store: u64) -> Result<(), String>;

    /// Keys of a store have changed; the description has the new revision.
    ///
    /// # Errors
    ///
    /// If it could not be made durable.
    fn write(&self, store: &StoreInfo, keys: &[KeyWrite<'_>]) -> Result<(), String>;
}

/// What a key holds after a write.
#[derive(Debug)]
pub struct KeyWrite<'a> {
    /// The key.
    pub key: &'a str,
    /// What it holds; `None` is that it is deleted.
    pub entry: Option<&'a Entry>,
    /// The changed members of a sorted set or items of a Bloom filter, if nothing else has changed.
    /// Store those that the entry has, with scores and masks, and delete the others.
    pub parts: Option<&'a BTreeSet<Vec<u8>>>,
}
