//! Stores, as the API describes them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a store is created or replaced with.
///
/// ```
/// use fastedge::edge_storage_api::{Byod, StoreSettings};
///
/// let settings = StoreSettings::new("prices")
///     .comment("filled every night")
///     .byod(Byod::new("redis://:password@redis.example.com:6379", "prices:"));
/// assert!(!format!("{settings:?}").contains("password"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreSettings {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byod: Option<Byod>,
}

impl StoreSettings {
    /// A store of the platform's own, with a name.
    pub fn new(name: impl Into<String>) -> Self {
        StoreSettings {
            name: name.into(),
            comment: None,
            byod: None,
        }
    }

    /// What the store is for.
    #[must_use]
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }

    /// The store is a database of the customer's own.
    #[must_use]
    pub fn byod(mut self, byod: Byod) -> Self {
        self.byod = Some(byod);
        self
    }
}

/// A database of the customer's own: a Redis, and what its keys begin with. The URL, which may hold a
/// password, is not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Byod {
    /// Where the Redis is.
    pub url: String,
    /// What the store's keys begin with there.
    #[serde(default)]
    pub prefix: String,
}

impl Byod {
    /// A Redis, and what the store's keys begin with there.
    pub fn new(url: impl Into<String>, prefix: impl Into<String>) -> Self {
        Byod {
            url: url.into(),
            prefix: prefix.into(),
        }
    }
}

impl fmt::Debug for Byod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Byod")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// A store. The API returns less of each store in a list; fields that it leaves out are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Store {
    /// The store's number in the API.
    #[serde(default)]
    pub id: u64,
    /// The name.
    pub name: String,
    /// A description.
    #[serde(default)]
    pub comment: Option<String>,
    /// The customer's own database behind the store.
    #[serde(default)]
    pub byod: Option<Byod>,
    /// The number of apps that the store is linked to.
    #[serde(default)]
    pub app_count: u64,
    /// The size in bytes; 0 for a store with a database of the customer's own.
    #[serde(default)]
    pub size: u64,
    /// A number that grows with every write. Only hosted stores have it.
    #[serde(default)]
    pub revision: Option<u64>,
    /// The time of the last change, as RFC 3339 text. Only hosted stores have it.
    #[serde(default)]
    pub updated_at: Option<String>,
}

impl Store {
    /// Reads a store from a response that does not have the store's number.
    pub(super) fn read(body: &[u8], id: u64) -> Result<Self, String> {
        Ok(Store {
            id,
            ..super::call::json(body)?
        })
    }

    /// Reads a new store, whose number is in the response.
    pub(super) fn read_new(body: &[u8]) -> Result<Self, String> {
        match super::call::json::<Store>(body)? {
            Store { id: 0, .. } => Err("it has no `id`".to_owned()),
            store => Ok(store),
        }
    }
}

/// A page of stores.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StoreList {
    /// The number of stores on all pages; 0 if the response does not have it.
    #[serde(default)]
    pub count: u64,
    /// The stores of this page.
    #[serde(default, deserialize_with = "super::wire::list")]
    pub stores: Vec<Store>,
}
