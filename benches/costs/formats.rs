//! What reading a value costs in WebAssembly, by its format: instructions and bytes, which are exact.
//!
//! The component is `benches/guests/decode`. It reads a value and uses it once, `n` times in one
//! request; the difference between 11 times and once, divided by 10, is the cost of one.

use fastedge_mock::wasm::Guest;
use fastedge_mock_host::central::Change;
use http::{Method, Request};

use super::measure::{self, Error, build, instructions, load, runtime};
use super::table::Table;

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let component = build("decode")?;
    let app = load(&runtime()?, &component)?;
    let mut table = Table::new(
        "Formats",
        "Bytes of a value, and instructions of reading it.",
        ["", "JSON", "instead", "ratio"],
    );
    compare(
        &app,
        "100 records, postcard",
        ["json", "postcard"],
        &mut table,
    )?;
    compare(
        &app,
        "one of 10,000 items, `bloom::Filter`",
        ["list", "filter"],
        &mut table,
    )?;
    Ok(vec![table])
}

/// Two formats of the same thing, as the component calls them.
fn compare(app: &Guest, what: &str, names: [&str; 2], table: &mut Table) -> Result<(), Error> {
    let [one, other] = names.map(|name| put(app, name));
    table.compare(&format!("{what}: bytes"), one?, other?);
    let [one, other] = names.map(|name| read(app, name));
    table.compare(&format!("{what}: instructions"), one?, other?);
    Ok(())
}

/// Puts the component's value into the store, and answers its size.
fn put(app: &Guest, format: &str) -> Result<f64, Error> {
    let request = Request::builder()
        .method(Method::PUT)
        .uri(format!("/{format}"));
    let outcome = measure::answered(app, request)?;
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
