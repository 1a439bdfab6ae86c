//! Stdout, which the platform keeps as the log.

use std::fmt;
use std::io::Write;

/// Prints a line. Unlike `println!` it does not panic when stdout is closed: a log must not end a request.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    let _unread = writeln!(std::io::stdout(), "{line}");
}
