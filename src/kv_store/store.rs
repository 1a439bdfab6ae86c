//! An open store, and its plain values.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::de::DeserializeOwned;

#[cfg(doc)]
use super::ErrorKind;
use super::access::{Access, OpenStore, ReadOnly};
use super::{Error, StoreType};
use crate::codec::Decode;
use crate::key::Key;
use crate::value::{self, DecodeError, Value};

/// An open store.
///
/// Every read is one host call, which never leaves the edge node. What it answers is copied into the
/// app's memory.
///
/// Stores are read-only for apps, and so is this type: there is no `put`. An app that has the token
/// of the platform's API attaches a [`Writer`](super::Writer), which makes a `KvStore<Writer>` of it.
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
pub struct KvStore<A = ReadOnly> {
    pub(super) store: OpenStore,
    pub(super) access: A,
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
        Ok(KvStore {
            store: OpenStore::open(name.into().name())?,
            access: ReadOnly,
        })
    }
}

impl<A: Access> KvStore<A> {
    /// The name under which the store was opened.
    pub fn name(&self) -> &str {
        self.store.name()
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
        self.access.get(&self.store, key)
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

    /// The value of a typed key: see [`Key`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the key's codec does not take the value, and those of
    /// [`get_bytes`](Self::get_bytes).
    pub fn read<C: Decode>(&self, key: &Key<C>) -> Result<Option<C::Value>, Error> {
        self.decoded(key.name(), C::decode)
    }

    fn decoded<T>(
        &self,
        key: &str,
        decode: impl FnOnce(Vec<u8>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, Error> {
        match self.get_bytes(key)? {
            Some(bytes) => decode(bytes)
                .map(Some)
                .map_err(|reason| Error::of_decoding(self.name(), key, reason)),
            None => Ok(None),
        }
    }
}

impl<A> fmt::Debug for KvStore<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvStore")
            .field("name", &self.store.name())
            .finish_non_exhaustive()
    }
}
