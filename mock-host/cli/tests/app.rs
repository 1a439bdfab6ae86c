//! Components in integration tests, without a socket.

mod common;

use std::time::Duration;

use common::component;
use fastedge_mock::wasm::{App, LoadError};
use fastedge_mock_host::{MockHost, Operation, Replication, Settings};
use http::Request;

fn get(uri: &str) -> Request<&'static str> {
    Request::get(uri).body("").unwrap()
}

#[test]
fn an_app_is_asked_and_its_calls_fuel_and_memory_are_told() {
    let edge = MockHost::new().kv("data", |kv| kv.set("greeting", "hello"));
    let app = App::of(component("probe")).unwrap().on(&edge);
    let outcome = app.request(get("/everything"));
    assert_eq!(outcome.response.status(), 200, "{outcome:?}");
    assert_eq!(outcome.calls.count(Operation::CacheIncr), 1);
    assert_eq!(edge.calls().len(), outcome.calls.len());
    let few = app.request(get("/body?1"));
    let many = app.request(get("/body?100000"));
    assert!(many.instructions > few.instructions, "{few:?}");
    let much = app.request(get("/allocate?16"));
    assert!(much.memory >= few.memory + (16 << 20));
    let printed = app.request(get("/print")).printed;
    let texts: Vec<_> = printed.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["one", "two", "for nobody", "no end"]);
}

#[test]
fn an_app_sees_its_location() {
    let edge = MockHost::pops(["lon", "syd"])
        .settings(Settings::prompt().replication(Replication::held()))
        .kv("data", |kv| kv.set("greeting", "old"));
    let app = App::of(component("probe")).unwrap().on(&edge);
    edge.write("data", |kv| kv.set("greeting", "new"));
    edge.at("syd").replicate_now();
    let greeting = |pop| {
        let outcome = app.request_at(pop, get("/everything"));
        let answer: serde_json::Value = serde_json::from_slice(outcome.response.body()).unwrap();
        answer["get"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        (greeting("lon"), greeting("syd")),
        ("old".into(), "new".into())
    );
}

/// A sleep of ten minutes takes no time, and moves the clock by which entries expire.
#[test]
fn time_is_the_edges_and_a_sleep_moves_it() {
    let edge = MockHost::new().cached("short", "", Some(Duration::from_secs(60)));
    let before = edge.clock().now();
    let app = App::of(component("probe_wasi")).unwrap().on(&edge);
    let outcome = app.request(get("/sleep?600000"));
    assert_eq!(outcome.response.body(), "slept", "{outcome:?}");
    let slept = edge.clock().now() - before;
    assert_eq!(slept, Duration::from_secs(600));
    assert_eq!(edge.cache().get("short"), None);
}

#[test]
fn randomness_is_the_edges() {
    let random = |seed| {
        let edge = MockHost::new().seed(seed);
        let app = App::of(component("probe_wasi")).unwrap().on(&edge);
        let outcome = app.request(get("/random"));
        assert_eq!(outcome.response.status(), 200, "{outcome:?}");
        outcome.response.into_body()
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
}

/// The answer that is there wins against the time-out that waits beside it, however short that is,
/// and of several who sleep the one who sleeps shortest wakes first.
#[test]
fn those_who_wait_together_wake_in_order() {
    let edge = MockHost::new().answer(
        "http://shop.example/price",
        fastedge_mock_host::Answer::text("42"),
    );
    let app = App::of(component("probe_wasi")).unwrap().on(&edge);
    let outcome = app.request(get("/race?1"));
    assert_eq!(outcome.response.body(), "42", "{outcome:?}");
    let outcome = app.request(get("/sleepers"));
    assert_eq!(outcome.response.body(), "1 2 3", "{outcome:?}");
}

#[tokio::test]
async fn it_can_be_asked_in_an_async_test() {
    let app = App::of(component("probe")).unwrap();
    assert_eq!(app.request(get("/body?5")).response.body(), "xxxxx");
}

#[test]
fn what_is_no_app_is_told() {
    let missing = App::load("nowhere.wasm").map(|_| ()).unwrap_err();
    assert!(matches!(missing, LoadError::Unreadable { .. }), "{missing}");
    assert_eq!(
        missing.to_string(),
        "nowhere.wasm: No such file or directory (os error 2)"
    );
    assert_eq!(
        App::of(b"text").map(|_| ()).unwrap_err(),
        LoadError::NotWasm
    );
    let unknown = App::build("no_such_app").map(|_| ()).unwrap_err();
    assert!(
        unknown.to_string().contains("here: known are: "),
        "{unknown}"
    );
}
