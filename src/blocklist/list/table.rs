//! Values by keys.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::net::IpAddr;

use super::address::AddressQuestion;
use super::domain::TreeQuestion;
use super::token::TokenQuestion;
use crate::blocklist::canonical::{DomainKey, PathKey};
use crate::blocklist::error::{Error, ErrorKind};
use crate::blocklist::format::{Hit, Malformed, Payload, PayloadKind};
use crate::blocklist::packed::{Packed, Question};
use crate::codec::Decode;
use crate::kv_store::{Access, KvStore, ReadOnly};

/// By what a [`LookupTable`] is asked.
pub mod by {
    /// By texts, exactly.
    #[derive(Clone, Copy, Debug)]
    pub enum Text {}

    /// By IP addresses, in networks and ranges.
    #[derive(Clone, Copy, Debug)]
    pub enum Address {}

    /// By domains, with their subdomains or alone.
    #[derive(Clone, Copy, Debug)]
    pub enum Domain {}

    /// By paths, with what is below them.
    #[derive(Clone, Copy, Debug)]
    pub enum Path {}
}

/// Small values by keys, of which there may be millions: redirects, locations of networks, settings of tenants.
///
/// It is laid out like the lists, and read like them: by texts as in a [`TokenSet`](super::TokenSet), with its
/// rare mistakes; by [addresses](Self::by_address), [domains](Self::by_domain) and [paths](Self::by_path), where
/// the most specific entry counts. What the value is read as is a [codec](crate::codec).
///
/// ```
/// use fastedge::KvStore;
/// use fastedge::blocklist::LookupTable;
/// use fastedge_pack::TableRules;
/// # use fastedge_mock_host::MockHost;
///
/// let mut rows = TableRules::by_text();
/// rows.add("/old", "/new")?;
/// let packed = rows.pack()?;
///
/// # let edge = MockHost::new().kv("site", |kv| {
/// #     packed.values("redirects", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
/// # });
/// # let _installed = edge.install();
/// let store = KvStore::open("site")?;
/// let redirects = LookupTable::new(&store, "redirects");
/// assert_eq!(redirects.get::<String>("/old")?.as_deref(), Some("/new"));
/// assert_eq!(redirects.get::<String>("/older")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LookupTable<'s, K = by::Text, A = ReadOnly> {
    packed: Packed<'s, A>,
    by: PhantomData<K>,
}

impl<'s, A: Access> LookupTable<'s, by::Text, A> {
    /// The table at a key of a store, which is asked by texts. No host call: its questions are.
    pub fn new(store: &'s KvStore<A>, key: impl Into<Cow<'s, str>>) -> Self {
        LookupTable::of(store, key.into())
    }

    /// Asks a Bloom filter of the host first: see
    /// [`TokenSet::with_prefilter`](super::TokenSet::with_prefilter). Only for a table without a salt of its own.
    #[must_use]
    pub fn with_prefilter(self) -> Self {
        LookupTable {
            packed: self.packed.with_prefilter(),
            by: PhantomData,
        }
    }

    /// The value of a text. As many host calls as for [`TokenSet::check`](super::TokenSet::check).
    ///
    /// # Errors
    ///
    /// If it is not known, or [`ErrorKind::Decode`] if the codec does not take it.
    pub fn get<C: Decode>(&self, key: impl AsRef<[u8]>) -> Result<Option<C::Value>, Error> {
        let question = TokenQuestion(key.as_ref());
        if question.is_absent(&self.packed)? {
            return Ok(None);
        }
        self.value::<C>(&question)
    }
}

impl<'s, A: Access> LookupTable<'s, by::Address, A> {
    /// The table at a key of a store, which is asked by IP addresses.
    ///
    /// ```
    /// use fastedge::KvStore;
    /// use fastedge::blocklist::LookupTable;
    /// use fastedge_pack::TableRules;
    /// # use fastedge_mock_host::MockHost;
    ///
    /// let mut rows = TableRules::by_address();
    /// rows.add("203.0.113.0/24", "AS64496 LU")?;
    /// let packed = rows.pack()?;
    ///
    /// # let edge = MockHost::new().kv("geo", |kv| {
    /// #     packed.values("asn", 1).fold(kv, |kv, (key, value)| kv.set(&key, value))
    /// # });
    /// # let _installed = edge.install();
    /// let store = KvStore::open("geo")?;
    /// let table = LookupTable::by_address(&store, "asn");
    /// assert_eq!(table.get::<String>([203, 0, 113, 7])?.as_deref(), Some("AS64496 LU"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn by_address(store: &'s KvStore<A>, key: impl Into<Cow<'s, str>>) -> Self {
        LookupTable::of(store, key.into())
    }

    /// The value of an address: that of the smallest network that it is in. As many host calls as for
    /// [`IpList::check`](super::IpList::check).
    ///
    /// # Errors
    ///
    /// If it is not known, or [`ErrorKind::Decode`] if the codec does not take it.
    pub fn get<C: Decode>(&self, address: impl Into<IpAddr>) -> Result<Option<C::Value>, Error> {
        self.value::<C>(&AddressQuestion::new(address.into()))
    }
}

impl<'s, A: Access> LookupTable<'s, by::Domain, A> {
    /// The table at a key of a store, which is asked by domains.
    pub fn by_domain(store: &'s KvStore<A>, key: impl Into<Cow<'s, str>>) -> Self {
        LookupTable::of(store, key.into())
    }

    /// The value of a domain: its own, or that of the nearest one that it is below. As many host calls as for
    /// [`DomainList::check`](super::DomainList::check).
    ///
    /// # Errors
    ///
    /// If it is no domain, if its value is not known, or [`ErrorKind::Decode`] if the codec does not take it.
    pub fn get<C: Decode>(&self, domain: &str) -> Result<Option<C::Value>, Error> {
        self.value::<C>(&TreeQuestion(DomainKey::new(domain)?))
    }
}

impl<'s, A: Access> LookupTable<'s, by::Path, A> {
    /// The table at a key of a store, which is asked by paths.
    pub fn by_path(store: &'s KvStore<A>, key: impl Into<Cow<'s, str>>) -> Self {
        LookupTable::of(store, key.into())
    }

    /// The value of a path: its own, or that of the longest one that it is below. As many host calls as for
    /// [`PathList::check`](super::PathList::check).
    ///
    /// # Errors
    ///
    /// If it is not known, or [`ErrorKind::Decode`] if the codec does not take it.
    pub fn get<C: Decode>(&self, path: &str) -> Result<Option<C::Value>, Error> {
        self.value::<C>(&TreeQuestion(PathKey::new(path)))
    }
}

impl<'s, K, A: Access> LookupTable<'s, K, A> {
    /// Looks for the table's manifest where it is seen at once after a change: in a sorted set, `<key>:pointer`,
    /// which no node keeps. Where it is not published there, it costs one more read.
    #[must_use]
    pub fn with_prompt_pointer(self) -> Self {
        LookupTable {
            packed: self.packed.prompt(),
            by: PhantomData,
        }
    }

    fn of(store: &'s KvStore<A>, key: Cow<'s, str>) -> Self {
        LookupTable {
            packed: Packed::new(store, key),
            by: PhantomData,
        }
    }

    fn value<C: Decode>(&self, question: &impl Question) -> Result<Option<C::Value>, Error> {
        self.packed.expect_values(question)?;
        let Some((value, _)) = self.packed.ask(question, value)? else {
            return Ok(None);
        };
        let decoded = C::decode(value).map(Some);
        decoded.map_err(|reason| {
            ErrorKind::Decode {
                store: self.packed.store.name().to_owned(),
                key: self.packed.key.to_string(),
                reason,
            }
            .into()
        })
    }
}

impl<K, A> fmt::Debug for LookupTable<'_, K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupTable")
            .field("store", &self.packed.store)
            .field("key", &self.packed.key)
            .finish_non_exhaustive()
    }
}

fn value(hit: Hit<'_>, kind: PayloadKind) -> Result<Vec<u8>, Malformed> {
    match hit.payload(kind)? {
        Payload::Value(value) => Ok(value.to_vec()),
        Payload::None | Payload::Tag(_) => Err(Malformed::NO_VALUES),
    }
}
