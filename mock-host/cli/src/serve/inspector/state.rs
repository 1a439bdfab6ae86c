//! What the inspector shows.

use std::borrow::Cow;
use std::sync::Arc;

use fastedge_mock_host::central::Entry;
use fastedge_mock_host::{Calls, Edge, LOCAL_POP, Operation};
use serde_json::{Value, json};

use super::super::recent::Answered;
use super::super::site::{ApiAccess, ServedApp, Site};
use crate::wasm::Stream;

/// How many entries of the cache and of a store are shown.
const SHOWN: usize = 200;

/// How much of a value is shown.
const SHOWN_BYTES: usize = 200;

pub(super) fn state(site: &Site) -> Value {
    let edge = site.edge();
    let served = site.served();
    let clock = edge.clock();
    let pops = edge.pops();
    let at = |pop: &Arc<str>| Some((pop.to_string(), cache(&edge.at(pop)?)));
    let requests = site.recent.latest();
    json!({
        "now_ms": clock.now_ms(),
        "ahead_ms": clock.ahead().map(|ahead| ahead.as_millis()),
        "pops": pops.iter().map(|pop| &**pop).collect::<Vec<_>>(),
        "default_pop": site.default_pop(),
        "is_local": pops.iter().all(|pop| **pop == *LOCAL_POP),
        "has_api": matches!(served.api, ApiAccess::Token(_)),
        "apps": served.apps.iter().map(app).collect::<Vec<_>>(),
        "stores": edge.stores().iter().map(|store| json!({
            "id": store.info.id,
            "name": store.info.name,
            "size": store.size,
            "revision": store.info.revision,
            "byod": store.info.byod.is_some(),
        })).collect::<Vec<_>>(),
        "on_their_way": edge.on_their_way().iter().take(SHOWN).map(|write| json!({
            "pop": &*write.pop,
            "store": write.store,
            "key": write.key,
            "arrives_at_ms": write.arrives_at_ms,
        })).collect::<Vec<_>>(),
        "caches": pops.iter().filter_map(at).collect::<serde_json::Map<_, _>>(),
        "faults": edge.faults(),
        "operations": Operation::ALL
            .iter()
            .filter(|operation| operation.can_fail())
            .map(|operation| operation.name())
            .collect::<Vec<_>>(),
        "requests": requests.iter().map(|answered| request(answered)).collect::<Vec<_>>(),
    })
}

fn app(app: &ServedApp) -> Value {
    let config = app.guest.config();
    let stores = config.edge.linked_stores();
    json!({
        "name": app.name,
        "hosts": app.hosts,
        "kind": app.guest.kind().to_string(),
        "stores": stores.iter().map(|(name, id)| json!({ "name": name, "id": id })).collect::<Vec<_>>(),
        "variables": config.edge.variables().iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "limits": {
            "time_ms": config.limits.time.as_millis(),
            "memory": config.limits.memory,
        },
    })
}

fn cache(edge: &Edge) -> Value {
    let (count, entries) = edge.cache().list(SHOWN);
    json!({
        "count": count,
        "entries": entries.iter().map(|entry| json!({
            "key": entry.key,
            "value": shown(&entry.value),
            "bytes": entry.value.len(),
            "ttl_ms": entry.ttl.map(|ttl| ttl.as_millis()),
        })).collect::<Vec<_>>(),
    })
}

fn request(answered: &Answered) -> Value {
    let printed = answered.printed.iter().map(|line| {
        json!({
            "stream": match line.stream {
                Stream::Stdout => "stdout",
                Stream::Stderr => "stderr",
            },
            "text": line.text,
        })
    });
    json!({
        "id": answered.id,
        "at_ms": answered.at_ms,
        "app": answered.app,
        "pop": answered.pop,
        "method": answered.method.as_str(),
        "uri": answered.uri.to_string(),
        "status": answered.status.as_u16(),
        "failure": answered.failure.as_ref().map(ToString::to_string),
        "took_ms": answered.took.as_secs_f64() * 1000.0,
        "memory": answered.memory,
        "calls": calls(&answered.calls),
        "printed": printed.collect::<Vec<_>>(),
    })
}

fn calls(calls: &Calls) -> Vec<Value> {
    let calls = calls.iter().take(SHOWN).map(|call| {
        json!({
            "operation": call.operation.name(),
            "store": call.store,
            "key": call.key,
            "bytes_sent": call.bytes_sent,
            "bytes_received": call.bytes_received,
            "error": call.error,
        })
    });
    calls.collect()
}

/// A store's entries: as the central side has them, and as each location sees them.
pub(super) fn store(site: &Site, query: Option<&str>) -> Result<Value, String> {
    let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let (mut id, mut prefix) = (None, Cow::Borrowed(""));
    for (name, value) in query {
        match &*name {
            "id" => id = value.parse::<u64>().ok(),
            "prefix" => prefix = Cow::Owned(value.into_owned()),
            _ => {}
        }
    }
    let id = id.ok_or("`id` is the number of a store")?;
    let edge = site.edge();
    let state = edge.store_state(id).ok_or("there is no such store")?;
    let is_byod = state.info.byod.is_some();
    let keys = edge.keys(id, &prefix).map_err(|error| error.to_string())?;
    let pops: Vec<Edge> = edge.pops().iter().filter_map(|pop| edge.at(pop)).collect();
    let mut entries = Vec::new();
    for key in keys.iter().take(SHOWN) {
        let Ok(Some(entry)) = edge.entry(id, key) else {
            continue;
        };
        let lagging: Vec<&str> = pops
            .iter()
            // A customer's own database has no copies.
            .filter(|_| !is_byod)
            .filter(|pop| is_behind(&entry, pop.entry_here(id, key)))
            .map(Edge::pop)
            .collect();
        entries.push(json!({
            "key": key,
            "datatype": entry.data_type().name(),
            "value": described(&entry),
            "expires_at_ms": entry.expires_at_ms(),
            "lagging": lagging,
        }));
    }
    Ok(json!({ "count": keys.len(), "entries": entries }))
}

/// Whether a location has another entry than the central side.
fn is_behind(central: &Arc<Entry>, here: Option<Arc<Entry>>) -> bool {
    here.is_none_or(|here| !Arc::ptr_eq(central, &here))
}

fn described(entry: &Entry) -> String {
    let shown = |value: &[u8]| match entry.is_masked(value) {
        true => format!("masked ({} bytes)", value.len()),
        false => shown(value),
    };
    match (entry.value(), entry.members()) {
        (Some(value), _) => shown(value),
        (_, Some(members)) => {
            let members = members
                .take(10)
                .map(|(member, score)| format!("{score} {}", shown(member)));
            let members: Vec<_> = members.collect();
            format!("{} members: {}", entry.count(), members.join(", "))
        }
        _ => format!("{} items", entry.count()),
    }
}

/// The beginning of a value, as text.
fn shown(value: &[u8]) -> String {
    let beginning = &value[..value.len().min(SHOWN_BYTES)];
    let text = String::from_utf8_lossy(beginning).into_owned();
    match value.len() > beginning.len() {
        true => format!("{text}… ({} bytes)", value.len()),
        false => text,
    }
}
