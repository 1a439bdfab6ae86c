//! Host calls through bare `wit-bindgen` bindings: what the SDK's calls are compared with.
//!
//! The URI is `/<call>/<times>`; the answer is empty. The other side is `sdk_calls`.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

use std::hint::black_box;

use exports::gcore::fastedge::http_handler::Guest;
use gcore::fastedge::cache_sync;
use gcore::fastedge::http::{Request, Response};
use gcore::fastedge::key_value::Store;

struct App;

export!(App);

impl Guest for App {
    fn process(request: Request) -> Response {
        let mut parts = request.uri.split('/').skip(1);
        let call = parts.next().unwrap_or_default();
        let times: u32 = parts
            .next()
            .and_then(|times| times.parse().ok())
            .unwrap_or(0);
        let worked = match call {
            "get" => get(times),
            "set" => set(times),
            "incr" => incr(times),
            "range" => range(times),
            _ => None,
        };
        Response {
            status: if worked.is_some() { 200 } else { 500 },
            headers: None,
            body: None,
        }
    }
}

fn get(times: u32) -> Option<()> {
    let store = Store::open("bench").ok()?;
    let mut bytes = 0;
    for _ in 0..times {
        bytes += store.get("key").ok()??.len();
    }
    (black_box(bytes) > 0).then_some(())
}

fn set(times: u32) -> Option<()> {
    for _ in 0..times {
        cache_sync::set("key", b"value", Some(60_000)).ok()?;
    }
    Some(())
}

fn incr(times: u32) -> Option<()> {
    let mut sum = 0;
    for _ in 0..times {
        sum += cache_sync::incr("count", 1).ok()?;
    }
    (black_box(sum) > 0).then_some(())
}

fn range(times: u32) -> Option<()> {
    let store = Store::open("bench").ok()?;
    let mut bytes = 0;
    for _ in 0..times {
        let members = store.zrange_by_score("members", 0.0, f64::INFINITY).ok()?;
        bytes += members
            .iter()
            .map(|(member, _)| member.len())
            .sum::<usize>();
    }
    (black_box(bytes) > 0).then_some(())
}
