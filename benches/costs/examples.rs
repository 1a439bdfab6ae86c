//! The examples as they are: what each weighs, and what a request takes.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use fastedge_mock::config::SiteConfig;
use fastedge_mock::wasm::{Discard, EngineOptions, Guest, Runtime};
use http::Request;

use super::measure::{self, Error, build};
use super::table::{Table, number};

/// What each example is asked: one that needs no more than its configuration.
const REQUESTS: [(&str, &str, &str); 12] = [
    ("hello", "/", ""),
    ("hello_wasi", "/", ""),
    ("config", "/", ""),
    ("gate", "/", "77.90.185.20"),
    ("blocklist", "/", "77.90.185.20"),
    ("redirects", "/p/4711", ""),
    ("flags", "/", ""),
    ("rate_limit", "/", "192.0.2.1"),
    ("memoize", "/report", ""),
    ("session", "/", ""),
    ("leaderboard", "/top", ""),
    ("page_views", "/", ""),
];

/// How often a request is timed.
const TIMES: usize = 300;

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let mut table = Table::new(
        "Examples",
        "A request to each example that a GET can show, as cargo builds it, on the platform that its `fastedge.toml` describes: the component's bytes, \
         instructions of one request, calls of the host and bytes that they brought, microseconds from the request to its answer in a \
         fresh instance without a socket, and the memory that the instance had.",
        [
            "example",
            "bytes",
            "instructions",
            "calls",
            "bytes in",
            "µs, least",
            "µs, median",
            "KB",
        ],
    );
    let (counting, timing) = (
        measure::runtime()?,
        Runtime::new(&EngineOptions::default())?,
    );
    let threads = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for (name, uri, client) in REQUESTS {
        let component = build(name)?;
        let request = || {
            let request = Request::get(uri);
            match client {
                "" => request,
                client => request.header("x-real-ip", client),
            }
            .body(Bytes::new())
        };
        let counted =
            threads.block_on(guest(&counting, name, &component.binary)?.request(request()?));
        if counted.failure.is_some() {
            return Err(format!("{name}: {:?}", counted.failure).into());
        }
        let timed = guest(&timing, name, &component.binary)?;
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let request = request()?;
            let started = Instant::now();
            threads.block_on(timed.request(request));
            times.push(started.elapsed().as_secs_f64() * 1e6);
        }
        times.sort_by(f64::total_cmp);
        let time = |at: usize| times.get(at).copied().unwrap_or_default();
        table.row([
            name.to_owned(),
            number(component.binary.len() as f64),
            number(counted.instructions.unwrap_or_default() as f64),
            counted.calls.len().to_string(),
            number(counted.calls.bytes_received() as f64),
            number(time(0)),
            number(time(TIMES / 2)),
            number((counted.memory / 1024) as f64),
        ]);
    }
    Ok(vec![table])
}

fn guest(runtime: &Runtime, name: &str, binary: &[u8]) -> Result<Guest, Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let file = Some(folder.join(name).join("fastedge.toml")).filter(|file| file.is_file());
    let site = SiteConfig::load(file.as_deref(), None)?;
    let mut config = site.set_up(site.new_test_edge())?;
    config.limits.time = std::time::Duration::from_secs(60);
    Ok(Guest::load(runtime, binary, config, Arc::new(Discard))?)
}
