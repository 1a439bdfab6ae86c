//! What has been written lately, in the location's cache.
//!
//! The cache can fail at any time. What cannot be kept is not kept, and neither is what it would have
//! replaced: an old value must not hide a new one. So whoever writes tries a few times, with pauses, for a cache
//! fails in bursts; who only reads does not wait for it.

mod changes;
mod value;

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use self::changes::{Change, Changes};
use crate::absorb::Absorb;
use crate::cache::{Cache, Retry, Ttl};
use crate::clock;
use crate::key::KeyTemplate;

static VALUE: KeyTemplate<2, Vec<u8>> = KeyTemplate::new("fastedge:kv:{}:{}");
static MEMBERS: KeyTemplate<2, Vec<u8>> = KeyTemplate::new("fastedge:sorted_set:{}:{}");
static ITEMS: KeyTemplate<2, Vec<u8>> = KeyTemplate::new("fastedge:bloom_filter:{}:{}");

/// More than replication and the 30 s for which a node keeps what it has read.
const REMEMBERED_MS: u64 = 45_000;

#[derive(Clone, Debug)]
pub(super) struct Recent {
    store_id: u64,
    ttl_ms: u64,
}

impl Recent {
    pub(super) fn of(store_id: u64) -> Self {
        Recent {
            store_id,
            ttl_ms: REMEMBERED_MS,
        }
    }

    pub(super) fn remember_for(&mut self, ttl: Ttl) {
        self.ttl_ms = ttl.as_millis();
    }

    /// The value that was written to a key, or that it was deleted; `None` if neither is remembered.
    pub(super) fn value(&self, key: &str) -> Option<Option<Vec<u8>>> {
        let entry = Cache::get_bytes(VALUE.of(self.store_id, key).name()).absorb()??;
        value::read(entry)?.at(now_ms)
    }

    /// Keeps a value, or that a key was deleted, and answers whether it is kept.
    pub(super) fn remember(
        &self,
        key: &str,
        value: Option<&[u8]>,
        revision: u64,
        expiry: Option<SystemTime>,
    ) -> bool {
        let key = VALUE.of(self.store_id, key);
        let entry = value::written(value, revision, expiry.map(as_millis));
        self.keep(key.name(), |kept| match kept.and_then(value::read) {
            // Of two requests that write at once, the one that ends later need not be the one that
            // wrote later.
            Some(kept) if kept.revision > revision => Step::Leave,
            _ => Step::Set(Cow::Borrowed(&entry)),
        })
    }

    /// The changes to a sorted set.
    pub(super) fn members(&self, key: &str) -> Changes {
        self.changes(MEMBERS.of(self.store_id, key).name())
    }

    /// The items added to a Bloom filter.
    pub(super) fn items(&self, key: &str) -> Changes {
        self.changes(ITEMS.of(self.store_id, key).name())
    }

    pub(super) fn remember_members(
        &self,
        key: &str,
        members: Vec<(Vec<u8>, Option<f64>)>,
        revision: u64,
    ) -> bool {
        let key = MEMBERS.of(self.store_id, key);
        self.remember_changes(key.name(), members, revision)
    }

    pub(super) fn remember_items(&self, key: &str, items: Vec<String>, revision: u64) -> bool {
        let key = ITEMS.of(self.store_id, key);
        let items = items.into_iter().map(|item| (item.into_bytes(), Some(0.0)));
        self.remember_changes(key.name(), items.collect(), revision)
    }

    fn remember_changes(
        &self,
        key: &str,
        members: Vec<(Vec<u8>, Option<f64>)>,
        revision: u64,
    ) -> bool {
        let until_ms = now_ms().saturating_add(self.ttl_ms);
        let new = members.into_iter().map(|(member, score)| Change {
            member,
            score,
            revision,
            until_ms,
        });
        let new: Vec<Change> = new.collect();
        self.keep(key, |kept| {
            let changes = still_valid(kept).with(new.clone());
            let written = changes.written().map(Cow::Owned);
            written.map_or(Step::Forget, Step::Set)
        })
    }

    /// No changes, if the cache does not say.
    fn changes(&self, key: &str) -> Changes {
        still_valid(Cache::get_bytes(key).absorb().flatten())
    }

    /// Keeps what a step makes of what is kept, and answers whether it is. A step that fails is repeated whole: meanwhile
    /// another request may have kept something newer.
    fn keep<'a>(&self, key: &str, step: impl Fn(Option<Vec<u8>>) -> Step<'a>) -> bool {
        let ttl = Ttl::millis(self.ttl_ms).ok();
        let kept = Retry::default().run(|| match step(Cache::get_bytes(key)?) {
            Step::Leave => Ok(true),
            Step::Set(entry) => Cache::set(key, entry, ttl).map(|()| true),
            Step::Forget => Ok(false),
        });
        let is_kept = kept.absorb().unwrap_or(false);
        if !is_kept {
            // What is there is out of date.
            Retry::default().delete(key).absorb();
        }
        is_kept
    }
}

/// What is to be done with what is kept of a key.
enum Step<'a> {
    Leave,
    Set(Cow<'a, [u8]>),
    Forget,
}

fn still_valid(entry: Option<Vec<u8>>) -> Changes {
    let changes = entry.map(|entry| Changes::read(&entry));
    changes.unwrap_or_default().after(now_ms())
}

fn now_ms() -> u64 {
    clock::now_ms().unwrap_or(0)
}

fn as_millis(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    clock::millis(since.unwrap_or(Duration::ZERO))
}
