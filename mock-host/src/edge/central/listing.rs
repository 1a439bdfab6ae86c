//! Lists of a store's entries, page by page.

use std::ops::Bound;
use std::sync::Arc;

use super::super::kv::{DataType, Entry};
use super::super::replica::Entries;

/// A request for one page of a store's entries.
#[derive(Clone, Copy, Debug)]
pub struct ListQuery<'a> {
    /// The prefix of the keys.
    pub prefix: &'a str,
    /// The wanted types.
    pub data_types: &'a [DataType],
    /// The range of scores, both ends included, if it is limited: a sorted set without a member in
    /// it is left out. Other types have no scores, and stay. No bound is NaN.
    pub scores: Option<(f64, f64)>,
    /// The number of entries before the page.
    pub offset: usize,
    /// The largest number of entries on the page.
    pub limit: usize,
}

/// One page of a store's entries.
#[derive(Clone, Debug, Default)]
pub struct EntryPage {
    /// The number of entries on all pages.
    pub count: usize,
    /// The entries on this page, in order of their keys.
    pub entries: Vec<EntrySummary>,
}

/// An entry on a page.
#[derive(Clone, Debug)]
pub struct EntrySummary {
    /// The key.
    pub key: Arc<str>,
    /// The type.
    pub data_type: DataType,
    /// The whole entry of a plain pair. Other types are listed without their contents.
    pub pair: Option<Arc<Entry>>,
}

impl ListQuery<'_> {
    fn selects(&self, entry: &Entry) -> bool {
        let data_type = entry.data_type();
        let is_in_range = || match self.scores {
            Some((min, max)) if data_type == DataType::SortedSet => {
                entry.has_score_between(min, max)
            }
            _ => true,
        };
        self.data_types.contains(&data_type) && is_in_range()
    }

    /// Returns the page of these entries. Only the entries on the page are cloned.
    pub(crate) fn page_of(&self, entries: &Entries, now_ms: u64) -> EntryPage {
        let mut page = EntryPage::default();
        for (key, entry) in with_prefix(entries, self.prefix, now_ms) {
            if !self.selects(entry) {
                continue;
            }
            if page.count >= self.offset && page.entries.len() < self.limit {
                let data_type = entry.data_type();
                page.entries.push(EntrySummary {
                    key: Arc::clone(key),
                    data_type,
                    pair: (data_type == DataType::Plain).then(|| Arc::clone(entry)),
                });
            }
            page.count += 1;
        }
        page
    }
}

/// Iterates over the entries that have not expired and whose keys begin with a prefix.
pub(crate) fn with_prefix<'e>(
    entries: &'e Entries,
    prefix: &str,
    now_ms: u64,
) -> impl Iterator<Item = (&'e Arc<str>, &'e Arc<Entry>)> {
    let from_prefix = entries.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    from_prefix
        .take_while(move |(key, _)| key.starts_with(prefix))
        .filter(move |(_, entry)| entry.is_alive(now_ms))
}
