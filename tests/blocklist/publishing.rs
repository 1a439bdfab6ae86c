//! Publishing: what is written, in which order, and what remains of it, also where it is killed.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use fastedge::KvStore;
use fastedge::blocklist::format::{Root, Section};
use fastedge::blocklist::{IpList, TokenSet};
use fastedge_mock_host::MockHost;
use fastedge_pack::publish::Report;
use fastedge_pack::{Action, AddressRules, Packed, PublishError, TokenRules};
use fastrand::Rng;

use super::api::{Crash, Held, KEY, Store};

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
        let network = ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::from_bits(*address), 32);
        rules.add_network(network.into(), Action::Deny { tag: 0 });
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
        if version >= 2 {
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

#[test]
fn killed_at_any_moment_it_is_gone_on_with_or_taken_back() {
    let (first, of_first) = list(0);
    let (second, of_second) = list(5);
    let (third, of_third) = list(9);
    let mut killed = 0;
    for number in 1.. {
        let mut was_killed = false;
        for crash in [Crash::Before(number), Crash::After(number)] {
            for same_again in [true, false] {
                let store = Rc::new(Store::default());
                publish(&store, &first).unwrap();
                store.advance(TEN_MINUTES);
                let offset = store.puts.get() - 1;
                store.crash.set(Some(match crash {
                    Crash::Before(number) => Crash::Before(number + offset),
                    Crash::After(number) => Crash::After(number + offset),
                }));
                was_killed |= publish(&store, &second).is_err();
                // Whoever reads now finds one or the other.
                let pointed = store.value(KEY).unwrap();
                let generation = Root::read(&pointed).unwrap().header.generation;
                match generation {
                    1 => assert_listed(&store, &of_first, &of_second),
                    _ => assert_listed(&store, &of_second, &of_first),
                }
                store.crash.set(None);
                let (packed, listed) = match same_again {
                    true => (&second, &of_second),
                    false => (&third, &of_third),
                };
                publish(&store, packed).unwrap();
                assert_listed(&store, listed, &of_first);
                assert_listed(&store, listed, &of_second);
                store.advance(TEN_MINUTES);
                let _nothing_to_do = store.publisher().clean(&mut |_| {}).unwrap();
                assert_clean(&store);
            }
        }
        if !was_killed {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 3, "{killed} moments");
}

#[test]
fn what_was_killed_while_it_deleted_deletes_the_rest() {
    for number in 0..6 {
        for is_after in [false, true] {
            let store = Rc::new(Store::default());
            for version in [0, 3, 6] {
                publish(&store, &list(version).0).unwrap();
                store.advance(TEN_MINUTES);
            }
            let number = store.puts.get() + number;
            store.crash.set(Some(match is_after {
                true => Crash::After(number),
                false => Crash::Before(number),
            }));
            let _killed = store.publisher().clean(&mut |_| {});
            store.crash.set(None);
            store.publisher().clean(&mut |_| {}).unwrap();
            assert_clean(&store);
            assert_listed(&store, &list(6).1, &list(3).1);
        }
    }
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
    assert_listed(&store, &of_first, &of_second);
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
    let publisher = store.publisher().with_prefilter().entries_per_second(0.0);
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
    // Without the filter the list itself is asked.
    store.keys.borrow_mut().remove("list:filter");
    host(&store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let set = TokenSet::new(&store, KEY).with_prefilter();
        assert_eq!(set.check("tok_7").unwrap().tag(), Some(2));
    });
    // A list of addresses has none.
    let refused = store
        .publisher()
        .with_prefilter()
        .publish(&list(0).0, &mut |_| {});
    assert!(matches!(refused, Err(PublishError::NoPrefilter)));
}
