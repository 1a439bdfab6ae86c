//! The calls of the API.

use std::fmt::Write as _;

use ::http::uri::Scheme;
use ::http::{HeaderValue, Method, Request, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::call::{Call, json};
use super::entry::{DataType, Entry};
use super::error::{Error, ErrorKind};
use super::store::{Store, StoreList, StoreSettings};
use super::stored::{EntryList, StoredEntry};
use super::token::Token;
use super::upload::Batch;
use crate::Body;

/// Where the platform's API is.
pub const DEFAULT_BASE_URL: &str = "https://api.gcore.com";

/// The most entries, or values under a key, that a page may have.
pub(super) const MAX_PAGE: u32 = 10_000;

/// The platform's API for Edge Storage: see the [module](super).
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    token: Token,
}

/// A page of a list of stores, of entries, or of the values under a key.
///
/// Without a limit the API returns 50. It allows at most 1,000 stores, and 10,000 entries or
/// values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    limit: Option<u32>,
    offset: Option<u32>,
}

impl Page {
    /// Creates the page of the first `limit` elements.
    pub fn first(limit: u32) -> Self {
        Page {
            limit: Some(limit),
            offset: None,
        }
    }

    /// Sets the number of elements to skip.
    #[must_use]
    pub fn after(self, offset: u32) -> Self {
        Page {
            offset: Some(offset),
            ..self
        }
    }
}

/// A filter for the entries of a store. By default, it selects all entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryQuery {
    data_types: Vec<DataType>,
    pub(super) prefix: String,
    scores: Scores,
    page: Page,
}

/// Bounds for the scores of sorted sets, both inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Scores {
    min: Option<f64>,
    max: Option<f64>,
}

impl EntryQuery {
    /// Creates a query for all entries.
    pub fn new() -> Self {
        EntryQuery::default()
    }

    /// Adds a data type. Entries of all added types are listed.
    #[must_use]
    pub fn data_type(mut self, data_type: DataType) -> Self {
        self.data_types.push(data_type);
        self
    }

    /// Sets the prefix of the keys. The empty prefix selects all keys.
    ///
    /// Keys without the prefix are never in the result, even if the server ignores the filter.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the lowest score of sorted sets.
    #[must_use]
    pub fn min_score(mut self, score: f64) -> Self {
        self.scores.min = Some(score);
        self
    }

    /// Sets the highest score of sorted sets.
    #[must_use]
    pub fn max_score(mut self, score: f64) -> Self {
        self.scores.max = Some(score);
        self
    }

    /// Sets the page.
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.page = page;
        self
    }
}

/// A filter for the values under one key: the members of a sorted set, the items of a Bloom filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueQuery {
    search: Option<String>,
    hash: Option<String>,
    scores: Scores,
    page: Page,
}

impl ValueQuery {
    /// Creates a query for all values.
    pub fn new() -> Self {
        ValueQuery::default()
    }

    /// Sets the prefix of the values, of 1 to 1,024 characters.
    #[must_use]
    pub fn search(mut self, prefix: impl Into<String>) -> Self {
        self.search = Some(prefix.into()).filter(|prefix| !prefix.is_empty());
        self
    }

    /// Sets the hash of the value: the hexadecimal digits of its SHA-256.
    #[must_use]
    pub fn hash(mut self, sha256: impl Into<String>) -> Self {
        self.hash = Some(sha256.into());
        self
    }

    /// Sets the lowest score of members.
    #[must_use]
    pub fn min_score(mut self, score: f64) -> Self {
        self.scores.min = Some(score);
        self
    }

    /// Sets the highest score of members.
    #[must_use]
    pub fn max_score(mut self, score: f64) -> Self {
        self.scores.max = Some(score);
        self
    }

    /// Sets the page.
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.page = page;
        self
    }
}

/// The result of a write. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WriteSummary {
    /// The number of written values: each member and each item counts.
    #[serde(default)]
    pub write_count: u64,
    /// The size of the written values.
    #[serde(default)]
    pub write_size: u64,
    /// The number of deleted keys and removed members.
    #[serde(default)]
    pub del_count: u64,
    /// The size of the store.
    #[serde(default)]
    pub store_size: u64,
    /// The store's revision, which grows with every write.
    #[serde(default)]
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

    /// Lists one page of the account's stores, or of those that are linked to an app.
    /// [`stores`](Self::stores) reads all pages.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Url`] if the URL would have more than 65,000 bytes.
    pub fn list_stores(&self, app_id: Option<u64>, page: Page) -> Result<Call<StoreList>, Error> {
        let parameters = Query::default().add("app_id", app_id).page(page);
        self.call(Method::GET, &format!("{parameters}"), None, |body| {
            json(body)
        })
    }

    /// Creates a store.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn create_store(&self, settings: &StoreSettings) -> Result<Call<Store>, Error> {
        self.call(Method::POST, "", Some(body_of(settings)), Store::read_new)
    }

    /// Describes a store.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn get_store(&self, store_id: u64) -> Result<Call<Store>, Error> {
        let read = move |body: &[u8]| Store::read(body, store_id);
        self.call(Method::GET, &format!("/{store_id}"), None, read)
    }

    /// Replaces a store's settings. A hosted store stays hosted, and a store with a customer's own
    /// database keeps having one.
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
        let read = move |body: &[u8]| Store::read(body, store_id);
        self.call(Method::PUT, &format!("/{store_id}"), body, read)
    }

    /// Deletes a store and all its entries. The API refuses it while apps are linked to the store.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn delete_store(&self, store_id: u64) -> Result<Call<()>, Error> {
        let path = format!("/{store_id}");
        self.call(Method::DELETE, &path, None, |_| Ok(()))
    }

    /// Lists one page of a store's entries. [`entries`](Self::entries) reads all pages.
    ///
    /// Plain pairs come with their values, and sorted sets and Bloom filters without contents.
    ///
    /// # Errors
    ///
    /// As for [`list_stores`](Self::list_stores).
    pub fn list_entries(
        &self,
        store_id: u64,
        query: &EntryQuery,
    ) -> Result<Call<EntryList>, Error> {
        let prefix = query.prefix.clone();
        self.entry_page(store_id, query, query.page, prefix)
    }

    /// Lists a page of entries, and drops those without the prefix `kept`.
    pub(super) fn entry_page(
        &self,
        store_id: u64,
        query: &EntryQuery,
        page: Page,
        kept: String,
    ) -> Result<Call<EntryList>, Error> {
        let mut parameters = Query::default();
        for data_type in &query.data_types {
            parameters = parameters.add("data_type", Some(data_type.name()));
        }
        let search = Some(query.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        let parameters = parameters
            .add("search", search)
            .scores(query.scores)
            .page(page);
        let path = format!("/{store_id}/data{parameters}");
        let read = move |body: &[u8]| EntryList::read(body, &kept);
        self.call(Method::GET, &path, None, read)
    }

    /// Reads a key in one request: at most 10,000 values of a sorted set or a Bloom filter.
    /// [`entry`](Self::entry) reads all values.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Key`] for a key that no URL can name, and as for
    /// [`list_stores`](Self::list_stores).
    pub fn get_entry(&self, store_id: u64, key: &str) -> Result<Call<StoredEntry>, Error> {
        let query = ValueQuery::new().page(Page::first(MAX_PAGE));
        self.get_entry_page(store_id, key, &query)
    }

    /// Reads the values of a key that a query selects.
    ///
    /// # Errors
    ///
    /// As for [`get_entry`](Self::get_entry).
    pub fn get_entry_page(
        &self,
        store_id: u64,
        key: &str,
        query: &ValueQuery,
    ) -> Result<Call<StoredEntry>, Error> {
        // Clients take `.` and `..` for steps in a path, escaped or not.
        if matches!(key, "" | "." | "..") {
            let key = key.to_owned();
            return Err(ErrorKind::Key { key }.into());
        }
        let parameters = Query::default()
            .add("search", query.search.as_deref())
            .add("hash", query.hash.as_deref())
            .scores(query.scores)
            .page(query.page);
        let path = format!("/{store_id}/data/{}{parameters}", escaped(key));
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

    /// Writes entries like [`write`](Self::write), and replaces keys that hold another data type: their
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
        self.call(Method::PUT, &path, Some(body), |body| json(body))
    }

    fn call<A>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        read: impl Fn(&[u8]) -> Result<A, String> + Send + Sync + 'static,
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
        Ok(Call::new(request, Box::new(read)))
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

/// A URL's query: parameters without a value are left out.
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

    fn scores(self, scores: Scores) -> Self {
        self.add("min_score", scores.min)
            .add("max_score", scores.max)
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
