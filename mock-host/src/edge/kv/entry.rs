//! What a key holds, and how it is read.

use fastedge_host::{KeyValueError, glob};

use super::bloom::{BloomFilter, BloomOptions};
use super::sorted_set::SortedSet;

/// The three data types of Edge Storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataType {
    /// A plain pair.
    Plain,
    /// A sorted set.
    SortedSet,
    /// A Bloom filter.
    BloomFilter,
}

impl DataType {
    /// The type's name in the platform's API.
    pub fn name(self) -> &'static str {
        match self {
            DataType::Plain => "kv",
            DataType::SortedSet => "sorted_set",
            DataType::BloomFilter => "bloom_filter",
        }
    }

    /// The type of a name of the platform's API.
    pub fn from_name(name: &str) -> Option<Self> {
        [DataType::Plain, DataType::SortedSet, DataType::BloomFilter]
            .into_iter()
            .find(|data_type| data_type.name() == name)
    }
}

/// What a key holds, and until when.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(crate) data: Data,
    pub(crate) expires_at_ms: Option<u64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Plain(Vec<u8>),
    SortedSet(SortedSet),
    BloomFilter(BloomFilter),
    /// A Bloom filter that is in another database, and this many items.
    ForeignFilter(u64),
}

impl Entry {
    /// A plain pair, which expires at a moment in unix milliseconds, or does not.
    pub fn plain(value: impl Into<Vec<u8>>, expires_at_ms: Option<u64>) -> Self {
        Entry {
            data: Data::Plain(value.into()),
            expires_at_ms,
        }
    }

    /// A sorted set; members whose score is NaN are left out.
    pub fn sorted_set(members: impl IntoIterator<Item = (f64, Vec<u8>)>) -> Self {
        let mut set = SortedSet::default();
        for (score, member) in members {
            set.add(member, score);
        }
        Entry::of(Data::SortedSet(set))
    }

    /// A Bloom filter without items.
    ///
    /// # Errors
    ///
    /// If there can be no filter with these options.
    pub fn bloom_filter(options: BloomOptions) -> Result<Self, String> {
        Ok(Entry::of(Data::BloomFilter(BloomFilter::new(options)?)))
    }

    /// A Bloom filter of these items.
    ///
    /// # Errors
    ///
    /// If there can be no such filter, or it does not scale and is full.
    pub fn bloom_filter_of(
        key: &str,
        options: BloomOptions,
        items: &[Vec<u8>],
    ) -> Result<Self, String> {
        let mut entry = Entry::bloom_filter(options)?;
        entry.add_items(key, items)?;
        Ok(entry)
    }

    /// Adds items to a Bloom filter; other types are left as they are.
    ///
    /// # Errors
    ///
    /// If it is full, in words that name the key; then some have been added.
    pub fn add_items(&mut self, key: &str, items: &[Vec<u8>]) -> Result<(), String> {
        let Data::BloomFilter(filter) = &mut self.data else {
            return Ok(());
        };
        match items.iter().all(|item| filter.add(item)) {
            true => Ok(()),
            false => Err(format!(
                "Bloom filter `{key}` takes no more than its {} items: it does not scale, or its next part would not fit in memory",
                filter.items()
            )),
        }
    }

    /// A Bloom filter, from what [`filter_bytes`](Entry::filter_bytes) made of it.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of a filter; in words.
    pub fn from_filter_bytes(bytes: &[u8]) -> Result<Self, String> {
        Ok(Entry::of(Data::BloomFilter(BloomFilter::decode(bytes)?)))
    }

    /// A Bloom filter that another database has and does not hand out, and how many items are in it. Here it answers
    /// for no item, and takes none.
    pub fn foreign_filter(items: u64) -> Self {
        Entry::of(Data::ForeignFilter(items))
    }

    fn of(data: Data) -> Self {
        Entry {
            data,
            expires_at_ms: None,
        }
    }

    /// Its type.
    pub fn data_type(&self) -> DataType {
        match &self.data {
            Data::Plain(_) => DataType::Plain,
            Data::SortedSet(_) => DataType::SortedSet,
            Data::BloomFilter(_) | Data::ForeignFilter(_) => DataType::BloomFilter,
        }
    }

    /// The value of a plain pair.
    pub fn value(&self) -> Option<&[u8]> {
        match &self.data {
            Data::Plain(value) => Some(value),
            _ => None,
        }
    }

    /// The members of a sorted set, ascending by score and then by bytes.
    pub fn members(&self) -> Option<impl Iterator<Item = (&[u8], f64)>> {
        match &self.data {
            Data::SortedSet(set) => Some(set.iter()),
            _ => None,
        }
    }

    /// The bytes of a Bloom filter, from which it can be made again, unless another database has them.
    pub fn filter_bytes(&self) -> Option<Vec<u8>> {
        match &self.data {
            Data::BloomFilter(filter) => Some(filter.encode()),
            _ => None,
        }
    }

    /// When a plain pair expires, in unix milliseconds.
    pub fn expires_at_ms(&self) -> Option<u64> {
        self.expires_at_ms
    }

    /// How many values it has: one, or the members, or the items that were added.
    pub fn count(&self) -> u64 {
        match &self.data {
            Data::Plain(_) => 1,
            Data::SortedSet(set) => set.len() as u64,
            Data::BloomFilter(filter) => filter.items(),
            Data::ForeignFilter(items) => *items,
        }
    }

    /// How many bytes it takes: those of the value, of the members and eight for each score, or of
    /// the filter's bits. Of another database's filter it is 0.
    pub fn size(&self) -> u64 {
        match &self.data {
            Data::Plain(value) => value.len() as u64,
            Data::SortedSet(set) => set.size(),
            Data::BloomFilter(filter) => filter.size(),
            Data::ForeignFilter(_) => 0,
        }
    }

    /// Whether it has not expired yet.
    pub fn is_alive(&self, now_ms: u64) -> bool {
        self.expires_at_ms.is_none_or(|at| now_ms < at)
    }

    /// `get`: another type is an error.
    pub(crate) fn get(&self) -> Result<Vec<u8>, KeyValueError> {
        let value = self.value().ok_or(KeyValueError::InternalError)?;
        Ok(value.to_vec())
    }

    /// `zrange-by-score`, whose bounds are not NaN: another type is an error.
    pub(crate) fn zrange_by_score(
        &self,
        min: f64,
        max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        match &self.data {
            Data::SortedSet(set) => Ok(set.range_by_score(min, max)),
            _ => Err(KeyValueError::InternalError),
        }
    }

    /// `zscan`: another type is an error.
    pub(crate) fn zscan(&self, pattern: &str) -> Result<Vec<(Vec<u8>, f64)>, KeyValueError> {
        match &self.data {
            Data::SortedSet(set) => Ok(set
                .iter()
                .filter(|(member, _)| glob::matches(pattern.as_bytes(), member))
                .map(|(member, score)| (member.to_vec(), score))
                .collect()),
            _ => Err(KeyValueError::InternalError),
        }
    }

    /// `bf-exists`: another type contains nothing.
    pub fn bf_exists(&self, item: &[u8]) -> bool {
        match &self.data {
            Data::BloomFilter(filter) => filter.contains(item),
            _ => false,
        }
    }
}
