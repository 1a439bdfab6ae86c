//! The command's subcommands.

mod bench;
mod conformance;
mod flags;
mod inspect;
mod kv;
mod new;
mod out;
mod pack;
mod remote;
mod run;
mod serve;
mod test;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use http::Uri;

/// Runs FastEdge apps on a laptop.
#[derive(Debug, Parser)]
#[command(name = "fastedge-mock", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes an app to begin with: a handler, tests, a configuration.
    New(new::Arguments),
    /// Serves an app on localhost, until Ctrl-C.
    Serve(serve::Arguments),
    /// Sends the requests of files to an app, and checks the answers.
    Test(test::Arguments),
    /// Reads and writes stores, of a local server or of the platform.
    Kv(kv::Arguments),
    /// Checks, tries, compares and publishes documents of feature flags.
    Flags(flags::Arguments),
    /// Packs block lists and lookup tables, and publishes them.
    Pack(pack::Arguments),
    /// Says what a component is, and what it will need on the platform.
    Inspect(inspect::Arguments),
    /// Measures what requests to apps cost: bytes, instructions, time, memory.
    Bench(bench::Arguments),
    /// Asks a running host that serves the probe whether it keeps to the platform's contract.
    Conformance(conformance::Arguments),
    /// Prints what completes the command in a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Runs a program that was built for wasm32-wasip2, or each of its tests, on an edge of its own:
    /// cargo's runner for that target.
    Run(run::Arguments),
}

/// The path of a request, and its query. A URI can be a host as well, as `tea` is, or name one, which nobody would ask.
fn request_path(text: &str) -> Result<Uri, &'static str> {
    let path = Some(text).filter(|text| text.starts_with('/'));
    let parsed = path.and_then(|path| path.parse().ok());
    parsed.ok_or("the path of a request is wanted, as in \"/a?b=c\"")
}

/// Anything that ends the command with a message.
pub type Error = Box<dyn std::error::Error>;

impl Arguments {
    /// Carries out the command, and answers the status with which it ends.
    ///
    /// # Errors
    ///
    /// With a message for the person at the terminal.
    pub fn run(&self) -> Result<ExitCode, Error> {
        match &self.command {
            Command::New(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Command::Serve(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Command::Test(arguments) => arguments.run(),
            Command::Kv(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Command::Flags(arguments) => arguments.run(),
            Command::Pack(arguments) => arguments.run(),
            Command::Inspect(arguments) => arguments.run(),
            Command::Bench(arguments) => arguments.run(),
            Command::Conformance(arguments) => arguments.run(),
            Command::Completions { shell } => {
                let mut command = Arguments::command();
                let name = command.get_name().to_owned();
                clap_complete::generate(*shell, &mut command, name, &mut std::io::stdout());
                Ok(ExitCode::SUCCESS)
            }
            Command::Run(arguments) => arguments.run(),
        }
    }
}
