//! The command's subcommands.

mod serve;

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
}

/// Anything that ends the command with a message.
pub type Error = Box<dyn std::error::Error>;

impl Arguments {
    /// Carries out the command.
    ///
    /// # Errors
    ///
    /// With a message for the person at the terminal.
    pub fn run(&self) -> Result<(), Error> {
        match &self.command {
            Command::Serve(arguments) => arguments.run(),
        }
    }
}
