//! A line of JSON for each request.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::recent::Answered;

/// Where the lines go.
pub struct AccessLog(Mutex<Box<dyn Write + Send>>);

impl AccessLog {
    /// A file, to whose end they are written; `-` is stdout.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn to(file: &Path) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = match file == Path::new("-") {
            true => Box::new(io::stdout()),
            false => Box::new(File::options().create(true).append(true).open(file)?),
        };
        Ok(AccessLog(Mutex::new(out)))
    }

    pub(super) fn write(&self, answered: &Answered) {
        let line = format!("{}\n", line(answered));
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written is no reason to fail a request.
        let _unwritten = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}

fn line(answered: &Answered) -> Value {
    let at = i64::try_from(answered.at_ms).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX);
    let failure = answered.failure.as_ref();
    json!({
        "time": at.to_string(),
        "id": answered.id,
        "app": answered.app,
        "pop": answered.pop,
        "client": answered.client,
        "host": answered.host,
        "method": answered.method.as_str(),
        "uri": answered.uri.to_string(),
        "status": answered.status.as_u16(),
        "internal_status": failure.map(|failure| failure.statuses().1),
        "failure": failure.map(ToString::to_string),
        "duration_ms": answered.took.as_secs_f64() * 1000.0,
        "bytes": answered.body_bytes,
        "memory": answered.memory,
        "kv_reads": answered.calls.kv_reads(),
        "cache_calls": answered.calls.cache_calls(),
        "requests_sent": answered.calls.requests_sent(),
        "host_bytes": answered.calls.bytes_received(),
    })
}
