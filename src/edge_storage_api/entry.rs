//! What is written: a change of one key.

use std::fmt::{self, Display};
use std::time::{Duration, SystemTime};

use crate::codec::Encode;
use crate::key::{Key, LimitError, WriteValueError, check_key, check_value};
use crate::kv_store::SENTINEL;

/// A change of one key of a store.
///
/// All of them can be repeated: written twice, a store is as if they had been written once.
///
/// ```
/// use fastedge::edge_storage_api::{DataType, Entry};
/// use fastedge::{Key, codec::Json};
///
/// static LIMITS: Key<Json<Vec<u32>>> = Key::new("limits");
///
/// let entries = [
///     Entry::plain("title", "Home")?,
///     Entry::typed(&LIMITS, &vec![1, 2])?,
///     Entry::sorted_set("scores", [(10.0, "ann")])?,
///     Entry::pointer("scores:version", 7)?,
///     Entry::bloom_filter("blocked", ["203.0.113.7"])?,
///     Entry::delete("old title", DataType::Plain)?,
/// ];
/// assert!(Entry::sorted_set("scores", [(f64::NAN, "ann")]).is_err());
/// assert!(Entry::plain("x".repeat(257), "").is_err());
/// # Ok::<(), fastedge::edge_storage_api::EntryError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Entry {
    pub(super) key: String,
    pub(super) change: Change,
    /// True if the API never returns the values.
    pub(super) is_masked: bool,
}

/// What is done to the key.
#[derive(Clone, PartialEq)]
pub(super) enum Change {
    Put {
        value: Vec<u8>,
        expiry: Option<String>,
    },
    AddMembers(Vec<(f64, Vec<u8>)>),
    RemoveMembers(Vec<Vec<u8>>),
    AddItems(Vec<Vec<u8>>),
    Delete(DataType),
}

/// The data types of a store. A key has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// A plain pair.
    Plain,
    /// Members with scores.
    SortedSet,
    /// A Bloom filter.
    BloomFilter,
}

impl DataType {
    /// Returns the name in the API.
    pub fn name(self) -> &'static str {
        match self {
            DataType::Plain => "kv",
            DataType::SortedSet => "sorted_set",
            DataType::BloomFilter => "bloom_filter",
        }
    }

    /// Returns the data type with a name of the API.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [DataType::Plain, DataType::SortedSet, DataType::BloomFilter]
            .into_iter()
            .find(|data_type| data_type.name() == name)
    }
}

/// The member by which a number is published.
pub(crate) const POINTER_MEMBER: &str = "current";

impl Entry {
    /// Sets a plain pair, whatever its value was.
    ///
    /// # Errors
    ///
    /// [`EntryError::Limit`] if the key or the value is too large for the platform.
    pub fn plain(key: impl Into<String>, value: impl Into<Vec<u8>>) -> Result<Self, EntryError> {
        let (key, value) = (key.into(), value.into());
        check_value(&key, &value)?;
        Entry::of(
            key,
            Change::Put {
                value,
                expiry: None,
            },
        )
    }

    /// Sets the value of a typed key.
    ///
    /// # Errors
    ///
    /// If the key's codec cannot write the value, or it is too large for the platform.
    pub fn typed<C: Encode>(key: &Key<C>, value: &C::Borrowed) -> Result<Self, EntryError> {
        Entry::plain(key.name(), key.encode(value)?)
    }

    /// The same plain pair, which expires at a moment. Other entries do not expire.
    ///
    /// # Errors
    ///
    /// [`EntryError::Expiry`] if this is no plain pair, or the moment is before 1970 or after 9999.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use fastedge::edge_storage_api::Entry;
    ///
    /// let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    /// let entry = Entry::plain("offer", "tea")?.expiring_at(moment)?;
    /// assert!(format!("{entry:?}").contains("2027-01-15T08:00:00Z"));
    /// # Ok::<(), fastedge::edge_storage_api::EntryError>(())
    /// ```
    pub fn expiring_at(mut self, moment: SystemTime) -> Result<Self, EntryError> {
        const END_OF_9999: u64 = 253_402_300_799;
        let since = moment.duration_since(SystemTime::UNIX_EPOCH).ok();
        let seconds = since.as_ref().map(Duration::as_secs);
        match (&mut self.change, seconds) {
            (Change::Put { expiry, .. }, Some(0..=END_OF_9999)) => {
                *expiry = Some(humantime::format_rfc3339(moment).to_string());
                Ok(self)
            }
            _ => Err(EntryError::Expiry { key: self.key }),
        }
    }

    /// Adds members, with their scores, to a sorted set. Existing members get the new score.
    ///
    /// An infinite score is sent as the number 1e999 or -1e999, since JSON has no infinite numbers.
    /// The platform may refuse it with a 400: its documentation does not say.
    ///
    /// # Errors
    ///
    /// [`EntryError::Score`] for a score that is NaN, [`EntryError::Limit`] for a key or a member
    /// that is too large for the platform.
    pub fn sorted_set<T: Into<Vec<u8>>>(
        key: impl Into<String>,
        members: impl IntoIterator<Item = (f64, T)>,
    ) -> Result<Self, EntryError> {
        let key = key.into();
        let mut added = Vec::new();
        for (score, member) in members {
            let member = member.into();
            if score.is_nan() {
                return Err(EntryError::Score { key, score });
            }
            check_value(&key, &member)?;
            added.push((score, member));
        }
        Entry::of(key, Change::AddMembers(added))
    }

    /// Removes members from a sorted set.
    ///
    /// # Errors
    ///
    /// [`EntryError::Limit`] if the key is too long.
    pub fn remove_members<T: Into<Vec<u8>>>(
        key: impl Into<String>,
        members: impl IntoIterator<Item = T>,
    ) -> Result<Self, EntryError> {
        let members = members.into_iter().map(Into::into).collect();
        Entry::of(key.into(), Change::RemoveMembers(members))
    }

    /// Publishes a number: see [`Pointer`](crate::kv_store::Pointer). It is the score of the only
    /// member, `current`, of a sorted set.
    ///
    /// # Errors
    ///
    /// Those of [`sorted_set`](Self::sorted_set).
    pub fn pointer(key: impl Into<String>, number: impl Into<f64>) -> Result<Self, EntryError> {
        Entry::sorted_set(key, [(number.into(), POINTER_MEMBER)])
    }

    /// Adds items, by their texts, to a Bloom filter, and [`SENTINEL`]. The sentinel distinguishes
    /// an existing filter from a missing one.
    ///
    /// # Errors
    ///
    /// [`EntryError::Limit`] for a key or an item that is too large for the platform.
    pub fn bloom_filter<T: Display>(
        key: impl Into<String>,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Self, EntryError> {
        let sentinel = std::iter::once(SENTINEL.to_owned());
        let items = items.into_iter().map(|item| item.to_string());
        Entry::bloom_filter_items(key, sentinel.chain(items))
    }

    /// Adds items to a Bloom filter, without [`SENTINEL`]. Use it to fill a filter piece by piece,
    /// and write the sentinel last, when the filter is complete.
    ///
    /// # Errors
    ///
    /// [`EntryError::Limit`] for a key or an item that is too large for the platform.
    pub fn bloom_filter_items<T: Into<Vec<u8>>>(
        key: impl Into<String>,
        items: impl IntoIterator<Item = T>,
    ) -> Result<Self, EntryError> {
        let key = key.into();
        let mut added = Vec::new();
        for item in items {
            let item = item.into();
            check_value(&key, &item)?;
            added.push(item);
        }
        Entry::of(key, Change::AddItems(added))
    }

    /// Deletes a key of a data type. One that holds another data type is left as it is, and counts as
    /// not deleted.
    ///
    /// # Errors
    ///
    /// [`EntryError::Limit`] if the key is too long.
    pub fn delete(key: impl Into<String>, data_type: DataType) -> Result<Self, EntryError> {
        Entry::of(key.into(), Change::Delete(data_type))
    }

    /// Masks the values: the API will return only their SHA-256, and never the values themselves.
    /// Apps read them as they are.
    ///
    /// # Errors
    ///
    /// [`EntryError::Masked`] for values that are not text, and for removals.
    ///
    /// ```
    /// use fastedge::edge_storage_api::Entry;
    ///
    /// let entry = Entry::plain("webhook:key", "s3cr3t")?.masked()?;
    /// assert!(Entry::plain("image", [0xff])?.masked().is_err());
    /// # Ok::<(), fastedge::edge_storage_api::EntryError>(())
    /// ```
    pub fn masked(mut self) -> Result<Self, EntryError> {
        let is_text = |value: &[u8]| str::from_utf8(value).is_ok();
        let can_be = match &self.change {
            Change::Put { value, .. } => is_text(value),
            Change::AddMembers(members) => members.iter().all(|(_, member)| is_text(member)),
            Change::AddItems(items) => items.iter().all(|item| is_text(item)),
            Change::RemoveMembers(_) | Change::Delete(_) => false,
        };
        if !can_be {
            return Err(EntryError::Masked { key: self.key });
        }
        self.is_masked = true;
        Ok(self)
    }

    /// Returns the key.
    pub fn key(&self) -> &str {
        &self.key
    }

    fn of(key: String, change: Change) -> Result<Self, EntryError> {
        check_key(&key)?;
        Ok(Entry {
            key,
            change,
            is_masked: false,
        })
    }
}

/// Without values: they can be large, and personal.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Entry");
        debug.field("key", &self.key);
        match &self.change {
            Change::Put { value, expiry } => debug
                .field("put_bytes", &value.len())
                .field("expiry", expiry),
            Change::AddMembers(members) => debug.field("add_members", &members.len()),
            Change::RemoveMembers(members) => debug.field("remove_members", &members.len()),
            Change::AddItems(items) => debug.field("add_items", &items.len()),
            Change::Delete(data_type) => debug.field("delete", data_type),
        };
        debug.finish()
    }
}

/// Why something cannot be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// The key or the value is too large for the platform.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The value cannot be written.
    #[error(transparent)]
    Value(#[from] WriteValueError),
    /// A score that is not a number.
    #[error("cannot write sorted set `{key}`: the score {score} is not a number")]
    Score {
        /// The key.
        key: String,
        /// The score.
        score: f64,
    },
    /// A change that cannot be masked.
    #[error(
        "cannot mask key `{key}`: only added values can be masked, and only if they are UTF-8 text"
    )]
    Masked {
        /// The key.
        key: String,
    },
    /// An expiry that cannot be.
    #[error(
        "key `{key}` cannot expire so: only plain pairs expire, at a moment from 1970 to the end of 9999"
    )]
    Expiry {
        /// The key.
        key: String,
    },
}
