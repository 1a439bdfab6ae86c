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

/// A store. In a list, the API says less of each: what it leaves out is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Store {
    /// Its number, by which the API knows it.
    pub id: u64,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub comment: Option<String>,
    /// The customer's own database behind it.
    #[serde(default)]
    pub byod: Option<Byod>,
    /// How many apps it is linked to.
    #[serde(default)]
    pub app_count: u64,
    /// Its size, in bytes.
    #[serde(default)]
    pub size: u64,
    /// It grows with every write.
    #[serde(default)]
    pub revision: Option<u64>,
    /// When it was last changed, as RFC 3339 text.
    #[serde(default)]
    pub updated_at: Option<String>,
}

/// A page of stores.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StoreList {
    /// How many there are on all pages.
    #[serde(default)]
    pub count: u64,
    /// Those of this page.
    #[serde(deserialize_with = "super::wire::list")]
    pub stores: Vec<Store>,
}
