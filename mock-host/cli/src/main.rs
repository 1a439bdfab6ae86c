//! The command `fastedge-mock`.

use std::process::ExitCode;

use clap::Parser;
use fastedge_mock::commands::Arguments;

fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(status) => status,
        Err(error) => {
            eprintln!("fastedge-mock: {error}");
            ExitCode::FAILURE
        }
    }
}
