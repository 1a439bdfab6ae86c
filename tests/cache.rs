//! `Cache`, `Ttl` and `Counter`.

use std::time::Duration;

use fastedge::cache::{Cache, Error, ErrorKind, Ttl, TtlError};
use fastedge_mock_host::{Fault, MockHost, Operation};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn secs(seconds: u64) -> Ttl {
    Ttl::secs(seconds).unwrap()
}

#[test]
fn a_value_is_read_as_what_it_is_asked_for() {
    let _installed = MockHost::new().install();
    Cache::set("text", "grüße", None).unwrap();
    Cache::set("bytes", [0xff], secs(1)).unwrap();
    Cache::set_json("json", &vec![1, 2], None).unwrap();
    Cache::set_display("number", 4.5, None).unwrap();
    assert_eq!(Cache::get_text("text").unwrap().as_deref(), Some("grüße"));
    assert_eq!(Cache::get_bytes("bytes").unwrap(), Some(vec![0xff]));
    assert_eq!(Cache::get_json("json").unwrap(), Some(vec![1, 2]));
    assert_eq!(Cache::get_parsed("number").unwrap(), Some(4.5));
    assert_eq!(Cache::get("missing").unwrap(), None);
    assert_eq!(
        Cache::get_parsed::<u8>("text").unwrap_err().to_string(),
        "cache key `text` cannot be decoded: not a valid u8: invalid digit found in string"
    );
}

#[test]
fn set_replaces_value_and_expiry() {
    let edge = MockHost::new();
    let _installed = edge.install();
    Cache::set("k", "1", secs(10)).unwrap();
    Cache::set("k", "2", None).unwrap();
    assert_eq!(edge.cache().ttl("k"), Some(Some(4 * DAY)));
    edge.clock().advance(DAY);
    assert_eq!(Cache::get_text("k").unwrap().as_deref(), Some("2"));
    Cache::delete("k").unwrap();
    Cache::delete("k").unwrap();
    assert!(!Cache::exists("k").unwrap());
}

#[test]
fn the_platforms_ceiling_shortens_a_long_life() {
    let edge = MockHost::new();
    let _installed = edge.install();
    Cache::set("k", "1", Ttl::MAX).unwrap();
    edge.clock().advance(4 * DAY - Duration::from_millis(1));
    assert!(Cache::exists("k").unwrap());
    edge.clock().advance(Duration::from_millis(1));
    assert!(!Cache::exists("k").unwrap());
}

#[test]
fn incr_keeps_the_expiry_and_gives_none() {
    let edge = MockHost::new();
    let _installed = edge.install();
    assert_eq!(Cache::incr("n", 5).unwrap(), 5);
    assert_eq!(edge.cache().ttl("n"), Some(None));
    assert!(Cache::expire("n", secs(10)).unwrap());
    assert_eq!(Cache::decr("n", 7).unwrap(), -2);
    assert_eq!(edge.cache().ttl("n"), Some(Some(Duration::from_secs(10))));
    edge.clock().advance(Duration::from_secs(10));
    assert_eq!(Cache::incr("n", 1).unwrap(), 1);
    assert_eq!(edge.cache().ttl("n"), Some(None));
    assert!(!Cache::expire("missing", secs(1)).unwrap());
}

#[test]
fn incr_of_what_is_no_integer_is_an_error_in_the_hosts_words() {
    let _installed = MockHost::new().install();
    Cache::set("word", "seven", None).unwrap();
    assert_eq!(
        Cache::incr("word", 1).unwrap_err().to_string(),
        "cache key `word`: value is not an integer"
    );
    Cache::set("bytes", [0xff], None).unwrap();
    assert_eq!(
        Cache::incr("bytes", 1).unwrap_err().to_string(),
        "cache key `bytes`: value is not valid UTF-8"
    );
    for (text, next) in [("+5", 6), ("007", 8), ("-1", 0)] {
        Cache::set("n", text, None).unwrap();
        assert_eq!(Cache::incr("n", 1).unwrap(), next, "{text}");
    }
    Cache::set_display("n", i64::MAX, None).unwrap();
    assert_eq!(Cache::incr("n", 1).unwrap(), i64::MIN);
}

#[test]
fn decr_of_the_smallest_integer_is_refused_without_a_call() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let error = Cache::decr("n", i64::MIN).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::DeltaOutOfRange { .. }));
    assert!(edge.calls().is_empty());
}

#[test]
fn purges_answer_how_many_went_and_a_prefix_does_not_see_counters() {
    let _installed = MockHost::new().install();
    for key in ["a:1", "a:2", "b:1"] {
        Cache::set(key, "", None).unwrap();
    }
    Cache::incr("a:counter", 1).unwrap();
    assert_eq!(Cache::purge_prefix("a:").unwrap(), 2);
    assert!(Cache::exists("a:counter").unwrap());
    assert_eq!(Cache::purge().unwrap(), 2);
    assert!(!Cache::exists("b:1").unwrap());
}

#[test]
fn without_a_cache_every_call_is_denied() {
    let _installed = MockHost::new().without_cache().install();
    let denied = |error: Error| matches!(error.kind(), ErrorKind::AccessDenied { .. });
    assert!(denied(Cache::get("k").unwrap_err()));
    assert!(denied(Cache::set("k", "", None).unwrap_err()));
    assert!(denied(Cache::delete("k").unwrap_err()));
    assert!(denied(Cache::exists("k").unwrap_err()));
    assert!(denied(Cache::incr("k", 1).unwrap_err()));
    assert!(denied(Cache::expire("k", secs(1)).unwrap_err()));
    assert!(denied(Cache::purge().unwrap_err()));
    assert!(denied(Cache::purge_prefix("k").unwrap_err()));
}

#[test]
fn times_to_live_are_checked_before_the_host_is_called() {
    let edge = MockHost::new().starting_at(Duration::from_millis(1_000_500));
    let _installed = edge.install();
    assert_eq!(Ttl::secs(0), Err(TtlError::Zero));
    assert_eq!(Ttl::millis(0), Err(TtlError::Zero));
    assert_eq!(Ttl::try_from(Duration::ZERO), Err(TtlError::Zero));
    assert_eq!(Ttl::secs(u64::MAX), Err(TtlError::TooLong));
    assert_eq!(Ttl::millis(u64::MAX), Err(TtlError::TooLong));
    assert_eq!(Ttl::try_from(Duration::MAX), Err(TtlError::TooLong));
    assert_eq!(Ttl::until_unix(u64::MAX), Err(TtlError::TooLong));
    assert_eq!(
        Ttl::until_unix(1_000),
        Err(TtlError::Past {
            moment: 1_000,
            now: 1_000
        })
    );
    assert_eq!(Ttl::until_unix(1_001), Ttl::millis(500));
    assert_eq!(Ttl::try_from(Duration::from_nanos(1)), Ttl::millis(1));
    assert_eq!(Ttl::try_from(Duration::from_micros(1_500)), Ttl::millis(2));
    assert_eq!(Ttl::millis(Ttl::MAX.as_millis()), Ok(Ttl::MAX));
    assert!(edge.calls().is_empty());
}

#[test]
fn a_counters_first_increment_sets_its_expiry_and_later_ones_do_not() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let counter = Cache::counter("n").expires_after(secs(60));
    assert_eq!(counter.add(3).unwrap(), 3);
    edge.clock().advance(Duration::from_secs(59));
    assert_eq!(counter.incr().unwrap(), 4);
    assert_eq!(counter.decr().unwrap(), 3);
    assert_eq!(counter.get().unwrap(), 3);
    edge.clock().advance(Duration::from_secs(1));
    assert_eq!(counter.get().unwrap(), 0);
    assert_eq!(edge.calls().count(Operation::CacheExpire), 1);
    counter.incr().unwrap();
    counter.reset().unwrap();
    assert_eq!(counter.get().unwrap(), 0);
}

#[test]
fn a_counter_repeats_setting_its_expiry_but_never_the_increment() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheExpire).nth(1));
    let _installed = edge.install();
    let counter = Cache::counter("n").expires_after(secs(60));
    assert_eq!(counter.incr().unwrap(), 1);
    assert_eq!(edge.cache().ttl("n"), Some(Some(Duration::from_secs(60))));

    edge.inject(Fault::on(Operation::CacheIncr).after_the_effect());
    assert!(counter.incr().is_err());
    edge.clear_faults();
    assert_eq!(counter.get().unwrap(), 2);
}

#[test]
fn a_first_increment_whose_answer_is_lost_sets_the_expiry_nevertheless() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheIncr).nth(1).after_the_effect());
    let _installed = edge.install();
    let counter = Cache::counter("n").expires_after(secs(60));
    assert!(counter.incr().is_err());
    assert_eq!(counter.incr().unwrap(), 2);
    assert_eq!(edge.cache().ttl("n"), Some(Some(Duration::from_secs(60))));
}

#[test]
fn a_counter_leaves_alone_what_is_no_counter() {
    let edge = MockHost::new();
    let _installed = edge.install();
    Cache::set("word", "seven", secs(5)).unwrap();
    assert!(
        Cache::counter("word")
            .expires_after(secs(60))
            .incr()
            .is_err()
    );
    assert_eq!(edge.cache().ttl("word"), Some(Some(Duration::from_secs(5))));
}

#[test]
fn a_counter_whose_expiry_cannot_be_set_says_what_it_has_counted() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheExpire));
    let _installed = edge.install();
    let error = Cache::counter("n")
        .expires_after(secs(60))
        .incr()
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NoExpiry { count: 1, .. }),
        "{error}"
    );
    assert_eq!(edge.calls().count(Operation::CacheIncr), 1);
    assert_eq!(edge.calls().count(Operation::CacheExpire), 3);
}
