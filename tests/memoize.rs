//! `Memoize`: from where a value is, and what that costs.

use std::cell::Cell;
use std::time::Duration;

use fastedge::cache::{Cache, Memoize, Memoized, Source, Ttl};
use fastedge::codec::Json;
use fastedge_mock_host::{Fault, MockHost, Operation};

const SECOND: Duration = Duration::from_secs(1);

fn memo() -> Memoize<u64> {
    Memoize::new("app:memo", Ttl::secs(10).unwrap())
}

/// A computation that answers how often it was done.
struct Computing(Cell<u64>);

impl Computing {
    fn new() -> Self {
        Computing(Cell::new(0))
    }

    fn compute(&self) -> Result<u64, &'static str> {
        self.0.set(self.0.get() + 1);
        Ok(self.0.get())
    }
}

fn found<E>(
    edge: &MockHost,
    get: impl FnOnce() -> Result<Memoized<u64, E>, E>,
) -> (u64, Source, usize)
where
    E: std::fmt::Debug,
{
    edge.clear_calls();
    let memoized = get().unwrap();
    (*memoized, memoized.source(), edge.calls().cache_calls())
}

#[test]
fn each_outcome_costs_what_the_documentation_says() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let computing = Computing::new();
    let memo = memo().stale_while_revalidate(SECOND * 10);
    let get = || found(&edge, || memo.get("a", || computing.compute()));
    assert_eq!(
        [get(), get()],
        [(1, Source::Computed, 9), (1, Source::Fresh, 1)]
    );
    edge.clock().advance(SECOND * 10);
    // One refreshes it, and is answered with the new value; the others meanwhile with the old one.
    let refreshed = found(&edge, || {
        memo.get("a", || {
            edge.clear_calls();
            assert_eq!(get(), (1, Source::Stale, 4));
            edge.clear_calls();
            computing.compute()
        })
    });
    assert_eq!(refreshed, (2, Source::Computed, 2));
    assert_eq!(get(), (2, Source::Fresh, 1));
}

#[test]
fn without_single_flight_everybody_computes() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let computing = Computing::new();
    let memo = memo().without_single_flight();
    let get = || found(&edge, || memo.get("a", || computing.compute()));
    let within = found(&edge, || {
        memo.get("a", || {
            assert_eq!(get(), (1, Source::Computed, 2));
            computing.compute()
        })
    });
    assert_eq!((within.0, within.1), (2, Source::Computed));
    assert_eq!(get(), (2, Source::Fresh, 1));
}

#[test]
fn who_waits_does_so_for_a_while_and_then_computes() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let memo = memo().wait(Duration::from_millis(40));
    let outer = memo.get("a", || {
        let before = edge.clock().now();
        let inner = memo.get("a", || Ok::<_, &str>(2)).unwrap();
        let waited = edge.clock().now() - before;
        assert_eq!((*inner, inner.source()), (2, Source::NotStored));
        assert!(inner.fell_back().is_none());
        assert!(waited >= Duration::from_millis(40) && waited < Duration::from_millis(60));
        // There is a stale value nowhere, and nobody is refused.
        Ok::<_, &str>(1)
    });
    assert_eq!(outer.unwrap().source(), Source::Computed);
    assert_eq!(*memo.get("a", || Ok::<_, &str>(3)).unwrap(), 1);
}

#[test]
fn who_waits_shares_the_value_when_it_is_there() {
    let edge = MockHost::new();
    let memo = memo().wait(Duration::from_millis(10));
    let (begin, begun) = std::sync::mpsc::channel();
    let host = edge.host();
    let leader = {
        let memo = memo.clone();
        std::thread::spawn(move || {
            host.run(|| {
                let computed = memo.get("a", || {
                    begin.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(100));
                    Ok::<_, &str>(7)
                });
                computed.unwrap().source()
            })
        })
    };
    begun.recv().unwrap();
    // The mock clock moves by what those who wait sleep on it: 10 ms each time.
    let follower = edge.run(|| {
        loop {
            let shared = memo.get("a", || Err("computed twice"));
            match shared {
                Ok(shared) => break (*shared, shared.source()),
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    });
    assert_eq!(leader.join().unwrap(), Source::Computed);
    assert_eq!(follower.0, 7);
    assert!(matches!(follower.1, Source::Shared | Source::Fresh));
}

#[test]
fn errors_are_not_stored_and_a_stale_value_may_do_instead() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let memo = memo().stale_if_error(SECOND * 30);
    assert_eq!(memo.get("a", || Err("down")).unwrap_err(), "down");
    let (_, entries) = edge.cache().list(10);
    assert_eq!(entries, [], "neither the error nor the claim is left");
    assert_eq!(*memo.get("a", || Ok::<_, &str>(1)).unwrap(), 1);
    edge.clock().advance(SECOND * 39);
    let stale = memo.get("a", || Err("down")).unwrap();
    assert_eq!(
        (*stale, stale.source(), stale.error()),
        (1, Source::StaleOnError, Some(&"down"))
    );
    edge.clock().advance(SECOND);
    assert_eq!(memo.get("a", || Err("down")).unwrap_err(), "down");
}

#[test]
fn when_the_cache_fails_the_value_is_computed() {
    for operation in [
        Operation::CacheGet,
        Operation::CacheIncr,
        Operation::CacheExists,
    ] {
        let edge = MockHost::new().fault(Fault::on(operation));
        let _installed = edge.install();
        let computed = memo().get("a", || Ok::<_, &str>(1)).unwrap();
        assert_eq!(
            (*computed, computed.source()),
            (1, Source::NotStored),
            "{operation}"
        );
        assert!(computed.fell_back().is_some(), "{operation}");
    }
    let edge = MockHost::new().fault(Fault::on(Operation::CacheSet));
    let _installed = edge.install();
    let computed = memo().get("a", || Ok::<_, &str>(1)).unwrap();
    assert_eq!(computed.source(), Source::NotStored);
    // Nobody has to wait for the claim's end.
    edge.clear_faults();
    assert_eq!(
        memo().get("a", || Ok::<_, &str>(1)).unwrap().source(),
        Source::Computed
    );
    let nowhere = std::thread::spawn(|| memo().get("a", || Ok::<_, &str>(1)).unwrap().source());
    assert_eq!(nowhere.join().unwrap(), Source::NotStored);
}

#[test]
fn a_stale_value_is_served_when_the_cache_fails_in_the_middle() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let memo = memo().stale_while_revalidate(SECOND * 5);
    assert_eq!(*memo.get("a", || Ok::<_, &str>(1)).unwrap(), 1);
    edge.clock().advance(SECOND * 12);
    edge.inject(Fault::on(Operation::CacheIncr));
    let stale = memo.get("a", || Ok::<_, &str>(2)).unwrap();
    assert_eq!((*stale, stale.source()), (1, Source::Stale));
}

#[test]
fn some_refresh_early_in_proportion_to_the_cost() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let memo = memo().without_single_flight().refresh_early(1.0);
    let slow = || {
        edge.clock().advance(SECOND);
        Ok::<_, &str>(1)
    };
    let mut early = 0;
    for _ in 0..300 {
        memo.forget("a").unwrap();
        assert_eq!(memo.get("a", slow).unwrap().source(), Source::Computed);
        edge.clock().advance(SECOND * 9);
        early += u32::from(memo.get("a", slow).unwrap().source() == Source::Computed);
    }
    // A second before its end, for what takes a second: 1/e of them.
    assert!((80..140).contains(&early), "{early} of 300");
    // Right after it was computed, next to nobody.
    let again = (0..300).filter(|_| memo.get("a", slow).unwrap().source() == Source::Computed);
    assert!(again.count() < 10);
}

#[test]
fn values_are_kept_by_their_codec_and_ids_apart() {
    let _installed = MockHost::new().install();
    let texts = Memoize::<String>::new("app:text", Ttl::secs(1).unwrap());
    let text = |id: (&str, u8)| {
        texts
            .get(id, || Ok::<_, ()>(format!("{id:?}")))
            .unwrap()
            .into_value()
    };
    assert_eq!(text(("a", 1)), text(("a", 1)));
    assert_ne!(text(("a", 1)), text(("a", 2)));
    let list = Memoize::<Json<Vec<u8>>>::new("app:list", Ttl::secs(1).unwrap());
    assert_eq!(*list.get((), || Ok::<_, ()>(vec![1])).unwrap(), [1]);
    assert_eq!(*list.get((), || Ok::<_, ()>(vec![2])).unwrap(), [1]);
    // What another version of the app has written is computed anew, and replaced.
    let numbers = Memoize::<u64>::new("app:list", Ttl::secs(1).unwrap());
    assert_eq!(
        numbers.get((), || Ok::<_, ()>(3)).unwrap().source(),
        Source::Computed
    );
    assert_eq!(
        numbers.get((), || Ok::<_, ()>(4)).unwrap().source(),
        Source::Fresh
    );
}

#[test]
fn for_ever_is_as_long_as_it_can_be() {
    let _installed = MockHost::new().install();
    let memo = Memoize::<u64>::new("app:memo", Ttl::MAX).stale_if_error(Duration::MAX);
    let get = |value| memo.get("a", || Ok::<_, ()>(value)).unwrap();
    assert_eq!((*get(1), *get(2)), (1, 1));
}

#[test]
fn in_one_line() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let ttl = Ttl::secs(60).unwrap();
    let page =
        |text: &str| Cache::memoize("app:home", ttl, || Ok::<_, ()>(text.to_owned())).unwrap();
    assert_eq!([page("a"), page("b")], ["a", "a"]);
    edge.clock().advance(SECOND * 60);
    assert_eq!(page("c"), "c");
    // A map whose keys are no text cannot be JSON: it is answered, and not stored.
    let map = || {
        Cache::memoize("app:map", ttl, || {
            Ok::<_, ()>(std::collections::BTreeMap::from([((1, 2), 3)]))
        })
    };
    assert_eq!(map().unwrap().len(), 1);
}
