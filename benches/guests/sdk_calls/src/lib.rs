//! Host calls through the SDK, as an app makes them.
//!
//! The URI is `/<call>/<times>`; the answer is empty. The handler is the bare one of the other side,
//! `raw_calls`, so that the two components differ in the calls only.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

use std::hint::black_box;

use exports::gcore::fastedge::http_handler::Guest;
use fastedge::cache::{Cache, Ttl};
use fastedge::kv_store::KvStore;
use gcore::fastedge::http::{Request, Response};

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
    let store = KvStore::open("bench").ok()?;
    let mut bytes = 0;
    for _ in 0..times {
        bytes += store.get("key").ok()??.len();
    }
    (black_box(bytes) > 0).then_some(())
}

fn set(times: u32) -> Option<()> {
    let ttl = Ttl::secs(60).ok()?;
    for _ in 0..times {
        Cache::set("key", b"value", ttl).ok()?;
    }
    Some(())
}

fn incr(times: u32) -> Option<()> {
    let mut sum = 0;
    for _ in 0..times {
        sum += Cache::incr("count", 1).ok()?;
    }
    (black_box(sum) > 0).then_some(())
}

fn range(times: u32) -> Option<()> {
    let store = KvStore::open("bench").ok()?;
    let set = store.sorted_set("members");
    let mut bytes = 0;
    for _ in 0..times {
        let members = set.range(0.0..).with_scores::<Vec<u8>>().ok()?;
        bytes += members
            .iter()
            .map(|(member, _)| member.len())
            .sum::<usize>();
    }
    (black_box(bytes) > 0).then_some(())
}
