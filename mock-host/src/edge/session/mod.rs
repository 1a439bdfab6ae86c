//! The interfaces that an app calls, on the edge's state: each call is struck by a fault or carried
//! out, and written down.

mod app;
mod cache;
mod key_value;

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use fastedge_host::{self as host, Request};

pub use self::app::{OwnAnswer, SentRequest};
pub use self::key_value::OpenStore;
use super::faults::Struck;
use super::read_cache::ReadCache;
use super::{Call, Calls, Edge, FaultError, Operation};

/// Of an app that calls for ever only so many calls are kept.
const KEPT_CALLS: usize = 10_000;

/// What one request sees of the edge: one node of a location, and a log of its own.
///
/// The methods are the functions of the host's interfaces, under their names.
pub struct Session {
    edge: Edge,
    nodes: Arc<[ReadCache]>,
    node: usize,
    /// What the app sees of the cache, if it is not the location's own.
    foreign_cache: Option<Arc<dyn host::Cache>>,
    /// `None` where nobody wants to know.
    log: Option<Mutex<Vec<Call>>>,
}

impl Session {
    pub(crate) fn new(edge: Edge, is_logged: bool) -> Self {
        let (nodes, node) = edge.pop.next_node();
        Session {
            nodes,
            node,
            foreign_cache: edge.pop.foreign_cache(),
            log: is_logged.then(Mutex::default),
            edge,
        }
    }

    /// Where it is.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The calls so far, of this session.
    pub fn calls(&self) -> Calls {
        match &self.log {
            Some(log) => Calls::from(log.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            None => Calls::default(),
        }
    }

    fn now_ms(&self) -> u64 {
        self.edge.clock().now_ms()
    }

    /// Writes a call down, wherever somebody wants to know of it.
    fn note(&self, call: impl FnOnce(&Arc<str>) -> Call) -> Noted {
        let platform = &self.edge.platform;
        if self.log.is_none() && !platform.log.keeps() {
            return Noted::default();
        }
        let call = call(&self.edge.pop.name);
        let in_session = self.log.as_ref().and_then(|log| {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            (log.len() < KEPT_CALLS).then(|| {
                log.push(call.clone());
                log.len() - 1
            })
        });
        Noted {
            in_session,
            on_edge: platform.log.keep(call),
        }
    }

    /// Adds to what was written down of a call.
    fn amend(&self, noted: Noted, amend: impl Fn(&mut Call)) {
        if let (Some(log), Some(place)) = (&self.log, noted.in_session) {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(call) = log.get_mut(place) {
                amend(call);
            }
        }
        if let Some(number) = noted.on_edge {
            self.edge.platform.log.amend(number, amend);
        }
    }

    /// One call of the app: struck by a fault or carried out, and written down.
    fn call<T, E: From<FaultError> + Display>(
        &self,
        about: About<'_>,
        size: impl FnOnce(&T) -> usize,
        carry_out: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let result = match self
            .edge
            .platform
            .faults
            .strike(about.operation, about.store)
        {
            None => carry_out(),
            Some(Struck {
                error,
                after_the_effect,
            }) => {
                if after_the_effect {
                    // The effect is wanted, the answer is what gets lost.
                    let _lost = carry_out();
                }
                Err(error.into())
            }
        };
        self.note(|pop| match &result {
            Ok(answer) => about.call(pop, size(answer), None),
            Err(error) => about.call(pop, 0, Some(error.to_string())),
        });
        result
    }
}

/// Where a call is written down.
#[derive(Clone, Copy, Default)]
struct Noted {
    in_session: Option<usize>,
    on_edge: Option<usize>,
}

/// What there is to say of a call before it is carried out.
#[derive(Clone, Copy)]
struct About<'a> {
    operation: Operation,
    store: &'a str,
    key: &'a str,
    bytes_sent: usize,
}

impl<'a> About<'a> {
    fn of(operation: Operation, store: &'a str, key: &'a str) -> Self {
        About {
            operation,
            store,
            key,
            bytes_sent: 0,
        }
    }

    fn of_request(request: &'a Request) -> Self {
        let sent = request.body.as_ref().map_or(0, Vec::len);
        About::of(Operation::SendRequest, "", &request.uri).sending(sent)
    }

    fn sending(self, bytes_sent: usize) -> Self {
        About { bytes_sent, ..self }
    }

    fn call(self, pop: &Arc<str>, bytes_received: usize, error: Option<String>) -> Call {
        Call {
            pop: Arc::clone(pop),
            operation: self.operation,
            store: self.store.to_owned(),
            key: shortened(self.key),
            bytes_sent: self.bytes_sent,
            bytes_received,
            error,
        }
    }
}

/// A key as far as it is worth writing down: no key of the platform is this long.
fn shortened(key: &str) -> String {
    const MOST: usize = 1024;
    if key.len() <= MOST {
        return key.to_owned();
    }
    let cut = (0..=MOST).rev().find(|at| key.is_char_boundary(*at));
    format!("{}… ({} bytes)", &key[..cut.unwrap_or(0)], key.len())
}

fn option_len(value: &Option<Vec<u8>>) -> usize {
    value.as_ref().map_or(0, Vec::len)
}
