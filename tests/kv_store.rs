//! `KvStore`: typed reads, misses, failures and their words.

use std::net::Ipv4Addr;
use std::time::Duration;

use fastedge::kv_store::{Error, ErrorKind, KvStore, Membership, SENTINEL, StoreType};
use fastedge::{Key, KeyTemplate, Pattern};
use fastedge_host::KeyValueError;
use fastedge_mock_host::{Fault, FaultError, MockHost, Operation};

fn edge() -> MockHost {
    MockHost::new().kv("data", |kv| {
        kv.set("text", "grüße")
            .set("number", "42")
            .set("address", "192.0.2.1")
            .set("json", r#"{"a": [1, 2]}"#)
            .set("bytes", [0xff, 0x00])
            .set("empty", "")
            .sorted_set("scores", [(2.0, "b"), (1.0, "a"), (2.0, "a2")])
            .bloom_filter("filter", ["x"])
    })
}

fn open() -> KvStore {
    KvStore::open("data").unwrap()
}

#[test]
fn a_value_is_read_as_what_it_is_asked_for() {
    let _installed = edge().install();
    let store = open();
    assert_eq!(store.get_bytes("bytes").unwrap(), Some(vec![0xff, 0x00]));
    assert_eq!(store.get_text("text").unwrap().as_deref(), Some("grüße"));
    assert_eq!(store.get_parsed("number").unwrap(), Some(42_u64));
    assert_eq!(
        store.get_parsed("address").unwrap(),
        Some(Ipv4Addr::new(192, 0, 2, 1))
    );
    let json: serde_json::Value = store.get_json("json").unwrap().unwrap();
    assert_eq!(json["a"][1], 2);
    let value = store.get("number").unwrap().unwrap();
    assert_eq!(value.parse::<i8>().unwrap(), 42);
}

#[test]
fn a_miss_is_none_and_an_empty_value_is_not_a_miss() {
    let _installed = edge().install();
    let store = open();
    assert_eq!(store.get("missing").unwrap(), None);
    assert_eq!(store.get_bytes("missing").unwrap(), None);
    assert_eq!(store.get_text("missing").unwrap(), None);
    assert_eq!(store.get_parsed::<u8>("missing").unwrap(), None);
    assert_eq!(store.get_json::<u8>("missing").unwrap(), None);
    assert_eq!(store.get_text("empty").unwrap().as_deref(), Some(""));
    assert_eq!(store.zrange_by_score("missing", 0.0, 1.0).unwrap(), []);
    assert_eq!(store.zscan("missing", "*").unwrap(), []);
    assert!(!store.bf_exists("missing", "x").unwrap());
}

#[test]
fn a_decoding_failure_names_store_key_and_reason() {
    let _installed = edge().install();
    let store = open();
    let text = |error: Error| error.to_string();
    assert_eq!(
        text(store.get_text("bytes").unwrap_err()),
        "key `bytes` of store `data` cannot be decoded: not UTF-8 text: \
         invalid utf-8 sequence of 1 bytes from index 0"
    );
    assert_eq!(
        text(store.get_parsed::<u8>("text").unwrap_err()),
        "key `text` of store `data` cannot be decoded: not a valid u8: \
         invalid digit found in string"
    );
    assert_eq!(
        text(store.get_json::<Vec<u8>>("json").unwrap_err()),
        "key `json` of store `data` cannot be decoded: not the expected JSON: \
         invalid type: map, expected a sequence at line 1 column 0"
    );
}

#[test]
fn an_unknown_store_is_not_available_and_the_error_says_what_to_do() {
    let _installed = edge().install();
    let error = KvStore::open("Data").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotAvailable { store } if store == "Data"));
    let text = error.to_string();
    assert!(text.contains("link it to the app"), "{text}");
    assert!(text.contains("[stores.Data]"), "{text}");
    assert!(KvStore::open(StoreType::Default).is_err());
}

#[test]
fn a_store_that_cannot_be_opened_is_told_by_its_name() {
    let edge = edge().fault(Fault::on(Operation::KvOpen));
    let error = edge.run(|| KvStore::open("data").unwrap_err());
    assert_eq!(
        error.to_string(),
        "store `data` could not be opened: internal-error"
    );
}

#[test]
fn a_key_of_another_type_is_a_failure_save_for_bloom_filters() {
    let _installed = edge().install();
    let store = open();
    let is_internal = |error: Error| matches!(error.kind(), ErrorKind::Internal { .. });
    assert!(is_internal(store.get("scores").unwrap_err()));
    assert!(is_internal(store.get_text("filter").unwrap_err()));
    assert!(is_internal(
        store.zrange_by_score("text", 0.0, 1.0).unwrap_err()
    ));
    assert!(is_internal(store.zscan("filter", "*").unwrap_err()));
    assert!(!store.bf_exists("text", "x").unwrap());
    assert!(store.bf_exists("filter", "x").unwrap());
}

#[test]
fn scores_select_inclusively_in_order_and_nan_is_refused_without_a_call() {
    let edge = edge();
    let _installed = edge.install();
    let store = open();
    let names = |members: Vec<(fastedge::Value, f64)>| -> Vec<String> {
        let name = |(member, _): (fastedge::Value, f64)| member.into_text().unwrap();
        members.into_iter().map(name).collect()
    };
    assert_eq!(
        names(store.zrange_by_score("scores", 1.0, 2.0).unwrap()),
        ["a", "a2", "b"]
    );
    assert_eq!(
        names(store.zrange_by_score("scores", 1.5, f64::INFINITY).unwrap()),
        ["a2", "b"]
    );
    assert_eq!(store.zrange_by_score("scores", 2.0, 1.0).unwrap(), []);
    let mut found = names(store.zscan("scores", "a*").unwrap());
    found.sort();
    assert_eq!(found, ["a", "a2"]);

    edge.clear_calls();
    let error = store.zrange_by_score("scores", f64::NAN, 1.0).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotANumber { .. }));
    assert!(edge.calls().is_empty());
}

#[test]
fn scan_matches_globs() {
    let _installed = edge().install();
    let store = open();
    let mut keys = store.scan("[bt]*").unwrap();
    keys.sort();
    assert_eq!(keys, ["bytes", "text"]);
    assert_eq!(store.scan("").unwrap(), [""; 0]);
}

#[test]
fn a_pair_expires() {
    let edge = MockHost::new().kv("data", |kv| {
        kv.set_expiring("k", "v", Duration::from_secs(10))
    });
    let _installed = edge.install();
    edge.clock().advance(Duration::from_millis(9_999));
    assert_eq!(open().get_text("k").unwrap().as_deref(), Some("v"));
    edge.clock().advance(Duration::from_millis(1));
    assert_eq!(open().get_text("k").unwrap(), None);
    assert_eq!(open().scan("*").unwrap(), [""; 0]);
}

#[test]
fn the_hosts_failures_are_told_apart() {
    let failing = |error| {
        let edge = edge().fault(Fault::on(Operation::KvGet).error(error));
        edge.run(|| open().get("text").unwrap_err())
    };
    assert!(matches!(
        failing(FaultError::AccessDenied).kind(),
        ErrorKind::AccessDenied { .. }
    ));
    assert!(matches!(
        failing(FaultError::Internal).kind(),
        ErrorKind::Internal { .. }
    ));
    let error = failing(FaultError::Other("on fire".to_owned()));
    assert_eq!(
        error.to_string(),
        "the host could not read `text` of store `data`: on fire"
    );
}

#[test]
fn keys_name_sorted_sets_and_filters_as_well() {
    static SCORES: Key<u64> = Key::new("scores");
    static OF_DAY: KeyTemplate<1, u64> = KeyTemplate::new("{}");
    let _installed = edge().install();
    let store = open();
    let scores = store.sorted_set(&SCORES);
    assert_eq!(scores.range(..).count().unwrap(), 3);
    assert_eq!(
        store
            .sorted_set(OF_DAY.of("scores"))
            .range(..)
            .count()
            .unwrap(),
        3
    );
    assert!(
        store
            .bloom_filter(OF_DAY.of("filter"))
            .contains('x')
            .unwrap()
    );
}

#[test]
fn a_typed_key_reads_its_value_and_names_itself_in_errors() {
    static NUMBER: Key<u64> = Key::new("number");
    static TEXT: Key<u64> = Key::new("text");
    let _installed = edge().install();
    assert_eq!(open().read(&NUMBER).unwrap(), Some(42));
    assert_eq!(open().read(&Key::<u64>::new("missing")).unwrap(), None);
    let error = open().read(&TEXT).unwrap_err();
    assert_eq!(
        error.to_string(),
        "key `text` of store `data` cannot be decoded: not a valid u64: invalid digit found in \
         string"
    );
}

#[test]
fn what_is_too_large_for_the_platform_is_refused_where_it_is_written() {
    let error = Key::<String>::named("k".repeat(257))
        .encode("")
        .unwrap_err();
    assert!(
        error.to_string().starts_with("a key of 257 bytes"),
        "{error}"
    );
    let large = "x".repeat(1_048_577);
    let error = Key::<String>::new("k").encode(&large).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a value of 1048577 bytes for key `k`: the platform takes at most 1048576 characters of \
         text, or 786432 bytes of other data"
    );
    assert!(Key::<String>::new("k").encode(&large[1..]).is_ok());
    // A name that cannot be is a miss.
    let _installed = edge().install();
    let key = Key::<String>::named("k".repeat(257));
    assert_eq!(open().read(&key).unwrap(), None);
}

#[test]
fn a_scan_is_sorted_and_bounded_on_request() {
    let edge = MockHost::new().kv("data", |kv| {
        (0..100).fold(kv, |kv, i| kv.set(&format!("user:{}", i * 7 % 100), ""))
    });
    // A host that answers in no order, and some keys twice.
    let host = edge.host();
    let shuffled = edge.host().with_key_value(Shuffled(host));
    shuffled.run(|| {
        let store = open();
        let users = Pattern::prefix("user:");
        let all = store.scan(&users).unwrap();
        assert_eq!(all.len(), 100);
        assert!(all.is_sorted());
        assert_eq!(store.scan_first(&users, 3).unwrap(), all[..3]);
        assert_eq!(store.scan_after(&users, &all[2], 4).unwrap(), all[3..7]);
        assert_eq!(store.scan_after(&users, &all[97], 4).unwrap(), all[98..]);
        assert_eq!(store.scan_first(&users, 0).unwrap(), [""; 0]);
        assert_eq!(store.scan_unordered(&users).unwrap().len(), 200);
    });
}

/// Answers every key twice, and in reverse.
struct Shuffled(fastedge_host::Host);

struct ShuffledStore(std::sync::Arc<dyn fastedge_host::Store>);

impl fastedge_host::KeyValue for Shuffled {
    fn open(&self, name: &str) -> Result<std::sync::Arc<dyn fastedge_host::Store>, KeyValueError> {
        let store = self.0.key_value().open(name)?;
        Ok(std::sync::Arc::new(ShuffledStore(store)))
    }
}

type Members = Result<Vec<(Vec<u8>, f64)>, KeyValueError>;

impl fastedge_host::Store for ShuffledStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.0.get(key)
    }

    fn scan(&self, pattern: &str) -> Result<Vec<String>, KeyValueError> {
        let keys = self.0.scan(pattern)?;
        Ok(keys.iter().rev().chain(&keys).cloned().collect())
    }

    fn zrange_by_score(&self, key: &str, min: f64, max: f64) -> Members {
        self.0.zrange_by_score(key, min, max)
    }

    fn zscan(&self, key: &str, pattern: &str) -> Members {
        self.0.zscan(key, pattern)
    }

    fn bf_exists(&self, key: &str, item: &str) -> Result<bool, KeyValueError> {
        self.0.bf_exists(key, item)
    }
}

/// A host that walks a set step by step can meet a member twice, before and after its score changes.
#[test]
fn a_lookup_asks_for_the_sentinel_once() {
    let edge = MockHost::new().kv("data", |kv| kv.bloom_filter("filter", ["x", SENTINEL]));
    let _installed = edge.install();
    let store = open();
    let filter = store.bloom_filter("filter");
    edge.clear_calls();
    assert_eq!(filter.lookup("x").unwrap(), Membership::Possible);
    assert_eq!(edge.calls().len(), 1);
    for item in ["a", "b", "c"] {
        assert_eq!(filter.lookup(item).unwrap(), Membership::Absent);
    }
    assert_eq!(edge.calls().len(), 5);
}
