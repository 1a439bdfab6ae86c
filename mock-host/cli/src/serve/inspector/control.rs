//! What the inspector moves.

use std::time::Duration;

use fastedge_mock_host::{Fault, FaultError, Operation, Replication};
use http::Method;
use serde::Deserialize;

use super::super::site::Site;

/// Past it there are no dates to show.
const END_OF_9999: Duration = Duration::from_secs(253_402_300_799);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inject {
    /// An operation; or a store, all of whose calls fail; or neither, for the cache.
    operation: Option<String>,
    store: Option<String>,
    #[serde(default)]
    error: ErrorName,
    probability: Option<f64>,
    #[serde(default)]
    seed: u64,
    nth: Option<u64>,
    #[serde(default)]
    after_the_effect: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ErrorName {
    #[default]
    InternalError,
    AccessDenied,
    #[serde(untagged)]
    Other(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Lag {
    Fixed { lag_ms: u64 },
    Between { least_ms: u64, most_ms: u64 },
    Held { held: bool },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Evict {
    pop: String,
    key: Option<String>,
}

/// Carries out a change; `None` if there is nothing at the path.
pub(super) fn control(
    site: &Site,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Option<Result<(), String>> {
    let edge = site.edge();
    let done = match (method.as_str(), path) {
        ("POST", "/clock") => read(body).and_then(|Advance { advance_ms }| {
            let by = Duration::from_millis(advance_ms);
            if edge.clock().now().saturating_add(by) > END_OF_9999 {
                return Err("`advance_ms` leads past the year 9999".to_owned());
            }
            edge.clock().advance(by);
            Ok(())
        }),
        ("POST", "/faults") => read(body).and_then(fault).map(|fault| edge.inject(fault)),
        ("DELETE", "/faults") => {
            edge.clear_faults();
            Ok(())
        }
        ("POST", "/replicate") => {
            edge.replicate_now();
            Ok(())
        }
        ("POST", "/replication") => read(body).map(|lag| edge.set_replication(replication(&lag))),
        ("POST", "/forget-reads") => {
            edge.forget_reads();
            Ok(())
        }
        ("POST", "/evict") => read(body).and_then(|Evict { pop, key }| {
            let edge = edge
                .at(&pop)
                .ok_or_else(|| format!("there is no location {pop:?}"))?;
            match key {
                Some(key) => {
                    edge.cache().evict(&key);
                }
                None => edge.cache().evict_all(),
            }
            Ok(())
        }),
        _ => return None,
    };
    Some(done)
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn replication(lag: &Lag) -> Replication {
    match *lag {
        Lag::Fixed { lag_ms } => Replication::after(Duration::from_millis(lag_ms)),
        Lag::Between { least_ms, most_ms } => {
            let lag = Duration::from_millis(least_ms)..=Duration::from_millis(most_ms);
            Replication::between(lag, 0)
        }
        Lag::Held { held: true } => Replication::held(),
        Lag::Held { held: false } => Replication::none(),
    }
}

fn fault(inject: Inject) -> Result<Fault, String> {
    let fault = match (inject.operation, inject.store) {
        (Some(_), Some(_)) => return Err("give `operation` or `store`, not both".to_owned()),
        (Some(name), None) => {
            let operation = Operation::from_name(&name)
                .ok_or_else(|| format!("no operation is called {name:?}"))?;
            if !operation.can_fail() {
                return Err(format!("{name} cannot fail: its interface has no error"));
            }
            Fault::on(operation)
        }
        (None, Some(store)) => Fault::on_store(store),
        (None, None) => Fault::on_cache(),
    };
    let fault = fault.error(match inject.error {
        ErrorName::InternalError => FaultError::Internal,
        ErrorName::AccessDenied => FaultError::AccessDenied,
        ErrorName::Other(message) => FaultError::Other(message),
    });
    let fault = match (inject.nth, inject.probability) {
        (Some(_), Some(_)) => return Err("give `nth` or `probability`, not both".to_owned()),
        (Some(nth), None) => fault.nth(nth),
        (None, Some(probability)) if (0.0..=1.0).contains(&probability) => {
            fault.with_probability(probability, inject.seed)
        }
        (None, Some(_)) => return Err("`probability` is between 0 and 1".to_owned()),
        (None, None) => fault,
    };
    Ok(match inject.after_the_effect {
        true => fault.after_the_effect(),
        false => fault,
    })
}
