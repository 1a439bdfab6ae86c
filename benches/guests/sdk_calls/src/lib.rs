//! Host calls through the SDK, as an app makes them.
//!
//! The URI is `/<call>/<times>`; the answer is empty. The other side is `raw_calls`.
#![cfg(target_arch = "wasm32")]

use std::convert::Infallible;
use std::hint::black_box;

use fastedge::cache::{Cache, Ttl};
use fastedge::http::{Body, Request, Response, StatusCode};
use fastedge::kv_store::KvStore;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let mut parts = request.uri().path().split('/').skip(1);
    let call = parts.next().unwrap_or_default();
    let times: u32 = parts
        .next()
        .and_then(|times| times.parse().ok())
        .unwrap_or(0);
    let worked = match call {
        "get" => get(times),
        "set" => set(times),
        "incr" => incr(times),
        _ => None,
    };
    let mut response = Response::new(Body::empty());
    if worked.is_none() {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    }
    Ok(response)
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
