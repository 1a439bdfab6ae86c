//! What a typed call costs, beside the bare binding: instructions and bytes, which are exact.
//!
//! The components are `benches/guests/raw_calls` (bare `wit-bindgen` bindings) and `sdk_calls` (the
//! SDK's calls under the same bare handler). The last row is what an app weighs whose handler is the
//! SDK's, with the types of the `http` crate: `examples/hello`. Each makes a call `n` times in one
//! request (a range is one of 100 members); the difference between 1,001 times and once, divided by
//! 1,000, is the cost of a call, whatever a request costs otherwise. A call includes what every app
//! needs of it: to look at the result.

use fastedge_mock::wasm::Guest;
use fastedge_mock_host::central::Change;

use super::measure::{self, Error, build, load, runtime};
use super::table::{Table, number};

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let raw = build("raw_calls")?;
    let sdk = build("sdk_calls")?;
    let runtime = runtime()?;
    let raw_app = filled(load(&runtime, &raw)?)?;
    let sdk_app = filled(load(&runtime, &sdk)?)?;

    let mut table = Table::new(
        "Calls",
        "Instructions of one typed call, beside the bare `wit-bindgen` binding: the difference between 1,001 and one in a request. A \
         range is one of 100 members of a sorted set.",
        ["", "bindings", "SDK", "ratio"],
    );
    for call in ["get", "set", "incr", "range"] {
        let raw = instructions(&raw_app, call)?;
        let sdk = instructions(&sdk_app, call)?;
        table.compare(&format!("{call}, instructions"), raw, sdk);
    }
    table.compare(
        "component, bytes",
        raw.binary.len() as f64,
        sdk.binary.len() as f64,
    );
    let hello = build("hello")?;
    let bytes = number(hello.binary.len() as f64);
    table.row([
        "`hello`, bytes".to_owned(),
        String::new(),
        bytes,
        String::new(),
    ]);
    Ok(vec![table])
}

/// What the calls find.
fn filled(app: Guest) -> Result<Guest, Error> {
    let members = (0..100).map(|i| (f64::from(i), format!("member-{i}").into_bytes()));
    let contents = [
        Change::Put {
            key: "key".to_owned(),
            value: b"a value of some length".to_vec(),
            expires_at_ms: None,
        },
        Change::AddMembers {
            key: "members".to_owned(),
            members: members.collect(),
        },
    ];
    app.config().edge.fill("bench", &contents)?;
    Ok(app)
}

/// The instructions of one call.
fn instructions(app: &Guest, call: &str) -> Result<f64, Error> {
    let few = measure::instructions(app, &format!("/{call}/1"))?;
    let many = measure::instructions(app, &format!("/{call}/1001"))?;
    Ok((many - few) as f64 / 1000.0)
}
