//! What reading a value costs in WebAssembly, by its format: instructions and bytes, which are exact.
//!
//! `cargo bench --package fastedge-mock --bench decode_cost`
//!
//! The component is `benches/guests/decode`. It reads a value and uses it once, `n` times in one
//! request; the difference between 11 times and once, divided by 10, is the cost of one.

#[path = "common/mod.rs"]
mod common;

use common::{Error, build, instructions, load, runtime};
use fastedge_mock::wasm::Guest;
use fastedge_mock_host::central::Change;
use http::{Method, Request};

fn main() -> Result<(), Error> {
    let component = build("decode")?;
    let app = load(&runtime()?, &component)?;
    compare(
        &app,
        "100 records",
        ("JSON", "json"),
        ("postcard", "postcard"),
    )?;
    let list = ("JSON, HashSet", "list");
    compare(
        &app,
        "one of 10,000 items",
        list,
        ("bloom::Filter", "filter"),
    )
}

/// Two formats of the same thing, each as its name here and in the component.
fn compare(app: &Guest, what: &str, one: (&str, &str), other: (&str, &str)) -> Result<(), Error> {
    println!("{what:24} {:>14} {:>14} {:>7}", one.0, other.0, "ratio");
    let bytes = [put(app, one.1)?, put(app, other.1)?];
    let reading = [read(app, one.1)?, read(app, other.1)?];
    for (what, [one, other]) in [("bytes", bytes), ("instructions", reading)] {
        println!("{what:24} {one:>14.0} {other:>14.0} {:>7.3}", other / one);
    }
    Ok(())
}

/// Puts the component's value into the store, and answers its size.
fn put(app: &Guest, format: &str) -> Result<f64, Error> {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("/{format}"));
    let outcome = common::answered(app, request)?;
    let value = outcome.response.into_body();
    let put = Change::Put {
        key: format.to_owned(),
        value: value.to_vec(),
        expires_at_ms: None,
    };
    app.config().edge.fill("bench", &[put])?;
    Ok(value.len() as f64)
}

fn read(app: &Guest, format: &str) -> Result<f64, Error> {
    let few = instructions(app, &format!("/{format}/1"))?;
    let many = instructions(app, &format!("/{format}/11"))?;
    Ok((many - few) as f64 / 10.0)
}
