//! Keys that know the type of their value.
//!
//! A [`Key`] is a name with a [codec](crate::codec); a [`KeyTemplate`] makes keys whose names have
//! parts that vary. Written once as a `static`, they serve the app, its tests and the tool that fills
//! the store:
//!
//! ```
//! use fastedge::codec::Json;
//! use fastedge::{Key, KeyTemplate, KvStore};
//! use fastedge_mock_host::MockHost;
//!
//! static TITLE: Key<String> = Key::new("site:title");
//! static TENANT: KeyTemplate<1, Json<Tenant>> = KeyTemplate::new("tenant:{}");
//!
//! #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
//! struct Tenant {
//!     name: String,
//! }
//!
//! // Whoever fills the store:
//! let acme = Tenant { name: "ACME".to_owned() };
//! let key = TENANT.of(42);
//! let edge = MockHost::new()
//!     .kv("config", |kv| kv.set(TITLE.name(), "Home").set(key.name(), key.encode(&acme).unwrap()));
//! let _installed = edge.install();
//!
//! // The app:
//! let store = KvStore::open("config")?;
//! assert_eq!(store.read(&TITLE)?.as_deref(), Some("Home"));
//! assert_eq!(store.read(&TENANT.of(42))?, Some(acme));
//! assert_eq!(store.read(&TENANT.of(43))?, None);
//! # Ok::<(), fastedge::kv_store::Error>(())
//! ```

mod limits;
mod template;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

pub(crate) use self::limits::plain_text;
pub use self::limits::{
    LimitError, MAX_KEY_BYTES, MAX_TEXT_CHARS, MAX_VALUE_BYTES, check_key, check_value,
};
pub use self::template::KeyTemplate;
use crate::codec::{Decode, Encode, EncodeError};
use crate::value::DecodeError;

/// A key of a store, with the codec of its value: see the [module](self).
pub struct Key<C> {
    name: Cow<'static, str>,
    codec: PhantomData<fn() -> C>,
}

impl<C> Key<C> {
    /// A key with this name, for a `static`: a reference to it then lives as long as the program.
    ///
    /// # Panics
    ///
    /// If the name has more than [`MAX_KEY_BYTES`] bytes: in a `static`, that does not compile.
    pub const fn new(name: &'static str) -> Self {
        assert!(
            name.len() <= MAX_KEY_BYTES,
            "a key has at most 256 bytes of name"
        );
        Key {
            name: Cow::Borrowed(name),
            codec: PhantomData,
        }
    }

    /// A key whose name is known only now. Its length is checked where something is written to it:
    /// to read what cannot exist is to find nothing.
    pub fn named(name: impl Into<String>) -> Self {
        Key {
            name: Cow::Owned(name.into()),
            codec: PhantomData,
        }
    }

    /// The key's name in the store.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<C: Decode> Key<C> {
    /// Reads a value of this key.
    ///
    /// # Errors
    ///
    /// If these bytes are no such value.
    pub fn decode(&self, bytes: Vec<u8>) -> Result<C::Value, DecodeError> {
        C::decode(bytes)
    }
}

impl<C: Encode> Key<C> {
    /// Writes a value for this key, and checks the platform's limits for both.
    ///
    /// # Errors
    ///
    /// [`WriteValueError`]: if the value cannot be written, or it or the key's name is too long.
    pub fn encode(&self, value: &C::Borrowed) -> Result<Vec<u8>, WriteValueError> {
        check_key(&self.name)?;
        let bytes =
            C::encode(value).map_err(|reason| WriteValueError::encode(&self.name, reason))?;
        check_value(&self.name, &bytes)?;
        Ok(bytes)
    }
}

impl<C> Clone for Key<C> {
    fn clone(&self) -> Self {
        Key {
            name: self.name.clone(),
            codec: PhantomData,
        }
    }
}

impl<C> fmt::Debug for Key<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}

impl<C> fmt::Display for Key<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A key names a sorted set or a Bloom filter as well:
/// `store.sorted_set(&SCORES)`, `store.sorted_set(DAY.of(7))`.
impl<'a, C> From<&'a Key<C>> for Cow<'a, str> {
    fn from(key: &'a Key<C>) -> Self {
        Cow::Borrowed(&key.name)
    }
}

impl<C> From<Key<C>> for Cow<'_, str> {
    fn from(key: Key<C>) -> Self {
        key.name
    }
}

/// Why a value cannot be written to a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteValueError {
    /// The codec cannot write it.
    #[error("the value for key `{key}` cannot be written: {reason}")]
    Encode {
        /// The key.
        key: String,
        /// The codec's reason.
        reason: EncodeError,
    },
    /// It is too large for the platform.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl WriteValueError {
    pub(crate) fn encode(key: &str, reason: impl ToString) -> Self {
        WriteValueError::Encode {
            key: key.to_owned(),
            reason: EncodeError::new(reason),
        }
    }
}
