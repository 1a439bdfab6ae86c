//! Apps of either kind on a configured platform: what they are asked, and what they find.

mod common;

use std::sync::LazyLock;

use bytes::Bytes;
use common::{component, config, get, load, status_and_text};
use fastedge_mock::wasm::{Guest, Kind, LoadError, Runtime};
use http::Request;

static PROBE: LazyLock<Vec<u8>> = LazyLock::new(|| component("probe"));
static PROBE_WASI: LazyLock<Vec<u8>> = LazyLock::new(|| component("probe_wasi"));

const PLATFORM: &str = r#"
    [stores.data.values]
    greeting = "hello"
    bytes = { base64 = "/wA=" }
    "pages/home.html" = { text = "<h1>" }
    gone = { text = "gone", expires_after_secs = 0 }
    [stores.data.sorted_sets]
    scores = { members = { ann = 10, amy = 20, bob = 30.5 } }
    [stores.data.bloom_filters]
    blocked = { items = ["x"] }
    [variables]
    REGION = "eu"
    [secrets]
    TOKEN = "s3cr3t"
    KEY = [{ value = "old" }, { value = "new", from = 2020-01-01T00:00:00Z }]
"#;

#[tokio::test]
async fn a_reactor_app_finds_all_that_is_configured() {
    let (app, _) = load(&PROBE, config(PLATFORM));
    assert_eq!(app.kind(), Kind::Reactor);
    for visits in 1..=2 {
        let (status, text) = status_and_text(app.request(get("/everything")).await);
        assert_eq!(status, 200, "{text}");
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        let expected = serde_json::json!({
            "get": "hello",
            "file": "<h1>",
            "bytes": [255, 0],
            "missing": null,
            "wrong type": true,
            "scan": ["pages/home.html"],
            "range": [["amy", 20.0]],
            "zscan": 2,
            "exists": [true, false],
            "unknown store": true,
            "incr": visits,
            "cached": visits.to_string(),
            "variable": "eu",
            "environment": "eu",
            "secret": "s3cr3t",
            "rotated": "new",
            "former": "old",
        });
        assert_eq!(answer, expected);
    }
    assert_eq!(
        app.config().edge.diagnostics(),
        ["everything", "everything"]
    );
}

#[tokio::test]
async fn a_wasi_http_app_finds_the_same_platform() {
    let (app, _) = load(&PROBE_WASI, config(PLATFORM));
    assert_eq!(app.kind(), Kind::WasiHttp);
    for visits in 1..=2 {
        let answer = status_and_text(app.request(get("/store")).await);
        assert_eq!(answer, (200, format!("Some(\"hello\") {visits}")));
    }
}

#[tokio::test]
async fn a_reactor_app_is_asked_with_an_origin_form_or_the_real_host() {
    let (app, _) = load(
        &PROBE,
        config("[request_headers]\nx-given = \"1\"\nx-own = \"no\""),
    );
    let request = Request::post("http://ignored/echo?a=b")
        .header("x-own", "yes")
        .header("x-text", "ü")
        .header("x-binary", &b"\xff"[..])
        .body(Bytes::from("ping"))
        .unwrap();
    let (status, text) = status_and_text(app.request(request).await);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["method"], "POST");
    assert_eq!(answer["uri"], "/echo?a=b");
    assert_eq!(answer["body"], "ping");
    let headers = answer["headers"].as_array().unwrap();
    let has = |name: &str, value: &str| headers.contains(&serde_json::json!([name, value]));
    assert!(has("x-own", "yes") && has("x-text", "ü") && has("x-given", "1"));
    assert!(!text.contains("x-binary"), "{text}");

    let mut request = get("/echo?a=b");
    let host = "shop.example.com".parse().unwrap();
    request.headers_mut().insert("x-cdn-real-host", host);
    let (_, text) = status_and_text(app.request(request).await);
    assert!(text.contains("http://shop.example.com/echo?a=b"), "{text}");
}

#[tokio::test]
async fn a_wasi_http_app_is_asked_at_localhost() {
    let (app, _) = load(&PROBE_WASI, config(""));
    let request = Request::post("http://ignored/echo?a=b")
        .body(Bytes::from("ping"))
        .unwrap();
    assert_eq!(
        status_and_text(app.request(request).await),
        (200, "POST http://localhost/echo?a=b\nping".to_owned())
    );
}

#[tokio::test]
async fn responses_keep_their_headers_save_those_about_the_connection() {
    let (app, _) = load(&PROBE, config("[response_headers]\nx-added = \"1\""));
    let response = app.request(get("/status?404")).await.response;
    assert_eq!(response.status(), 404);
    let mine: Vec<_> = response.headers().get_all("x-mine").iter().collect();
    assert_eq!(mine, ["1", "2"]);
    assert_eq!(response.headers()["x-added"], "1");
    for unwanted in ["transfer-encoding", "connection", "content-length"] {
        assert!(!response.headers().contains_key(unwanted), "{unwanted}");
    }
}

#[tokio::test]
async fn what_an_app_prints_is_told_with_its_request() {
    let (app, printed) = load(&PROBE, config(""));
    app.request(get("/print")).await;
    app.request(get("/log")).await;
    app.request(get("/error")).await;
    assert_eq!(
        printed.lines(),
        [
            "1 o one",
            "1 o two",
            "1 e for nobody",
            "1 o no end",
            "2 o INFO probe: noted",
            "3 o the handler failed: the password is hunter2",
        ]
    );
}

#[tokio::test]
async fn an_error_of_a_handler_does_not_reach_the_client() {
    let (reactor, _) = load(&PROBE, config(""));
    let answer = status_and_text(reactor.request(get("/error")).await);
    assert_eq!(answer, (500, "Internal Server Error\n".to_owned()));
    let (wasi, _) = load(&PROBE_WASI, config(""));
    let (status, text) = status_and_text(wasi.request(get("/error")).await);
    assert_eq!(status, 530);
    assert_eq!(text, "530/3001: the app gave no usable answer\n");
}

#[tokio::test]
async fn a_core_module_for_wasip1_runs_as_well() {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = fastedge_mock::package::AppPackage::find(workspace, "probe").unwrap();
    let module = package.build_for("wasm32-wasip1").unwrap().binary;
    let (app, printed) = load(&module, config(PLATFORM));
    assert_eq!(app.kind(), Kind::Reactor);
    let (status, text) = status_and_text(app.request(get("/everything")).await);
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("\"get\":\"hello\""), "{text}");
    app.request(get("/print")).await;
    assert_eq!(printed.lines()[..2], ["2 o one", "2 o two"]);
}

#[test]
fn what_is_no_app_is_refused_in_words() {
    let refused = |binary: &[u8]| -> LoadError {
        let runtime: &Runtime = &common::RUNTIME;
        let output = std::sync::Arc::new(fastedge_mock::wasm::Discard);
        match Guest::load(runtime, binary, config(""), output) {
            Ok(_) => panic!("loaded"),
            Err(error) => error,
        }
    };
    let not_wasm = refused(b"#!/bin/sh\n");
    assert_eq!(not_wasm, LoadError::NotWasm);
    assert!(not_wasm.to_string().contains("--target wasm32-wasip2"));
    assert_eq!(refused(b""), LoadError::NotWasm);

    let empty_module = b"\0asm\x01\0\0\0";
    let error = refused(empty_module).to_string();
    assert!(error.contains("not an app: it exports neither"), "{error}");
    let error = refused(b"\0asm\x01\0\0\0garbage").to_string();
    assert!(
        error.contains("a core module that cannot be made"),
        "{error}"
    );

    let empty_component = b"\0asm\x0d\0\x01\0";
    let error = refused(empty_component).to_string();
    assert!(error.contains("#[fastedge::http]"), "{error}");
    let mut broken = PROBE.clone();
    broken.truncate(broken.len() / 2);
    assert!(matches!(refused(&broken), LoadError::Invalid(_)));
}
