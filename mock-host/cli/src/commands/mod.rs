//! The command's subcommands.

mod run;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs FastEdge apps on a laptop.
#[derive(Debug, Parser)]
#[command(name = "fastedge-mock", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves an app on localhost, until Ctrl-C.
    Serve(serve::Arguments),
    /// Runs a program that was built for wasm32-wasip2, or each of its tests, on an edge of its own:
    /// cargo's runner for that target.
    Run(run::Arguments),
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
            Command::Serve(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Command::Run(arguments) => arguments.run(),
        }
    }
}
