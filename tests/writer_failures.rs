//! `KvStore` with a `Writer` when something fails: the cache, the API, or the order of two writes.

mod common;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use common::{Central, Failure, Held, STORE_ID};
use fastedge::kv_store::{KvStore, Writer};
use fastedge_host::{CacheError, Host};
use fastedge_mock_host::{Fault, Operation};

fn writable() -> KvStore<Writer> {
    let writer = Writer::from_secret(STORE_ID, "API_TOKEN").unwrap();
    KvStore::open("store").unwrap().with_writer(writer)
}

#[test]
fn a_cache_that_is_denied_or_evicts_loses_only_the_memory() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("a", "1").unwrap();
    edge.cache().evict_all();
    assert_eq!(store.get("a").unwrap(), None);

    let denied = central.host().without_cache();
    denied.run(|| {
        let store = writable();
        assert!(!store.put("a", "2").unwrap().remembered);
        assert!(!store.sorted_set("s").add([(1.0, "m")]).unwrap().remembered);
        assert!(!store.bloom_filter("f").add(["i"]).unwrap().remembered);
        assert_eq!(store.get("a").unwrap(), None);
        central.replicate(&denied);
        assert_eq!(store.get_text("a").unwrap().as_deref(), Some("2"));
        assert_eq!(store.sorted_set("s").range(..).count().unwrap(), 1);
        assert!(store.bloom_filter("f").contains("i").unwrap());
    });
    assert_eq!(central.get("a"), Some(Held::Plain("2".to_owned())));
}

#[test]
fn a_write_whose_fate_is_unknown_leaves_what_was_remembered() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("a", "1").unwrap();
    store.sorted_set("set").add([(1.0, "ann")]).unwrap();
    for failure in [Failure::LoseAnswer, Failure::Refuse(503, "busy")] {
        central.fail([failure.clone(), failure]);
        let error = store.put("a", "2").unwrap_err();
        assert!(error.may_have_happened(), "{error}");
        store.sorted_set("set").add([(2.0, "bob")]).unwrap_err();
        // Not replicated, and yet not forgotten: an app that adds one would start anew.
        assert_eq!(store.get_text("a").unwrap().as_deref(), Some("1"));
        let members = store.sorted_set("set").range(..).members::<String>();
        assert_eq!(members.unwrap(), ["ann"]);
    }
    central.replicate(&edge);
    edge.clock().advance(Duration::from_secs(45));
    assert_eq!(store.get_text("a").unwrap().as_deref(), Some("2"));

    central.fail([Failure::Refuse(403, "the token may not write")]);
    let error = store.put("a", "4").unwrap_err();
    assert_eq!(
        error.to_string(),
        "PUT /fastedge/v1/kv/7/data: 403 Forbidden: the token may not write"
    );
}

#[test]
fn an_old_value_does_not_hide_a_new_one_when_the_cache_fails() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("a", "1").unwrap();
    store.sorted_set("set").add([(1.0, "ann")]).unwrap();
    central.replicate(&edge);

    edge.inject(Fault::on(Operation::CacheSet));
    assert!(!store.put("a", "2").unwrap().remembered);
    let scores = store.sorted_set("set");
    assert!(!scores.add([(2.0, "ann")]).unwrap().remembered);
    edge.clear_faults();
    central.replicate(&edge);
    assert_eq!(store.get_text("a").unwrap().as_deref(), Some("2"));
    assert_eq!(scores.score("ann").unwrap(), Some(2.0));

    store.put("a", "3").unwrap();
    edge.inject(Fault::on(Operation::CacheSet));
    assert!(!store.delete("a").unwrap().remembered);
    edge.clear_faults();
    central.replicate(&edge);
    assert_eq!(store.get("a").unwrap(), None);

    // A single failure is got over.
    edge.inject(Fault::on(Operation::CacheSet).nth(1));
    assert!(store.put("a", "5").unwrap().remembered);
    edge.clear_faults();

    // What is remembered of a set cannot be read, so it cannot be added to either.
    scores.add([(3.0, "bob")]).unwrap();
    edge.inject(Fault::on(Operation::CacheGet));
    assert!(!scores.add([(4.0, "cid")]).unwrap().remembered);
    edge.clear_faults();
    central.replicate(&edge);
    assert_eq!(
        scores.range(..).members::<String>().unwrap(),
        ["ann", "bob", "cid"]
    );
}

/// A burst of failures, between which a request waits a little.
#[test]
fn a_burst_of_failures_is_got_over_or_forgets_what_was_remembered() {
    for (failing, is_remembered) in [(2, true), (3, false), (5, false)] {
        let central = Central::default();
        let edge = central.host();
        let _installed = edge.install();
        let store = writable();
        store.put("a", "1").unwrap();
        // The calls of the second write: a get, and then these.
        for nth in 2..2 + failing {
            edge.inject(Fault::on_cache().nth(nth));
        }
        let written = store.put("a", "2").unwrap();
        assert_eq!(written.remembered, is_remembered, "{}", edge.calls());
        edge.clear_faults();
        central.replicate(&edge);
        assert_eq!(store.get_text("a").unwrap().as_deref(), Some("2"));
    }
}

/// Whether a newer value is remembered is not known: none is, rather than an older one.
#[test]
fn what_may_be_newer_is_not_replaced_blindly() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("a", "1").unwrap();
    edge.inject(Fault::on(Operation::CacheGet));
    assert!(!store.put("a", "2").unwrap().remembered);
    edge.clear_faults();
    central.replicate(&edge);
    assert_eq!(store.get_text("a").unwrap().as_deref(), Some("2"));
}

#[test]
fn more_changes_than_are_kept_are_not_remembered_and_hide_nothing() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    let set = store.sorted_set("set");
    set.add([(1.0, "ann")]).unwrap();
    assert!(!set.add([(2.0, "x".repeat(70_000))]).unwrap().remembered);
    central.replicate(&edge);
    assert_eq!(set.range(..).count().unwrap(), 2);
    edge.clear_calls();
    let items = (0..500).map(|i| format!("item-{i}"));
    assert!(store.bloom_filter("filter").add(items).unwrap().remembered);
    assert_eq!(edge.calls().cache_calls(), 2, "{}", edge.calls());
    assert!(store.bloom_filter("filter").contains("item-499").unwrap());
}

#[test]
fn the_later_write_is_remembered_whichever_request_ends_later() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("a", "1").unwrap();
    // The first write's request ends only now: its revision is the lower one.
    let first = edge.cache().get("fastedge:kv:7:a").unwrap();
    store.put("a", "2").unwrap();
    assert_ne!(edge.cache().get("fastedge:kv:7:a").unwrap(), first);
    // A central side that is at revision 1 again stands for the request that was overtaken.
    let behind = edge.host().with_http_client(Answers(Central::default()));
    behind.run(|| store.put("a", "1").unwrap());
    assert_eq!(store.get_text("a").unwrap().as_deref(), Some("2"));
}

/// While the first attempt to remember fails, another request remembers what it has written later.
#[test]
fn what_another_one_remembers_meanwhile_stays() {
    let central = Central::default();
    let edge = central.host();
    let overtaken = edge.host().with_cache(Overtaken {
        by: edge.host().with_http_client(Answers(central.clone())),
        cache: edge.host(),
        is_over: AtomicBool::new(false),
    });
    // Its write comes first, and so does its revision.
    assert!(overtaken.run(|| writable().put("a", "1").unwrap().remembered));
    assert_eq!(central.get("a"), Some(Held::Plain("2".to_owned())));
    let read = edge.run(|| writable().get_text("a").unwrap());
    assert_eq!(read.as_deref(), Some("2"));
}

/// A cache of which the first `set` fails, when another request has just written.
struct Overtaken {
    by: Host,
    cache: Host,
    is_over: AtomicBool,
}

impl fastedge_host::Cache for Overtaken {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        self.cache.cache().get(key)
    }

    fn set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), CacheError> {
        if self.is_over.swap(true, Relaxed) {
            return self.cache.cache().set(key, value, ttl_ms);
        }
        assert!(self.by.run(|| writable().put("a", "2").unwrap().remembered));
        Err(CacheError::InternalError)
    }

    fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.cache.cache().delete(key)
    }

    fn exists(&self, key: &str) -> Result<bool, CacheError> {
        self.cache.cache().exists(key)
    }

    fn incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        self.cache.cache().incr(key, delta)
    }

    fn expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        self.cache.cache().expire(key, ttl_ms)
    }

    fn purge(&self) -> Result<u64, CacheError> {
        self.cache.cache().purge()
    }

    fn purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        self.cache.cache().purge_prefix(prefix)
    }
}

struct Answers(Central);

impl fastedge_host::HttpClient for Answers {
    fn send_request(
        &self,
        request: fastedge_mock_host::Request,
    ) -> Result<fastedge_mock_host::Response, fastedge_mock_host::HttpError> {
        self.0.answer(&request)
    }
}
