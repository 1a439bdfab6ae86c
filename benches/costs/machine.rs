//! Where it was measured.

use std::process::Command;

use super::Error;

/// What the report begins with.
pub(crate) fn heading() -> Result<String, Error> {
    let cores = std::thread::available_parallelism()?;
    let rustc = said("rustc", &["--version"])?;
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("an unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let date = said("date", &["+%Y-%m-%d"])?;
    Ok(format!(
        "# Benchmarks\n\n\
         `cargo edge bench` measures all of this, and writes this page. Instructions and bytes are exact, and the same on \
         every machine with the same compiler; times and requests a second are this machine's, and worth their ratios.\n\n\
         | | |\n|---|---|\n\
         | measured | {date} |\n\
         | on | {cpu}, {cores} cores, {os} |\n\
         | by | {rustc}; wasmtime {wasmtime}; fastedge-sdk {sdk} |\n",
        os = std::env::consts::OS,
        wasmtime = wasmtime()?,
        sdk = env!("CARGO_PKG_VERSION"),
    ))
}

/// The version that the server is built with.
fn wasmtime() -> Result<String, Error> {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"))?;
    let version = lock
        .split("\n[[package]]\n")
        .find_map(|package| package.strip_prefix("name = \"wasmtime\"\nversion = \""))
        .and_then(|rest| rest.split('"').next());
    Ok(version.unwrap_or("of an unknown version").to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new(program).args(arguments).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
