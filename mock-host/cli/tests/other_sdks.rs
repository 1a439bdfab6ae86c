//! Components made by the platform's own SDKs run here unchanged.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{component, statuses};
use fastedge_mock::wasm::{App, Portrait};
use fastedge_mock_host::{Answer, MockHost};
use http::Request;
use serde_json::json;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

/// Builds an app on the public Rust SDK.
fn public_rust_app(package: &str, target: &str) -> PathBuf {
    let fixture = fixtures().join("public_rust_sdk");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("public_rust_sdk");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .current_dir(&fixture)
        .args([
            "build",
            "--release",
            "--package",
            package,
            "--target",
            target,
        ])
        .arg("--target-dir")
        .arg(&folder)
        .status()
        .unwrap();
    assert!(built.success());
    folder.join(format!("{target}/release/{package}.wasm"))
}

fn edge() -> MockHost {
    MockHost::new()
        .kv("data", |kv| {
            kv.set("greeting", "hello")
                .sorted_set("scores", [(10.0, "ann"), (20.0, "bob")])
                .bloom_filter("blocked", ["x"])
        })
        .variable("REGION", "eu")
        .secret("TOKEN", "s3cr3t")
        .answer("http://shop.example/price", Answer::text("42"))
}

fn tea() -> Request<&'static str> {
    Request::get("http://localhost/tea?x=1").body("").unwrap()
}

const REACTOR_ANSWER: &str =
    r#"GET /tea?x=1 Some("hello") [20.0] true 1 Some("eu") Some("s3cr3t") 42"#;

#[test]
fn a_reactor_app_of_the_public_rust_sdk() {
    // As the public SDK's README builds it, and as this one's does.
    for target in ["wasm32-wasip1", "wasm32-wasip2"] {
        let installed = Command::new("rustup")
            .args(["target", "add", target])
            .status();
        assert!(installed.is_ok_and(|status| status.success()), "{target}");
        let file = public_rust_app("public_reactor", target);
        let portrait = Portrait::of(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!(portrait.is_core_module, target == "wasm32-wasip1");
        let edge = edge();
        let outcome = App::load(file).unwrap().on(&edge).request(tea());
        assert_eq!(
            outcome.response.body(),
            REACTOR_ANSWER,
            "{target}: {outcome:?}"
        );
        assert_eq!(edge.diagnostics(), ["public"]);
        assert_eq!(outcome.calls.kv_reads(), 3);
    }
}

#[test]
fn a_wasi_http_app_of_the_public_rust_sdk() {
    let file = public_rust_app("public_wasi_http", "wasm32-wasip2");
    let outcome = App::load(file).unwrap().on(&edge()).request(tea());
    let answer = r#"GET /tea Some("hello") 1 Some("eu") 42"#;
    assert_eq!(outcome.response.body(), answer, "{outcome:?}");
}

#[test]
fn an_app_of_the_public_javascript_sdk() {
    let Some(file) = public_js_app() else {
        return;
    };
    let outcome = App::load(file).unwrap().on(&edge()).request(tea());
    assert_eq!(outcome.response.status(), 200, "{outcome:?}");
    let answer: serde_json::Value = serde_json::from_slice(outcome.response.body()).unwrap();
    let wanted = json!({
        "method": "GET",
        "path": "/tea",
        "greeting": "hello",
        "missing": null,
        "top": [20],
        "listed": true,
        "region": "eu",
        "token": "s3cr3t",
        "price": "42",
    });
    assert_eq!(answer, wanted);
}

/// Builds the app on the public JavaScript SDK, if the Node.js that it needs is here.
fn public_js_app() -> Option<PathBuf> {
    let version = Command::new("node").arg("--version").output();
    let version = version.map_or(String::new(), |said| {
        String::from_utf8_lossy(&said.stdout).into()
    });
    let major = version.trim_start_matches('v').split('.').next();
    if major.and_then(|major| major.parse().ok()).unwrap_or(0) < 20 {
        println!("skipped: the JavaScript SDK needs Node.js 20, and here is: {version:?}");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("public_js_sdk");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["app.js", "package.json"] {
        let from = fixtures().join("public_js_sdk").join(file);
        std::fs::copy(from, folder.join(file)).unwrap();
    }
    for arguments in [
        &["install", "--no-audit", "--no-fund", "--loglevel=error"][..],
        &["run", "--silent", "build"],
    ] {
        match Command::new("npm")
            .args(arguments)
            .current_dir(&folder)
            .status()
        {
            Ok(status) if status.success() => {}
            Ok(status) => panic!("npm {arguments:?}: {status}"),
            Err(_) => {
                println!("skipped: npm is not installed");
                return None;
            }
        }
    }
    Some(folder.join("app.wasm"))
}

/// What is not an app is told apart.
#[test]
fn a_failing_app_is_told_with_the_platforms_numbers() {
    let app = App::of(component("probe")).unwrap();
    let outcome = app.request(Request::get("/panic").body("").unwrap());
    assert_eq!(statuses(&outcome), (533, "3003".to_owned()));
    assert!(
        outcome
            .printed
            .iter()
            .any(|line| line.text.contains("as asked"))
    );
}
