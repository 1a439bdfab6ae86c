//! Calls that fail because a test wants them to, and the log that tells of it.

use fastedge::cache::Ttl;
use fastedge::{Cache, KvStore};
use fastedge_mock_host::{Fault, FaultError, MockHost, Operation};

#[test]
fn the_nth_call_fails_counted_from_when_the_fault_is_injected() {
    let edge = MockHost::new();
    let _installed = edge.install();
    Cache::incr("n", 1).unwrap();
    edge.inject(Fault::on(Operation::CacheIncr).nth(2));
    let results: Vec<bool> = (0..4).map(|_| Cache::incr("n", 1).is_ok()).collect();
    assert_eq!(results, [true, false, true, true]);
    assert_eq!(edge.cache().get_text("n").as_deref(), Some("4"));
}

#[test]
fn every_call_to_a_store_fails_and_to_others_does_not() {
    let edge = MockHost::new()
        .kv("good", |kv| kv.set("k", "v"))
        .kv("bad", |kv| kv.set("k", "v"));
    let _installed = edge.install();
    let bad = KvStore::open("bad").unwrap();
    edge.inject(Fault::on_store("bad"));
    assert!(KvStore::open("bad").is_err());
    assert!(bad.get("k").is_err());
    assert!(bad.scan("*").is_err());
    assert!(bad.bf_exists("k", "x").is_err());
    assert!(KvStore::open("good").unwrap().get("k").is_ok());
    assert!(Cache::get("k").is_ok());
    edge.clear_faults();
    assert!(bad.get("k").is_ok());
}

#[test]
fn a_probability_has_a_seed() {
    let failures = |seed| -> Vec<bool> {
        let edge = MockHost::new().fault(Fault::on_cache().with_probability(0.3, seed));
        edge.run(|| (0..1_000).map(|_| Cache::get("k").is_err()).collect())
    };
    assert_eq!(failures(1), failures(1));
    assert_ne!(failures(1), failures(2));
    let count = failures(1).iter().filter(|failed| **failed).count();
    assert!((200..400).contains(&count), "{count}");
}

#[test]
fn an_answer_can_get_lost_after_the_effect() {
    let edge = MockHost::new().fault(Fault::on(Operation::CacheSet).after_the_effect());
    let _installed = edge.install();
    assert!(Cache::set("k", "v", None).is_err());
    assert_eq!(edge.cache().get_text("k").as_deref(), Some("v"));
}

#[test]
#[should_panic(expected = "dictionary.get cannot fail")]
fn an_operation_without_an_error_cannot_be_made_to_fail() {
    let _never = Fault::on(Operation::DictionaryGet);
}

#[test]
fn the_log_has_each_call_with_sizes_and_errors() {
    let edge = MockHost::new()
        .kv("pages", |kv| kv.set("home", "12345"))
        .fault(Fault::on(Operation::CacheGet).error(FaultError::Other("on fire".to_owned())));
    let _installed = edge.install();
    let store = KvStore::open("pages").unwrap();
    store.get("home").unwrap();
    Cache::set("k", "abc", Ttl::secs(1).unwrap()).unwrap();
    Cache::get("k").unwrap_err();
    assert_eq!(
        edge.calls().to_string(),
        "key-value.open             pages \"\"\n\
         key-value.get              pages \"home\", 5 B received\n\
         cache-sync.set             \"k\", 3 B sent\n\
         cache-sync.get             \"k\": on fire\n"
    );
    let calls = edge.calls();
    assert_eq!(
        (calls.len(), calls.kv_reads(), calls.cache_calls()),
        (4, 1, 2)
    );
    assert_eq!(calls.bytes_received(), 5);
    edge.clear_calls();
    assert!(edge.calls().is_empty());
}

#[test]
fn the_clock_is_the_tests() {
    let edge = MockHost::new().starting_at(std::time::Duration::from_secs(7));
    assert_eq!(edge.clock().unix_secs(), 7);
    let host = edge.host();
    host.clock().sleep(std::time::Duration::from_secs(3));
    assert_eq!(edge.clock().unix_secs(), 10);
}

#[test]
fn randomness_has_a_seed() {
    let bytes = |seed| {
        let mut bytes = [0; 32];
        MockHost::new().seed(seed).host().random().fill(&mut bytes);
        bytes
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}
