//! A reactor app that reports how Edge Storage's data are decoded in WebAssembly: each path is one
//! thing.

use std::alloc::System;

use fastedge::KvStore;
use fastedge::bloom::Filter;
use fastedge::codec::Decode;
use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Made on x86-64.
const VECTOR: &[u8] = include_bytes!("../../../data/bloom-v1.bin");

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match request.uri().path() {
        "/range/bytes" => range::<Vec<u8>>(),
        "/range/text" => range::<String>(),
        "/range/numbers" => range::<u64>(),
        "/bloom" => bloom(),
        _ => Ok(http::text(StatusCode::NOT_FOUND, "no such path")),
    }
}

/// How many members a range has, and how many allocations it takes to have them typed.
fn range<C: Decode>() -> Result<Response<Body>, Error> {
    let store = KvStore::open("data")?;
    let set = store.sorted_set("members");
    let region = Region::new(ALLOCATOR);
    let members = set.range(..).with_scores::<C>()?;
    let change = region.change();
    let answer = json!({
        "members": members.len(),
        "allocations": change.allocations,
    });
    http::json(StatusCode::OK, &answer)
}

/// Whether a filter that was made on x86-64 answers here, and is made here, as there.
fn bloom() -> Result<Response<Body>, Error> {
    let read = Filter::<str>::from_bytes(VECTOR)?;
    let mut made = Filter::<str>::new(500, 0.01)?;
    let items: Vec<String> = (0..500).map(|i| format!("item-{i}")).collect();
    for item in &items {
        made.insert(item);
    }
    let others = (0..100_000).filter(|i| read.contains(&format!("other-{i}")));
    let answer = json!({
        "found": items.iter().filter(|item| read.contains(item)).count(),
        "false_positives": others.count(),
        "same_bytes": made.into_bytes() == VECTOR,
    });
    http::json(StatusCode::OK, &answer)
}
