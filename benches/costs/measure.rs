//! What the parts share: components whose instructions are counted.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use fastedge_mock::config::Config;
use fastedge_mock::package::{AppPackage, Built};
use fastedge_mock::wasm::{Discard, EngineOptions, Guest, Outcome, Runtime};
use http::Request;
use http::request::Builder;

pub(crate) type Error = Box<dyn std::error::Error>;

pub(crate) fn runtime() -> Result<Runtime, Error> {
    let mut options = EngineOptions::default();
    options.counts_instructions = true;
    Ok(Runtime::new(&options)?)
}

pub(crate) fn build(package: &str) -> Result<Built, Error> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(AppPackage::find(workspace, package)?.build()?)
}

/// With time enough for whatever is counted, and an empty store named `bench`.
pub(crate) fn load(runtime: &Runtime, component: &Built) -> Result<Guest, Error> {
    let mut config = Config::default();
    config.limits.time = std::time::Duration::from_secs(60);
    config.edge.link_store("bench", "bench")?;
    Ok(Guest::load(
        runtime,
        &component.binary,
        config,
        Arc::new(Discard),
    )?)
}

/// The instructions of a request.
pub(crate) fn instructions(app: &Guest, uri: &str) -> Result<u64, Error> {
    answered(app, Request::get(uri))?
        .instructions
        .ok_or_else(|| "the runtime does not count".into())
}

pub(crate) fn answered(app: &Guest, request: Builder) -> Result<Outcome, Error> {
    let threads = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let request = request.body(Bytes::new())?;
    let uri = request.uri().clone();
    let outcome = threads.block_on(app.request(request));
    if outcome.response.status() != 200 {
        return Err(format!("{uri}: {:?}", outcome.response).into());
    }
    Ok(outcome)
}
