//! All pages of a list that may change while it is read.
//!
//! The API numbers the elements of a list, so a deletion moves all later ones to a lower number,
//! and a page that starts where the previous one ended would miss some. Each page therefore begins
//! with the last element of the previous one. If that element is missing, the pages do not fit
//! together, and an earlier page is read again. Elements that occur twice are returned once.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;

use super::api::{Api, EntryQuery, MAX_PAGE, Page, ValueQuery};
use super::entry::DataType;
use super::error::{Error, ErrorKind};
use super::store::Store;
use super::stored::{Stored, StoredEntry};
use super::transport::Transport;
use super::upload::Retry;
use super::value::StoredValue;

/// The most stores that a page may have.
const MAX_STORES: u32 = 1_000;

/// Entries come with values of up to 1 KB, so a page has at most some 2 MB.
const ENTRIES: u32 = 1_000;

/// The most gaps between pages before a listing fails.
const MAX_GAPS: u32 = 1_000;

impl Api {
    /// Returns all stores of the account, page by page.
    ///
    /// A store that exists throughout is returned once, even if others are created or deleted
    /// meanwhile. Reads that fail temporarily are [repeated](Retry).
    ///
    /// # Errors
    ///
    /// Those of the calls, and [`ErrorKind::Unstable`].
    pub fn stores<'a, T: Transport + ?Sized>(
        &'a self,
        transport: &'a T,
    ) -> impl Iterator<Item = Result<Store, Error>> + 'a {
        let fetch = move |page| {
            let call = self.list_stores(None, page)?;
            let list = call.send_with_retry(transport, &Retry::default())?;
            Ok((list.stores, list.count))
        };
        let id = |store: &Store| store.id;
        Pages::new("the list of stores", MAX_STORES, fetch, id)
    }

    /// Returns all entries of a store that a query selects, page by page. The query's page is
    /// ignored.
    ///
    /// An entry that exists throughout is returned once, even if others are added or deleted
    /// meanwhile. Reads that fail temporarily are [repeated](Retry).
    ///
    /// # Errors
    ///
    /// Those of the calls, and [`ErrorKind::Unstable`].
    ///
    /// ```
    /// use fastedge::edge_storage_api::{Api, EntryQuery, Outbound, Token};
    /// # use fastedge_mock_host::{Answer, MockHost};
    /// # let json = r#"{"count": 1, "entries": [{"key": "a:1", "datatype": "kv"}]}"#;
    /// # let url = "https://api.gcore.com/fastedge/v1/kv/7/data?search=a%3A&limit=1000&offset=0";
    /// # let edge = MockHost::new().answer(url, Answer::text(json));
    /// # let _installed = edge.install();
    ///
    /// let api = Api::new(Token::new("secret-token")?);
    /// let query = EntryQuery::new().prefix("a:");
    /// for entry in api.entries(7, &query, &Outbound) {
    ///     assert_eq!(entry?.key, "a:1");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn entries<'a, T: Transport + ?Sized>(
        &'a self,
        store_id: u64,
        query: &'a EntryQuery,
        transport: &'a T,
    ) -> impl Iterator<Item = Result<StoredEntry, Error>> + 'a {
        let fetch = move |page| {
            // Entries with other keys count as elements of the list, so they are dropped later.
            let call = self.entry_page(store_id, query, page, String::new())?;
            let list = call.send_with_retry(transport, &Retry::default())?;
            Ok((list.entries, list.count))
        };
        let key = |entry: &StoredEntry| entry.key.clone();
        let pages = Pages::new("the list of entries", ENTRIES, fetch, key);
        pages.filter(|entry| match entry {
            Ok(entry) => entry.key.starts_with(&query.prefix),
            Err(_) => true,
        })
    }

    /// Reads a key with all its values, in as many requests as needed. Returns `None` if the key
    /// does not exist.
    ///
    /// # Errors
    ///
    /// Those of the calls, and [`ErrorKind::Unstable`]. Values that the API returns as a hash are
    /// not an error: see [`StoredEntry::check_readable`].
    pub fn entry<T: Transport + ?Sized>(
        &self,
        store_id: u64,
        key: &str,
        transport: &T,
    ) -> Result<Option<StoredEntry>, Error> {
        let read = |page| {
            let call = self.get_entry_page(store_id, key, &ValueQuery::new().page(page))?;
            call.send_with_retry(transport, &Retry::default())
        };
        let first = match read(Page::first(MAX_PAGE)) {
            Ok(first) => first,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_whole = first.stored.len() as u64 >= first.count.unwrap_or_default();
        let unstable = || ErrorKind::Unstable {
            listing: format!("key `{key}`"),
        };
        let listing = format!("the list of values of key `{key}`");
        let count = first.count.unwrap_or_default();
        let stored = match first.stored {
            Stored::SortedSet(members) if !is_whole => {
                let fetch = |page| match read(page)?.into_parts()? {
                    (Stored::SortedSet(members), count) => Ok((members, count)),
                    _ => Err(unstable().into()),
                };
                let key = |(member, _): &(StoredValue, f64)| Identity::of(member);
                let pages = Pages::new(&listing, MAX_PAGE, fetch, key);
                let pages = pages.after_first(members, count)?;
                Stored::SortedSet(pages.collect::<Result<_, _>>()?)
            }
            Stored::BloomFilter(items) if !is_whole => {
                let fetch = |page| match read(page)?.into_parts()? {
                    (Stored::BloomFilter(items), count) => Ok((items, count)),
                    _ => Err(unstable().into()),
                };
                let pages = Pages::new(&listing, MAX_PAGE, fetch, Identity::of);
                let pages = pages.after_first(items, count)?;
                Stored::BloomFilter(pages.collect::<Result<_, _>>()?)
            }
            stored => return Ok(Some(StoredEntry { stored, ..first })),
        };
        Ok(Some(StoredEntry {
            key: first.key,
            count: Some(stored.len() as u64),
            stored,
        }))
    }

    /// Returns the data type of a key, or `None` if the key does not exist. It does not read the
    /// contents.
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub fn data_type<T: Transport + ?Sized>(
        &self,
        store_id: u64,
        key: &str,
        transport: &T,
    ) -> Result<Option<DataType>, Error> {
        let query = ValueQuery::new().page(Page::first(1));
        let call = self.get_entry_page(store_id, key, &query)?;
        match call.send_with_retry(transport, &Retry::default()) {
            Ok(entry) => Ok(DataType::from_name(entry.stored.datatype())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl StoredEntry {
    fn into_parts(self) -> Result<(Stored, u64), Error> {
        match self.stored {
            Stored::Unreadable { reason, .. } => Err(ErrorKind::NotReadable {
                key: self.key,
                reason,
            }
            .into()),
            stored => Ok((stored, self.count.unwrap_or_default())),
        }
    }
}

/// The identity of a value among those of its key.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Identity {
    Bytes(Vec<u8>),
    Sha256([u8; 32]),
}

impl Identity {
    fn of(value: &StoredValue) -> Self {
        match value {
            StoredValue::Bytes(value) => Identity::Bytes(value.as_bytes().to_vec()),
            StoredValue::Sha256(hash) => Identity::Sha256(*hash),
        }
    }
}

/// The elements of all pages of a list.
struct Pages<'a, F, I, T, K> {
    listing: &'a str,
    fetch: F,
    identity: I,
    limit: u32,
    /// The offset of the next page.
    offset: u32,
    seen: HashSet<K>,
    ready: VecDeque<T>,
    gaps: u32,
    is_done: bool,
}

impl<'a, F, I, T, K> Pages<'a, F, I, T, K>
where
    F: FnMut(Page) -> Result<(Vec<T>, u64), Error>,
    I: Fn(&T) -> K,
    K: Clone + Eq + Hash,
{
    fn new(listing: &'a str, limit: u32, fetch: F, identity: I) -> Self {
        Pages {
            listing,
            fetch,
            identity,
            limit,
            offset: 0,
            seen: HashSet::new(),
            ready: VecDeque::new(),
            gaps: 0,
            is_done: false,
        }
    }

    /// Adds the first page, which has been read already.
    fn after_first(mut self, elements: Vec<T>, count: u64) -> Result<Self, Error> {
        self.add_page(elements, count)?;
        Ok(self)
    }

    fn next_page(&mut self) -> Result<(), Error> {
        let page = Page::first(self.limit).after(self.offset);
        let (elements, count) = (self.fetch)(page)?;
        self.add_page(elements, count)
    }

    fn add_page(&mut self, elements: Vec<T>, count: u64) -> Result<(), Error> {
        let first = elements.first().map(&self.identity);
        // A page that begins with an element that was returned before leaves none out.
        let fits = self.offset == 0 || first.is_some_and(|first| self.seen.contains(&first));
        if !fits {
            self.gaps += 1;
            if self.gaps > MAX_GAPS {
                let listing = self.listing.to_owned();
                return Err(ErrorKind::Unstable { listing }.into());
            }
            self.offset = self.offset.saturating_sub(self.limit / 2 + 1);
            return Ok(());
        }
        let returned = elements.len() as u64;
        let end = u64::from(self.offset) + returned;
        let before = self.seen.len();
        for element in elements {
            if self.seen.insert((self.identity)(&element)) {
                self.ready.push_back(element);
            }
        }
        // A count that is less than the page itself is missing, or counts something else.
        let is_last = count >= returned && end >= count;
        let is_new = self.seen.len() > before;
        self.is_done = is_last || returned == 0 || (returned == 1 && !is_new);
        self.offset = u32::try_from(end.saturating_sub(1)).unwrap_or(u32::MAX);
        Ok(())
    }
}

impl<F, I, T, K> Iterator for Pages<'_, F, I, T, K>
where
    F: FnMut(Page) -> Result<(Vec<T>, u64), Error>,
    I: Fn(&T) -> K,
    K: Clone + Eq + Hash,
{
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.is_done {
            if let Err(error) = self.next_page() {
                self.is_done = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
