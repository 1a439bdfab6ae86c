//! Publishing: what is written, in which order, and what remains of it.

mod steps;
mod trouble;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use fastedge::KvStore;
use fastedge::blocklist::IpList;
use fastedge::blocklist::format::{Root, Section};
use fastedge_mock_host::MockHost;
use fastedge_pack::publish::Report;
use fastedge_pack::{Action, AddressRules, Packed, PublishError};
use fastrand::Rng;

use crate::api::{Held, KEY, Store};

pub(super) const TEN_MINUTES: Duration = Duration::from_secs(601);

/// A list of some 160 KB; another version differs in a few places.
pub(super) fn list(version: u64) -> (Packed, BTreeSet<u32>) {
    let mut rng = Rng::with_seed(1);
    let mut listed: BTreeSet<u32> = (0..40_000).map(|_| rng.u32(..)).collect();
    for change in 0..version {
        let mut rng = Rng::with_seed(100 + change);
        for _ in 0..3 {
            let around = rng.u32(..);
            listed.insert(around);
            let gone = listed.range(around + 1..).next().copied();
            listed.remove(&gone.unwrap_or_default());
        }
    }
    (packed(&listed), listed)
}

pub(super) fn packed(listed: &BTreeSet<u32>) -> Packed {
    let mut rules = AddressRules::new();
    for address in listed {
        let address = std::net::IpAddr::from(address.to_be_bytes());
        rules.add_network(address, Action::Deny { tag: 0 });
    }
    rules.pack().unwrap()
}

pub(super) fn publish(store: &Rc<Store>, packed: &Packed) -> Result<Report, PublishError> {
    store.publisher().publish(packed, &mut |_| {})
}

/// What is in the store, as a host has it.
pub(super) fn host(store: &Store) -> MockHost {
    let keys = store.keys.borrow();
    MockHost::new().kv("lists", |kv| {
        keys.iter().fold(kv, |kv, (key, held)| match held {
            Held::Plain(value) => kv.set(key, value.to_vec()),
            Held::Members(members) => {
                let members = members
                    .iter()
                    .map(|(score, member)| (*score, member.to_vec()));
                kv.sorted_set(key, members)
            }
            Held::Items(items) => kv.bloom_filter(key, items),
        })
    })
}

/// Asks what is in the store for all that is in the lists.
pub(super) fn assert_listed(store: &Store, listed: &BTreeSet<u32>, others: &BTreeSet<u32>) {
    host(store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let list = IpList::new(&store, KEY);
        for address in listed
            .symmetric_difference(others)
            .chain(listed.iter().step_by(997))
        {
            let verdict = list.check(address.to_be_bytes()).unwrap();
            assert_eq!(verdict.is_listed(), listed.contains(address));
        }
    });
}

/// That nothing is there but what the last two generations need.
pub(super) fn assert_clean(store: &Store) {
    let own = ["state", "generations"].map(|end| format!("{KEY}:{end}"));
    let mut needed: BTreeSet<String> = own.into();
    needed.insert(KEY.to_owned());
    let root = store.value(KEY).unwrap();
    let outline = Root::read(&root).unwrap();
    for generation in [outline.header.generation, outline.previous] {
        let own = format!("{KEY}:{generation}");
        let Some(manifest) = store.value(&own) else {
            continue;
        };
        let root = Root::read(&manifest).unwrap();
        for (layout, _) in root.layouts() {
            if let Some(Section::Shards(shards)) = root.section(&manifest, layout).unwrap() {
                needed.extend((0..shards.len()).map(|index| {
                    format!(
                        "{KEY}:{}:{}",
                        shards.generation(index).unwrap(),
                        shards.place(index)
                    )
                }));
            }
        }
        needed.insert(format!("{own}:record"));
        needed.insert(own);
    }
    let there: BTreeSet<String> = store.keys.borrow().keys().cloned().collect();
    assert_eq!(there, needed);
}
