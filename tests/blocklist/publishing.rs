//! Publishing: what is written, in which order, and what remains of it, also where it is killed.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use fastedge::KvStore;
use fastedge::blocklist::format::{Malformed, Root, Section};
use fastedge::blocklist::{IpList, TokenSet};
use fastedge::edge_storage_api::{Api, BatchLimits, Token};
use fastedge_mock_host::MockHost;
use fastedge_pack::publish::Report;
use fastedge_pack::{
    Action, AddressRules, DomainRules, Packed, PublishError, Publisher, TokenRules,
};
use fastrand::Rng;

use super::api::{Held, KEY, Store, Trouble};

const TEN_MINUTES: Duration = Duration::from_secs(601);

/// A list of some 160 KB; another version differs in a few places.
fn list(version: u64) -> (Packed, BTreeSet<u32>) {
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

fn packed(listed: &BTreeSet<u32>) -> Packed {
    let mut rules = AddressRules::new();
    for address in listed {
        let address = std::net::IpAddr::from(address.to_be_bytes());
        rules.add_network(address, Action::Deny { tag: 0 });
    }
    rules.pack().unwrap()
}

fn publish(store: &Rc<Store>, packed: &Packed) -> Result<Report, PublishError> {
    store.publisher().publish(packed, &mut |_| {})
}

/// What is in the store, as a host has it.
fn host(store: &Store) -> MockHost {
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
fn assert_listed(store: &Store, listed: &BTreeSet<u32>, others: &BTreeSet<u32>) {
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
fn assert_clean(store: &Store) {
    let mut needed: BTreeSet<String> = [KEY.to_owned(), format!("{KEY}:state")].into();
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
        needed.insert(format!("{own}:sums"));
        needed.insert(own);
    }
    let there: BTreeSet<String> = store.keys.borrow().keys().cloned().collect();
    assert_eq!(there, needed);
}

#[test]
fn only_what_has_changed_is_written_and_what_nobody_needs_is_deleted() {
    let store = Rc::new(Store::default());
    let mut before = BTreeSet::new();
    for version in 0..8 {
        let (packed, listed) = list(version);
        let report = publish(&store, &packed).unwrap();
        assert_eq!(u64::from(report.generation), version + 1);
        if version > 0 {
            assert!(report.written <= 8, "{report:?}");
            assert!(report.unchanged >= 8, "{report:?}");
        }
        assert_listed(&store, &listed, &before);
        // The same list again is nothing new.
        let report = publish(&store, &packed).unwrap();
        assert!(!report.is_new);
        // Nothing is deleted that a reader may still look for.
        let error = store.publisher().clean(&mut |_| {});
        if version == 2 {
            assert!(
                matches!(error, Err(PublishError::TooEarly { .. })),
                "{error:?}"
            );
        }
        store.advance(TEN_MINUTES);
        store.publisher().clean(&mut |_| {}).unwrap();
        assert_clean(&store);
        before = listed;
    }
}

#[test]
fn pointers_are_written_last() {
    let store = Rc::new(Store::default());
    for version in 0..2 {
        store.log.borrow_mut().clear();
        let publisher = store.publisher().with_prompt_pointer();
        publisher.publish(&list(version).0, &mut |_| {}).unwrap();
        let log = store.log.borrow();
        let first_pointer = log
            .iter()
            .position(|write| write.key == KEY || write.key == format!("{KEY}:pointer"));
        let first_pointer = first_pointer.unwrap();
        let after: Vec<_> = log[first_pointer..]
            .iter()
            .map(|write| write.key.as_str())
            .collect();
        let pointer = format!("{KEY}:pointer");
        let state = format!("{KEY}:state");
        assert!(
            after
                .iter()
                .all(|key| [KEY, &pointer, &state].contains(key)),
            "{after:?}"
        );
        // What came before had its time.
        let pause = log[first_pointer].at - log[first_pointer - 1].at;
        assert!(pause >= Duration::from_secs(15), "{pause:?}");
    }
    host(&store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let list = IpList::new(&store, KEY).with_prompt_pointer();
        assert_eq!(list.generation().unwrap(), 2);
        let members = store.sorted_set("list:pointer").range(..).count().unwrap();
        assert_eq!(members, 1);
    });
}

/// That whoever reads now finds a list that has been published, and that the one before is there as well.
fn assert_readable(store: &Store, digests: &BTreeSet<String>) -> String {
    let read = |root: &[u8]| {
        let packed = Packed::from_published(KEY, root, |key| {
            let value = store
                .value(key)
                .ok_or_else(|| format!("{key} is missing"))?;
            Ok::<_, Failed>(value.to_vec())
        });
        let digest = packed.unwrap().digest();
        assert!(digests.contains(&digest), "{digest} is none of the lists");
        digest
    };
    let root = store.value(KEY).unwrap();
    let outline = Root::read(&root).unwrap();
    if outline.previous != 0 {
        read(&store.value(&format!("{KEY}:{}", outline.previous)).unwrap());
    }
    read(&root)
}

#[derive(Debug)]
struct Failed(#[allow(dead_code, reason = "printed")] String);

impl From<Malformed> for Failed {
    fn from(error: Malformed) -> Self {
        Failed(error.to_string())
    }
}

impl From<String> for Failed {
    fn from(error: String) -> Self {
        Failed(error)
    }
}

#[test]
fn killed_at_any_moment_it_is_gone_on_with_or_taken_back() {
    let lists: Vec<_> = [0, 5, 9].map(list).into();
    let digests: BTreeSet<_> = lists.iter().map(|(packed, _)| packed.digest()).collect();
    let mut moments = 0;
    for number in 0.. {
        let mut was_killed = false;
        for trouble in [Trouble::KilledBefore(number), Trouble::KilledAfter(number)] {
            for again in [1, 2] {
                let store = Rc::new(Store::default());
                let publish = |packed: &Packed| {
                    let publisher = store.publisher().with_prompt_pointer();
                    publisher.publish(packed, &mut |_| {})
                };
                publish(&lists[0].0).unwrap();
                store.advance(TEN_MINUTES);
                store.requests.set(0);
                store.trouble.set(Some(trouble));
                was_killed |= publish(&lists[1].0).is_err();
                assert_readable(&store, &digests);
                store.trouble.set(None);
                let (packed, listed) = &lists[again];
                publish(packed).unwrap();
                assert_eq!(assert_readable(&store, &digests), packed.digest());
                assert_listed(&store, listed, &lists[0].1);
                store.advance(TEN_MINUTES);
                store.publisher().clean(&mut |_| {}).unwrap();
                store.keys.borrow_mut().remove("list:pointer");
                assert_clean(&store);
            }
        }
        if !was_killed {
            break;
        }
        moments += 1;
    }
    assert!(moments > 10, "{moments} moments");
}

/// Publishers, at times two at once, that are killed, or lose answers, at any request, in any order of publishing, going back and
/// cleaning.
#[test]
fn whatever_happens_what_is_pointed_to_is_there() {
    let lists: Vec<_> = (0..6).map(|version| list(version * 3).0).collect();
    let digests: BTreeSet<_> = lists.iter().map(Packed::digest).collect();
    let (mut troubles, mut overtaken) = (0, 0);
    for seed in 0..400 {
        let mut rng = Rng::with_seed(seed);
        let store = Rc::new(Store::default());
        publish(&store, &lists[0]).unwrap();
        for _ in 0..12 {
            let at = store.requests.get() + rng.usize(0..30);
            store.trouble.set(match rng.u8(0..8) {
                0 => Some(Trouble::KilledBefore(at)),
                1 => Some(Trouble::KilledAfter(at)),
                2 => Some(Trouble::Lost(at)),
                3 => Some(Trouble::Busy(at)),
                _ => None,
            });
            let mut publisher = store.publisher();
            if rng.bool() {
                publisher = publisher.force();
            }
            let other = store.clone();
            let (mut at_step, of_other) = (rng.usize(0..30), rng.usize(..6));
            let mut tell = |_| {
                // Somebody else publishes in the middle of it.
                if at_step == 0 {
                    let _in_vain = publish(&other, &lists[of_other]);
                }
                at_step = at_step.wrapping_sub(1);
            };
            let result = match rng.u8(0..6) {
                0 => publisher.roll_back(&mut tell).map(drop),
                1 => publisher.clean(&mut tell).map(drop),
                _ => publisher
                    .publish(&lists[rng.usize(..6)], &mut tell)
                    .map(drop),
            };
            if let Err(error) = &result {
                troubles += 1;
                overtaken += usize::from(matches!(error, PublishError::Overtaken));
                let is_expected = store.trouble.get().is_some()
                    || matches!(
                        error,
                        PublishError::Overtaken
                            | PublishError::TooEarly { .. }
                            | PublishError::NothingBefore
                            | PublishError::RolledBack { .. }
                    );
                assert!(is_expected, "seed {seed}: {error}");
            }
            store.trouble.set(None);
            assert_readable(&store, &digests);
            store.advance(Duration::from_secs(rng.u64(0..500)));
        }
        let last = publish(&store, &lists[5]).unwrap();
        assert_eq!(
            assert_readable(&store, &digests),
            lists[5].digest(),
            "{last:?}"
        );
        for _ in 0..2 {
            store.advance(TEN_MINUTES);
            store.publisher().clean(&mut |_| {}).unwrap();
        }
        assert_clean(&store);
    }
    assert!(
        troubles > 500 && overtaken > 20,
        "{troubles} and {overtaken}"
    );
}

#[test]
fn what_was_killed_while_it_deleted_deletes_the_rest() {
    for number in 0..20 {
        for is_after in [false, true] {
            let store = Rc::new(Store::default());
            for version in [0, 3, 6, 9] {
                publish(&store, &list(version).0).unwrap();
            }
            store.advance(TEN_MINUTES);
            let number = store.requests.get() + number;
            store.trouble.set(Some(match is_after {
                true => Trouble::KilledAfter(number),
                false => Trouble::KilledBefore(number),
            }));
            let _killed = store.publisher().clean(&mut |_| {});
            store.trouble.set(None);
            store.publisher().clean(&mut |_| {}).unwrap();
            assert_clean(&store);
            assert_listed(&store, &list(9).1, &list(6).1);
        }
    }
}

#[test]
fn a_busy_feed_is_cleaned_as_well() {
    let store = Rc::new(Store::default());
    for version in 0..20 {
        publish(&store, &list(version).0).unwrap();
        store.advance(Duration::from_secs(200));
    }
    let keys = store.keys.borrow();
    let manifests = keys.keys().filter(|key| key.ends_with(":sums")).count();
    // Those of ten minutes, and two.
    assert!(manifests <= 6, "{manifests} generations are there");
}

#[test]
fn what_is_probably_a_mistake_is_not_published() {
    let store = Rc::new(Store::default());
    publish(&store, &list(0).0).unwrap();
    let mut few = AddressRules::new();
    few.add("192.0.2.1", Action::Deny { tag: 0 }).unwrap();
    let few = few.pack().unwrap();
    assert!(matches!(
        publish(&store, &few),
        Err(PublishError::Shrunk { after: 1, .. })
    ));
    let mut domains = DomainRules::new();
    domains.add("example.com", Action::Deny { tag: 0 }).unwrap();
    let error = publish(&store, &domains.pack().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at key `list` is a list of addresses, and this is a list of domains. Use another key, or publish over it \
         (--force)"
    );
    // From shards to one value, which is meant, and back.
    let force = || store.publisher().force();
    force().publish(&few, &mut |_| {}).unwrap();
    assert_listed(&store, &[0xc000_0201].into(), &list(0).1);
    publish(&store, &list(1).0).unwrap();
    assert_listed(&store, &list(1).1, &[0xc000_0201].into());
    // What is no list at all.
    for (key, value) in [(KEY, "{}"), ("list:state", "{")] {
        let store = Rc::new(Store::default());
        let held = Held::Plain(Arc::new(value.as_bytes().to_vec()));
        store.keys.borrow_mut().insert(key.to_owned(), held);
        let error = publish(&store, &few).unwrap_err();
        assert!(
            error.to_string().contains(&format!("key `{key}`")),
            "{error}"
        );
        assert_eq!(store.keys.borrow().len(), 1);
    }
}

#[test]
fn keys_that_belong_to_other_lists_are_refused() {
    for (key, is_good) in [
        ("denied", true),
        ("lists:denied", true),
        ("denied:42", false),
        ("denied:state", false),
        ("denied:filter", false),
        ("denied:pointer", false),
        ("", false),
        (&"x".repeat(211), true),
        (&"x".repeat(212), false),
    ] {
        let store = Rc::new(Store::default());
        let api = Api::new(Token::new("token").unwrap());
        let publisher = Publisher::new(api, 1, key, store.client());
        let result = publisher.publish(&list(0).0, &mut |_| {});
        match is_good {
            true => drop(result.unwrap()),
            false => assert!(matches!(result, Err(PublishError::Key { .. })), "{key}"),
        }
    }
}

#[test]
fn writes_no_faster_than_the_platform_takes_it() {
    let store = Rc::new(Store::default());
    let (packed, _) = list(0);
    let publisher = store
        .publisher()
        .entries_per_second(2.0)
        .pause(Duration::ZERO);
    publisher.publish(&packed, &mut |_| {}).unwrap();
    let values = packed.values(KEY, 1).count();
    let least = Duration::from_secs(values as u64 / 2);
    assert!(store.now() >= least, "{values} values in {:?}", store.now());
}

#[test]
fn goes_back_to_the_generation_before() {
    let store = Rc::new(Store::default());
    assert!(matches!(
        store.publisher().roll_back(&mut |_| {}),
        Err(PublishError::NothingBefore)
    ));
    let ((first, of_first), (second, of_second)) = (list(0), list(4));
    publish(&store, &first).unwrap();
    assert!(matches!(
        store.publisher().roll_back(&mut |_| {}),
        Err(PublishError::NothingBefore)
    ));
    publish(&store, &second).unwrap();
    let report = store.publisher().roll_back(&mut |_| {}).unwrap();
    assert_eq!((report.generation, report.written), (3, 0));
    assert_eq!(report.rolled_back_to, Some(1));
    assert_listed(&store, &of_first, &of_second);
    // Once more would go back to what was wrong.
    assert!(matches!(
        store.publisher().roll_back(&mut |_| {}),
        Err(PublishError::RolledBack { generation: 3 })
    ));
    // And forward again: nothing need be uploaded, save what is new.
    let report = publish(&store, &second).unwrap();
    assert_eq!(report.generation, 4);
    assert!(report.unchanged > 0);
    assert_listed(&store, &of_second, &of_first);
    store.advance(TEN_MINUTES);
    store.publisher().clean(&mut |_| {}).unwrap();
    assert_clean(&store);
}

#[test]
fn whoever_is_overtaken_does_not_point_to_what_is_gone() {
    let store = Rc::new(Store::default());
    publish(&store, &list(0).0).unwrap();
    let other = store.clone();
    let slow = store.publisher();
    let result = slow.publish(&list(1).0, &mut |step| {
        // While this one waits for what it has written to arrive, another one publishes.
        if let fastedge_pack::publish::Step::Pausing(_) = step {
            publish(&other, &list(2).0).unwrap();
        }
    });
    assert!(matches!(result, Err(PublishError::Overtaken)), "{result:?}");
    assert_listed(&store, &list(2).1, &list(1).1);
}

#[test]
fn a_prefilter_answers_for_what_is_not_listed() {
    let mut rules = TokenRules::new();
    for number in 0..20_000 {
        rules
            .add(format!("tok_{number}"), Action::Deny { tag: 2 })
            .unwrap();
    }
    let store = Rc::new(Store::default());
    let packed = rules.pack().unwrap();
    let limits = BatchLimits::default();
    let publisher = store.publisher().with_prefilter().limits(limits);
    publisher.publish(&packed, &mut |_| {}).unwrap();
    let edge = host(&store);
    edge.run(|| {
        let store = KvStore::open("lists").unwrap();
        for number in (0..40_000).step_by(37) {
            edge.clear_calls();
            let set = TokenSet::new(&store, KEY).with_prefilter();
            let verdict = set.check(format!("tok_{number}")).unwrap();
            assert_eq!(verdict.is_listed(), number < 20_000);
            assert!(edge.calls().kv_reads() <= 4);
        }
        // One that is not listed costs nothing but the filter.
        edge.clear_calls();
        let set = TokenSet::new(&store, KEY).with_prefilter();
        assert!(!set.check("no such token").unwrap().is_listed());
        assert_eq!(edge.calls().kv_reads(), 2);
    });
    // It is filled whether that is said again or not.
    let mut rules = TokenRules::new();
    for number in 0..20_010 {
        rules
            .add(format!("tok_{number}"), Action::Deny { tag: 2 })
            .unwrap();
    }
    let publisher = store.publisher().limits(limits);
    publisher
        .publish(&rules.pack().unwrap(), &mut |_| {})
        .unwrap();
    host(&store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let set = TokenSet::new(&store, KEY).with_prefilter();
        assert!(set.check("tok_20005").unwrap().is_listed());
    });
    // Without the filter the list itself is asked.
    store.keys.borrow_mut().remove("list:filter");
    host(&store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let set = TokenSet::new(&store, KEY).with_prefilter();
        assert_eq!(set.check("tok_7").unwrap().tag(), Some(2));
    });
    // A filter that is half full says nothing.
    let number = store.requests.get() + 40;
    store.trouble.set(Some(Trouble::KilledBefore(number)));
    let mut rules = TokenRules::new();
    rules.add("tok_7", Action::Deny { tag: 2 }).unwrap();
    for number in 0..20_010 {
        rules
            .add(format!("other_{number}"), Action::Deny { tag: 2 })
            .unwrap();
    }
    publisher
        .publish(&rules.pack().unwrap(), &mut |_| {})
        .unwrap_err();
    assert!(store.keys.borrow().contains_key("list:filter"));
    host(&store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let set = TokenSet::new(&store, KEY).with_prefilter();
        assert!(set.check("tok_19000").unwrap().is_listed());
    });
    store.trouble.set(None);
    // A list of addresses has none.
    let store = Rc::new(Store::default());
    let refused = store
        .publisher()
        .with_prefilter()
        .publish(&list(0).0, &mut |_| {});
    assert!(matches!(refused, Err(PublishError::NoPrefilter)));
}
