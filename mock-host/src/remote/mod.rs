//! The platform of a test that is itself a component: it is in the runner, outside, and is
//! controlled through an interface that only the runner offers.
//!
//! The types here have the names and methods of those of [`edge`](crate::edge), so that
//! [`MockHost`](crate::MockHost) is written once.

mod cache_view;
mod clock;
mod wire;

use std::cell::OnceCell;
use std::rc::Rc;

pub use self::cache_view::CacheView;
pub use self::clock::Clock;
use self::wire::control;
use crate::edge::central::Change;
use crate::edge::{Answer, Call, Calls, Fault, LOCAL_POP, Operation, Replication, Settings};

/// The platform as one app meets it at one location.
#[derive(Clone)]
pub(crate) struct Edge {
    platform: Rc<Platform>,
    pop: Rc<str>,
}

struct Platform {
    edge: Rc<control::Edge>,
    clock: Clock,
    pops: Vec<Rc<str>>,
    settings: std::cell::RefCell<Settings>,
    reported: OnceCell<()>,
}

impl Edge {
    pub(crate) fn for_tests(pops: &[&str], settings: Settings) -> Self {
        let pops: Vec<Rc<str>> = match pops {
            [] => vec![LOCAL_POP.into()],
            pops => pops.iter().map(|pop| (*pop).into()).collect(),
        };
        let names: Vec<String> = pops.iter().map(|pop| pop.to_string()).collect();
        let edge = Rc::new(control::Edge::new(&names, &wire::settings(&settings)));
        Edge {
            pop: Rc::clone(&pops[0]),
            platform: Rc::new(Platform {
                clock: Clock::of(Rc::clone(&edge)),
                edge,
                pops,
                settings: settings.into(),
                reported: OnceCell::new(),
            }),
        }
    }

    pub(crate) fn at(&self, pop: &str) -> Option<Edge> {
        let pop = self.platform.pops.iter().find(|other| &***other == pop)?;
        Some(Edge {
            pop: Rc::clone(pop),
            ..self.clone()
        })
    }

    pub(crate) fn pop(&self) -> &str {
        &self.pop
    }

    pub(crate) fn pops(&self) -> Vec<Rc<str>> {
        self.platform.pops.clone()
    }

    pub(crate) fn install(&self) -> u32 {
        self.control().install(&self.pop)
    }

    pub(crate) fn uninstall(&self, installed: u32) {
        self.control().uninstall(installed);
    }

    pub(crate) fn settings(&self) -> Settings {
        self.platform.settings.borrow().clone()
    }

    pub(crate) fn set_settings(&self, settings: Settings) {
        self.control().set_settings(&wire::settings(&settings));
        self.platform.settings.replace(settings);
    }

    pub(crate) fn set_replication(&self, replication: Replication) {
        let wired = wire::replication(&replication);
        self.control().set_replication(&wired);
        let settings = self.settings().replication(replication);
        self.platform.settings.replace(settings);
    }

    pub(crate) fn fill(&self, store: &str, changes: &[Change]) -> Result<(), String> {
        self.control().fill(store, &wire::changes(changes)?)
    }

    pub(crate) fn write(&self, store: &str, changes: &[Change]) -> Result<(), String> {
        self.control().write(store, &wire::changes(changes)?)
    }

    pub(crate) fn replicate_now(&self) {
        self.control().replicate_now(None);
    }

    pub(crate) fn replicate_here_now(&self) {
        self.control().replicate_now(Some(&self.pop));
    }

    pub(crate) fn forget_reads(&self) {
        self.control().forget_reads();
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.platform.clock
    }

    pub(crate) fn cache(&self) -> CacheView<'_> {
        CacheView::new(self.control(), &self.pop)
    }

    pub(crate) fn set_secret(&self, key: &str, effective_from: u64, value: impl Into<String>) {
        self.control()
            .set_secret(key, effective_from, &value.into());
    }

    pub(crate) fn set_variable(&self, key: impl Into<String>, value: impl Into<String>) {
        self.control().set_variable(&key.into(), &value.into());
    }

    pub(crate) fn answer(&self, url: impl Into<String>, answer: Answer) {
        self.control().answer(&url.into(), &wire::answer(answer));
    }

    pub(crate) fn seed(&self, seed: u64) {
        self.control().seed(seed);
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.control().inject(&wire::fault(&fault));
    }

    pub(crate) fn clear_faults(&self) {
        self.control().clear_faults();
    }

    pub(crate) fn calls(&self) -> Calls {
        let calls = self.control().calls().into_iter().filter_map(|call| {
            Some(Call {
                pop: call.pop.into(),
                operation: Operation::from_name(&call.operation)?,
                store: call.store,
                key: call.key,
                bytes_sent: call.bytes_sent as usize,
                bytes_received: call.bytes_received as usize,
                error: call.error,
            })
        });
        Calls::from(calls.collect::<Vec<_>>())
    }

    pub(crate) fn clear_calls(&self) {
        self.control().clear_calls();
    }

    pub(crate) fn diagnostics(&self) -> Vec<String> {
        self.control().diagnostics()
    }

    pub(crate) fn is_first_report(&self) -> bool {
        self.platform.reported.set(()).is_ok()
    }

    fn control(&self) -> &control::Edge {
        &self.platform.edge
    }
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge")
            .field("pop", &self.pop)
            .finish_non_exhaustive()
    }
}
