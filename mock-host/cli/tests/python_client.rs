//! Gcore's own Python client, which is generated from the published OpenAPI document, against the
//! local server.
#![cfg(unix)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::server::{Server, folder_with};

/// The client's version. A newer one may describe another API.
const CLIENT: &str = "gcore==0.59.0";

/// Runs a command. Returns what it printed, and whether it succeeded.
fn run(command: &mut Command) -> (bool, String) {
    match command.output() {
        Ok(output) => {
            let printed = [output.stdout, output.stderr].concat();
            (
                output.status.success(),
                String::from_utf8_lossy(&printed).into_owned(),
            )
        }
        Err(error) => (false, error.to_string()),
    }
}

/// Returns a Python that has the client, or the reason why none is available.
fn python() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-client");
    let python = folder.join("bin/python");
    let has_client = || {
        let version = "import gcore; print('gcore==' + gcore.__version__)";
        let (_, printed) = run(Command::new(&python).args(["-c", version]));
        printed.trim() == CLIENT
    };
    if has_client() {
        return Ok(python);
    }
    let (made, printed) = run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    if !made {
        return Err(format!("python3 with venv is missing: {printed}"));
    }
    let install = ["-m", "pip", "install", "--quiet", CLIENT];
    let (installed, printed) = run(Command::new(&python).args(install));
    match installed && has_client() {
        true => Ok(python),
        false => Err(format!("pip cannot install {CLIENT}: {printed}")),
    }
}

#[test]
fn python_client_finds_no_difference() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let folder = folder_with("hello", "[stores.linked]");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let script = "tests/fixtures/python_client/lifecycle.py";
    let mut lifecycle = Command::new(python);
    lifecycle
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(script))
        .args([&server.api_url(), "local"]);
    let (is_same, printed) = run(&mut lifecycle);
    assert!(is_same, "{printed}");
}
