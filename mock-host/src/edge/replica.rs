//! A location's copy of a store, and the writes on their way to it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::kv::Entry;
use super::replication::NEVER;

/// The entries of one store, as one location has them.
#[derive(Debug)]
pub(crate) struct Replica {
    state: RwLock<State>,
    /// When the next write arrives: until then nobody needs to look.
    next_arrival_ms: AtomicU64,
}

pub(crate) type Entries = BTreeMap<Arc<str>, Arc<Entry>>;

#[derive(Debug, Default)]
struct State {
    entries: Entries,
    /// By arrival, and of equal ones by age.
    on_their_way: BTreeMap<(u64, u64), Write>,
    /// When the latest write of a key arrives: none of its writes overtakes another.
    latest: HashMap<Arc<str>, u64>,
    next_number: u64,
}

#[derive(Debug)]
struct Write {
    key: Arc<str>,
    entry: Option<Arc<Entry>>,
}

impl Replica {
    /// A copy that is complete.
    pub(crate) fn of(entries: Entries) -> Self {
        let state = State {
            entries,
            ..State::default()
        };
        Replica {
            state: RwLock::new(state),
            next_arrival_ms: AtomicU64::new(NEVER),
        }
    }

    pub(crate) fn get(&self, key: &str, now_ms: u64) -> Option<Arc<Entry>> {
        let state = self.up_to(now_ms);
        let entry = state.entries.get(key)?;
        entry.is_alive(now_ms).then(|| Arc::clone(entry))
    }

    pub(crate) fn keys(&self, now_ms: u64, is_meant: impl Fn(&str) -> bool) -> Vec<String> {
        self.up_to(now_ms)
            .entries
            .iter()
            .filter(|(_, entry)| entry.is_alive(now_ms))
            .filter(|(key, _)| is_meant(key))
            .map(|(key, _)| (**key).to_owned())
            .collect()
    }

    /// A key's new entry, or that it has none, is to arrive at a moment.
    pub(crate) fn send(
        &self,
        key: Arc<str>,
        entry: Option<Arc<Entry>>,
        arrival_ms: u64,
        now_ms: u64,
    ) {
        let mut state = self.write();
        let former = state.latest.get(&key).copied().unwrap_or(0);
        let arrival_ms = arrival_ms.max(former);
        let write = Write { key, entry };
        if arrival_ms <= now_ms {
            // What is still on its way arrives before it.
            state.arrive_until(now_ms);
            state.arrive(write);
        } else {
            let number = state.next_number;
            state.next_number += 1;
            state.latest.insert(Arc::clone(&write.key), arrival_ms);
            state.on_their_way.insert((arrival_ms, number), write);
        }
        self.note_next_arrival(&state);
    }

    /// A key's new entry, or that it has none, is here now, and what is on its way to the key is not
    /// awaited any more.
    pub(crate) fn overtake(&self, key: Arc<str>, entry: Option<Arc<Entry>>) {
        let mut state = self.write();
        if state.latest.remove(&key).is_some() {
            state.on_their_way.retain(|_, write| write.key != key);
        }
        state.arrive(Write { key, entry });
        self.note_next_arrival(&state);
    }

    /// Everything arrives now, what is held back too.
    pub(crate) fn replicate_now(&self) {
        let mut state = self.write();
        state.arrive_until(NEVER);
        self.note_next_arrival(&state);
    }

    /// The writes on their way: the keys, and when they arrive; `None` is that they are held back.
    pub(crate) fn on_their_way(&self, now_ms: u64) -> Vec<(String, Option<u64>)> {
        let state = self.up_to(now_ms);
        let writes = state.on_their_way.iter();
        writes
            .map(|((arrival_ms, _), write)| {
                let arrival_ms = (*arrival_ms != NEVER).then_some(*arrival_ms);
                ((*write.key).to_owned(), arrival_ms)
            })
            .collect()
    }

    /// The state, with everything that has arrived by now.
    fn up_to(&self, now_ms: u64) -> RwLockReadGuard<'_, State> {
        if now_ms >= self.next_arrival_ms.load(Ordering::Acquire) {
            let mut state = self.write();
            state.arrive_until(now_ms);
            self.note_next_arrival(&state);
        }
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_next_arrival(&self, state: &State) {
        let next = state.on_their_way.keys().next();
        let next = next.map_or(NEVER, |(arrival_ms, _)| *arrival_ms);
        self.next_arrival_ms.store(next, Ordering::Release);
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn arrive_until(&mut self, now_ms: u64) {
        while let Some(first) = self.on_their_way.first_entry() {
            let (arrival_ms, _) = *first.key();
            if arrival_ms > now_ms {
                break;
            }
            let write = first.remove();
            if self.latest.get(&write.key) == Some(&arrival_ms) {
                self.latest.remove(&write.key);
            }
            self.arrive(write);
        }
    }

    fn arrive(&mut self, write: Write) {
        match write.entry {
            Some(entry) => self.entries.insert(write.key, entry),
            None => self.entries.remove(&write.key),
        };
    }
}
