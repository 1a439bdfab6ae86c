//! The platform that a test sets up: locations, replication, read caches, the cache's limits.

use std::collections::BTreeSet;
use std::time::Duration;

use fastedge::cache::Ttl;
use fastedge::{Cache, KvStore};
use fastedge_mock_host::central::Change;
use fastedge_mock_host::{
    Edge, Fault, FaultError, MockHost, Operation, Overflow, Replication, Scans, Settings, Unlinked,
};

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn read(key: &str) -> Option<String> {
    KvStore::open("s").unwrap().get_text(key).unwrap()
}

#[test]
fn a_write_arrives_after_one_to_two_seconds_key_by_key() {
    let keys: Vec<String> = (0..50).map(|i| format!("k{i}")).collect();
    let edge = MockHost::pops(["lon", "syd"]).kv("s", |kv| kv);
    edge.write("s", |kv| keys.iter().fold(kv, |kv, key| kv.set(key, "new")));
    let seen = |pop: &str| {
        let here = edge.at(pop);
        here.run(|| keys.iter().filter(|key| read(key).is_some()).count())
    };
    // Reading would make the nodes keep what they saw: they forget after each look.
    let mut counts = Vec::new();
    for _ in 0..=20 {
        counts.push((seen("lon"), seen("syd")));
        edge.forget_reads();
        edge.clock().advance(Duration::from_millis(100));
    }
    assert_eq!(counts[9], (0, 0));
    assert_eq!(counts[20], (50, 50));
    // Half-way each location has some keys, and not the same ones.
    let (lon, syd) = counts[15];
    assert!(
        (1..50).contains(&lon) && (1..50).contains(&syd),
        "{counts:?}"
    );
}

#[test]
fn the_writes_of_one_key_arrive_in_order_and_a_seed_repeats_them() {
    let history = |seed: u64| {
        let edge = MockHost::new()
            .replication(Replication::between(secs(0)..=secs(10), seed))
            .kv("s", |kv| kv.set("n", "0"));
        for n in 1..20 {
            edge.write("s", |kv| kv.set("n", n.to_string()));
        }
        let mut seen = Vec::new();
        for _ in 0..=100 {
            seen.push(edge.run(|| read("n")).unwrap().parse::<u32>().unwrap());
            edge.clock().advance(Duration::from_millis(100));
        }
        seen
    };
    let seen = history(1);
    assert!(seen.is_sorted(), "{seen:?}");
    assert_eq!(seen.last(), Some(&19));
    assert_eq!(seen, history(1));
    assert_ne!(seen, history(2));
}

#[test]
fn a_key_that_is_held_waits_for_the_test() {
    let replication = Replication::none().of_key("a", Replication::held());
    let edge = MockHost::pops(["lon", "syd"])
        .settings(Settings::prompt().replication(replication))
        .kv("s", |kv| kv.set("a", "old").set("b", "old"));
    edge.write("s", |kv| kv.set("a", "new").set("b", "new"));
    edge.clock().advance(secs(100_000));
    // The torn read that there is no transaction against.
    let both = || (read("a").unwrap(), read("b").unwrap());
    assert_eq!(edge.run(both), ("old".to_owned(), "new".to_owned()));
    edge.at("syd").replicate_now();
    assert_eq!(edge.at("lon").run(both).0, "old");
    assert_eq!(edge.at("syd").run(both).0, "new");
    edge.write("s", |kv| kv.delete("a"));
    edge.replicate_now();
    assert_eq!(edge.at("lon").run(|| read("a")), None);
}

#[test]
fn a_node_keeps_what_it_has_read_and_what_it_has_missed() {
    let edge = MockHost::new()
        .settings(Settings::platform().replication(Replication::none()))
        .kv("s", |kv| {
            kv.set("there", "1").sorted_set("set", [(1.0, "a")])
        });
    let _installed = edge.install();
    assert_eq!((read("there"), read("missing")), (Some("1".into()), None));
    edge.write("s", |kv| {
        kv.set("there", "2")
            .set("missing", "2")
            .sorted_set("set", [(2.0, "b")])
    });
    edge.clock().advance(Duration::from_millis(29_999));
    assert_eq!((read("there"), read("missing")), (Some("1".into()), None));
    // Sorted sets are not kept.
    let store = KvStore::open("s").unwrap();
    assert_eq!(store.zrange_by_score("set", 0.0, 9.0).unwrap().len(), 2);
    edge.clock().advance(Duration::from_millis(1));
    assert_eq!(read("there").as_deref(), Some("2"));
    assert_eq!(read("missing").as_deref(), Some("2"));
}

#[test]
fn answers_flap_between_nodes() {
    let settings = Settings::platform()
        .replication(Replication::none())
        .nodes(2);
    let edge = MockHost::new()
        .settings(settings)
        .kv("s", |kv| kv.set("k", "1"));
    let read = || edge.run(|| read("k")).unwrap();
    assert_eq!(read(), "1");
    edge.write("s", |kv| kv.set("k", "2"));
    let answers: Vec<_> = (0..4).map(|_| read()).collect();
    assert_eq!(answers, ["2", "1", "2", "1"]);
}

#[test]
fn each_location_has_a_cache_of_its_own() {
    let edge = MockHost::pops(["lon", "syd"]);
    edge.at("lon").run(|| Cache::incr("hits", 5)).unwrap();
    assert_eq!(edge.at("syd").run(|| Cache::incr("hits", 1)).unwrap(), 1);
    assert_eq!(edge.cache().get_text("hits").as_deref(), Some("5"));
    assert_eq!(
        edge.at("syd").cache().get_text("hits").as_deref(),
        Some("1")
    );
    let calls = edge.calls();
    assert_eq!((calls.len(), calls.at("syd").len()), (2, 1));
    assert_eq!(
        calls.to_string(),
        "lon    cache-sync.incr            \"hits\"\nsyd    cache-sync.incr            \"hits\"\n"
    );
    assert_eq!(edge.at("syd").calls().len(), 1);
}

#[test]
#[should_panic(expected = "there is no location \"par\"; there are: lon, syd")]
fn a_location_that_is_not_there_is_a_mistake() {
    let edge = MockHost::pops(["lon", "syd"]);
    edge.at("par");
}

#[test]
fn the_cache_evicts_what_was_used_longest_ago() {
    let edge = MockHost::new().settings(Settings::prompt().cache_bytes(10 * (64 + 2 + 100)));
    let _installed = edge.install();
    let value = "x".repeat(100);
    for i in 0..10 {
        Cache::set(&format!("k{i}"), &value, None).unwrap();
    }
    Cache::get("k0").unwrap();
    Cache::set("kx", &value, None).unwrap();
    assert!(Cache::exists("k0").unwrap());
    assert!(!Cache::exists("k1").unwrap());
    // One that does not fit at all is gone at once, and takes the others along.
    Cache::set("big", vec![0; 10_000], None).unwrap();
    assert_eq!(edge.cache().list(10).0, 0);
}

#[test]
fn times_to_live_have_a_ceiling_and_counters_none() {
    let edge = MockHost::new();
    let _installed = edge.install();
    Cache::set("for ever", "", None).unwrap();
    Cache::incr("counter", 1).unwrap();
    edge.clock()
        .advance(secs(4 * 86_400) - Duration::from_millis(1));
    assert!(Cache::exists("for ever").unwrap());
    edge.clock().advance(Duration::from_millis(1));
    assert!(!Cache::exists("for ever").unwrap());
    edge.clock().advance(secs(30 * 86_400));
    assert_eq!(edge.cache().ttl("counter"), Some(None));
    assert_eq!(Cache::purge_prefix("count").unwrap(), 0);

    let short = MockHost::new().settings(
        Settings::prompt()
            .ttl_ceiling(secs(60))
            .purges_counters(true),
    );
    let _installed = short.install();
    Cache::set("k", "", Ttl::secs(3600).unwrap()).unwrap();
    assert_eq!(short.cache().ttl("k"), Some(Some(secs(60))));
    Cache::incr("counter", 1).unwrap();
    assert_eq!(Cache::purge_prefix("count").unwrap(), 1);
}

#[test]
fn overflow_is_as_on_the_public_host_or_as_in_redis() {
    let most = i64::MAX.to_string();
    let wraps = MockHost::new().cached("n", &most, None);
    assert_eq!(wraps.run(|| Cache::incr("n", 1)).unwrap(), i64::MIN);
    let fails = MockHost::new()
        .settings(Settings::prompt().overflow(Overflow::Fails))
        .cached("n", &most, None);
    let error = fails.run(|| Cache::incr("n", 1)).unwrap_err();
    assert!(error.to_string().contains("would overflow"), "{error}");
    assert_eq!(fails.cache().get_text("n"), Some(most));
}

#[test]
fn scans_may_answer_in_any_order_and_twice() {
    let settings = Settings::prompt().scans(Scans::Shuffled { seed: 7 });
    let keys: Vec<String> = (0..100).map(|i| format!("k{i:02}")).collect();
    let edge = MockHost::new()
        .settings(settings)
        .kv("s", |kv| keys.iter().fold(kv, |kv, key| kv.set(key, "")));
    let store = edge.host().key_value().open("s").unwrap();
    let answer = store.scan("k*").unwrap();
    assert!(answer.len() > 100 && !answer.is_sorted(), "{answer:?}");
    let distinct: BTreeSet<_> = answer.iter().collect();
    assert_eq!(distinct.len(), 100);
    assert_eq!(answer, store.scan("k*").unwrap());
    // The SDK puts it right.
    let scanned = edge.run(|| KvStore::open("s").unwrap().scan("k*")).unwrap();
    assert_eq!(scanned, keys);
}

#[test]
fn strict_does_the_worst_that_is_allowed_and_repeats_it() {
    let run = |seed| {
        let edge = MockHost::pops(["lon", "syd"]).settings(Settings::strict(seed));
        let _installed = edge.install();
        let outcomes: Vec<_> = (0..2_000)
            .map(|i| Cache::incr(&format!("k{}", i % 40), 1).ok())
            .collect();
        outcomes
    };
    let outcomes = run(3);
    let failed = outcomes.iter().filter(|outcome| outcome.is_none()).count();
    assert!((20..140).contains(&failed), "{failed}");
    // Failures come three at a time, and evictions set counters back.
    let is_burst = |calls: &[Option<i64>]| calls.iter().all(Option::is_none);
    assert!(outcomes.windows(3).any(is_burst));
    assert!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Some(1))
            .count()
            > 40
    );
    assert_eq!(outcomes, run(3));
    assert_ne!(outcomes, run(4));
}

#[test]
fn an_unlinked_store_answers_one_of_two_errors() {
    let open = |edge: &MockHost| edge.run(|| KvStore::open("none").unwrap_err().to_string());
    assert!(open(&MockHost::new()).contains("none"));
    let settings = Settings::prompt().unlinked(Unlinked::NoSuchStore);
    let edge = MockHost::new().settings(settings);
    open(&edge);
    assert_eq!(
        edge.calls().iter().next().unwrap().error.as_deref(),
        Some("no-such-store")
    );
}

#[test]
fn faults_of_the_settings_survive_the_clearing_of_those_of_a_test() {
    let standing = Fault::on(Operation::CacheGet).error(FaultError::AccessDenied);
    let edge = MockHost::new()
        .settings(Settings::prompt().fault(standing))
        .fault(Fault::on(Operation::CacheSet));
    let _installed = edge.install();
    edge.clear_faults();
    assert!(Cache::set("k", "v", None).is_ok());
    assert!(Cache::get("k").is_err());
}

/// The test of this file that fails on purpose, so that another can look at what it prints.
#[test]
#[ignore = "fails on purpose: run by the test below"]
fn on_purpose() {
    let edge = MockHost::new().kv("pages", |kv| kv.set("home", "12345"));
    let _installed = edge.install();
    let outer = edge.install();
    KvStore::open("pages").unwrap().get("home").unwrap();
    drop(outer);
    panic!("on purpose");
}

#[test]
fn a_failing_test_prints_the_calls_once() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "on_purpose", "--nocapture"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    let calls = "The calls of the host so far:\nkey-value.open             pages \"\"\n\
                 key-value.get              pages \"home\", 5 B received\n";
    assert_eq!(stderr.matches(calls).count(), 1, "{stderr}");
}

/// A store that is elsewhere, where there is nothing.
struct Elsewhere;

impl fastedge_host::Store for Elsewhere {
    fn get(&self, _key: &str) -> Result<Option<Vec<u8>>, fastedge_host::KeyValueError> {
        Ok(None)
    }

    fn scan(&self, _pattern: &str) -> Result<Vec<String>, fastedge_host::KeyValueError> {
        Ok(Vec::new())
    }

    fn zrange_by_score(
        &self,
        _key: &str,
        _min: f64,
        _max: f64,
    ) -> Result<Vec<(Vec<u8>, f64)>, fastedge_host::KeyValueError> {
        Ok(Vec::new())
    }

    fn zscan(
        &self,
        _key: &str,
        _pattern: &str,
    ) -> Result<Vec<(Vec<u8>, f64)>, fastedge_host::KeyValueError> {
        Ok(Vec::new())
    }

    fn bf_exists(&self, _key: &str, _item: &str) -> Result<bool, fastedge_host::KeyValueError> {
        Ok(false)
    }
}

/// A store of the platform would hide it from then on.
#[test]
fn what_is_elsewhere_is_not_written_to_here() {
    let edge = Edge::for_tests(&[], Settings::prompt());
    edge.link_foreign_store("ours", std::sync::Arc::new(Elsewhere));
    let put = [Change::Put {
        key: "k".to_owned(),
        value: "v".into(),
        expires_at_ms: None,
    }];
    for refused in [edge.write("ours", &put), edge.fill("ours", &put)] {
        assert_eq!(
            refused.unwrap_err().to_string(),
            "\"ours\" is not a store of the platform: write to it where it is"
        );
    }
    assert_eq!(edge.linked_stores(), [("ours".to_owned(), None)]);
}
