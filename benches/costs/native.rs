//! What is measured natively: the estimates that criterion has made of `benches/native.rs`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::measure::Error;
use super::table::{Table, number};

/// The groups of `benches/native.rs`, what each is, and what its peer is called there.
const GROUPS: [(&str, &str, &str, &str); 4] = [
    (
        "addresses",
        "An address in a list of 62,000, from the bytes of a value on",
        "json_hash_set",
        "packed",
    ),
    (
        "flags",
        "The last of 1,000 flags, from the bytes of the document on",
        "value_datalogic",
        "in_place",
    ),
    (
        "bloom",
        "One of 10,000 items, from the bytes of a value on",
        "json_hash_set",
        "filter",
    ),
    (
        "glob",
        "`*-*-*:[0-9]*` and a key of 40 bytes",
        "regex",
        "glob",
    ),
];

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new(env!("CARGO"))
        .args(["bench", "--package", "fastedge-sdk", "--bench", "native"])
        .args(["--", "--quiet"])
        .current_dir(&root)
        .status()?;
    if !status.success() {
        return Err("the native benchmarks have failed".into());
    }
    let mut table = Table::new(
        "Natively",
        "`cargo bench`: microseconds in a native build, as criterion estimates them. The peers are `serde_json` into a `HashSet`, \
         `serde_json::Value` with `datalogic-rs`, and the crate `regex` with a pattern that is compiled each time, as it has to be in an \
         instance that lives for one request.",
        ["", "peer", "SDK", "ratio"],
    );
    for (group, what, peer, ours) in GROUPS {
        let [peer, ours] = [peer, ours].map(|name| estimate(&root, group, name));
        let (peer, ours) = (peer?, ours?);
        table.row([
            what.to_owned(),
            number(peer),
            format!("{ours:.2}"),
            format!("{:.4}", ours / peer),
        ]);
    }
    Ok(vec![table])
}

/// Microseconds.
fn estimate(root: &Path, group: &str, name: &str) -> Result<f64, Error> {
    let file = root.join(format!(
        "target/criterion/{group}/{name}/new/estimates.json"
    ));
    let text =
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let estimates: Value = serde_json::from_str(&text)?;
    let nanoseconds = estimates["median"]["point_estimate"].as_f64();
    Ok(nanoseconds.ok_or("criterion has no median")? / 1000.0)
}
