//! Host calls through the SDK, as an app makes them.
//!
//! The URI is `/<call>/<times>`; the answer is empty. The other side is `raw_calls`.
#![cfg(target_arch = "wasm32")]

use std::hint::black_box;

use fastedge::cache::{Cache, Ttl};
use fastedge::http::{Body, Error, Request, Response};
use fastedge::kv_store::KvStore;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut parts = request.uri().path().split('/').skip(1);
    let call = parts.next().unwrap_or_default();
    let times: u32 = parts
        .next()
        .and_then(|times| times.parse().ok())
        .unwrap_or(0);
    match call {
        "get" => get(times),
        "set" => set(times),
        "incr" => incr(times),
        _ => Err(Error::other("no such call")),
    }?;
    Ok(Response::new(Body::empty()))
}

fn get(times: u32) -> Result<(), Error> {
    let store = KvStore::open("bench")?;
    for _ in 0..times {
        let value = store
            .get(black_box("key"))?
            .ok_or_else(|| Error::other("missing"))?;
        black_box(value);
    }
    Ok(())
}

fn set(times: u32) -> Result<(), Error> {
    for _ in 0..times {
        Cache::set(black_box("key"), black_box(b"value"), Ttl::secs(60)?)?;
    }
    Ok(())
}

fn incr(times: u32) -> Result<(), Error> {
    for _ in 0..times {
        black_box(Cache::incr(black_box("count"), black_box(1))?);
    }
    Ok(())
}
