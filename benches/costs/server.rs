//! Requests a second, by `benches/throughput.sh`.

use std::path::Path;
use std::process::{Command, Stdio};

use super::measure::Error;
use super::table::Table;

pub(crate) fn tables() -> Result<Vec<Table>, Error> {
    for tool in ["wrk", "taskset", "wasmtime"] {
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
    for line in String::from_utf8(output.stdout)?.lines().skip(1) {
        let mut cells = line.rsplitn(3, ' ').map(str::trim);
        // "<what>   <requests/s>   <ratio>", whose columns are padded with blanks.
        let words: Vec<&str> = line.split_whitespace().collect();
        match (words.as_slice(), cells.next()) {
            ([what @ .., rate, ratio], Some(_)) if rate.parse::<f64>().is_ok() => {
                table.row([what.join(" "), (*rate).to_owned(), (*ratio).to_owned()]);
            }
            ([millis, rest @ ..], _) => {
                table.row([rest.join(" "), (*millis).to_owned(), String::new()]);
            }
            _ => {}
        }
    }
    Ok(vec![table])
}
