//! What a pattern of the SDK costs beside the same written by hand: instructions and bytes, which are exact.
//!
//! `cargo bench --package fastedge-mock --bench pattern_cost`
//!
//! The components are `benches/guests/patterns_by_hand` and `patterns_by_sdk`. What is written by hand is what
//! most apps begin with: an increment whose key has the window's number, and an expiry for the first; a
//! value that is read and parsed. It does not answer when the cache fails, sets the expiry once, and knows
//! nothing of remaining requests, of freshness, or of others who compute the same. Each pattern runs `n`
//! times in one request; the difference between 1,001 times and once, divided by 1,000, is its cost.

#[path = "common/mod.rs"]
mod common;

use common::{Error, build, load, runtime};
use fastedge_mock::wasm::Guest;

fn main() -> Result<(), Error> {
    let by_hand = build("patterns_by_hand")?;
    let by_sdk = build("patterns_by_sdk")?;
    let runtime = runtime()?;
    let by_hand_app = load(&runtime, &by_hand)?;
    let by_sdk_app = load(&runtime, &by_sdk)?;

    println!("{:32} {:>10} {:>10} {:>7}", "", "by hand", "SDK", "ratio");
    for (pattern, what) in [
        ("limit", "a fixed window, instructions"),
        ("memo", "a kept value, instructions"),
    ] {
        let by_hand = instructions(&by_hand_app, pattern)?;
        let by_sdk = instructions(&by_sdk_app, pattern)?;
        row(what, by_hand, by_sdk);
    }
    row(
        "component, bytes",
        by_hand.binary.len() as f64,
        by_sdk.binary.len() as f64,
    );
    Ok(())
}

fn row(what: &str, by_hand: f64, by_sdk: f64) {
    println!(
        "{what:32} {by_hand:>10.0} {by_sdk:>10.0} {:>7.2}",
        by_sdk / by_hand
    );
}

/// The instructions of a pattern, once.
fn instructions(app: &Guest, pattern: &str) -> Result<f64, Error> {
    let few = common::instructions(app, &format!("/{pattern}/1"))?;
    let many = common::instructions(app, &format!("/{pattern}/1001"))?;
    Ok((many - few) as f64 / 1000.0)
}
