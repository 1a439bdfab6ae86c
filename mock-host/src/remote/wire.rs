//! From this crate's types to those of the control interface.

use std::time::Duration;

use fastedge_host::Response;

#[allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    reason = "generated: the canonical ABI is raw memory"
)]
mod generated {
    wit_bindgen::generate!({ path: "wit", world: "test" });
}

pub(crate) use self::generated::fastedge_mock::control::platform as control;
use crate::edge::central::Change;
use crate::edge::faults::{Effect, When, Which};
use crate::edge::{Answer, Fault, FaultError, Overflow, Replication, Scans, Settings, Unlinked};

pub(super) fn settings(settings: &Settings) -> control::Settings {
    let cache = &settings.cache;
    control::Settings {
        replication: replication(&settings.replication),
        read_cache: settings.read_cache.map(millis),
        nodes: u32::try_from(settings.nodes).unwrap_or(u32::MAX),
        shuffled: match settings.scans {
            Scans::Ordered => None,
            Scans::Shuffled { seed } => Some(seed),
        },
        unlinked: match settings.unlinked {
            Unlinked::AccessDenied => control::Unlinked::AccessDenied,
            Unlinked::NoSuchStore => control::Unlinked::NoSuchStore,
        },
        has_cache: cache.is_available,
        cache_bytes: cache.max_bytes as u64,
        ttl_ceiling: millis(cache.ttl_ceiling),
        overflow: match cache.overflow {
            Overflow::Wraps => control::Overflow::Wraps,
            Overflow::Fails => control::Overflow::Fails,
        },
        purges_counters: cache.purges_counters,
        evictions: cache
            .evictions
            .as_ref()
            .map(|some| (some.probability, some.seed)),
        faults: settings.faults.iter().map(fault).collect(),
    }
}

pub(super) fn replication(replication: &Replication) -> control::Replication {
    let (lag, to, of_key) = replication.parts(
        |fixed| control::Lag::Fixed(millis(fixed)),
        |least, most, seed| control::Lag::Between((millis(least), millis(most), seed)),
        || control::Lag::Held,
    );
    control::Replication { lag, to, of_key }
}

pub(super) fn fault(fault: &Fault) -> control::Fault {
    control::Fault {
        which: match &fault.which {
            Which::Operation(operation) => control::Which::Operation(operation.name().to_owned()),
            Which::Store(store) => control::Which::Store(store.clone()),
            Which::Cache => control::Which::Cache,
        },
        when: match &fault.when {
            When::Always => control::When::Always,
            When::Nth { n, .. } => control::When::Nth(*n),
            When::Sometimes {
                probability,
                random,
            } => control::When::Sometimes((*probability, random.get_seed())),
            When::Bursts {
                probability,
                length,
                random,
                ..
            } => control::When::Bursts((*probability, *length, random.get_seed())),
        },
        failure: match &fault.error {
            FaultError::AccessDenied => control::Failure::AccessDenied,
            FaultError::Internal => control::Failure::Internal,
            FaultError::Other(message) => control::Failure::Other(message.clone()),
        },
        effect: match &fault.effect {
            Effect::No => control::Effect::No,
            Effect::Yes => control::Effect::Yes,
            Effect::Sometimes { random } => control::Effect::Sometimes(random.get_seed()),
        },
    }
}

pub(super) fn answer(answer: Answer) -> control::Answer {
    let response = Response::from(answer);
    control::Answer {
        status: response.status,
        headers: response.headers.unwrap_or_default(),
        body: response.body,
    }
}

/// Those changes that a test's writer makes.
pub(super) fn changes(changes: &[Change]) -> Result<Vec<control::Change>, String> {
    let changes = changes.iter().map(|change| match change {
        Change::Put {
            key,
            value,
            expires_at_ms,
        } => Ok(control::Change::Put(control::Put {
            key: key.clone(),
            value: value.clone(),
            expires_at: *expires_at_ms,
        })),
        Change::AddMembers { key, members } => {
            Ok(control::Change::AddMembers(control::AddMembers {
                key: key.clone(),
                members: members.clone(),
            }))
        }
        Change::AddItems {
            key,
            options,
            items,
        } => Ok(control::Change::AddItems(control::AddItems {
            key: key.clone(),
            capacity: options.capacity,
            error_rate: options.error_rate,
            expansion: options.expansion,
            items: items.clone(),
        })),
        Change::Delete {
            key,
            data_type: None,
        } => Ok(control::Change::Delete(key.clone())),
        other => Err(format!("a test does not write {other:?}")),
    });
    changes.collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
