//! The calls for the entries of a store: list, get, write.

use bytes::Bytes;
use fastedge_mock_host::central::{Change, DataType, Entry, EntryPage, ListQuery, Written};
use http::Request;

use super::Api;
use super::changes;
use super::query::Page;
use super::reply::{Refusal, Reply, ok};
use super::rules::LargeValues;
use super::wire::{self, EntryList, ListedEntry, Payload, Shown, WholeEntry, WriteSummary};

/// The longest prefix to search for, in characters.
const MAX_SEARCH: usize = 1024;

/// The largest page of entries, members or items.
const MAX_ENTRIES: usize = 10_000;

impl Api<'_> {
    pub(super) fn list_entries(&self, id: u64, request: &Request<Bytes>) -> Reply {
        let known = [
            "data_type",
            "search",
            "min_score",
            "max_score",
            "limit",
            "offset",
        ];
        let query = self.query(request, &known)?;
        let page = query.page(MAX_ENTRIES)?;
        let prefix = query.text("search", MAX_SEARCH)?.unwrap_or_default();
        let listed = self.edge.list(
            id,
            &ListQuery {
                prefix,
                data_types: &query.data_types()?,
                scores: query.scores()?,
                offset: page.offset,
                limit: page.limit,
            },
        );
        let EntryPage { count, entries } = listed.map_err(|error| self.refusal(error))?;
        let large = self.settings.large_values;
        let entries = entries.iter().map(|entry| ListedEntry::new(entry, large));
        ok(&EntryList {
            count,
            entries: entries.collect(),
        })
    }

    pub(super) fn get_entry(&self, id: u64, key: &str, request: &Request<Bytes>) -> Reply {
        let known = [
            "search",
            "hash",
            "min_score",
            "max_score",
            "limit",
            "offset",
        ];
        let query = self.query(request, &known)?;
        let large = self.settings.large_values;
        let selection = Selection {
            prefix: query.text("search", MAX_SEARCH)?.map(str::as_bytes),
            hash: query.hash(),
            scores: query
                .scores()?
                .unwrap_or((f64::NEG_INFINITY, f64::INFINITY)),
            page: query.page(MAX_ENTRIES)?,
            large,
        };
        let key = percent_encoding::percent_decode_str(key).decode_utf8();
        let key = key.map_err(|_| Refusal::bad_request("the key is not UTF-8; encode it so"))?;
        self.store(id)?;
        let entry = self.edge.entry(id, &key);
        let entry = entry.map_err(|error| self.refusal(error))?;
        let entry = entry.ok_or(Refusal::NotFound)?;
        let (count, payload) = selection.of(&entry);
        ok(&WholeEntry {
            key: &key,
            datatype: entry.data_type().name(),
            count,
            payload,
        })
    }

    pub(super) fn write(&self, id: u64, request: &Request<Bytes>) -> Reply {
        let force = self.query(request, &["force"])?.force()?;
        let changes = changes::read(request.body()).map_err(Refusal::bad_request)?;
        let store = self.store(id)?;
        let has_masks = changes
            .iter()
            .any(|change| matches!(change, Change::Mask { .. }));
        if store.info.byod.is_some() && has_masks {
            return Err(Refusal::bad_request(
                "the store's data are in your own Redis, which keeps no masks; send the value as \
                 plain or base64",
            ));
        }
        let written = self.edge.write_store(id, &changes, force);
        let Written {
            write_count,
            write_size,
            del_count,
            store_size,
            revision,
            ..
        } = written.map_err(|error| self.refusal(error))?;
        ok(&WriteSummary {
            write_count,
            write_size,
            del_count,
            store_size,
            revision,
        })
    }
}

/// The part of an entry that a request selects.
struct Selection<'a> {
    prefix: Option<&'a [u8]>,
    hash: Option<String>,
    scores: (f64, f64),
    page: Page,
    large: LargeValues,
}

impl Selection<'_> {
    /// Returns the number of selected values of an entry, and the page of them.
    ///
    /// A pair that is not selected, and a filter whose items are not known, have no payload.
    fn of(&self, entry: &Entry) -> (u64, Option<Payload>) {
        let large = self.large;
        let (min, max) = self.scores;
        match entry.data_type() {
            DataType::Plain => {
                let value = entry.value().filter(|value| self.has(entry, value));
                let payload = value.map(|_| Payload::Pair(Shown::pair(entry, large)));
                (u64::from(payload.is_some()), payload)
            }
            DataType::SortedSet => {
                let members = entry.members().into_iter().flatten();
                let selected = members
                    .filter(|(_, score)| (min..=max).contains(score))
                    .filter(|(member, _)| self.has(entry, member));
                self.paged(selected, |(member, score)| {
                    Shown::member(entry, member, score, large)
                })
            }
            DataType::BloomFilter => match entry.items() {
                Some(items) => {
                    let selected = items.filter(|item| self.has(entry, item));
                    self.paged(selected, |item| Shown::part(entry, item, large))
                }
                None => (entry.count(), None),
            },
        }
    }

    fn paged<T>(
        &self,
        selected: impl Iterator<Item = T>,
        shown: impl Fn(T) -> Shown,
    ) -> (u64, Option<Payload>) {
        let (mut count, mut parts) = (0, Vec::new());
        for (number, part) in selected.enumerate() {
            if number >= self.page.offset && parts.len() < self.page.limit {
                parts.push(shown(part));
            }
            count += 1;
        }
        (count, Some(Payload::Parts(parts)))
    }

    fn has(&self, entry: &Entry, value: &[u8]) -> bool {
        // A search must not reveal a masked value character by character.
        let has_prefix = self
            .prefix
            .is_none_or(|prefix| value.starts_with(prefix) && !entry.is_masked(value));
        let hash = self.hash.as_deref();
        has_prefix && hash.is_none_or(|hash| wire::hash(value, self.large) == hash)
    }
}
