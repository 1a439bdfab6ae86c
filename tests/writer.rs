//! `KvStore` with a `Writer`: what is written goes to the central side, and is read back here.

mod common;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use common::{Central, DATA_URL, Held, STORE_ID};
use fastedge::cache::Ttl;
use fastedge::codec::Json;
use fastedge::edge_storage_api::ErrorKind;
use fastedge::kv_store::{KvStore, Membership, Writer};
use fastedge::{Key, Pattern};
use fastedge_mock_host::{Fault, MockHost, Operation};

fn writable() -> KvStore<Writer> {
    let writer = Writer::from_secret(STORE_ID, "API_TOKEN").unwrap();
    KvStore::open("store").unwrap().with_writer(writer)
}

fn read_only() -> KvStore {
    KvStore::open("store").unwrap()
}

#[test]
fn what_is_put_is_read_back_here_before_it_is_replicated() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    let written = store.put("views", 41.to_string()).unwrap();
    assert!(written.remembered);
    assert_eq!(written.revision, 1);
    assert_eq!(central.get("views"), Some(Held::Plain("41".to_owned())));

    assert_eq!(store.get_parsed::<u64>("views").unwrap(), Some(41));
    assert_eq!(read_only().get("views").unwrap(), None);

    // Once this location has forgotten, the replica answers.
    edge.clock().advance(Duration::from_secs(45));
    assert_eq!(store.get("views").unwrap(), None);
    central.replicate(&edge);
    assert_eq!(store.get_parsed::<u64>("views").unwrap(), Some(41));
}

#[test]
fn every_form_of_a_value_can_be_put() {
    static LIMITS: Key<Json<Vec<u32>>> = Key::new("limits");
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("text", "Tea").unwrap();
    store.put_json("json", &[1, 2]).unwrap();
    store.write(&LIMITS, &vec![3, 4]).unwrap();
    assert_eq!(store.get_text("text").unwrap().as_deref(), Some("Tea"));
    assert_eq!(
        store.get_json::<Vec<u32>>("json").unwrap(),
        Some(vec![1, 2])
    );
    assert_eq!(store.read(&LIMITS).unwrap(), Some(vec![3, 4]));
    assert_eq!(central.get("limits"), Some(Held::Plain("[3,4]".to_owned())));
}

#[test]
fn a_value_that_expires_is_gone_then_and_what_was_before_does_not_come_back() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    edge.write("store", |kv| kv.set("a", "old").set("b", "old"));
    let now = std::time::UNIX_EPOCH + edge.clock().now();
    store
        .put_expiring("a", "1", now + Duration::from_secs(10))
        .unwrap();
    store
        .put_expiring("b", "1", now - Duration::from_secs(10))
        .unwrap();
    assert!(store.get("a").unwrap().is_some());
    assert!(store.get("b").unwrap().is_none());
    edge.clock().advance(Duration::from_secs(10));
    assert!(store.get("a").unwrap().is_none());
    let body = central.requests()[0].body.clone().unwrap();
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("\"expiry\":\"2026-01-01T00:00:10Z\"")
    );
}

#[test]
fn a_deletion_is_seen_here_and_says_what_it_found() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    store.put("a", "1").unwrap();
    store.sorted_set("set").add([(1.0, "m")]).unwrap();
    central.replicate(&edge);
    let deletion = store.delete("a").unwrap();
    assert!(deletion.deleted && deletion.remembered);
    assert_eq!(store.get("a").unwrap(), None);
    assert!(read_only().get("a").unwrap().is_some());
    assert!(!store.delete("a").unwrap().deleted);
    // Of another type: it stays.
    assert!(!store.delete("set").unwrap().deleted);
    assert!(central.get("set").is_some());
}

#[test]
fn members_are_seen_in_ranges_and_scans() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    let scores = store.sorted_set("scores");
    scores
        .add([(10.0, "ann"), (30.0, "bob"), (5.0, "dan")])
        .unwrap();
    central.replicate(&edge);
    scores.add([(20.0, "cid"), (1.0, "bob")]).unwrap();
    scores.remove(["ann"]).unwrap();
    assert_eq!(
        scores.range(..).members::<String>().unwrap(),
        ["bob", "dan", "cid"]
    );
    assert_eq!(
        scores.range(5.0..).members::<String>().unwrap(),
        ["dan", "cid"]
    );
    assert_eq!(scores.score("cid").unwrap(), Some(20.0));
    assert_eq!(scores.score("ann").unwrap(), None);
    let matching = scores
        .members_matching::<String>(&Pattern::prefix("b"))
        .unwrap();
    assert_eq!(matching, [("bob".to_owned(), 1.0)]);
    assert_eq!(
        read_only()
            .sorted_set("scores")
            .range(..)
            .members::<String>()
            .unwrap(),
        ["dan", "ann", "bob"]
    );
    // Long after, what another location has changed is not hidden by what was written here.
    edge.clock().advance(Duration::from_secs(44));
    scores.add([(2.0, "eve")]).unwrap();
    edge.clock().advance(Duration::from_secs(1));
    assert_eq!(
        scores.range(..).members::<String>().unwrap(),
        ["eve", "dan", "ann", "bob"]
    );
}

#[test]
fn items_are_seen_and_the_filter_is_there_at_once() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    assert_eq!(
        store.bloom_filter("blocked").lookup("ann").unwrap(),
        Membership::NoFilter
    );
    store.bloom_filter("blocked").add(["mallory"]).unwrap();
    let blocked = store.bloom_filter("blocked");
    assert!(blocked.contains("mallory").unwrap());
    assert_eq!(blocked.lookup("ann").unwrap(), Membership::Absent);
    assert!(
        !read_only()
            .bloom_filter("blocked")
            .contains("mallory")
            .unwrap()
    );
    central.replicate(&edge);
    assert_eq!(
        read_only().bloom_filter("blocked").lookup("ann").unwrap(),
        Membership::Absent
    );
}

/// What cannot be remembered must not be hidden by what was remembered before.
/// A location that goes on writing goes on reading its own: the other's writes never reach it.
#[test]
fn busy_locations_never_see_each_other() {
    let central = Central::default();
    let (london, sydney) = (central.host(), central.host());
    let view = |edge: &MockHost| {
        edge.run(|| {
            let store = writable();
            let views: u64 = store.get_parsed("views").unwrap().unwrap_or(0);
            store.put("views", (views + 1).to_string()).unwrap();
        });
        central.replicate(&london);
        central.replicate(&sydney);
        london.clock().advance(Duration::from_secs(20));
        sydney.clock().advance(Duration::from_secs(20));
    };
    for _ in 0..50 {
        view(&london);
        view(&sydney);
    }
    assert_eq!(central.get("views"), Some(Held::Plain("51".to_owned())));
}

#[test]
fn what_is_too_large_is_refused_without_a_request() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    for error in [
        store.put("k", vec![0; 1_000_001]).unwrap_err(),
        store.put(&"k".repeat(257), "").unwrap_err(),
        store.sorted_set("k").add([(f64::NAN, "m")]).unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::Entry(_)), "{error}");
    }
    assert_eq!(edge.calls().requests_sent(), 0);
}

#[test]
fn the_calls_are_as_documented() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    edge.clear_calls();
    store.put("a", "1").unwrap();
    assert_eq!(edge.calls().requests_sent(), 1);
    assert_eq!(edge.calls().iter().next().unwrap().key, DATA_URL);
    assert_eq!(edge.calls().cache_calls(), 2);

    edge.clear_calls();
    store.get("a").unwrap();
    assert_eq!(edge.calls().len(), 1, "remembered: {}", edge.calls());
    edge.clear_calls();
    store.get("b").unwrap();
    assert_eq!(edge.calls().len(), 2, "not remembered: {}", edge.calls());
    edge.clear_calls();
    read_only().get("a").unwrap();
    assert_eq!(edge.calls().cache_calls(), 0);
}

#[test]
fn how_long_is_the_writers_choice() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let writer = Writer::from_secret(STORE_ID, "API_TOKEN").unwrap();
    let writer = writer.remember_for(Ttl::secs(2).unwrap());
    let store = KvStore::open("store").unwrap().with_writer(writer);
    store.put("a", "1").unwrap();
    edge.clock().advance(Duration::from_secs(2));
    assert_eq!(store.get("a").unwrap(), None);
}

/// What a store cannot do: two requests that read, add one and put back lose an update.
#[test]
fn overlapping_updates_are_lost() {
    let central = Central::default();
    let edge = central.host();
    edge.run(|| writable().put("views", "41").unwrap());
    central.replicate(&edge);

    let both_have_read = Arc::new(Barrier::new(2));
    let view = |edge: MockHost, both_have_read: Arc<Barrier>| {
        thread::spawn(move || {
            edge.run(|| {
                let store = writable();
                let views: u64 = store.get_parsed("views").unwrap().unwrap();
                both_have_read.wait();
                store.put("views", (views + 1).to_string()).unwrap();
            });
        })
    };
    for request in [
        view(edge.clone(), both_have_read.clone()),
        view(edge.clone(), both_have_read),
    ] {
        request.join().unwrap();
    }
    // Two views, and the count has grown by one.
    assert_eq!(central.get("views"), Some(Held::Plain("42".to_owned())));
}

#[test]
fn without_a_token_there_is_no_writer() {
    let edge = MockHost::new().kv("store", |kv| kv);
    let error = edge.run(|| Writer::from_secret(7, "API_TOKEN").unwrap_err());
    assert!(error.to_string().contains("link it to the app"), "{error}");
    let faulty = Central::default().host();
    faulty.inject(Fault::on(Operation::SecretGet));
    assert!(faulty.run(|| Writer::from_secret(7, "API_TOKEN")).is_err());
}

#[test]
fn a_pointer_is_published_and_moved() {
    let central = Central::default();
    let edge = central.host();
    let _installed = edge.install();
    let store = writable();
    let version = store.pointer("version");
    assert_eq!(version.get().unwrap(), None);
    for number in [7.0, 8.0, 3.0] {
        version.set(number).unwrap();
        assert_eq!(version.get().unwrap(), Some(number));
        central.replicate(&edge);
        assert_eq!(read_only().pointer("version").get().unwrap(), Some(number));
    }
    assert!(version.set(f64::NAN).is_err());
}
