//! Publishing that is killed, loses answers, or meets another one.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use fastedge::blocklist::format::{Malformed, Root};
use fastedge_pack::{Packed, PublishError};
use fastrand::Rng;

use super::{TEN_MINUTES, assert_clean, assert_listed, list, publish};
use crate::api::{KEY, Store, Trouble};

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
        let partly = (1..5).map(|changes| Trouble::Partly(number, changes));
        let whole = [Trouble::KilledBefore(number), Trouble::KilledAfter(number)];
        for trouble in whole.into_iter().chain(partly) {
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

/// A publisher whose last request is refused temporarily checks the state before it repeats it.
#[test]
fn repeated_flip_after_another_publication_is_not_carried_out() {
    for is_lost in [false, true] {
        let store = Rc::new(Store::default());
        publish(&store, &list(0).0).unwrap();
        store.requests.set(0);
        publish(&store, &list(1).0).unwrap();
        // The flip is the last request.
        let at = store.requests.get() - 1;
        publish(&store, &list(2).0).unwrap();
        store.requests.set(0);
        store.trouble.set(Some(Trouble::Busy(at)));
        if is_lost {
            store.trouble.set(Some(Trouble::Lost(at)));
        }
        let other = store.clone();
        *store.while_waiting.borrow_mut() = None;
        let slow = store.publisher().pause(Duration::ZERO);
        *store.while_waiting.borrow_mut() = Some(Box::new(move || {
            publish(&other, &list(6).0).unwrap();
        }));
        let result = slow.publish(&list(3).0, &mut |_| {});
        assert!(
            store.while_waiting.borrow().is_none(),
            "nothing was repeated"
        );
        assert!(matches!(result, Err(PublishError::Overtaken)), "{result:?}");
        store.trouble.set(None);
        assert_listed(&store, &list(6).1, &list(3).1);
        for _ in 0..2 {
            store.advance(TEN_MINUTES);
            store.publisher().clean(&mut |_| {}).unwrap();
        }
        assert_listed(&store, &list(6).1, &list(3).1);
        publish(&store, &list(7).0).unwrap();
        assert_listed(&store, &list(7).1, &list(6).1);
    }
}

/// Without another publisher, a lost response to the last request does not fail the publication.
#[test]
fn repeated_flip_that_was_carried_out_is_a_success() {
    let store = Rc::new(Store::default());
    publish(&store, &list(0).0).unwrap();
    store.requests.set(0);
    publish(&store, &list(1).0).unwrap();
    let requests = store.requests.get();
    for at in 0..requests {
        store.requests.set(0);
        store.trouble.set(Some(Trouble::Lost(at)));
        let version = 2 + at as u64;
        publish(&store, &list(version).0).unwrap();
        store.trouble.set(None);
        assert_listed(&store, &list(version).1, &list(version - 1).1);
        store.advance(TEN_MINUTES);
    }
}
