//! Publishing that nothing disturbs.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use fastedge::KvStore;
use fastedge::blocklist::{IpList, TokenSet};
use fastedge::edge_storage_api::{Api, BatchLimits, Token};
use fastedge_pack::{Action, AddressRules, DomainRules, PublishError, Publisher, TokenRules};

use super::{TEN_MINUTES, assert_clean, assert_listed, host, list, publish};
use crate::api::{Held, KEY, Store, Trouble};

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
        let own = [format!("{KEY}:generations"), format!("{KEY}:state")];
        assert!(
            after
                .iter()
                .all(|key| [KEY, &pointer, &own[0], &own[1]].contains(key)),
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
fn a_busy_feed_is_cleaned_as_well() {
    let store = Rc::new(Store::default());
    for version in 0..20 {
        publish(&store, &list(version).0).unwrap();
        store.advance(Duration::from_secs(200));
    }
    let keys = store.keys.borrow();
    let manifests = keys.keys().filter(|key| key.ends_with(":record")).count();
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
    // Unless that is meant.
    for held in [
        Held::Plain(Arc::new(b"{}".to_vec())),
        Held::Members(vec![(1.0, Arc::new(b"m".to_vec()))]),
    ] {
        let store = Rc::new(Store::default());
        store.keys.borrow_mut().insert(KEY.to_owned(), held);
        assert!(matches!(
            publish(&store, &few),
            Err(PublishError::NotAList { .. })
        ));
        let publisher = store.publisher().force();
        publisher.publish(&few, &mut |_| {}).unwrap();
        assert_listed(&store, &[0xc000_0201].into(), &[].into());
    }
}

#[test]
fn keys_that_belong_to_other_lists_are_refused() {
    for (key, is_good) in [
        ("denied", true),
        ("lists:denied", true),
        ("denied:42", false),
        ("denied:3:ips", false),
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
    // What has been published since can be taken back as well.
    let report = store.publisher().roll_back(&mut |_| {}).unwrap();
    assert_eq!(report.rolled_back_to, Some(3));
    assert_listed(&store, &of_first, &of_second);
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

/// A set of these tokens.
fn tokens(tokens: &[&str]) -> fastedge_pack::Packed {
    let mut rules = TokenRules::new();
    for token in tokens {
        rules.add(token, Action::Deny { tag: 1 }).unwrap();
    }
    rules.pack().unwrap()
}

/// Whether a reader with a prefilter finds each of these tokens.
fn found(store: &Store, tokens: [&str; 3]) -> [bool; 3] {
    host(store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let set = TokenSet::new(&store, KEY).with_prefilter();
        tokens.map(|token| set.check(token).unwrap().is_listed())
    })
}

#[test]
fn a_prefilter_does_not_hide_what_a_former_generation_lists() {
    // One generation without a prefilter, one with one, and back.
    let store = Rc::new(Store::default());
    publish(&store, &tokens(&["a", "b"])).unwrap();
    let with_prefilter = || store.publisher().with_prefilter();
    with_prefilter()
        .publish(&tokens(&["b", "c"]), &mut |_| {})
        .unwrap();
    assert_eq!(found(&store, ["a", "b", "c"]), [false, true, true]);
    store.publisher().roll_back(&mut |_| {}).unwrap();
    assert_eq!(found(&store, ["a", "b", "c"]), [true, true, false]);
    // Two with one, which was made anew in between, and back.
    let store = Rc::new(Store::default());
    let with_prefilter = || store.publisher().with_prefilter();
    with_prefilter()
        .publish(&tokens(&["a", "b"]), &mut |_| {})
        .unwrap();
    store.keys.borrow_mut().remove("list:filter");
    publish(&store, &tokens(&["b", "c"])).unwrap();
    assert_eq!(found(&store, ["a", "b", "c"]), [false, true, true]);
    store.publisher().roll_back(&mut |_| {}).unwrap();
    assert_eq!(found(&store, ["a", "b", "c"]), [true, true, false]);
    // A list that can have none.
    with_prefilter()
        .publish(&tokens(&["a", "c"]), &mut |_| {})
        .unwrap();
    let addresses = list(0).0;
    assert!(matches!(
        publish(&store, &addresses),
        Err(PublishError::OtherKind { .. } | PublishError::NoPrefilter)
    ));
    store
        .publisher()
        .force()
        .publish(&addresses, &mut |_| {})
        .unwrap();
    assert!(!store.keys.borrow().contains_key("list:filter"));
    assert_listed(&store, &list(0).1, &[].into());
}

/// Readers with a prefilter find listed entries, even if the filter was deleted or is out of date.
#[test]
fn rollback_without_the_prefilter_asks_the_list() {
    let store = Rc::new(Store::default());
    let with_prefilter = || store.publisher().with_prefilter();
    for listed in [["a", "b"], ["b", "c"]] {
        with_prefilter()
            .publish(&tokens(&listed), &mut |_| {})
            .unwrap();
    }
    store.keys.borrow_mut().remove("list:filter");
    store.publisher().roll_back(&mut |_| {}).unwrap();
    assert_eq!(found(&store, ["a", "b", "c"]), [true, true, false]);
    // The same list with a filter that was deleted is published once more, and fills it.
    with_prefilter()
        .publish(&tokens(&["b", "c"]), &mut |_| {})
        .unwrap();
    store.keys.borrow_mut().remove("list:filter");
    let report = with_prefilter()
        .publish(&tokens(&["b", "c"]), &mut |_| {})
        .unwrap();
    assert!(report.is_new);
    assert_eq!(found(&store, ["a", "b", "c"]), [false, true, true]);
    assert!(store.keys.borrow().contains_key("list:filter"));
}

/// The pointers and prefilters of a lost state are found again.
#[test]
fn lost_state_keeps_prefilter_and_pointer() {
    for lost in [&["list:state"][..], &["list:state", "list:generations"]] {
        let store = Rc::new(Store::default());
        let first = store.publisher().with_prefilter().with_prompt_pointer();
        first.publish(&tokens(&["a", "b"]), &mut |_| {}).unwrap();
        for key in lost {
            store.keys.borrow_mut().remove(*key);
        }
        publish(&store, &tokens(&["b", "c"])).unwrap();
        assert_eq!(found(&store, ["a", "b", "c"]), [false, true, true]);
        host(&store).run(|| {
            let store = KvStore::open("lists").unwrap();
            let set = TokenSet::new(&store, KEY).with_prompt_pointer();
            assert!(set.check("c").unwrap().is_listed());
            assert_eq!(set.generation().unwrap(), 2);
        });
        store.publisher().roll_back(&mut |_| {}).unwrap();
        assert_eq!(found(&store, ["a", "b", "c"]), [true, true, false]);
    }
}

/// A state that cannot be read is replaced by a forced publication, as the error advises.
#[test]
fn unreadable_state_is_replaced_by_force() {
    for state in ["{", "no JSON", &"x".repeat(3_000)] {
        let store = Rc::new(Store::default());
        publish(&store, &list(0).0).unwrap();
        let held = Held::Plain(Arc::new(state.as_bytes().to_vec()));
        store
            .keys
            .borrow_mut()
            .insert("list:state".to_owned(), held);
        let error = publish(&store, &list(1).0).unwrap_err().to_string();
        assert!(
            error.contains("`list:state`") && error.contains("--force"),
            "{error}"
        );
        store
            .publisher()
            .force()
            .publish(&list(1).0, &mut |_| {})
            .unwrap();
        assert_listed(&store, &list(1).1, &list(0).1);
        publish(&store, &list(2).0).unwrap();
        assert_listed(&store, &list(2).1, &list(1).1);
    }
}

/// Keys that are left when a publisher starts over do not make later publications fail.
#[test]
fn leftover_records_do_no_harm() {
    let store = Rc::new(Store::default());
    for version in 0..3 {
        publish(&store, &list(version).0).unwrap();
    }
    for key in [KEY, "list:state", "list:generations"] {
        store.keys.borrow_mut().remove(key);
    }
    for version in 3..6 {
        let report = publish(&store, &list(version).0).unwrap();
        // The generation is above all numbers that have leftover keys.
        assert_eq!(report.generation, version as u32 + 1);
        assert_listed(&store, &list(version).1, &list(version - 1).1);
    }
}

/// Cleaning keeps the generation that readers find, whatever the order of the lines.
#[test]
fn older_state_that_was_imported_does_not_clean_the_present_generation() {
    let store = Rc::new(Store::default());
    publish(&store, &list(0).0).unwrap();
    publish(&store, &list(1).0).unwrap();
    let saved: Vec<_> = [KEY, "list:state"]
        .iter()
        .map(|key| (key.to_string(), store.keys.borrow()[*key].clone()))
        .collect();
    for version in 2..5 {
        publish(&store, &list(version).0).unwrap();
    }
    store.keys.borrow_mut().extend(saved);
    store.advance(TEN_MINUTES);
    store.publisher().clean(&mut |_| {}).unwrap();
    assert_listed(&store, &list(1).1, &list(4).1);
    publish(&store, &list(5).0).unwrap();
    assert_listed(&store, &list(5).1, &list(1).1);
}

#[test]
fn a_state_that_is_lost_starts_anew_above_what_is_there() {
    let store = Rc::new(Store::default());
    for version in 0..3 {
        let publisher = store.publisher().with_prompt_pointer();
        publisher.publish(&list(version).0, &mut |_| {}).unwrap();
    }
    // Only what is written down: what readers find is still known.
    store.keys.borrow_mut().remove("list:state");
    let with_pointer = || store.publisher().with_prompt_pointer();
    with_pointer().publish(&list(4).0, &mut |_| {}).unwrap();
    let report = store.publisher().roll_back(&mut |_| {}).unwrap();
    assert_eq!((report.generation, report.rolled_back_to), (5, Some(3)));
    assert_listed(&store, &list(2).1, &list(4).1);
    for lost in ["list:state", KEY] {
        store.keys.borrow_mut().remove(lost);
    }
    let report = store
        .publisher()
        .with_prompt_pointer()
        .publish(&list(5).0, &mut |_| {})
        .unwrap();
    assert_eq!(report.generation, 6);
    host(&store).run(|| {
        let store = KvStore::open("lists").unwrap();
        let list = IpList::new(&store, KEY).with_prompt_pointer();
        assert_eq!(list.generation().unwrap(), 6);
    });
}
