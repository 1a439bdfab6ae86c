//! The `log` crate's records, on stdout.
//!
//! Only stdout reaches the platform's log: what goes to stderr, as most loggers' output does, is
//! dropped.

use std::io::Write;
use std::sync::OnceLock;

use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

use crate::stdout::say;

/// Prints records up to `level` to stdout from now on, as `LEVEL target: message`.
///
/// An instance lives for one request, so call it first thing in the handler. Calling it again, as
/// native tests of a handler do, sets the level anew.
///
/// # Errors
///
/// If another logger is installed already, which is then left alone.
///
/// ```
/// fastedge::log::init(log::LevelFilter::Debug)?;
/// fastedge::log::init(log::LevelFilter::Info)?;
/// log::info!(target: "shop", "one more order");
/// # Ok::<(), log::SetLoggerError>(())
/// ```
pub fn init(level: LevelFilter) -> Result<(), SetLoggerError> {
    // Of several first calls at once only one installs the logger, and the others wait for it.
    static OURS: OnceLock<bool> = OnceLock::new();
    let is_ours = *OURS.get_or_init(|| log::set_logger(&Stdout).is_ok());
    if !is_ours {
        return log::set_logger(&Stdout);
    }
    log::set_max_level(level);
    Ok(())
}

struct Stdout;

impl Log for Stdout {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            say(format_args!(
                "{} {}: {}",
                record.level(),
                record.target(),
                record.args()
            ));
        }
    }

    fn flush(&self) {
        let _ = std::io::stdout().flush();
    }
}
