//! What a request may use.

use std::time::Duration;

use super::error::ConfigError;
use super::node::{Node, Table};
use crate::suggestion::did_you_mean;

const MIB: usize = 1024 * 1024;

/// What a request may use. The platform's plans differ in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Time, from the request's arrival at the app to its answer, host calls included.
    pub time: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
    /// Bytes of a body, in and out.
    pub body: usize,
    /// Requests sent.
    pub outbound_requests: u32,
}

impl Limits {
    /// Those of the basic plan.
    pub const BASIC: Limits = Limits {
        time: Duration::from_millis(50),
        memory: 128 * MIB,
        body: MIB,
        outbound_requests: 5,
    };

    /// Those of the pro plan.
    pub const PRO: Limits = Limits {
        time: Duration::from_millis(200),
        memory: 256 * MIB,
        body: 5 * MIB,
        outbound_requests: 20,
    };

    /// These limits, and those of a table over them.
    pub(super) fn read(self, table: &Table<'_>) -> Result<Limits, ConfigError> {
        table.only(&["plan", "time_ms", "memory", "body", "outbound_requests"])?;
        let mut limits = match table.get("plan") {
            None => self,
            Some(plan) => match plan.text()? {
                "basic" => Limits::BASIC,
                "pro" => Limits::PRO,
                other => {
                    let hint = did_you_mean(other, &["basic", "pro"]);
                    return Err(plan.error(format!("no plan is called {other:?}; {hint}")));
                }
            },
        };
        if let Some(time) = table.get("time_ms") {
            let millis: u64 = time.integer("a number of milliseconds")?;
            if millis == 0 {
                return Err(time.error("a time limit is at least 1 ms"));
            }
            limits.time = Duration::from_millis(millis);
        }
        if let Some(memory) = table.get("memory") {
            limits.memory = read_bytes(&memory)?;
        }
        if let Some(body) = table.get("body") {
            limits.body = read_bytes(&body)?;
        }
        if let Some(requests) = table.get("outbound_requests") {
            limits.outbound_requests = requests.integer("a number of requests")?;
        }
        Ok(limits)
    }
}

impl Default for Limits {
    /// The pro plan's: on a slow laptop the smaller limits would stop apps that the platform runs.
    fn default() -> Self {
        Limits::PRO
    }
}

/// Bytes: a number of them, or a text with a unit.
pub(super) fn read_bytes(node: &Node<'_>) -> Result<usize, ConfigError> {
    let Ok(text) = node.text() else {
        return node.integer("a size, as \"64 MB\" or in bytes,");
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "K" | "KB" | "KIB" => Some(1024),
        "M" | "MB" | "MIB" => Some(MIB),
        "G" | "GB" | "GIB" => Some(1024 * MIB),
        _ => None,
    };
    unit.zip(digits.trim().parse::<usize>().ok())
        .and_then(|(unit, number)| number.checked_mul(unit))
        .ok_or_else(|| {
            node.error(format!(
                "a size is wanted, as \"64 MB\" or in bytes, not {text:?}"
            ))
        })
}
