//! The interface by which a test in a component controls the edge that it runs on: translation
//! only.

use std::sync::Arc;
use std::time::Duration;

use fastedge_mock_host::central::Change;
use fastedge_mock_host::{
    Answer, BloomOptions, CachedEntry, Edge, Fault, FaultError, Operation, Overflow, Replication,
    Scans, Session, Settings, Unlinked,
};
use wasmtime::Result;
use wasmtime::component::{HasSelf, Linker, Resource};

use super::state::State;

/// What `bindgen!` makes from `wit-control/`.
#[allow(missing_docs, unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({
        path: "wit-control",
        world: "test",
        imports: { default: trappable },
        with: {
            "fastedge-mock:control/platform.edge": fastedge_mock_host::Edge,
        },
    });
}

use self::generated::fastedge_mock::control::platform as wit;

/// Offers the interface.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    wit::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

/// What a test has installed over the edge that it began on.
#[derive(Default)]
pub(super) struct Installs {
    /// The edge that it began on, once another one is installed.
    base: Option<Arc<Session>>,
    installed: Vec<(u32, Arc<Session>)>,
    latest: u32,
}

impl State {
    fn install(&mut self, edge: &Edge) -> u32 {
        let session = Arc::new(edge.session());
        self.installs.latest += 1;
        let number = self.installs.latest;
        self.installs.installed.push((number, Arc::clone(&session)));
        let former = self.replace_session(session);
        self.installs.base.get_or_insert(former);
        number
    }

    fn uninstall(&mut self, number: u32) {
        self.installs
            .installed
            .retain(|(other, _)| *other != number);
        let latest = self.installs.installed.last();
        let latest = latest.map(|(_, session)| Arc::clone(session));
        if let Some(session) = latest.or_else(|| self.installs.base.clone()) {
            self.replace_session(session);
        }
    }

    /// The edge at a location; the first one if there is none of that name.
    fn at(&self, edge: &Resource<Edge>, pop: &str) -> Result<Edge> {
        let edge = self.table.get(edge)?;
        Ok(edge.at(pop).unwrap_or_else(|| edge.clone()))
    }
}

impl wit::Host for State {}

impl wit::HostEdge for State {
    fn new(&mut self, pops: Vec<String>, settings: wit::Settings) -> Result<Resource<Edge>> {
        let pops: Vec<&str> = pops.iter().map(String::as_str).collect();
        let edge = Edge::for_tests(&pops, to_settings(settings));
        Ok(self.table.push(edge)?)
    }

    fn install(&mut self, edge: Resource<Edge>, pop: String) -> Result<u32> {
        let edge = self.at(&edge, &pop)?;
        Ok(State::install(self, &edge))
    }

    fn uninstall(&mut self, _edge: Resource<Edge>, installed: u32) -> Result<()> {
        State::uninstall(self, installed);
        Ok(())
    }

    fn set_settings(&mut self, edge: Resource<Edge>, settings: wit::Settings) -> Result<()> {
        self.table.get(&edge)?.set_settings(to_settings(settings));
        Ok(())
    }

    fn set_replication(
        &mut self,
        edge: Resource<Edge>,
        replication: wit::Replication,
    ) -> Result<()> {
        let edge = self.table.get(&edge)?;
        edge.set_replication(to_replication(replication));
        Ok(())
    }

    fn fill(
        &mut self,
        edge: Resource<Edge>,
        store: String,
        changes: Vec<wit::Change>,
    ) -> Result<Result<(), String>> {
        let changes: Vec<_> = changes.into_iter().map(to_change).collect();
        let filled = self.table.get(&edge)?.fill(&store, &changes);
        Ok(filled.map(|_| ()).map_err(|error| error.to_string()))
    }

    fn write(
        &mut self,
        edge: Resource<Edge>,
        store: String,
        changes: Vec<wit::Change>,
    ) -> Result<Result<(), String>> {
        let changes: Vec<_> = changes.into_iter().map(to_change).collect();
        let written = self.table.get(&edge)?.write(&store, &changes);
        Ok(written.map(|_| ()).map_err(|error| error.to_string()))
    }

    fn replicate_now(&mut self, edge: Resource<Edge>, pop: Option<String>) -> Result<()> {
        match pop {
            Some(pop) => self.at(&edge, &pop)?.replicate_here_now(),
            None => self.table.get(&edge)?.replicate_now(),
        }
        Ok(())
    }

    fn forget_reads(&mut self, edge: Resource<Edge>) -> Result<()> {
        self.table.get(&edge)?.forget_reads();
        Ok(())
    }

    fn set_secret(
        &mut self,
        edge: Resource<Edge>,
        key: String,
        effective_from: u64,
        value: String,
    ) -> Result<()> {
        let edge = self.table.get(&edge)?;
        edge.set_secret(&key, effective_from, value);
        Ok(())
    }

    fn set_variable(&mut self, edge: Resource<Edge>, key: String, value: String) -> Result<()> {
        self.table.get(&edge)?.set_variable(key, value);
        Ok(())
    }

    fn answer(&mut self, edge: Resource<Edge>, url: String, answer: wit::Answer) -> Result<()> {
        let mut made = Answer::status(answer.status);
        for (name, value) in answer.headers {
            made = made.header(name, value);
        }
        if let Some(body) = answer.body {
            made = made.body(body);
        }
        self.table.get(&edge)?.answer(url, made);
        Ok(())
    }

    fn inject(&mut self, edge: Resource<Edge>, fault: wit::Fault) -> Result<()> {
        if let Some(fault) = to_fault(fault) {
            self.table.get(&edge)?.inject(fault);
        }
        Ok(())
    }

    fn clear_faults(&mut self, edge: Resource<Edge>) -> Result<()> {
        self.table.get(&edge)?.clear_faults();
        Ok(())
    }

    fn seed(&mut self, edge: Resource<Edge>, seed: u64) -> Result<()> {
        self.table.get(&edge)?.seed(seed);
        Ok(())
    }

    fn now(&mut self, edge: Resource<Edge>) -> Result<u64> {
        let now = self.table.get(&edge)?.clock().now();
        Ok(u64::try_from(now.as_micros()).unwrap_or(u64::MAX))
    }

    fn advance(&mut self, edge: Resource<Edge>, micros: u64) -> Result<()> {
        let clock = self.table.get(&edge)?.clock();
        clock.advance(Duration::from_micros(micros));
        Ok(())
    }

    fn set_now(&mut self, edge: Resource<Edge>, micros: u64) -> Result<()> {
        let clock = self.table.get(&edge)?.clock();
        clock.set(Duration::from_micros(micros));
        Ok(())
    }

    fn cache_get(
        &mut self,
        edge: Resource<Edge>,
        pop: String,
        key: String,
    ) -> Result<Option<wit::Cached>> {
        let edge = self.at(&edge, &pop)?;
        let ttl = edge.cache().ttl(&key);
        let value = edge.cache().get(&key);
        Ok(ttl.zip(value).map(|(ttl, value)| wit::Cached {
            key,
            value,
            ttl: ttl.map(millis),
        }))
    }

    fn cache_set(
        &mut self,
        edge: Resource<Edge>,
        pop: String,
        key: String,
        value: Vec<u8>,
        ttl: Option<u64>,
    ) -> Result<()> {
        let ttl = ttl.map(Duration::from_millis);
        self.at(&edge, &pop)?.cache().set(&key, value, ttl);
        Ok(())
    }

    fn cache_evict(&mut self, edge: Resource<Edge>, pop: String, key: String) -> Result<bool> {
        Ok(self.at(&edge, &pop)?.cache().evict(&key))
    }

    fn cache_evict_all(&mut self, edge: Resource<Edge>, pop: String) -> Result<()> {
        self.at(&edge, &pop)?.cache().evict_all();
        Ok(())
    }

    fn cache_list(
        &mut self,
        edge: Resource<Edge>,
        pop: String,
        most: u32,
    ) -> Result<(u64, Vec<wit::Cached>)> {
        let (count, entries) = self.at(&edge, &pop)?.cache().list(most as usize);
        let entries = entries.into_iter().map(|entry| {
            let CachedEntry {
                key, value, ttl, ..
            } = entry;
            wit::Cached {
                key,
                value,
                ttl: ttl.map(millis),
            }
        });
        Ok((count as u64, entries.collect()))
    }

    fn calls(&mut self, edge: Resource<Edge>) -> Result<Vec<wit::Call>> {
        let calls = self.table.get(&edge)?.calls();
        let calls = calls.iter().map(|call| wit::Call {
            pop: call.pop.to_string(),
            operation: call.operation.name().to_owned(),
            store: call.store.clone(),
            key: call.key.clone(),
            bytes_sent: call.bytes_sent as u64,
            bytes_received: call.bytes_received as u64,
            error: call.error.clone(),
        });
        Ok(calls.collect())
    }

    fn clear_calls(&mut self, edge: Resource<Edge>) -> Result<()> {
        self.table.get(&edge)?.clear_calls();
        Ok(())
    }

    fn diagnostics(&mut self, edge: Resource<Edge>) -> Result<Vec<String>> {
        Ok(self.table.get(&edge)?.diagnostics())
    }

    fn drop(&mut self, edge: Resource<Edge>) -> Result<()> {
        self.table.delete(edge)?;
        Ok(())
    }
}

fn to_settings(settings: wit::Settings) -> Settings {
    let made = Settings::platform()
        .replication(to_replication(settings.replication))
        .read_cache(settings.read_cache.map(Duration::from_millis))
        .nodes(settings.nodes as usize)
        .scans(match settings.shuffled {
            None => Scans::Ordered,
            Some(seed) => Scans::Shuffled { seed },
        })
        .unlinked(match settings.unlinked {
            wit::Unlinked::AccessDenied => Unlinked::AccessDenied,
            wit::Unlinked::NoSuchStore => Unlinked::NoSuchStore,
        })
        .cache(settings.has_cache)
        .cache_bytes(usize::try_from(settings.cache_bytes).unwrap_or(usize::MAX))
        .ttl_ceiling(Duration::from_millis(settings.ttl_ceiling))
        .overflow(match settings.overflow {
            wit::Overflow::Wraps => Overflow::Wraps,
            wit::Overflow::Fails => Overflow::Fails,
        })
        .purges_counters(settings.purges_counters);
    let made = match settings.evictions {
        Some((probability, seed)) => made.evictions(probability, seed),
        None => made,
    };
    let faults = settings.faults.into_iter().filter_map(to_fault);
    faults.fold(made, Settings::fault)
}

fn to_replication(replication: wit::Replication) -> Replication {
    let made = to_lag(&replication.lag);
    let made = replication
        .to
        .iter()
        .fold(made, |made, (pop, lag)| made.to(pop, to_lag(lag)));
    replication
        .of_key
        .iter()
        .fold(made, |made, (key, lag)| made.of_key(key, to_lag(lag)))
}

fn to_lag(lag: &wit::Lag) -> Replication {
    match *lag {
        wit::Lag::Fixed(lag) => Replication::after(Duration::from_millis(lag)),
        wit::Lag::Between((least, most, seed)) => {
            let lag = Duration::from_millis(least)..=Duration::from_millis(most);
            Replication::between(lag, seed)
        }
        wit::Lag::Held => Replication::held(),
    }
}

/// A fault; none of an operation that this runner does not know, or that cannot fail: the test's
/// own crate has refused it.
fn to_fault(fault: wit::Fault) -> Option<Fault> {
    let made = match fault.which {
        wit::Which::Operation(name) => {
            let operation = Operation::from_name(&name)?;
            operation.can_fail().then(|| Fault::on(operation))?
        }
        wit::Which::Store(name) => Fault::on_store(name),
        wit::Which::Cache => Fault::on_cache(),
    };
    let made = match fault.when {
        wit::When::Always => made,
        wit::When::Nth(n) => made.nth(n),
        wit::When::Sometimes((probability, seed)) => made.with_probability(probability, seed),
        wit::When::Bursts((probability, length, seed)) => made.in_bursts(probability, length, seed),
    };
    let made = made.error(match fault.failure {
        wit::Failure::AccessDenied => FaultError::AccessDenied,
        wit::Failure::Internal => FaultError::Internal,
        wit::Failure::Other(message) => FaultError::Other(message),
    });
    Some(match fault.effect {
        wit::Effect::No => made,
        wit::Effect::Yes => made.after_the_effect(),
        wit::Effect::Sometimes(seed) => made.sometimes_after_the_effect(seed),
    })
}

fn to_change(change: wit::Change) -> Change {
    match change {
        wit::Change::Put(put) => Change::Put {
            key: put.key,
            value: put.value,
            expires_at_ms: put.expires_at,
        },
        wit::Change::AddMembers(add) => Change::AddMembers {
            key: add.key,
            members: add.members,
        },
        wit::Change::AddItems(add) => Change::AddItems {
            key: add.key,
            options: BloomOptions::default()
                .capacity(add.capacity)
                .error_rate(add.error_rate)
                .expansion(add.expansion),
            items: add.items,
        },
        wit::Change::Delete(key) => Change::Delete {
            key,
            data_type: None,
        },
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
