//! The calls of the API.

use std::fmt::Write as _;

use ::http::uri::Scheme;
use ::http::{HeaderValue, Method, Request, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::call::{Call, json, nothing};
use super::entry::{DataType, Entry};
use super::error::{Error, ErrorKind};
use super::store::{Store, StoreList, StoreSettings};
use super::stored::{EntryList, StoredEntry};
use super::token::Token;
use super::upload::Batch;
use crate::Body;

/// Where the platform's API is.
pub const DEFAULT_BASE_URL: &str = "https://api.gcore.com";

/// The platform's API for Edge Storage: see the [module](super).
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    token: Token,
}

/// Which part of a list to answer. The API's own limits hold where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    limit: Option<u32>,
    offset: Option<u32>,
}

impl Page {
    /// The first `limit` of all.
    pub fn first(limit: u32) -> Self {
        Page {
            limit: Some(limit),
            offset: None,
        }
    }

    /// The same number, after having left out `offset`.
    #[must_use]
    pub fn after(self, offset: u32) -> Self {
        Page {
            offset: Some(offset),
            ..self
        }
    }
}

/// Which entries to list. All of them, unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryQuery {
    data_type: Option<DataType>,
    prefix: Option<String>,
    min_score: Option<f64>,
    max_score: Option<f64>,
    page: Page,
}

impl EntryQuery {
    /// All entries.
    pub fn new() -> Self {
        EntryQuery::default()
    }

    /// Those of a data type.
    #[must_use]
    pub fn data_type(mut self, data_type: DataType) -> Self {
        self.data_type = Some(data_type);
        self
    }

    /// Those whose keys begin with this.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Of sorted sets, only the members with at least this score.
    #[must_use]
    pub fn min_score(mut self, score: f64) -> Self {
        self.min_score = Some(score);
        self
    }

    /// Of sorted sets, only the members with at most this score.
    #[must_use]
    pub fn max_score(mut self, score: f64) -> Self {
        self.max_score = Some(score);
        self
    }

    /// A part of the list.
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.page = page;
        self
    }
}

/// What a write has done. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WriteSummary {
    /// How many entries were written.
    #[serde(default)]
    pub write_count: u64,
    /// How large they are.
    #[serde(default)]
    pub write_size: u64,
    /// How many keys were deleted.
    #[serde(default)]
    pub del_count: u64,
    /// How large the store is now.
    #[serde(default)]
    pub store_size: u64,
    /// It grows with every write of the store.
    pub revision: u64,
}

impl Api {
    /// The platform's API, opened with a token.
    pub fn new(token: Token) -> Self {
        Api {
            base: DEFAULT_BASE_URL.to_owned(),
            token,
        }
    }

    /// The API at another place: a local one, or a proxy. The token is sent there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Url`] if that is no URL with `http` or `https` and a host, or it has a query, a
    /// fragment, or a user.
    pub fn at(mut self, base_url: &str) -> Result<Self, Error> {
        let is_base = |uri: &Uri| {
            let scheme = uri.scheme();
            (scheme == Some(&Scheme::HTTP) || scheme == Some(&Scheme::HTTPS))
                && uri.host().is_some_and(|host| !host.is_empty())
        };
        let base = base_url.trim_end_matches('/');
        if base.contains(['?', '#', '@']) || !base.parse().is_ok_and(|uri| is_base(&uri)) {
            return Err(Error::url(base_url));
        }
        self.base = base.to_owned();
        Ok(self)
    }

    /// Lists stores: all of the account's, or those that are linked to an app.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Url`] if the whole makes no URL: a base or a prefix of more than 65,000 bytes.
    pub fn list_stores(&self, app_id: Option<u64>, page: Page) -> Result<Call<StoreList>, Error> {
        let query = Query::default().add("app_id", app_id).page(page);
        self.call(Method::GET, &format!("{query}"), None, json)
    }

    /// Creates a store.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn create_store(&self, settings: &StoreSettings) -> Result<Call<Store>, Error> {
        self.call(Method::POST, "", Some(body_of(settings)), json)
    }

    /// Describes a store.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn get_store(&self, store_id: u64) -> Result<Call<Store>, Error> {
        self.call(Method::GET, &format!("/{store_id}"), None, json)
    }

    /// Replaces a store's settings.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn replace_store(
        &self,
        store_id: u64,
        settings: &StoreSettings,
    ) -> Result<Call<Store>, Error> {
        let body = Some(body_of(settings));
        self.call(Method::PUT, &format!("/{store_id}"), body, json)
    }

    /// Deletes a store, with all that is in it.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn delete_store(&self, store_id: u64) -> Result<Call<()>, Error> {
        self.call(Method::DELETE, &format!("/{store_id}"), None, nothing)
    }

    /// Lists what is in a store.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn list_entries(
        &self,
        store_id: u64,
        query: &EntryQuery,
    ) -> Result<Call<EntryList>, Error> {
        let parameters = Query::default()
            .add("data_type", query.data_type.map(DataType::name))
            .add("prefix", query.prefix.as_deref())
            .add("min_score", query.min_score)
            .add("max_score", query.max_score)
            .page(query.page);
        let path = format!("/{store_id}/data{parameters}");
        self.call(Method::GET, &path, None, EntryList::read)
    }

    /// Reads what a key holds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Key`] for a key that no URL can name, and as for
    /// [`list_stores`](Self::list_stores).
    pub fn get_entry(&self, store_id: u64, key: &str) -> Result<Call<StoredEntry>, Error> {
        // Clients take `.` and `..` for steps in a path, escaped or not.
        if matches!(key, "" | "." | "..") {
            let key = key.to_owned();
            return Err(ErrorKind::Key { key }.into());
        }
        let path = format!("/{store_id}/data/{}", escaped(key));
        self.call(Method::GET, &path, None, StoredEntry::read)
    }

    /// Writes entries, all in one request: what [`Upload`](super::Upload) splits.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn write(&self, store_id: u64, entries: &[Entry]) -> Result<Call<WriteSummary>, Error> {
        self.put(store_id, Batch::of(entries).into_body(), false)
    }

    /// Like [`write`](Self::write), and also over keys that hold another data type, whose former
    /// contents are lost.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn force_write(
        &self,
        store_id: u64,
        entries: &[Entry],
    ) -> Result<Call<WriteSummary>, Error> {
        self.put(store_id, Batch::of(entries).into_body(), true)
    }

    pub(super) fn put(
        &self,
        store_id: u64,
        body: Vec<u8>,
        force: bool,
    ) -> Result<Call<WriteSummary>, Error> {
        let query = if force { "?force=true" } else { "" };
        let path = format!("/{store_id}/data{query}");
        self.call(Method::PUT, &path, Some(body), json)
    }

    fn call<A>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        read: fn(&[u8]) -> Result<A, String>,
    ) -> Result<Call<A>, Error> {
        let url = format!("{}/fastedge/v1/kv{path}", self.base);
        let Ok(uri) = Uri::try_from(&url) else {
            return Err(Error::url(&url));
        };
        let has_body = body.is_some();
        let mut request = Request::new(Body::from(body.unwrap_or_default()));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.token.header().clone());
        headers.insert(header::ACCEPT, JSON);
        if has_body {
            headers.insert(header::CONTENT_TYPE, JSON);
        }
        Ok(Call::new(request, read))
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn body_of(settings: &StoreSettings) -> Vec<u8> {
    // Texts under names that are texts: there is nothing in it that JSON cannot carry.
    serde_json::to_vec(settings).unwrap_or_default()
}

/// What RFC 3986 calls unreserved stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn escaped(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, RESERVED)
}

/// A URL's query: what is not given is not in it.
#[derive(Default)]
struct Query(String);

impl Query {
    fn add(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            let separator = if self.0.is_empty() { '?' } else { '&' };
            // Into a `String`: it does not fail.
            let _infallible = write!(self.0, "{separator}{name}={}", escaped(&value.to_string()));
        }
        self
    }

    fn page(self, page: Page) -> Self {
        self.add("limit", page.limit).add("offset", page.offset)
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
