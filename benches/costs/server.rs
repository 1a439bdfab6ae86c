//! Requests a second, by `benches/throughput.sh`.

use std::path::Path;
use std::process::{Command, Stdio};

use super::measure::Error;
use super::table::{Table, number};

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    let wasmtime = std::env::var("WASMTIME").unwrap_or("wasmtime".to_owned());
    for tool in ["wrk", "taskset", &wasmtime] {
        let version = Command::new(tool)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if version.is_err() {
            println!("requests a second are not measured: {tool} is not installed\n");
            return Ok(Vec::new());
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/throughput.sh");
    let output = Command::new("bash")
        .arg(script)
        .stderr(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err("benches/throughput.sh has failed: run it by itself".into());
    }
    let mut table = Table::new(
        "Server",
        "Requests a second over loopback, 8 connections, the server on one core and the load on another: the median of five alternating \
         runs. `hello_wasi` is the same component under both servers.",
        ["", "requests/s", "ratio"],
    );
    let printed = String::from_utf8(output.stdout)?;
    printed
        .lines()
        .skip(1)
        .filter_map(row)
        .for_each(|row| table.row(row));
    Ok(vec![table])
}

/// What a line of the script says: what was measured, requests a second and their ratio; or milliseconds, and of what.
fn row(line: &str) -> Option<[String; 3]> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [millis, "ms", what @ ..] => {
            let what = format!("{}, ms", what.join(" "));
            Some([what, (*millis).to_owned(), String::new()])
        }
        [what @ .., rate, ratio] => {
            let rate = rate.parse().ok()?;
            Some([what.join(" "), number(rate), (*ratio).to_owned()])
        }
        _ => None,
    }
}
