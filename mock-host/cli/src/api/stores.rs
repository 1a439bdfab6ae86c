//! The calls for stores: list, create, get, replace, delete.

use std::sync::Arc;

use bytes::Bytes;
use fastedge_mock_host::central::{Byod, Database};
use fastedge_mock_host::{Edge, StoreState};
use http::{Request, StatusCode};

use super::Api;
use super::body::{self, Object};
use super::reply::{Refusal, Reply, empty, ok};
use super::wire::{ListedStore, StoreList, WholeStore};
use crate::redis::RedisStore;

/// The longest search term for names, in characters.
const MAX_NAME_SEARCH: usize = 255;

/// The largest page of stores.
const MAX_STORES: usize = 1000;

/// The settings with which a store is created or replaced.
struct StoreSettings {
    name: String,
    comment: Option<String>,
    byod: Option<Byod>,
}

impl Api<'_> {
    pub(super) fn list_stores(&self, request: &Request<Bytes>) -> Reply {
        let query = self.query(request, &["app_id", "search", "limit", "offset"])?;
        let page = query.page(MAX_STORES)?;
        let search = query.text("search", MAX_NAME_SEARCH)?;
        let app = query.app()?;
        let mut stores = self.edge.stores();
        if let Some(search) = search.map(str::to_lowercase) {
            stores.retain(|store| store.info.name.to_lowercase().contains(&search));
        }
        if let Some(app) = app {
            let linked = self.apps.get(app - 1);
            stores.retain(|store| linked.is_some_and(|ids| ids.contains(&store.info.id)));
        }
        let listed = stores.iter().skip(page.offset).take(page.limit);
        ok(&StoreList {
            count: stores.len(),
            stores: listed
                .map(|store| ListedStore::new(store, self.apps_of(store.info.id).len()))
                .collect(),
        })
    }

    pub(super) fn create_store(&self, request: &Request<Bytes>) -> Reply {
        self.query(request, &[])?;
        let settings = StoreSettings::read(request.body()).map_err(Refusal::bad_request)?;
        let database = settings.byod.as_ref().map(reached).transpose()?;
        let byod = settings.byod.zip(database.map(shared));
        let created = self
            .edge
            .create_store(&settings.name, settings.comment, byod)
            .map_err(|error| self.refusal(error))?;
        let store = self.store(created.id)?;
        let mut whole = self.whole_store(&store);
        whole.id = Some(created.id);
        ok(&whole)
    }

    pub(super) fn get_store(&self, id: u64, request: &Request<Bytes>) -> Reply {
        self.query(request, &[])?;
        ok(&self.whole_store(&self.store(id)?))
    }

    pub(super) fn replace_store(&self, id: u64, request: &Request<Bytes>) -> Reply {
        self.query(request, &[])?;
        let settings = StoreSettings::read(request.body()).map_err(Refusal::bad_request)?;
        let store = self.store(id)?;
        let (before, after) = (&store.info.byod, &settings.byod);
        if before.is_some() != after.is_some() {
            return Err(Refusal::bad_request(match before {
                Some(_) => {
                    "the store's data are in your own database, which cannot be changed; send \
                     `byod` as well"
                }
                None => "the store is hosted, which cannot be changed; leave out `byod`",
            }));
        }
        let database = match (before, after) {
            (Some(before), Some(after)) if before.url != after.url => Some(reached(after)?),
            // Another replacement may have come first, so the database is always a new one.
            (_, Some(after)) => Some(database(after)?),
            (_, None) => None,
        };
        let byod = settings.byod.zip(database.map(shared));
        self.edge
            .replace_store(id, &settings.name, settings.comment, byod)
            .map_err(|error| self.refusal(error))?;
        ok(&self.whole_store(&self.store(id)?))
    }

    pub(super) fn delete_store(&self, id: u64, request: &Request<Bytes>) -> Reply {
        self.query(request, &[])?;
        self.store(id)?;
        let apps = self.apps_of(id);
        if !apps.is_empty() {
            return Err(Refusal::Linked(apps));
        }
        let deleted = self.edge.delete_store(id);
        deleted.map_err(|error| self.refusal(error))?;
        Ok(empty(StatusCode::NO_CONTENT))
    }

    /// Returns a store, or the refusal if it does not exist.
    pub(super) fn store(&self, id: u64) -> Result<StoreState, Refusal> {
        self.edge.store_state(id).ok_or(Refusal::NotFound)
    }

    fn whole_store<'s>(&self, store: &'s StoreState) -> WholeStore<'s> {
        WholeStore::new(store, self.apps_of(store.info.id).len())
    }

    /// Returns the numbers of the apps that a store is linked to.
    fn apps_of(&self, store: u64) -> Vec<usize> {
        let apps = (1..).zip(self.apps);
        let apps = apps.filter(|(_, stores)| stores.contains(&store));
        apps.map(|(app, _)| app).collect()
    }
}

impl StoreSettings {
    fn read(body: &[u8]) -> Result<Self, String> {
        let object = Object::read(body::json(body)?, "the body")?;
        let name = object.text("name")?;
        if name.is_empty() {
            return Err("`name` is empty; send at least one character".to_owned());
        }
        let byod = object.get("byod").map(|byod| {
            let byod = Object::read(byod, "`byod`")?;
            let text = |name: &str| {
                let text = byod.text(name);
                text.map_err(|problem| format!("in `byod`, {problem}"))
            };
            Ok::<_, String>(Byod {
                url: text("url")?,
                prefix: text("prefix")?,
            })
        });
        Ok(StoreSettings {
            name,
            comment: object.optional_text("comment")?,
            byod: byod.transpose()?,
        })
    }
}

fn shared(database: RedisStore) -> Arc<dyn Database> {
    Arc::new(database)
}

/// Returns the customer's own database, without connecting to it.
fn database(byod: &Byod) -> Result<RedisStore, Refusal> {
    let scheme = byod.url.split_once("://");
    let scheme = scheme.map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("redis") => {}
        Some("rediss") => {
            return Err(Refusal::bad_request(
                "cannot reach the Redis at `byod.url`: this local server has no TLS; send a URL \
                 that begins with redis://",
            ));
        }
        _ => {
            return Err(Refusal::bad_request(
                "`byod.url` is not the URL of a Redis; send one that begins with redis:// or \
                 rediss://",
            ));
        }
    }
    RedisStore::at(&byod.url, &byod.prefix)
        .map_err(|error| Refusal::bad_request(format!("`byod.url`: {error}")))
}

/// Returns the customer's own database, after checking that it responds.
fn reached(byod: &Byod) -> Result<RedisStore, Refusal> {
    let database = database(byod)?;
    database.check().map_err(|error| {
        Refusal::bad_request(format!(
            "cannot reach the Redis at `byod.url`: {error}; start it, or correct the URL"
        ))
    })?;
    Ok(database)
}

/// Connects a store to the customer's own database, if it has one.
///
/// # Errors
///
/// A description, if the URL is not that of a Redis.
pub fn connect(edge: &Edge, id: u64, byod: Option<&Byod>) -> Result<(), String> {
    let database = match byod {
        Some(byod) => {
            let redis = RedisStore::at(&byod.url, &byod.prefix);
            Some(Arc::new(redis.map_err(|error| error.to_string())?) as _)
        }
        None => None,
    };
    let connected = edge.set_database(id, database);
    connected.map_err(|error| error.to_string())
}
