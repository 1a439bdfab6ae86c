//! The patterns of the cache on a real Redis, by eight threads at once: 100,000 requests, and never above.
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::redis::Redis;
use fastedge::RateLimit;
use fastedge::cache::idempotency::{Begin, Fingerprint};
use fastedge::cache::{
    ConcurrencyLimit, Idempotency, Lease, Memoize, Namespace, Once, RateLimits, Source, Ttl,
    Verdict, WindowCounter,
};
use fastedge_host::{Host, StandardInterfaces};
use fastedge_mock_host::MockHost;

const THREADS: usize = 8;
const MINUTE: Duration = Duration::from_secs(60);

/// The mock host with a Redis for a cache.
fn host(redis: &Redis) -> Host {
    let edge = MockHost::new();
    let cache = redis.cache("app:");
    edge.edge().set_foreign_cache(Some(Arc::new(cache)));
    edge.host()
}

/// Runs `request` so many times, spread over the threads, each with its number.
fn requests(host: &Host, count: u64, request: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                host.run(|| {
                    loop {
                        let number = next.fetch_add(1, SeqCst);
                        if number >= count {
                            return;
                        }
                        request(number);
                    }
                });
            });
        }
    });
}

/// How many requests were allowed, and how many were not decided since the Redis was too slow.
fn allowed(host: &Host, count: u64, check: impl Fn(u64) -> Verdict + Sync) -> (usize, usize) {
    let (allowed, undecided) = (AtomicUsize::new(0), AtomicUsize::new(0));
    requests(host, count, |number| {
        let verdict = check(number);
        if verdict.fell_back().is_some() {
            undecided.fetch_add(1, SeqCst);
        } else if verdict.is_allowed() {
            allowed.fetch_add(1, SeqCst);
        }
    });
    (allowed.into_inner(), undecided.into_inner())
}

#[test]
fn limits_are_never_exceeded_and_used_up_in_a_window() {
    let Some(redis) = Redis::start() else { return };
    // Time stands still: all is one window.
    let host = host(&redis);
    let limits = [
        RateLimit::fixed_window("fixed", 500, MINUTE).unwrap(),
        RateLimit::sliding_window("sliding", 500, MINUTE).unwrap(),
        RateLimit::strict_sliding_window("strict", 500, MINUTE).unwrap(),
        RateLimit::paced("paced", 500, MINUTE, 500).unwrap(),
    ];
    for limit in &limits {
        let (allowed, undecided) = allowed(&host, 10_000, |_| limit.check("ann"));
        // Those who are denied count until they have given back, so at its end a limit may deny some too
        // many.
        let least = 500 - THREADS - undecided;
        assert!((least..=500).contains(&allowed), "{allowed} of {limit:?}");
    }
    let fixed = RateLimit::fixed_window("exact", 500, MINUTE).unwrap();
    let (exact, undecided) = allowed(&host, 10_000, |_| fixed.check("ann"));
    assert!(exact + undecided >= 500 && exact <= 500, "{exact}");
    let several = RateLimits::new([
        RateLimit::fixed_window("several:a", 300, MINUTE).unwrap(),
        RateLimit::sliding_window("several:b", 200, MINUTE).unwrap(),
    ]);
    let (allowed, _) = allowed(&host, 5_000, |number| {
        several.check_cost("ann", u32::try_from(number % 3).unwrap())
    });
    assert!(allowed > 0);
}

#[test]
fn limits_hold_as_time_passes() {
    let Some(redis) = Redis::start() else { return };
    let host = host(&redis).with_clock(StandardInterfaces);
    const WINDOW_MS: u64 = 250;
    let window = Duration::from_millis(WINDOW_MS);
    let strict = RateLimit::strict_sliding_window("strict", 40, window).unwrap();
    // A thread can be stopped for long where there are more of them than cores.
    let strict = strict.stall(Duration::from_millis(500));
    let sliding = RateLimit::sliding_window("sliding", 40, window).unwrap();
    let now_ms = || {
        let now = fastedge::clock::now().unwrap();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        u64::try_from(since.as_millis()).unwrap()
    };
    for (limit, is_strict) in [(strict, true), (sliding, false)] {
        let times = Mutex::new(Vec::new());
        requests(&host, 10_000, |_| {
            let before_ms = now_ms();
            let verdict = limit.check("ann");
            let after_ms = now_ms();
            if verdict.is_allowed() && verdict.fell_back().is_none() {
                times.lock().unwrap().push((before_ms, after_ms));
            }
        });
        let mut times = times.into_inner().unwrap();
        times.sort_unstable();
        assert!(times.len() > 40, "{} allowed", times.len());
        if is_strict {
            // Whoever was within a window's time for certain.
            for (at, (start, _)) in times.iter().enumerate() {
                let within = times[at..]
                    .iter()
                    .filter(|(_, after)| *after < start + WINDOW_MS);
                assert!(within.count() <= 40);
            }
        } else {
            let mut windows: BTreeMap<u64, usize> = BTreeMap::new();
            for (before, after) in times {
                if before / WINDOW_MS == after / WINDOW_MS {
                    *windows.entry(before / WINDOW_MS).or_default() += 1;
                }
            }
            assert!(windows.values().all(|count| *count <= 40), "{windows:?}");
        }
    }
}

#[test]
fn one_holds_a_lease_and_so_many_have_permits() {
    let Some(redis) = Redis::start() else { return };
    let host = host(&redis).with_clock(StandardInterfaces);
    let (is_held, times) = (AtomicBool::new(false), AtomicUsize::new(0));
    requests(&host, 8_000, |_| {
        if let Ok(Some(_lease)) = Lease::acquire("lease", (), Duration::from_secs(20)) {
            assert!(!is_held.swap(true, SeqCst), "two hold it");
            times.fetch_add(1, SeqCst);
            is_held.store(false, SeqCst);
        }
    });
    assert!(times.into_inner() > 0);
    let limit = ConcurrencyLimit::new("permits", 3, Duration::from_secs(20))
        .unwrap()
        .fail_closed();
    let (at_it, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    requests(&host, 8_000, |_| {
        if let Ok(_permit) = limit.acquire(()) {
            most.fetch_max(at_it.fetch_add(1, SeqCst) + 1, SeqCst);
            std::thread::yield_now();
            at_it.fetch_sub(1, SeqCst);
        }
    });
    assert!((1..=3).contains(&most.into_inner()));
}

#[test]
fn what_is_to_be_done_once_is() {
    let Some(redis) = Redis::start() else { return };
    let host = host(&redis).with_clock(StandardInterfaces);
    // Each event four times, each payment four times: all four are there at once.
    let seen = Once::new("seen", Ttl::secs(600).unwrap());
    let first: Vec<AtomicUsize> = (0..5_000).map(|_| AtomicUsize::new(0)).collect();
    let unknown = AtomicUsize::new(0);
    requests(&host, 20_000, |number| match seen.is_first(number / 4) {
        Ok(true) => drop(first[usize::try_from(number / 4).unwrap()].fetch_add(1, SeqCst)),
        Ok(false) => {}
        Err(_) => drop(unknown.fetch_add(1, SeqCst)),
    });
    let missed = first.iter().filter(|times| times.load(SeqCst) == 0).count();
    assert!(missed <= unknown.into_inner(), "{missed} were nobody's");
    assert!(first.iter().all(|times| times.load(SeqCst) <= 1));

    let payments = Idempotency::new("payments");
    let made: Vec<AtomicUsize> = (0..1_000).map(|_| AtomicUsize::new(0)).collect();
    requests(&host, 4_000, |number| {
        let key = (number / 4).to_string();
        if let Ok(Begin::Started(started)) = payments.begin(&key, Fingerprint::of([])) {
            made[usize::try_from(number / 4).unwrap()].fetch_add(1, SeqCst);
            let _stored = started.complete(b"paid");
        }
    });
    assert!(made.iter().all(|times| times.load(SeqCst) <= 1));
    assert!(made.iter().filter(|times| times.load(SeqCst) == 1).count() > 900);
}

#[test]
fn counts_add_up_and_values_are_computed_by_one() {
    let Some(redis) = Redis::start() else { return };
    let host = host(&redis);
    let views = WindowCounter::new("views", MINUTE)
        .unwrap()
        .shards(4)
        .unwrap();
    let unknown = AtomicUsize::new(0);
    requests(&host, 10_000, |_| {
        if views.add("/tea", 1).is_err() {
            unknown.fetch_add(1, SeqCst);
        }
    });
    let total = usize::try_from(host.run(|| views.total("/tea", 1).unwrap())).unwrap();
    assert!(
        (10_000 - unknown.into_inner()..=10_000).contains(&total),
        "{total}"
    );

    // Of those who come at once one computes, in a namespace that is new to all of them.
    let computed = AtomicUsize::new(0);
    requests(&host, 2_000, |number| {
        let name = Namespace::new(&format!("space:{}", number / 100)).name("memo");
        let memo = Memoize::<u64>::new(name, Ttl::secs(600).unwrap());
        let found = memo.get((), || Ok::<_, ()>(number)).unwrap();
        if found.source() == Source::Computed {
            computed.fetch_add(1, SeqCst);
        }
        assert_eq!(*found / 100, number / 100);
    });
    assert!(computed.into_inner() <= 20);
}
