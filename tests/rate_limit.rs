//! `RateLimit`: what it allows, what it says, and what that costs.

use std::time::Duration;

use fastedge::RateLimit;
use fastedge::cache::rate_limit::Penalty;
use fastedge::cache::{Error, ErrorKind, Hashed, RateLimits, Verdict};
use fastedge::http::HeaderMap;
use fastedge_mock_host::{Fault, MockHost, Operation};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// How many calls `f` makes, and what it answers.
fn calls_of<T>(edge: &MockHost, f: impl FnOnce() -> T) -> (T, usize) {
    edge.clear_calls();
    let answer = f();
    (answer, edge.calls().cache_calls())
}

fn every_limit(limit: u32, window: Duration) -> [RateLimit; 4] {
    [
        RateLimit::fixed_window("fixed", limit, window).unwrap(),
        RateLimit::sliding_window("sliding", limit, window).unwrap(),
        RateLimit::strict_sliding_window("strict", limit, window).unwrap(),
        RateLimit::paced("paced", limit, window, limit).unwrap(),
    ]
}

#[test]
fn each_outcome_costs_what_the_documentation_says() {
    // The first of a window sets the expiry; the others do not; the denied ones give back.
    for (limit, [first, second, denied]) in every_limit(2, MINUTE).into_iter().zip([
        [2, 1, 1],
        [3, 2, 3],
        [2 + 4 + 1, 1 + 4 + 1, 2 + 4 + 1],
        [2, 1, 2],
    ]) {
        let edge = MockHost::new();
        let _installed = edge.install();
        let ask = || calls_of(&edge, || limit.check("ann").is_allowed());
        assert_eq!([ask(), ask()], [(true, first), (true, second)], "{limit:?}");
        assert_eq!(
            [ask(), ask()],
            [(false, denied), (false, denied)],
            "{limit:?}"
        );
    }
}

#[test]
fn a_fixed_window_with_costs_gives_back_with_three_calls() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("api", 10, MINUTE).unwrap();
    let ask = |cost| calls_of(&edge, || limit.check_cost("ann", cost).is_allowed());
    assert_eq!(ask(8), (true, 2));
    assert_eq!(ask(5), (false, 3));
    assert_eq!(ask(11), (false, 0));
    assert_eq!(ask(2), (true, 1));
    assert_eq!(ask(0), (true, 1));
    let verdict = limit.check_cost("ann", 1);
    assert_eq!(
        (verdict.is_allowed(), verdict.remaining()),
        (false, Some(0))
    );
}

#[test]
fn who_only_looks_is_denied_nothing() {
    for limit in every_limit(2, MINUTE) {
        let edge = MockHost::new();
        let _installed = edge.install();
        let asked = [(); 2].map(|()| limit.check("ann").is_allowed());
        assert_eq!(asked, [true, true], "{limit:?}");
        // What is denied cannot be given back, and still counts.
        edge.inject(Fault::on(Operation::CacheIncr).nth(2));
        assert!(limit.check("ann").is_denied(), "{limit:?}");
        edge.clear_faults();
        let verdict = limit.check_cost("ann", 0);
        assert_eq!(
            (verdict.is_allowed(), verdict.remaining()),
            (true, Some(0)),
            "{limit:?}"
        );
    }
}

#[test]
fn what_is_denied_consumes_nothing() {
    for limit in every_limit(5, MINUTE) {
        let edge = MockHost::new();
        let _installed = edge.install();
        assert!(limit.check_cost("ann", 4).is_allowed());
        for _ in 0..20 {
            let verdict = limit.check_cost("ann", 3);
            assert_eq!(
                (verdict.is_denied(), verdict.remaining()),
                (true, Some(1)),
                "{limit:?}"
            );
        }
        assert!(limit.check_cost("ann", 1).is_allowed(), "{limit:?}");
    }
}

#[test]
fn a_client_that_keeps_asking_is_allowed_again() {
    for limit in every_limit(5, MINUTE) {
        let edge = MockHost::new();
        let _installed = edge.install();
        let mut allowed = 0;
        for _ in 0..600 {
            allowed += u32::from(limit.check("ann").is_allowed());
            edge.clock().advance(SECOND);
        }
        // Ten windows, of which the strict one counts up to a quarter more.
        assert!((35..=50).contains(&allowed), "{allowed} by {limit:?}");
    }
}

#[test]
fn who_comes_back_when_told_to_is_allowed_and_not_a_millisecond_earlier() {
    let mut random = fastrand::Rng::with_seed(11);
    for round in 0..400 {
        let limit = random.u32(1..=12);
        let window = millis(random.u64(1..5_000));
        let burst = random.u32(1..=limit);
        let sub_windows = random.u32(1..=7);
        let strict = RateLimit::strict_sliding_window("strict", limit, window).unwrap();
        let limits = [
            RateLimit::fixed_window("fixed", limit, window).unwrap(),
            RateLimit::sliding_window("sliding", limit, window).unwrap(),
            strict.sub_windows(sub_windows).unwrap(),
            RateLimit::paced("paced", limit, window, burst).unwrap(),
        ];
        let limiter = &limits[round % limits.len()];
        let edge = MockHost::new();
        let _installed = edge.install();
        for _ in 0..30 {
            edge.clock().advance(millis(random.u64(..400)));
            let cost = random.u32(1..=limit);
            let verdict = limiter.check_cost("ann", cost);
            let context = format!("{limiter:?} cost {cost}: {verdict:?}");
            let Some(retry_after) = verdict.retry_after() else {
                // More is allowed in a window than it has milliseconds.
                let never = context.contains("Paced") && window < millis(limit.into());
                assert!(verdict.is_allowed() || never, "{context}");
                continue;
            };
            assert!(verdict.is_denied() && retry_after >= millis(1), "{context}");
            assert!(verdict.reset_after() >= Some(retry_after), "{context}");
            edge.clock().advance(retry_after - millis(1));
            if retry_after > millis(1) {
                assert!(limiter.check_cost("ann", cost).is_denied(), "{context}");
            }
            edge.clock().advance(millis(1));
            let verdict = limiter.check_cost("ann", cost);
            assert!(verdict.is_allowed(), "{context} {verdict:?}");
        }
    }
}

#[test]
fn clients_and_limits_do_not_share() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = |name: &str| RateLimit::fixed_window(name, 1, MINUTE).unwrap();
    assert!(limit("a").check(("b", "c")).is_allowed());
    assert!(limit("a").check("b:c").is_allowed());
    assert!(limit("a:b").check("c").is_allowed());
    assert!(limit("a").check(Hashed((1, [2, 3]))).is_allowed());
    assert!(limit("a").check(Hashed((1, [3, 2]))).is_allowed());
    assert!(limit("a").check(()).is_allowed());
    assert!(limit("a").check("").is_allowed());
    let address: std::net::IpAddr = "2001:db8::1".parse().unwrap();
    assert!(limit("a").check(address).is_allowed());
    let borrowed: &std::net::IpAddr = &address;
    assert!(limit("a").check(borrowed).is_denied());
    // Another algorithm, and another window, count for themselves.
    assert!(
        RateLimit::sliding_window("a", 1, MINUTE)
            .unwrap()
            .check("b:c")
            .is_allowed()
    );
    assert!(
        RateLimit::fixed_window("a", 1, SECOND)
            .unwrap()
            .check("b:c")
            .is_allowed()
    );
    for entry in edge.cache().list(100).1 {
        assert!(entry.key.len() < 256 && entry.ttl.is_some(), "{entry:?}");
    }
}

#[test]
fn the_windows_slide_as_they_say() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let [fixed, sliding, strict, _] = every_limit(10, MINUTE);
    let paced = RateLimit::paced("paced", 10, MINUTE, 4).unwrap();
    // At the end of a window,
    edge.clock().advance(millis(59_000));
    let allowed = |limit: &RateLimit| (0..20).filter(|_| limit.check("ann").is_allowed()).count();
    let at_the_end = [&fixed, &sliding, &strict, &paced].map(allowed);
    // and right after it: the whole limit again, the part that the former window leaves, nothing, and the
    // next window's burst.
    edge.clock().advance(millis(13_000));
    let after_it = [&fixed, &sliding, &strict, &paced].map(allowed);
    assert_eq!((at_the_end, after_it), ([10, 10, 10, 10], [10, 2, 0, 5]));
}

#[test]
fn several_limits_allow_together() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limits = RateLimits::new([
        RateLimit::fixed_window("second", 2, SECOND).unwrap(),
        RateLimit::fixed_window("minute", 3, MINUTE).unwrap(),
    ]);
    let ask = || calls_of(&edge, || limits.check("ann").is_allowed());
    assert_eq!([ask(), ask()], [(true, 4), (true, 2)]);
    // The first denies, and the second is not asked.
    assert_eq!(ask(), (false, 3));
    edge.clock().advance(SECOND);
    assert_eq!(ask(), (true, 3));
    // The second denies, and the first gives back.
    assert_eq!(ask(), (false, 5));
    let verdict = limits.check("ann");
    assert_eq!(verdict.standing().unwrap().name, "minute");
    assert_eq!(verdict.retry_after(), Some(MINUTE - SECOND));
    let mut headers = HeaderMap::new();
    verdict.write_headers(&mut headers);
    assert_eq!(
        headers["ratelimit-policy"],
        r#""second";q=2;w=1, "minute";q=3;w=60"#
    );
    assert_eq!(
        headers["ratelimit"],
        r#""second";r=1;t=1, "minute";r=0;t=59"#
    );
    edge.clock().advance(MINUTE);
    let verdict = limits.check_cost("ann", 2);
    assert_eq!(
        (verdict.limit(), verdict.remaining(), verdict.cost()),
        (2, Some(0), 2)
    );
    assert!(RateLimits::new([]).check("ann").is_allowed());
}

#[test]
fn a_denial_that_is_decided_is_one_though_another_limit_has_fallen_back() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limits = || {
        RateLimits::new([
            RateLimit::fixed_window("open", 9, MINUTE).unwrap(),
            RateLimit::fixed_window("shut", 1, MINUTE).unwrap(),
        ])
    };
    assert!(limits().check("ann").is_allowed());
    edge.inject(Fault::on(Operation::CacheIncr).nth(1));
    let verdict = limits().check("ann");
    assert!(verdict.is_denied() && verdict.fell_back().is_some());
    assert_eq!(verdict.to_response().status(), 429);
}

#[test]
fn who_only_looks_is_not_blocked() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("api", 1, MINUTE).unwrap();
    let limit = limit.penalty(Penalty::after(2, MINUTE, MINUTE).unwrap());
    assert!(limit.check("ann").is_allowed() && limit.check("ann").is_denied());
    for _ in 0..5 {
        assert!(!limit.check_cost("ann", 0).is_blocked());
    }
    assert!(limit.check("ann").is_blocked());
}

#[test]
fn a_count_that_suffices_decides_without_the_others() {
    let edge = MockHost::new();
    let _installed = edge.install();
    for limit in &every_limit(2, MINUTE)[1..3] {
        edge.clear_faults();
        assert!(limit.check("ann").is_allowed() && limit.check("ann").is_allowed());
        edge.inject(Fault::on(Operation::CacheGet));
        let verdict = limit.check("ann");
        assert!(
            verdict.is_denied() && verdict.fell_back().is_none(),
            "{verdict:?}"
        );
    }
}

#[test]
fn a_refund_that_is_lost_denies_no_longer_than_the_window() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = RateLimit::sliding_window("api", 1, SECOND).unwrap();
    assert!(limit.check("ann").is_allowed());
    edge.inject(Fault::on(Operation::CacheIncr).nth(2));
    assert!(limit.check("ann").is_denied());
    edge.clock().advance(SECOND * 3);
    assert!(limit.check("ann").is_allowed());
}

#[test]
fn an_eviction_between_count_and_refund_leaves_no_debt() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("api", 5, MINUTE).unwrap();
    assert!(limit.check_cost("ann", 4).is_allowed());
    let key = edge.cache().list(1).1[0].key.clone();
    edge.cache().evict(&key);
    // As a request does that was denied before the eviction.
    fastedge::Cache::incr(&key, -3).unwrap();
    assert!(limit.check_cost("ann", 5).is_allowed());
    assert!(edge.cache().ttl(&key).unwrap().is_some());
}

#[test]
fn when_the_cache_fails_the_policy_answers_and_says_so() {
    for limit in every_limit(1, MINUTE) {
        for (fault, is_counted) in [
            (Fault::on_cache(), false),
            (Fault::on(Operation::CacheIncr), false),
            (Fault::on(Operation::CacheGet), true),
        ] {
            if is_counted
                && ["fixed", "paced"]
                    .iter()
                    .any(|name| format!("{limit:?}").contains(name))
            {
                continue;
            }
            let edge = MockHost::new().fault(fault);
            let _installed = edge.install();
            let open = limit.clone().fail_open().check("ann");
            assert!(open.is_allowed() && open.fell_back().is_some(), "{limit:?}");
            assert_eq!((open.remaining(), open.retry_after()), (None, None));
            let mut headers = HeaderMap::new();
            open.write_headers(&mut headers);
            assert!(!headers.contains_key("ratelimit") && headers.contains_key("ratelimit-policy"));
            let closed = limit.clone().fail_closed().check("bob");
            assert!(closed.is_denied() && closed.fell_back().is_some());
            let response = closed.to_response();
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()["retry-after"], "1");
            // What could not be decided is given back.
            edge.clear_faults();
            assert!(limit.check("bob").is_allowed(), "{limit:?}");
        }
    }
}

#[test]
fn a_plan_without_a_cache_and_a_build_without_a_host_fall_back() {
    let limit = RateLimit::fixed_window("api", 1, MINUTE).unwrap();
    let reason = |verdict: &Verdict| verdict.fell_back().map(Error::to_string);
    let denied = MockHost::new().without_cache().run(|| limit.check("ann"));
    assert!(reason(&denied).unwrap().contains("access-denied"));
    let nowhere = limit.check("ann");
    assert!(
        reason(&nowhere)
            .unwrap()
            .contains("no FastEdge host is installed")
    );
}

#[test]
fn an_expiry_that_fails_is_tried_again_and_denies_nobody() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheExpire).nth(1));
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("api", 100, MINUTE).unwrap();
    let (_, calls) = calls_of(&edge, || limit.check("ann"));
    assert_eq!(calls, 3);
    let ttl = |edge: &MockHost| edge.cache().list(1).1[0].ttl;
    assert!(ttl(&edge).is_some());

    let edge = MockHost::new().fault(Fault::on(Operation::CacheExpire));
    let _installed = edge.install();
    assert!(limit.check("ann").is_allowed());
    assert_eq!(ttl(&edge), None);
    // Later counts set it.
    edge.clear_faults();
    for _ in 0..16 {
        assert!(limit.check("ann").is_allowed());
    }
    assert!(ttl(&edge).is_some());
}

#[test]
fn a_failing_increment_is_not_repeated() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheIncr).after_the_effect());
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("api", 9, MINUTE).unwrap();
    assert!(limit.check("ann").fell_back().is_some());
    let entries = edge.cache().list(2).1;
    assert_eq!(entries[0].value, b"1");
    assert!(
        entries[0].ttl.is_some(),
        "what it may have made is not left behind"
    );
}

#[test]
fn a_penalty_blocks_who_does_not_listen() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("api", 1, SECOND)
        .unwrap()
        .penalty(Penalty::after(3, MINUTE, MINUTE).unwrap());
    let ask = || calls_of(&edge, || limit.check("ann"));
    assert!(limit.check("ann").is_allowed());
    assert_eq!(
        (0..2).filter(|_| limit.check("ann").is_blocked()).count(),
        0
    );
    let (verdict, _) = ask();
    assert!(verdict.is_blocked() && verdict.retry_after() == Some(MINUTE));
    edge.clock().advance(SECOND * 59);
    let (verdict, calls) = ask();
    assert!(verdict.is_denied() && verdict.is_blocked());
    assert_eq!((verdict.retry_after(), calls), (Some(SECOND), 1));
    let response = verdict.to_response();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (429, &"1".parse().unwrap())
    );
    // Others are not blocked, and neither is this one when it is over.
    assert!(limit.check("bob").is_allowed());
    edge.clock().advance(SECOND);
    assert!(limit.check("ann").is_allowed());
    assert!(limit.check("ann").is_denied());
    assert!(!limit.check("ann").is_blocked());
    // The cache fails at it: the limit goes on.
    edge.inject(Fault::on(Operation::CacheGet));
    assert!(limit.check("ann").is_denied() && limit.check("cid").is_allowed());
}

#[test]
fn a_denial_is_told_in_the_words_of_http() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let limit = RateLimit::fixed_window("größe \"x\"", 1, millis(1_500)).unwrap();
    assert!(limit.check("ann").is_allowed());
    let response = limit.check("ann").to_response();
    assert_eq!(response.status(), 429);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    // A name is escaped, and a window that is no whole number of seconds is left out.
    let policy = &response.headers()["ratelimit-policy"];
    assert_eq!(policy, r#""gr%C3%B6%C3%9Fe \"x\"";q=1"#);
    assert!(
        response.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
            <= 2
    );
    let problem: serde_json::Value = response.body().read_json().unwrap();
    assert_eq!(problem["status"], 429);
    assert_eq!(
        problem["type"],
        "https://iana.org/assignments/http-problem-types#quota-exceeded"
    );
    assert_eq!(problem["violated-policies"].as_array().unwrap().len(), 1);
}

#[test]
fn limits_that_cannot_be_are_refused() {
    let refused = [
        RateLimit::fixed_window("a", 0, MINUTE).err(),
        RateLimit::sliding_window("a", 1, Duration::ZERO).err(),
        RateLimit::fixed_window("a", 1, Duration::from_micros(999)).err(),
        RateLimit::strict_sliding_window("a", 1, Duration::from_secs(86_401)).err(),
        RateLimit::paced("a", 2, MINUTE, 0).err(),
        RateLimit::paced("a", 2, MINUTE, 3).err(),
        every_limit(1, MINUTE)[2].clone().sub_windows(0).err(),
        Penalty::after(0, MINUTE, MINUTE).err(),
        Penalty::after(1, MINUTE, Duration::ZERO).err(),
    ];
    for error in refused {
        let error = error.expect("it is refused");
        assert!(
            matches!(error.kind(), ErrorKind::InvalidArgument { .. }),
            "{error}"
        );
    }
}

#[test]
fn extremes_do_not_overflow() {
    let edge = MockHost::new();
    let _installed = edge.install();
    for limit in every_limit(u32::MAX, Duration::from_secs(86_400)) {
        for _ in 0..3 {
            let _verdict = limit.check_cost("ann", u32::MAX);
        }
        assert!(limit.check_cost("ann", u32::MAX).is_denied());
        assert!(limit.stall(Duration::MAX).check("bob").is_allowed());
    }
    // What is no count at all is a failure, and no panic.
    for value in ["", "x", "9223372036854775807", "-9223372036854775808"] {
        for limit in every_limit(1, MINUTE) {
            let limit = limit.fail_closed();
            let _verdict = limit.check("cid");
            for entry in edge.cache().list(100).1 {
                edge.cache().set(&entry.key, value, Some(MINUTE));
            }
            let _verdict = limit.check("cid");
            let _verdict = limit.check_cost("cid", 1);
        }
    }
    // The clock is at its beginning, and at its end.
    for moment in [
        Duration::ZERO,
        Duration::from_secs(u64::MAX / 1_000_000 - 200_000),
    ] {
        edge.clock().set(moment);
        for limit in every_limit(1, Duration::from_secs(86_400)) {
            let _verdict = limit.check("dan");
            let _verdict = limit.check("dan");
        }
    }
}
