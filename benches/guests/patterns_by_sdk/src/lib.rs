//! A fixed window and a memoised number of the SDK.
//!
//! The URI is `/<pattern>/<times>`; the answer is empty. The handler is bare, so that this component and
//! `patterns_by_hand` differ in the patterns only.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

use std::hint::black_box;
use std::time::Duration;

use exports::gcore::fastedge::http_handler::Guest;
use fastedge::RateLimit;
use fastedge::cache::{Memoize, Ttl};
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

/// So many requests a minute.
fn limit(times: u32) -> Option<()> {
    for _ in 0..times {
        let minute = Duration::from_secs(60);
        let limit = RateLimit::fixed_window("app:api", 1_000_000, minute).ok()?;
        let verdict = limit.check("203.0.113.7");
        if black_box(verdict.is_denied()) || verdict.fell_back().is_some() {
            return None;
        }
    }
    Some(())
}

/// A number that is kept for an hour, and is there.
fn memo(times: u32) -> Option<()> {
    for _ in 0..times {
        let memo = Memoize::<u64>::new("app:memo", Ttl::secs(3600).ok()?);
        let number = memo.get("203.0.113.7", || Ok::<_, ()>(42)).ok()?;
        black_box(*number);
    }
    Some(())
}
