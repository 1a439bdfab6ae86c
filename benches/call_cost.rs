//! What a typed call costs, beside the bare binding: instructions and bytes, which are exact.
//!
//! `cargo bench --package fastedge-mock --bench call_cost`
//!
//! The components are `benches/guests/raw_calls` (bare `wit-bindgen` bindings) and `sdk_calls` (the
//! SDK's calls under the same bare handler). The last row is what an app weighs whose handler is the
//! SDK's, with the types of the `http` crate: `examples/hello`. Each makes a call `n` times in one request; the difference between 1,001 times and once,
//! divided by 1,000, is the cost of a call, whatever a request costs otherwise. A call includes
//! what every app needs of it: to look at the result.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use fastedge_mock::config::Config;
use fastedge_mock::package::{AppPackage, Built};
use fastedge_mock::wasm::{App, Discard, EngineOptions, Runtime};
use http::Request;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let raw = build("raw_calls")?;
    let sdk = build("sdk_calls")?;
    let mut options = EngineOptions::default();
    options.counts_instructions = true;
    let runtime = Runtime::new(&options)?;
    let raw_app = load(&runtime, &raw)?;
    let sdk_app = load(&runtime, &sdk)?;

    println!("{:24} {:>10} {:>10} {:>7}", "", "bindings", "SDK", "ratio");
    for call in ["get", "set", "incr"] {
        let raw = instructions(&raw_app, call)?;
        let sdk = instructions(&sdk_app, call)?;
        row(&format!("{call}, instructions"), raw, sdk);
    }
    row(
        "component, bytes",
        raw.binary.len() as f64,
        sdk.binary.len() as f64,
    );
    let hello = build("hello")?;
    println!(
        "{:24} {:>10} {:>10}",
        "hello, bytes",
        "",
        hello.binary.len()
    );
    Ok(())
}

fn row(what: &str, raw: f64, sdk: f64) {
    println!("{what:24} {raw:>10.1} {sdk:>10.1} {:>7.3}", sdk / raw);
}

fn build(package: &str) -> Result<Built, Error> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(AppPackage::find(workspace, package)?.build()?)
}

fn load(runtime: &Runtime, component: &Built) -> Result<App, Error> {
    let mut config = Config::default();
    config.limits.time = std::time::Duration::from_secs(60);
    let edge = Arc::clone(&config.edge);
    edge.store("bench").set("key", "a value of some length");
    Ok(App::load(
        runtime,
        &component.binary,
        config,
        Arc::new(Discard),
    )?)
}

/// The instructions of one call.
fn instructions(app: &App, call: &str) -> Result<f64, Error> {
    let few = request(app, &format!("/{call}/1"))?;
    let many = request(app, &format!("/{call}/1001"))?;
    Ok((many - few) as f64 / 1000.0)
}

fn request(app: &App, uri: &str) -> Result<u64, Error> {
    let threads = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = threads.block_on(app.request(Request::get(uri).body(Bytes::new())?));
    if outcome.response.status() != 200 {
        return Err(format!("{uri}: {:?}", outcome.response).into());
    }
    outcome
        .instructions
        .ok_or_else(|| "the runtime does not count".into())
}
