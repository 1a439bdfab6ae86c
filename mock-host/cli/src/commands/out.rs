//! What a command answers.

use std::io::Write;

use super::Error;

/// Stdout. If nobody reads on, that is the end, and no error.
pub(super) struct Out(std::io::Stdout);

impl Out {
    pub(super) fn new() -> Self {
        Out(std::io::stdout())
    }

    pub(super) fn line(&mut self, line: &impl std::fmt::Display) -> Result<(), Error> {
        self.bytes(format!("{line}\n").as_bytes())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self.0.write_all(bytes).and_then(|()| self.0.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            result => Ok(result?),
        }
    }
}

/// Prints a line to stderr, if anybody reads it.
pub(super) fn say(line: &impl std::fmt::Display) {
    let _unread = writeln!(std::io::stderr(), "{line}");
}
