//! The edge of a test that is a component: what the same code does natively, it does here.
#![cfg(target_arch = "wasm32")]

use std::time::{Duration, Instant, SystemTime};

use fastedge::cache::Ttl;
use fastedge::http::{Body, Request, send_request};
use fastedge::{Cache, KvStore, dictionary, secret};
use fastedge_mock_host::{
    Answer, BloomOptions, Fault, FaultError, MockHost, Operation, Overflow, Replication, Settings,
};

fn colour() -> Option<String> {
    KvStore::open("config").unwrap().get_text("colour").unwrap()
}

#[test]
fn what_is_set_up_is_what_the_app_finds() {
    let edge = MockHost::new()
        .kv("config", |kv| {
            kv.set("colour", "red")
                .set_expiring("soon", "gone", Duration::from_secs(5))
                .sorted_set("scores", [(7.0, "ann"), (8.0, "bob")])
                .bloom_filter_with("blocked", BloomOptions::for_items(10), ["x"])
        })
        .cached("warm", "yes", Some(Duration::from_secs(60)))
        .variable("REGION", "eu")
        .secret("TOKEN", "s3cr3t")
        .answer(
            "http://shop.example/price",
            Answer::text("42").header("x-a", "b"),
        );
    let _installed = edge.install();
    let store = KvStore::open("config").unwrap();
    assert_eq!(colour().as_deref(), Some("red"));
    assert_eq!(store.get_text("soon").unwrap().as_deref(), Some("gone"));
    assert_eq!(store.zrange_by_score("scores", 7.5, 9.0).unwrap().len(), 1);
    assert!(store.bf_exists("blocked", "x").unwrap());
    assert_eq!(Cache::get_text("warm").unwrap().as_deref(), Some("yes"));
    assert_eq!(dictionary::get("REGION").unwrap().as_deref(), Some("eu"));
    assert_eq!(secret::get("TOKEN").unwrap().as_deref(), Some("s3cr3t"));
    let request = Request::get("http://shop.example/price")
        .body(Body::empty())
        .unwrap();
    let answer = send_request(request).unwrap();
    assert_eq!(
        (answer.body().as_bytes(), &answer.headers()["x-a"]),
        (&b"42"[..], &"b".parse().unwrap())
    );
    edge.clock().advance(Duration::from_secs(60));
    assert_eq!(store.get_text("soon").unwrap(), None);
    assert_eq!(Cache::get_text("warm").unwrap(), None);
    assert_eq!(
        (edge.calls().kv_reads(), edge.calls().cache_calls()),
        (5, 2)
    );
    assert_eq!(edge.calls().requests_sent(), 1);
    edge.clear_calls();
    assert!(edge.calls().is_empty());
}

#[test]
fn locations_and_replication_are_controlled() {
    let replication = Replication::after(Duration::from_secs(1)).to("syd", Replication::held());
    let edge = MockHost::pops(["lon", "syd"])
        .settings(
            Settings::platform()
                .read_cache(None)
                .replication(replication),
        )
        .kv("config", |kv| kv.set("colour", "red"));
    edge.write("config", |kv| kv.set("colour", "blue"));
    edge.clock().advance(Duration::from_secs(1));
    assert_eq!(edge.at("lon").run(colour).as_deref(), Some("blue"));
    assert_eq!(edge.at("syd").run(colour).as_deref(), Some("red"));
    edge.replicate_now();
    assert_eq!(edge.at("syd").run(colour).as_deref(), Some("blue"));
    edge.at("syd").run(|| Cache::incr("n", 1)).unwrap();
    assert_eq!(edge.at("syd").cache().get_text("n").as_deref(), Some("1"));
    assert_eq!(edge.cache().get("n"), None);
    assert_eq!(edge.calls().at("syd").len(), 5);
}

#[test]
fn faults_and_settings_are_controlled() {
    let fault = Fault::on(Operation::CacheIncr).nth(2);
    let edge = MockHost::new()
        .settings(
            Settings::prompt()
                .overflow(Overflow::Fails)
                .cache_bytes(1_000),
        )
        .fault(
            fault
                .error(FaultError::Other("on fire".to_owned()))
                .after_the_effect(),
        )
        .cached("n", i64::MAX.to_string(), None);
    let _installed = edge.install();
    assert_eq!(Cache::incr("m", 1).unwrap(), 1);
    assert!(
        Cache::incr("m", 1)
            .unwrap_err()
            .to_string()
            .contains("on fire")
    );
    assert_eq!(edge.cache().get_text("m").as_deref(), Some("2"));
    edge.clear_faults();
    assert!(Cache::incr("n", 1).is_err());
    Cache::set("large", vec![0; 2_000], Ttl::secs(1).unwrap()).unwrap();
    assert_eq!(edge.cache().list(10).0, 0);
}

/// WASI's clocks are the edge's, and sleeping moves them.
#[test]
fn time_is_the_edges() {
    let edge = MockHost::new().starting_at(Duration::from_secs(1_000));
    let _installed = edge.install();
    let unix = || {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
    };
    assert_eq!(unix(), Duration::from_secs(1_000));
    let before = Instant::now();
    std::thread::sleep(Duration::from_secs(3_600));
    assert_eq!(before.elapsed(), Duration::from_secs(3_600));
    assert_eq!(unix(), Duration::from_secs(4_600));
    assert_eq!(edge.clock().unix_secs(), 4_600);
    edge.clock().advance(Duration::from_secs(1));
    assert_eq!(unix(), Duration::from_secs(4_601));
}

#[test]
fn randomness_is_the_edges() {
    let random = |seed| {
        let edge = MockHost::new().seed(seed);
        let mut bytes = [0; 16];
        edge.run(|| getrandom::fill(&mut bytes)).unwrap();
        bytes
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
}

#[test]
fn nothing_is_left_over_from_another_test() {
    let edge = MockHost::new();
    let _installed = edge.install();
    assert!(KvStore::open("config").is_err());
    assert_eq!(Cache::incr("n", 1).unwrap(), 1);
    drop(_installed);
    let error = Cache::incr("n", 1).unwrap_err().to_string();
    assert!(error.contains("no FastEdge host is installed"), "{error}");
}

/// The harness's verdict comes after all that a test prints, and paths that were built in are there.
#[test]
fn what_is_printed_does_not_hide_the_verdict() {
    for i in 0..3_000 {
        println!("line {i} {}", "x".repeat(100));
    }
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert!(
        std::fs::read_to_string(manifest)
            .unwrap()
            .contains("wasm_tests")
    );
}

#[test]
fn installs_nest() {
    let outer = MockHost::new().cached("who", "outer", None);
    let inner = MockHost::new().cached("who", "inner", None);
    let who = || Cache::get_text("who").unwrap().unwrap();
    let first = outer.install();
    let second = inner.install();
    assert_eq!(who(), "inner");
    drop(first);
    assert_eq!(who(), "inner");
    outer.run(|| assert_eq!(who(), "outer"));
    assert_eq!(who(), "inner");
    drop(second);
}

#[test]
#[ignore = "fails on purpose"]
fn fails_on_purpose() {
    let edge = MockHost::new().kv("pages", |kv| kv.set("home", "12345"));
    let _installed = edge.install();
    KvStore::open("pages").unwrap().get("home").unwrap();
    println!("printed before");
    panic!("on purpose");
}

#[test]
#[ignore = "fails on purpose"]
fn exits_on_purpose() {
    // WASI 0.2 tells success from failure, and not one failure from another.
    std::process::exit(7);
}

/// Rust's harness cannot see a panic here, which ends the instance, and ignores the test.
#[test]
#[should_panic(expected = "on purpose")]
fn panics_on_purpose() {
    panic!("on purpose");
}

#[test]
#[ignore = "is run with the ones that fail"]
fn passes_when_it_is_asked_to() {}
