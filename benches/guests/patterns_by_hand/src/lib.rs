//! A fixed window and a kept number as they are written by hand: what most apps begin with.
//!
//! The URI is `/<pattern>/<times>`; the answer is empty. The handler is bare, so that this component and
//! `patterns_by_sdk` differ in the patterns only.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

use std::hint::black_box;
use std::time::Duration;

use exports::gcore::fastedge::http_handler::Guest;
use fastedge::Cache;
use fastedge::cache::Ttl;
use gcore::fastedge::http::{Request, Response};

struct App;

export!(App);

impl Guest for App {
    fn process(request: Request) -> Response {
        let mut parts = request.uri.split('/').skip(1);
        let pattern = parts.next().unwrap_or_default();
        let times = parts.next().and_then(|times| times.parse().ok());
        let worked = match (pattern, times) {
            ("limit", Some(times)) => limit(times),
            ("memo", Some(times)) => memo(times),
            _ => None,
        };
        Response {
            status: if worked.is_some() { 200 } else { 500 },
            headers: None,
            body: None,
        }
    }
}

/// So many requests a minute. The window is in the key.
fn limit(times: u32) -> Option<()> {
    let minute = Duration::from_secs(60);
    for _ in 0..times {
        let now = fastedge::clock::now().ok()?;
        let since = now.duration_since(std::time::UNIX_EPOCH).ok()?;
        let window = since.as_secs() / minute.as_secs();
        let key = format!("app:api:{}:{window}", "203.0.113.7");
        let count = Cache::incr(&key, 1).ok()?;
        if count == 1 {
            Cache::expire(&key, Ttl::try_from(minute * 2).ok()?).ok()?;
        }
        black_box(count <= 1_000_000);
    }
    Some(())
}

/// A number that is kept for an hour, and is there.
fn memo(times: u32) -> Option<()> {
    let key = format!("app:memo:{}", "203.0.113.7");
    Cache::set(&key, "42", Ttl::secs(3600).ok()?).ok()?;
    for _ in 0..times {
        let number: u64 = Cache::get_parsed(&key).ok()??;
        black_box(number);
    }
    Some(())
}
