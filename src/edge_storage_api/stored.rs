//! Entries as the API returns them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::entry::DataType;
use super::error::{Error, ErrorKind};
use super::value::StoredValue;
use super::wire::{self, KeyOnly, Returned, ReturnedEntry};

/// A page of entries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EntryList {
    /// The number of entries on all pages; 0 if the response does not have it. A server that ignores
    /// the prefix counts other entries too.
    pub count: u64,
    /// The entries of this page whose keys have the prefix of the query.
    pub entries: Vec<StoredEntry>,
    /// The number of entries in the response, including those with other keys. The offset of the
    /// next page is the offset of this page plus this number.
    pub returned: usize,
}

/// A key and its contents.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredEntry {
    /// The key. It is empty if the response's entry has none.
    pub key: String,
    /// The number of values under the key: 1, or the number of members or items. Listings leave it
    /// out.
    pub count: Option<u64>,
    /// The contents.
    pub stored: Stored,
}

/// The contents of a key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stored {
    /// A plain pair.
    Plain {
        /// The value.
        value: StoredValue,
        /// The time when it expires, as RFC 3339 text.
        expiry: Option<String>,
    },
    /// Members of a sorted set, with their scores: all, or one page of them.
    SortedSet(Vec<(StoredValue, f64)>),
    /// Items of a Bloom filter: all, or one page of them.
    BloomFilter(Vec<StoredValue>),
    /// Contents that the response leaves out. Listings leave out members and items.
    Omitted(DataType),
    /// Contents that cannot be read.
    Unreadable {
        /// The data type, by its name in the API.
        datatype: String,
        /// The reason.
        reason: String,
    },
}

impl Stored {
    /// Returns the name of the data type in the API.
    pub fn datatype(&self) -> &str {
        match self {
            Stored::Plain { .. } => DataType::Plain.name(),
            Stored::SortedSet(_) => DataType::SortedSet.name(),
            Stored::BloomFilter(_) => DataType::BloomFilter.name(),
            Stored::Omitted(data_type) => data_type.name(),
            Stored::Unreadable { datatype, .. } => datatype,
        }
    }

    /// Returns the number of values.
    pub(super) fn len(&self) -> usize {
        match self {
            Stored::Plain { .. } => 1,
            Stored::SortedSet(members) => members.len(),
            Stored::BloomFilter(items) => items.len(),
            Stored::Omitted(_) | Stored::Unreadable { .. } => 0,
        }
    }
}

impl EntryList {
    pub(super) fn read(body: &[u8], prefix: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct List<'a> {
            #[serde(default)]
            count: u64,
            #[serde(borrow, default, deserialize_with = "wire::list")]
            entries: Vec<&'a RawValue>,
        }
        let list: List<'_> = super::call::json(body)?;
        let returned = list.entries.len();
        let entries = list.entries.into_iter().map(StoredEntry::lenient);
        Ok(EntryList {
            count: list.count,
            // A server that ignores the prefix returns other keys too.
            entries: entries
                .filter(|entry| entry.key.starts_with(prefix))
                .collect(),
            returned,
        })
    }
}

impl StoredEntry {
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        Ok(StoredEntry::of(super::call::json(body)?))
    }

    /// Checks that the contents are complete: no hashes, no missing members or items.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotReadable`] with the key and the reason.
    ///
    /// ```
    /// # use fastedge::edge_storage_api::{Api, Token};
    /// # use fastedge::http::Response;
    /// let call = Api::new(Token::new("secret-token")?).get_entry(7, "page")?;
    /// let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    /// let entry = call.parse(&Response::new(format!(
    ///     r#"{{"key": "page", "datatype": "kv", "payload": {{"value": "{hash}", "encoding": "sha256"}}}}"#
    /// )))?;
    /// let error = entry.check_readable().unwrap_err();
    /// assert!(error.to_string().starts_with("cannot read back key `page`"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_readable(&self) -> Result<(), Error> {
        match self.unreadable_reason() {
            None => Ok(()),
            Some(reason) => Err(ErrorKind::NotReadable {
                key: self.key.clone(),
                reason,
            }
            .into()),
        }
    }

    fn unreadable_reason(&self) -> Option<String> {
        const HASHED: &str = "the API returns only the SHA-256 of values that are masked or have \
                              more than 1024 bytes";
        let is_hashed = |value: &StoredValue| value.bytes().is_none();
        let hashed = match &self.stored {
            Stored::Plain { value, .. } => usize::from(is_hashed(value)),
            Stored::SortedSet(members) => {
                let values = members.iter().map(|(member, _)| member);
                values.filter(|member| is_hashed(member)).count()
            }
            Stored::BloomFilter(items) => items.iter().filter(|item| is_hashed(item)).count(),
            Stored::Omitted(_) => return Some("the response leaves its contents out".to_owned()),
            Stored::Unreadable { reason, .. } => return Some(reason.clone()),
        };
        let (here, all) = (self.stored.len() as u64, self.count.unwrap_or_default());
        match (hashed, &self.stored) {
            (0, _) if here < all => Some(format!("{here} of its {all} values were returned")),
            (0, _) => None,
            (_, Stored::Plain { .. }) => Some(HASHED.to_owned()),
            (hashed, _) => Some(format!("{HASHED}: {hashed} of its {here} values")),
        }
    }

    /// Reads an entry of a listing. An entry that cannot be read becomes [`Stored::Unreadable`].
    fn lenient(entry: &RawValue) -> Self {
        match serde_json::from_str(entry.get()) {
            Ok(returned) => StoredEntry::of(returned),
            Err(error) => StoredEntry {
                key: serde_json::from_str(entry.get())
                    .map(|KeyOnly { key }| key)
                    .unwrap_or_default(),
                count: None,
                stored: Stored::Unreadable {
                    datatype: "unknown".to_owned(),
                    reason: format!("not the JSON of an entry: {error}"),
                },
            },
        }
    }

    fn of(returned: ReturnedEntry<'_>) -> Self {
        let ReturnedEntry {
            key,
            datatype,
            count,
            payload,
        } = returned;
        let data_type = DataType::from_name(&datatype);
        let payload = payload.map(RawValue::get).filter(|json| *json != "null");
        let stored = match (data_type, payload) {
            (None, _) => Err("this version does not know the data type".to_owned()),
            (Some(DataType::SortedSet), None) if count == Some(0) => {
                Ok(Stored::SortedSet(Vec::new()))
            }
            (Some(DataType::BloomFilter), None) if count == Some(0) => {
                Ok(Stored::BloomFilter(Vec::new()))
            }
            (Some(data_type), None) => Ok(Stored::Omitted(data_type)),
            (Some(DataType::Plain), Some(json)) => plain(json),
            (Some(DataType::SortedSet), Some(json)) => members(json),
            (Some(DataType::BloomFilter), Some(json)) => items(json),
        };
        StoredEntry {
            key: key.into_owned(),
            count,
            stored: stored.unwrap_or_else(|reason| Stored::Unreadable {
                datatype: datatype.into_owned(),
                reason,
            }),
        }
    }
}

fn plain(json: &str) -> Result<Stored, String> {
    let returned: Returned<'_> = shaped(json)?;
    Ok(Stored::Plain {
        value: returned.value()?,
        expiry: returned.expiry.map(Into::into),
    })
}

fn members(json: &str) -> Result<Stored, String> {
    let members: Vec<Returned<'_>> = shaped(json)?;
    let members = members.iter();
    let members = members.map(|member| Ok((member.value()?, member.score()?)));
    Ok(Stored::SortedSet(members.collect::<Result<_, String>>()?))
}

fn items(json: &str) -> Result<Stored, String> {
    let items: Vec<Returned<'_>> = shaped(json)?;
    let items: Result<_, String> = items.iter().map(Returned::value).collect();
    Ok(Stored::BloomFilter(items?))
}

fn shaped<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| format!("not the expected payload: {error}"))
}
