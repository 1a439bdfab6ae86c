//! The command `fastedge-mock`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use fastedge_mock::commands::Arguments;

fn main() -> ExitCode {
    match Arguments::parse().run() {
        Ok(status) => status,
        Err(error) => {
            // Whoever reads stderr may be gone.
            let _unread = writeln!(std::io::stderr(), "fastedge-mock: {error}");
            ExitCode::FAILURE
        }
    }
}
