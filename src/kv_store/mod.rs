//! Edge Storage: durable, replicated to every location, read-only for apps.
//!
//! A store is filled through the platform's REST API and linked to an app under a name. What is
//! written reaches every location within seconds, key by key, in no particular order; a location
//! may go on answering a value (or the absence of one) that it has read in the last 30 seconds.
//! For state that an app changes itself there is the [cache](crate::cache).
//!
//! | read | answers | for |
//! |---|---|---|
//! | [`get`](KvStore::get) | [`Value`] | deciding later what it is |
//! | [`get_bytes`](KvStore::get_bytes) | `Vec<u8>` | anything |
//! | [`get_text`](KvStore::get_text) | `String` | text |
//! | [`get_json`](KvStore::get_json) | any `serde` type | documents |
//! | [`get_parsed`](KvStore::get_parsed) | anything [`FromStr`] | numbers, addresses, … |
//! | [`zrange_by_score`](KvStore::zrange_by_score), [`zscan`](KvStore::zscan) | members with scores | sorted sets |
//! | [`bf_exists`](KvStore::bf_exists) | `bool` | Bloom filters |
//! | [`scan`](KvStore::scan) | keys | listings |
//!
//! A missing key is `Ok(None)`, an empty list or `false`; an [`Error`] is a failure.

mod error;
mod store_type;

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::DeserializeOwned;

pub use self::error::{Error, ErrorKind};
pub use self::store_type::StoreType;
use crate::host;
use crate::value::{self, DecodeError, Value};

/// An open store.
///
/// Every method is one host call, which never leaves the edge node. What it answers is copied into
/// the app's memory.
///
/// ```
/// use fastedge::KvStore;
/// # use fastedge_mock_host::MockHost;
/// # let edge = MockHost::new().kv("config", |kv| kv.set("site:title", "Home").set("max", "10"));
/// # let _installed = edge.install();
///
/// let store = KvStore::open("config")?;
/// assert_eq!(store.get_text("site:title")?.as_deref(), Some("Home"));
/// assert_eq!(store.get_parsed("max")?.unwrap_or(5_u32), 10);
/// assert_eq!(store.get_text("no such key")?, None);
/// # Ok::<(), fastedge::kv_store::Error>(())
/// ```
pub struct KvStore {
    name: String,
    store: host::Store,
}

impl KvStore {
    /// Opens the store that is linked to the app under a name: a `&str`, or
    /// [`StoreType::Default`] for the store named `default`. Names are case-sensitive.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAvailable`] if no such store is linked to the app, [`ErrorKind::NotOpened`] if
    /// the host fails.
    ///
    /// ```
    /// use fastedge::kv_store::{Error, ErrorKind, KvStore, StoreType};
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new().kv("default", |kv| kv.set("k", "v"));
    /// # let _installed = edge.install();
    ///
    /// let store = KvStore::open(StoreType::Default)?;
    /// assert_eq!(store.name(), "default");
    /// let error = KvStore::open("Default").unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::NotAvailable { .. }));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn open<'a>(name: impl Into<StoreType<'a>>) -> Result<Self, Error> {
        let name = name.into().name();
        match host::Store::open(name) {
            Ok(store) => Ok(KvStore {
                name: name.to_owned(),
                store,
            }),
            Err(failure) => Err(Error::of_open(name, failure)),
        }
    }

    /// The name under which the store was opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of `key`, to be read as whatever it turns out to be.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the key holds a sorted set or a Bloom filter, or the host fails.
    #[inline]
    pub fn get(&self, key: &str) -> Result<Option<Value>, Error> {
        Ok(self.get_bytes(key)?.map(Value::from))
    }

    /// The bytes of `key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the key holds a sorted set or a Bloom filter, or the host fails.
    #[inline]
    pub fn get_bytes(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.store
            .get(key)
            .map_err(|failure| Error::of_call(&self.name, key, failure))
    }

    /// The text of `key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value is not UTF-8, and those of [`get_bytes`](Self::get_bytes).
    pub fn get_text(&self, key: &str) -> Result<Option<String>, Error> {
        self.decoded(key, value::text)
    }

    /// The JSON document at `key`.
    ///
    /// Parsing costs every request: a document of more than some tens of kilobytes wants a format
    /// that is read in place.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value is not JSON of the shape of `T`, and those of
    /// [`get_bytes`](Self::get_bytes).
    ///
    /// ```
    /// use fastedge::KvStore;
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new()
    /// #     .kv("config", |kv| kv.set("tenant:42", r#"{"name": "ACME"}"#).set("broken", "{"));
    /// # let _installed = edge.install();
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Tenant {
    ///     name: String,
    /// }
    ///
    /// let store = KvStore::open("config")?;
    /// let tenant: Option<Tenant> = store.get_json("tenant:42")?;
    /// assert_eq!(tenant.unwrap().name, "ACME");
    /// assert_eq!(
    ///     store.get_json::<Tenant>("broken").err().unwrap().to_string(),
    ///     "key `broken` of store `config` cannot be decoded: not the expected JSON: \
    ///      EOF while parsing an object at line 1 column 1",
    /// );
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.decoded(key, |bytes| value::json(&bytes))
    }

    /// The text of `key`, read with [`FromStr`]. White space around it is not ignored.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the value is not UTF-8, or `T` does not take it, and those of
    /// [`get_bytes`](Self::get_bytes).
    pub fn get_parsed<T>(&self, key: &str) -> Result<Option<T>, Error>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.decoded(key, |bytes| value::parse(&bytes))
    }

    /// The keys that match a Redis glob: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, and `\` to escape.
    /// `*` crosses `:` and `/`.
    ///
    /// The host walks the whole store and answers everything at once, in no order; a key can come
    /// twice. An empty pattern matches nothing (but an empty key), and a class that is not closed ends
    /// with the pattern.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the host fails.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new().kv("config", |kv| kv.set("user:1", "").set("group:1", ""));
    /// # let _installed = edge.install();
    ///
    /// assert_eq!(KvStore::open("config")?.scan("user:*")?, ["user:1"]);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    #[inline]
    pub fn scan(&self, pattern: &str) -> Result<Vec<String>, Error> {
        self.store
            .scan(pattern)
            .map_err(|failure| Error::of_call(&self.name, pattern, failure))
    }

    /// The members of the sorted set at `key` with `min <= score <= max`, ascending by score and
    /// then by the members' bytes. The bounds may be infinite; `min > max` is an empty range, a
    /// missing key an empty set.
    ///
    /// Unlike [`get`](Self::get), it is not cached by the node: it sees a new member at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotANumber`] if a bound is NaN, without asking the host; [`ErrorKind::Internal`] if
    /// the key holds another type, or the host fails.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new()
    /// #     .kv("games", |kv| kv.sorted_set("scores", [(10.0, "ann"), (30.0, "bob")]));
    /// # let _installed = edge.install();
    ///
    /// let store = KvStore::open("games")?;
    /// let best = store.zrange_by_score("scores", 20.0, f64::INFINITY)?;
    /// assert_eq!(best.len(), 1);
    /// assert_eq!(best[0].0.as_text().unwrap(), "bob");
    /// assert_eq!(best[0].1, 30.0);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    pub fn zrange_by_score(
        &self,
        key: &str,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Value, f64)>, Error> {
        if min.is_nan() || max.is_nan() {
            let (store, key) = (self.name.clone(), key.to_owned());
            return Err(ErrorKind::NotANumber { store, key }.into());
        }
        self.members(key, self.store.zrange_by_score(key, min, max))
    }

    /// The members of the sorted set at `key` that match a Redis glob (see [`scan`](Self::scan)),
    /// in no order.
    ///
    /// The host walks the whole set, ten members at a time: with 14,000 members that takes some
    /// 200 ms of the request's time, against 0.3 ms for [`zrange_by_score`](Self::zrange_by_score).
    /// Put what is looked up into the score.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the key holds another type, or the host fails.
    pub fn zscan(&self, key: &str, pattern: &str) -> Result<Vec<(Value, f64)>, Error> {
        self.members(key, self.store.zscan(key, pattern))
    }

    /// Whether the Bloom filter at `key` may contain `item`: `false` is certain, `true` is wrong
    /// at the rate that the filter was made for.
    ///
    /// A missing key, and a key of another type, answer `false`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if the host fails.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// # use fastedge_mock_host::MockHost;
    /// # let edge = MockHost::new().kv("lists", |kv| kv.bloom_filter("blocked", ["203.0.113.7"]));
    /// # let _installed = edge.install();
    ///
    /// let store = KvStore::open("lists")?;
    /// assert!(store.bf_exists("blocked", "203.0.113.7")?);
    /// assert!(!store.bf_exists("no such filter", "203.0.113.7")?);
    /// # Ok::<(), fastedge::kv_store::Error>(())
    /// ```
    #[inline]
    pub fn bf_exists(&self, key: &str, item: &str) -> Result<bool, Error> {
        self.store
            .bf_exists(key, item)
            .map_err(|failure| Error::of_call(&self.name, key, failure))
    }

    fn decoded<T>(
        &self,
        key: &str,
        decode: impl FnOnce(Vec<u8>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        match self.get_bytes(key)? {
            Some(bytes) => decode(bytes)
                .map(Some)
                .map_err(|reason| Error::of_decoding(&self.name, key, reason)),
            None => Ok(None),
        }
    }

    fn members(
        &self,
        key: &str,
        answer: Result<Vec<(Vec<u8>, f64)>, host::KeyValueFailure>,
    ) -> Result<Vec<(Value, f64)>, Error> {
        match answer {
            Ok(members) => Ok(members
                .into_iter()
                .map(|(member, score)| (Value::from(member), score))
                .collect()),
            Err(failure) => Err(Error::of_call(&self.name, key, failure)),
        }
    }
}

impl fmt::Debug for KvStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvStore")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
