//! What a key holds, and how it is read.

use fastedge_host::{KeyValueError, glob};

use super::bloom::{BloomFilter, BloomOptions};
use super::item_set::ItemSet;
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
    masks: Masks,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Plain(Vec<u8>),
    SortedSet(SortedSet),
    /// A filter and its items, unless it was made of bits alone.
    BloomFilter(BloomFilter, Option<ItemSet>),
    /// A Bloom filter that is in another database, and this many items.
    ForeignFilter(u64),
}

/// The values of an entry that an API never returns in clear.
#[derive(Clone, Debug, Default)]
struct Masks {
    /// The value of a plain pair.
    value: bool,
    /// The members or items. Most entries have none, and clones share them.
    parts: ItemSet,
}

impl Entry {
    /// A plain pair, which expires at a moment in unix milliseconds, or does not.
    pub fn plain(value: impl Into<Vec<u8>>, expires_at_ms: Option<u64>) -> Self {
        Entry {
            expires_at_ms,
            ..Entry::of(Data::Plain(value.into()))
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
        let filter = BloomFilter::new(options)?;
        Ok(Entry::of(Data::BloomFilter(
            filter,
            Some(ItemSet::default()),
        )))
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
        let Data::BloomFilter(filter, known) = &mut self.data else {
            return Ok(());
        };
        for item in items {
            if !filter.add(item) {
                return Err(format!(
                    "Bloom filter `{key}` takes no more than its {} items: it does not scale, or its next part would not fit in memory",
                    filter.items()
                ));
            }
            if let Some(known) = known {
                known.add(item);
            }
        }
        Ok(())
    }

    /// Creates a Bloom filter from its [`filter_bytes`](Entry::filter_bytes), which do not contain
    /// its items: [`items`](Entry::items) is `None`.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of a filter; in words.
    pub fn from_filter_bytes(bytes: &[u8]) -> Result<Self, String> {
        let filter = BloomFilter::decode(bytes)?;
        Ok(Entry::of(Data::BloomFilter(filter, None)))
    }

    /// Creates a Bloom filter from its [`filter_bytes`](Entry::filter_bytes) and the items that a
    /// database has kept beside them. If the filter has more items than these,
    /// [`items`](Entry::items) is `None`.
    ///
    /// # Errors
    ///
    /// A description, if the bytes are not those of a filter.
    pub fn from_filter_bytes_and_items<T: AsRef<[u8]>>(
        bytes: &[u8],
        items: impl IntoIterator<Item = T>,
    ) -> Result<Self, String> {
        let filter = BloomFilter::decode(bytes)?;
        let mut known = ItemSet::default();
        for item in items {
            known.add(item.as_ref());
        }
        // The filter did not count an item that its bits already had, so it can have more items
        // than its count.
        let is_whole = known.len() as u64 >= filter.items();
        Ok(Entry::of(Data::BloomFilter(
            filter,
            is_whole.then_some(known),
        )))
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
            masks: Masks::default(),
        }
    }

    /// Its type.
    pub fn data_type(&self) -> DataType {
        match &self.data {
            Data::Plain(_) => DataType::Plain,
            Data::SortedSet(_) => DataType::SortedSet,
            Data::BloomFilter(..) | Data::ForeignFilter(_) => DataType::BloomFilter,
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

    /// Returns whether a sorted set has a member with `min <= score <= max`. Other types have none.
    pub fn has_score_between(&self, min: f64, max: f64) -> bool {
        match &self.data {
            Data::SortedSet(set) => set.range(min, max).next().is_some(),
            _ => false,
        }
    }

    /// Returns the score of a member of a sorted set.
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match &self.data {
            Data::SortedSet(set) => set.score(member),
            _ => None,
        }
    }

    /// Returns the items of a Bloom filter, ascending by their bytes; `None` for other types, and
    /// for a filter of which only the bits are known.
    pub fn items(&self) -> Option<impl Iterator<Item = &[u8]>> {
        match &self.data {
            Data::BloomFilter(_, items) => items.as_ref().map(ItemSet::iter),
            _ => None,
        }
    }

    /// Returns whether an item was added to a Bloom filter whose [`items`](Entry::items) are known.
    pub fn has_item(&self, item: &[u8]) -> bool {
        match &self.data {
            Data::BloomFilter(_, Some(items)) => items.contains(item),
            _ => false,
        }
    }

    /// Masks a value: the value of a plain pair, a member, or an item. The platform's API returns
    /// its hash only. Values that the entry does not have are ignored.
    pub fn mask(&mut self, value: &[u8]) {
        let has_part = match &self.data {
            Data::Plain(own) => {
                self.masks.value |= own == value;
                false
            }
            Data::SortedSet(set) => set.score(value).is_some(),
            Data::BloomFilter(..) | Data::ForeignFilter(_) => self.has_item(value),
        };
        if has_part {
            self.masks.parts.add(value);
        }
    }

    /// Removes the mask of a member or an item, if it has one.
    pub(crate) fn unmask(&mut self, part: &[u8]) {
        self.masks.parts.remove(part);
    }

    /// Returns whether a value is masked: the value of a plain pair, a member, or an item.
    pub fn is_masked(&self, value: &[u8]) -> bool {
        match &self.data {
            Data::Plain(_) => self.masks.value,
            _ => self.masks.parts.contains(value),
        }
    }

    /// The bytes of a Bloom filter, from which it can be made again, unless another database has them.
    pub fn filter_bytes(&self) -> Option<Vec<u8>> {
        match &self.data {
            Data::BloomFilter(filter, _) => Some(filter.encode()),
            _ => None,
        }
    }

    /// When a plain pair expires, in unix milliseconds.
    pub fn expires_at_ms(&self) -> Option<u64> {
        self.expires_at_ms
    }

    /// Returns the number of values: one, or the members, or the items.
    pub fn count(&self) -> u64 {
        match &self.data {
            Data::Plain(_) => 1,
            Data::SortedSet(set) => set.len() as u64,
            Data::BloomFilter(_, Some(items)) => items.len() as u64,
            Data::BloomFilter(filter, None) => filter.items(),
            Data::ForeignFilter(items) => *items,
        }
    }

    /// How many bytes it takes: those of the value, of the members and eight for each score, or of
    /// the filter's bits. Of another database's filter it is 0.
    pub fn size(&self) -> u64 {
        match &self.data {
            Data::Plain(value) => value.len() as u64,
            Data::SortedSet(set) => set.size(),
            Data::BloomFilter(filter, _) => filter.size(),
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
            Data::BloomFilter(filter, _) => filter.contains(item),
            _ => false,
        }
    }
}
