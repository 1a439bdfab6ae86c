//! What the tests of components share.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod account;
pub(crate) mod openapi;
#[cfg(unix)]
pub(crate) mod redis;
#[cfg(unix)]
pub(crate) mod server;

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use fastedge_mock::config::Config;
use fastedge_mock::package::AppPackage;
use fastedge_mock::wasm::{
    AppOutput, EngineOptions, Guest, Outcome, RequestLabel, Runtime, Stream,
};
use http::Request;

/// One runtime for all tests of a file, with a cache of compiled components.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut options = EngineOptions::default();
    options.cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
    Runtime::new(&options).unwrap()
});

/// The component of a package of this workspace.
pub(crate) fn component(package: &str) -> Vec<u8> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = AppPackage::find(workspace, package).unwrap();
    package.build().unwrap().binary
}

/// What an app has printed, as `<request> <o|e> <line>`.
#[derive(Default)]
pub(crate) struct Printed(Mutex<Vec<String>>);

impl Printed {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl AppOutput for Printed {
    fn line(&self, request: &RequestLabel, stream: Stream, line: &[u8]) {
        let stream = match stream {
            Stream::Stdout => 'o',
            Stream::Stderr => 'e',
        };
        let line = format!("{} {stream} {}", request.id, String::from_utf8_lossy(line));
        self.0.lock().unwrap().push(line);
    }
}

/// A configuration, with generous time: tests share the machine with each other.
pub(crate) fn config(toml: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fastedge.toml");
    std::fs::write(&file, toml).unwrap();
    let mut config = Config::load(Some(&file), None).unwrap();
    if !toml.contains("time_ms") {
        config.limits.time = std::time::Duration::from_secs(60);
    }
    config
}

pub(crate) fn load(binary: &[u8], config: Config) -> (Guest, Arc<Printed>) {
    let printed = Arc::new(Printed::default());
    let app = Guest::load(&RUNTIME, binary, config, printed.clone()).unwrap();
    (app, printed)
}

pub(crate) fn get(uri: &str) -> Request<Bytes> {
    Request::get(uri).body(Bytes::new()).unwrap()
}

/// Status, and body as text.
pub(crate) fn status_and_text(outcome: Outcome) -> (u16, String) {
    let status = outcome.response.status().as_u16();
    let body = String::from_utf8(outcome.response.into_body().to_vec()).unwrap();
    (status, body)
}

/// The platform's two numbers for a failure.
pub(crate) fn statuses(outcome: &Outcome) -> (u16, String) {
    let status = outcome.response.status().as_u16();
    let reason = outcome.response.headers().get("x-cdn-internal-status");
    let reason = reason.map_or("", |reason| reason.to_str().unwrap());
    (status, reason.to_owned())
}
