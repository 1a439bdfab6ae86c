//! Leases, events, permits, counts by windows, namespaces, repeated calls.

use std::time::Duration;

use fastedge::cache::{
    Cache, ConcurrencyLimit, Error, ErrorKind, Flight, Lease, Namespace, NoPermit, Once, Retry,
    SingleFlight, Ttl, WindowCounter,
};
use fastedge_mock_host::{Fault, FaultError, MockHost, Operation, Settings};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn ttl(seconds: u64) -> Ttl {
    Ttl::secs(seconds).unwrap()
}

fn calls_of<T>(edge: &MockHost, f: impl FnOnce() -> T) -> (T, usize) {
    edge.clear_calls();
    let answer = f();
    (answer, edge.calls().cache_calls())
}

#[test]
fn a_lease_is_held_by_one_until_it_is_released() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let acquire = || calls_of(&edge, || Lease::acquire("app:job", "a", MINUTE).unwrap());
    let (held, calls) = acquire();
    let held = held.unwrap();
    assert_eq!((held.left(), calls), (MINUTE, 5));
    let (locked, calls) = acquire();
    assert_eq!((locked.is_none(), calls), (true, 3));
    assert!(Lease::acquire("app:job", "b", MINUTE).unwrap().is_some());
    let (released, calls) = calls_of(&edge, || held.release());
    assert_eq!((released.unwrap(), calls), ((), 1));
    assert!(acquire().0.is_some());
}

#[test]
fn a_lease_of_a_killed_request_ends_within_two_lease_times() {
    let edge = MockHost::new();
    let _installed = edge.install();
    std::mem::forget(Lease::acquire("app:job", (), MINUTE).unwrap().unwrap());
    edge.clock().advance(MINUTE);
    let (locked, calls) = calls_of(&edge, || Lease::acquire("app:job", (), MINUTE).unwrap());
    assert_eq!((locked.is_none(), calls), (true, 1));
    edge.clock().advance(MINUTE);
    assert!(Lease::acquire("app:job", (), MINUTE).unwrap().is_some());
}

#[test]
fn a_lease_that_cannot_be_known_to_be_held_is_not() {
    for operation in [Operation::CacheExists, Operation::CacheIncr] {
        let edge = MockHost::new().fault(Fault::on(operation));
        let _installed = edge.install();
        let error = Lease::acquire("app:job", (), MINUTE).unwrap_err();
        assert!(error.is_transient(), "{error}");
    }
    // A call that may be repeated is.
    let edge = MockHost::new().fault(Fault::on(Operation::CacheExists).nth(2));
    let _installed = edge.install();
    assert!(Lease::acquire("app:job", (), MINUTE).unwrap().is_some());
    for time in [Duration::ZERO, Duration::from_secs(86_401)] {
        let error = Lease::acquire("app:job", (), time).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument { .. }));
    }
}

#[test]
fn an_event_is_new_once() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let seen = Once::new("app:seen", ttl(60));
    let ask = |id: &str| calls_of(&edge, || seen.is_first(id).unwrap());
    assert_eq!(
        [ask("a"), ask("a"), ask("a"), ask("b")],
        [(true, 2), (false, 2), (false, 1), (true, 2)]
    );
    edge.clock().advance(MINUTE);
    assert_eq!(ask("a"), (true, 2));
}

#[test]
fn an_event_that_was_not_handled_comes_again() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let seen = Once::new("app:seen", ttl(60));
    let failing = seen.run("a", || Err::<(), _>(fastedge::http::Error::other("down")));
    assert_eq!(failing.unwrap_err().to_string(), "down");
    let handled = || seen.run("a", || Ok::<_, fastedge::http::Error>(7)).unwrap();
    assert_eq!([handled(), handled()], [Some(7), None]);
}

#[test]
fn an_event_whose_fate_is_unknown_is_an_error_and_not_a_repetition() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheIncr).nth(1).after_the_effect());
    let _installed = edge.install();
    let seen = Once::new("app:seen", ttl(60));
    assert!(seen.is_first("a").unwrap_err().may_have_happened());
    assert_eq!(edge.calls().count(Operation::CacheIncr), 1);
    // Its key does not stay for ever.
    assert!(edge.cache().list(1).1[0].ttl.is_some());
}

#[test]
fn permits_are_given_back_to_the_slot_they_are_from() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = ConcurrencyLimit::new("app:origin", 2, MINUTE).unwrap();
    let acquire = || calls_of(&edge, || limit.acquire("a"));
    let (first, calls) = acquire();
    assert_eq!(calls, 4);
    let (second, calls) = acquire();
    assert_eq!(calls, 3);
    let (third, calls) = acquire();
    assert!(matches!(third, Err(NoPermit::Full)));
    assert_eq!(calls, 4);
    assert!(limit.acquire("b").is_ok());
    // In the next slot they still count,
    edge.clock().advance(MINUTE);
    assert!(acquire().0.is_err());
    let (_, calls) = calls_of(&edge, || drop(first));
    assert_eq!(calls, 1);
    let third = acquire().0.unwrap();
    assert!(acquire().0.is_err());
    drop((second, third));
    // and what a killed request has kept is forgotten two slots later.
    std::mem::forget((limit.acquire("a").unwrap(), limit.acquire("a").unwrap()));
    assert!(limit.acquire("a").is_err());
    edge.clock().advance(MINUTE * 2);
    assert!(limit.acquire("a").is_ok());
}

#[test]
fn permits_when_the_cache_fails_are_as_the_policy_says() {
    for fault in [Fault::on_cache(), Fault::on(Operation::CacheGet)] {
        let edge = MockHost::new().fault(fault);
        let _installed = edge.install();
        let limit = ConcurrencyLimit::new("app:origin", 1, MINUTE).unwrap();
        assert!(
            limit
                .clone()
                .fail_open()
                .acquire(())
                .unwrap()
                .fell_back()
                .is_some()
        );
        let refused = limit.clone().fail_closed().acquire(()).unwrap_err();
        assert!(matches!(refused, NoPermit::FellBack(_)), "{refused}");
        edge.clear_faults();
        assert!(limit.acquire(()).is_ok());
    }
}

#[test]
fn counts_are_by_windows() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let views = WindowCounter::new("app:views", MINUTE)
        .unwrap()
        .keep(3)
        .unwrap();
    let add = |delta| calls_of(&edge, || views.add("/tea", delta).unwrap());
    assert_eq!([add(1), add(2)], [(1, 2), (3, 1)]);
    edge.clock().advance(MINUTE * 2);
    assert_eq!(add(-5), (-5, 2));
    assert_eq!(calls_of(&edge, || views.total("/tea", 3).unwrap()), (-2, 3));
    assert!(views.windows("/tea", 4).is_err() && views.total("/tea", 0).is_err());
    let windows = views.windows("/tea", 3).unwrap();
    let counts: Vec<i64> = windows.iter().map(|window| window.count).collect();
    assert_eq!(counts, [3, 0, -5]);
    assert_eq!(
        windows[2].start.duration_since(windows[0].start).unwrap(),
        MINUTE * 2
    );
    assert_eq!(views.total("/milk", 3).unwrap(), 0);
    edge.clock().advance(MINUTE);
    assert_eq!(views.total("/tea", 3).unwrap(), -5);
    edge.clock().advance(MINUTE * 10);
    assert_eq!(edge.cache().list(10).0, 0, "nothing is left behind");
}

#[test]
fn shards_spread_a_count_and_add_up() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let hits = WindowCounter::new("app:hits", MINUTE)
        .unwrap()
        .shards(8)
        .unwrap();
    for _ in 0..400 {
        hits.add((), 1).unwrap();
    }
    assert_eq!(calls_of(&edge, || hits.total((), 1).unwrap()), (400, 8));
    let (shards, entries) = edge.cache().list(100);
    assert_eq!(shards, 8);
    for shard in entries {
        let count: u64 = String::from_utf8(shard.value).unwrap().parse().unwrap();
        assert!((25..=80).contains(&count), "{} has {count}", shard.key);
    }
}

#[test]
fn a_flush_hands_over_each_window_that_is_over_once() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let views = WindowCounter::new("app:views", MINUTE)
        .unwrap()
        .keep(5)
        .unwrap();
    let flush = || {
        let mut counts = Vec::new();
        let flushed = views.flush("/tea", |window| {
            counts.push(window.count);
            Ok::<_, Error>(())
        });
        (flushed.unwrap(), counts)
    };
    assert_eq!(calls_of(&edge, flush).1, 5 + 1 + 5 + 1);
    views.add("/tea", 1).unwrap();
    edge.clock().advance(MINUTE * 2);
    views.add("/tea", 2).unwrap();
    edge.clock().advance(MINUTE);
    // The second one has just ended: somebody may still count there.
    assert_eq!(flush(), (Some(1), vec![1]));
    edge.clock().advance(SECOND * 30);
    assert_eq!(flush(), (Some(1), vec![2]));
    assert_eq!(flush(), (Some(0), vec![]));
    // A sink that fails gets it again.
    views.add("/tea", 3).unwrap();
    edge.clock().advance(MINUTE * 2);
    let failing = views.flush("/tea", |_| Err(fastedge::http::Error::other("down")));
    assert_eq!(failing.unwrap_err().to_string(), "down");
    assert_eq!(flush(), (Some(1), vec![3]));
    // One at a time.
    views.add("/tea", 4).unwrap();
    edge.clock().advance(MINUTE * 2);
    let within = views.flush("/tea", |_| {
        assert_eq!(flush(), (None, vec![]));
        Ok::<_, Error>(())
    });
    assert_eq!(within.unwrap(), Some(1));
}

#[test]
fn windows_shorter_than_the_wait_are_flushed_as_well() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let hits = WindowCounter::new("app:hits", SECOND)
        .unwrap()
        .keep(20)
        .unwrap();
    hits.add((), 1).unwrap();
    edge.clock().advance(SECOND * 35);
    let mut counts = Vec::new();
    let flushed = hits.flush((), |window| {
        counts.push(window.count);
        Ok::<_, Error>(())
    });
    assert_eq!((flushed.unwrap(), counts), (Some(1), vec![1]));
}

#[test]
fn counters_that_cannot_be_are_refused() {
    let counter = || WindowCounter::new("app:hits", Duration::from_secs(86_400)).unwrap();
    for error in [
        WindowCounter::new("a", Duration::ZERO).err(),
        WindowCounter::new("a", Duration::from_secs(86_401)).err(),
        counter().keep(0).err(),
        counter().keep(3).err(),
        counter().shards(0).err(),
        counter().shards(257).err(),
    ] {
        assert!(matches!(
            error.unwrap().kind(),
            ErrorKind::InvalidArgument { .. }
        ));
    }
    assert!(counter().keep(2).is_ok());
}

#[test]
fn a_namespace_is_flushed_with_one_call_counters_included() {
    let edge = MockHost::new();
    let _installed = edge.install();
    // Each is a request's own handle.
    let space = || Namespace::new("shop");
    Cache::set(&space().key("banner").unwrap(), "Sale!", ttl(60)).unwrap();
    Cache::incr(&space().key(("hits", 7)).unwrap(), 5).unwrap();
    assert_eq!(
        Cache::get_text(&space().key("banner").unwrap())
            .unwrap()
            .unwrap(),
        "Sale!"
    );
    let one = space();
    assert_eq!(calls_of(&edge, || one.key("a").unwrap()).1, 1);
    let first = Namespace::new("another");
    assert_eq!(calls_of(&edge, || first.key("a").unwrap()).1, 9);
    assert_eq!(calls_of(&edge, || one.key("b").unwrap()).1, 0);

    assert_eq!(calls_of(&edge, || space().flush().unwrap()).1, 1);
    assert_eq!(
        Cache::get_text(&space().key("banner").unwrap()).unwrap(),
        None
    );
    assert_eq!(
        Cache::incr(&space().key(("hits", 7)).unwrap(), 1).unwrap(),
        1
    );
    // Others are as they were.
    assert_ne!(
        space().key("a").unwrap(),
        Namespace::new("shop2").key("a").unwrap()
    );
}

#[test]
fn no_generation_comes_again_whatever_is_evicted() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..500 {
        assert!(seen.insert(Namespace::new("shop").key("a").unwrap()));
        match round % 3 {
            0 => edge.cache().evict_all(),
            1 => Namespace::new("shop").flush().unwrap(),
            _ => {
                edge.cache().evict_all();
                Namespace::new("shop").flush().unwrap();
            }
        }
    }
}

#[test]
fn a_namespace_that_cannot_be_read_is_the_patterns_failure() {
    let edge = MockHost::new().fault(Fault::on_cache());
    let _installed = edge.install();
    let space = Namespace::new("shop");
    assert!(space.key("a").is_err() && space.flush().is_err());
    let limit = fastedge::RateLimit::fixed_window(space.name("api"), 1, MINUTE).unwrap();
    assert!(limit.check(()).fell_back().is_some());
}

#[test]
fn calls_are_repeated_a_few_times_and_with_a_pause() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheGet));
    let _installed = edge.install();
    let before = edge.clock().now();
    let error = Retry::default().get_bytes("app:a").unwrap_err();
    assert!(error.is_transient());
    assert_eq!(edge.calls().cache_calls(), 3);
    let waited = edge.clock().now() - before;
    assert!(
        waited > Duration::ZERO && waited <= Duration::from_millis(6),
        "{waited:?}"
    );
    assert!(Retry::new(0, SECOND).exists("app:a").is_ok());
    // However long a pause is asked for, it is no panic.
    assert!(Retry::new(2, Duration::MAX).get_text("app:a").is_err());
    assert!(Retry::new(1, SECOND).get_text("app:a").is_err());
    assert_eq!(edge.calls().cache_calls(), 7);
}

#[test]
fn a_refusal_is_not_repeated() {
    for error in [FaultError::AccessDenied, FaultError::Other("no".to_owned())] {
        let edge = MockHost::new().fault(Fault::on_cache().error(error));
        let _installed = edge.install();
        assert!(Retry::default().set("app:a", "b", ttl(1)).is_err());
        assert_eq!(edge.calls().cache_calls(), 1);
    }
}

#[test]
fn pauses_differ_from_request_to_request() {
    let waited = |seed| {
        let edge = MockHost::new()
            .seed(seed)
            .fault(Fault::on(Operation::CacheDelete));
        let before = edge.clock().now();
        edge.run(|| Retry::new(4, SECOND).delete("app:a").unwrap_err());
        edge.clock().now() - before
    };
    assert_eq!(waited(1), waited(1));
    assert_ne!(waited(1), waited(2));
}

#[test]
fn one_does_it_for_all() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let flights = SingleFlight::<u64>::new("app:report", ttl(5));
    let run = |value| calls_of(&edge, || flights.run("a", || Ok::<_, ()>(value)).unwrap());
    assert_eq!(
        [run(1), run(2)],
        [(Flight::Led(1), 9), (Flight::Joined(1), 1)]
    );
    edge.clock().advance(SECOND * 5);
    assert_eq!(flights.run("a", || Err("down")), Err("down"));
    // Whoever comes while another one is at it waits for a while, and does not do it again.
    let inner = flights.run("a", || {
        let before = edge.clock().now();
        assert_eq!(flights.run("a", || Ok::<_, ()>(8)), Ok(Flight::TimedOut));
        let waited = edge.clock().now() - before;
        assert!(waited >= Duration::from_millis(25) && waited < Duration::from_millis(60));
        Ok::<_, ()>(7)
    });
    assert_eq!(inner, Ok(Flight::Led(7)));
    edge.inject(Fault::on_cache());
    assert_eq!(flights.run("a", || Ok::<_, ()>(9)), Ok(Flight::FellBack(9)));
    let closed = flights.fail_closed();
    assert_eq!(closed.run("a", || Ok::<_, ()>(9)), Ok(Flight::Refused));
    assert_eq!(Flight::TimedOut::<u8>.into_value(), None);
}

#[test]
fn every_pattern_survives_the_worst_platform() {
    for seed in 0..60 {
        let edge = MockHost::new().settings(Settings::strict(seed)).seed(seed);
        let _installed = edge.install();
        let space = Namespace::new("shop");
        let limit = fastedge::RateLimit::sliding_window(space.name("api"), 3, SECOND).unwrap();
        let views = WindowCounter::new(space.name("views"), SECOND).unwrap();
        let seen = Once::new(space.name("seen"), ttl(60));
        for round in 0..50_u64 {
            edge.clock().advance(Duration::from_millis(100));
            let verdict = limit.check(round % 2);
            assert!(verdict.is_allowed() || verdict.retry_after() <= Some(SECOND * 2));
            let _counted = views.add((), 1);
            let _first = seen.is_first(round / 3);
            let lease = Lease::acquire(space.name("job"), round % 4, SECOND);
            assert!(lease.is_ok() || lease.is_err_and(|error| error.is_transient()));
            let memo = Cache::memoize("shop:memo", ttl(1), || Ok::<_, ()>(round)).unwrap();
            assert!(memo <= round);
        }
    }
}
