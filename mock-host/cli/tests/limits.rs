//! What becomes of apps that use too much, crash, or give no answer; and of their neighbours.

mod common;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use common::{component, config, get, load, status_and_text, statuses};
use fastedge_mock::wasm::Failure;
use http::Request;

static PROBE: LazyLock<Vec<u8>> = LazyLock::new(|| component("probe"));
static PROBE_WASI: LazyLock<Vec<u8>> = LazyLock::new(|| component("probe_wasi"));

#[tokio::test]
async fn a_busy_loop_is_interrupted() {
    for app in [&PROBE, &PROBE_WASI] {
        let (app, _) = load(app, config("[limits]\ntime_ms = 50"));
        let outcome = app.request(get("/spin")).await;
        assert_eq!(statuses(&outcome), (532, "3010".to_owned()));
        let limit = Duration::from_millis(50);
        assert_eq!(outcome.failure, Some(Failure::Interrupted { limit }));
    }
}

#[tokio::test]
async fn waiting_too_long_is_a_time_out() {
    let (app, _) = load(&PROBE_WASI, config("[limits]\ntime_ms = 500"));
    let (status, text) = status_and_text(app.request(get("/sleep?1")).await);
    assert_eq!((status, text.as_str()), (200, "slept"));
    let outcome = app.request(get("/sleep?60000")).await;
    assert_eq!(statuses(&outcome), (532, "3011".to_owned()));
}

/// Busy loops on every thread do not keep others from being answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_loops_let_others_have_their_turn() {
    let (app, _) = load(&PROBE, config("[limits]\ntime_ms = 20000"));
    let app = Arc::new(app);
    let spinning: Vec<_> = (0..8)
        .map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { app.request(get("/spin")).await })
        })
        .collect();
    let answered = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { app.request(get("/echo")).await })
    };
    let outcome = answered.await.unwrap();
    assert_eq!(outcome.response.status(), 200);
    assert!(spinning.iter().all(|task| !task.is_finished()));
    for task in spinning {
        task.abort();
    }
}

#[tokio::test]
async fn memory_above_the_limit_is_refused() {
    let (app, _) = load(&PROBE, config("[limits]\nmemory = \"32 MB\""));
    let answer = status_and_text(app.request(get("/allocate?16")).await);
    assert_eq!(answer, (200, (16 << 20).to_string()));
    let outcome = app.request(get("/allocate?33")).await;
    assert_eq!(statuses(&outcome), (531, "3020".to_owned()));

    let (small, _) = load(&PROBE, config("[limits]\nmemory = \"64 KB\""));
    let outcome = small.request(get("/echo")).await;
    assert_eq!(statuses(&outcome), (531, "3020".to_owned()));
}

#[tokio::test]
async fn crashes_have_their_statuses() {
    let (app, printed) = load(&PROBE, config(""));
    let outcome = app.request(get("/panic")).await;
    assert_eq!(statuses(&outcome), (533, "3003".to_owned()));
    assert!(printed.lines().iter().any(|line| line.contains("as asked")));
    let outcome = app.request(get("/recurse")).await;
    assert_eq!(statuses(&outcome), (533, "3003".to_owned()));
    let outcome = app.request(get("/exit?7")).await;
    assert_eq!(statuses(&outcome), (533, "3002".to_owned()));
    // What is not zero is what the number is for.
    let outcome = app.request(get("/exit?0")).await;
    assert_eq!(statuses(&outcome), (530, "3001".to_owned()));
    assert_eq!(app.request(get("/echo")).await.response.status(), 200);

    let (wasi, _) = load(&PROBE_WASI, config(""));
    let outcome = wasi.request(get("/panic")).await;
    assert_eq!(statuses(&outcome), (533, "3003".to_owned()));
}

#[tokio::test]
async fn bodies_above_the_limit_are_refused() {
    for app in [&PROBE, &PROBE_WASI] {
        let (app, _) = load(app, config("[limits]\nbody = 100000"));
        let (status, text) = status_and_text(app.request(get("/body?100000")).await);
        assert_eq!((status, text.len()), (200, 100_000));
        let outcome = app.request(get("/body?100001")).await;
        assert_eq!(statuses(&outcome), (530, "3001".to_owned()));
    }
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    let (app, _) = load(&PROBE, config(""));
    for status in [100, 101, 199] {
        let outcome = app.request(get(&format!("/status?{status}"))).await;
        assert_eq!(statuses(&outcome), (530, "3001".to_owned()), "{status}");
    }
    // The SDK answers what the http crate does not take.
    let outcome = app.request(get("/status?1000")).await;
    assert_eq!(outcome.response.status(), 500);
}

#[tokio::test]
async fn a_reactor_app_cannot_be_asked_with_other_methods() {
    let (app, _) = load(&PROBE, config(""));
    for method in ["TRACE", "CONNECT", "PROPFIND"] {
        let request = Request::builder().method(method).uri("/echo");
        let outcome = app.request(request.body(Default::default()).unwrap()).await;
        assert_eq!(statuses(&outcome), (530, "3001".to_owned()), "{method}");
    }
}
