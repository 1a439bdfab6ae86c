//! What a pattern of the SDK costs beside the same written by hand: instructions and bytes, which are exact.
//!
//! The components are `benches/guests/patterns_by_hand` and `patterns_by_sdk`. What is written by hand is what
//! most apps begin with: an increment whose key has the window's number, and an expiry for the first; a
//! value that is read and parsed. It does not answer when the cache fails, sets the expiry once, and knows
//! nothing of remaining requests, of freshness, or of others who compute the same. Each pattern runs `n`
//! times in one request; the difference between 1,001 times and once, divided by 1,000, is its cost.

use fastedge_mock::wasm::Guest;

use super::measure::{self, Error, build, load, runtime};
use super::table::Table;

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let by_hand = build("patterns_by_hand")?;
    let by_sdk = build("patterns_by_sdk")?;
    let runtime = runtime()?;
    let by_hand_app = load(&runtime, &by_hand)?;
    let by_sdk_app = load(&runtime, &by_sdk)?;

    let mut table = Table::new(
        "Patterns",
        "Beside what is written in their place by hand, which knows less: what remains, what to answer when the cache fails, how to keep \
         others from computing the same.",
        ["", "by hand", "SDK", "ratio"],
    );
    for (pattern, what) in [
        ("limit", "a fixed window, instructions"),
        ("memo", "a kept value, instructions"),
    ] {
        let by_hand = instructions(&by_hand_app, pattern)?;
        let by_sdk = instructions(&by_sdk_app, pattern)?;
        table.compare(what, by_hand, by_sdk);
    }
    table.compare(
        "component, bytes",
        by_hand.binary.len() as f64,
        by_sdk.binary.len() as f64,
    );
    Ok(vec![table])
}

/// The instructions of a pattern, once.
fn instructions(app: &Guest, pattern: &str) -> Result<f64, Error> {
    let few = measure::instructions(app, &format!("/{pattern}/1"))?;
    let many = measure::instructions(app, &format!("/{pattern}/1001"))?;
    Ok((many - few) as f64 / 1000.0)
}
