//! What belongs to one instance, and so to one request.

use std::sync::{Arc, Mutex, PoisonError};

use fastedge_mock_host::{Edge, Session};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::clock::Sleepers;
use super::control::Installs;
use super::limiter::MemoryLimiter;
use super::outbound::Outbound;
use super::output::Printed;
use super::random::{CurrentEdge, EdgeRandom};
use crate::config::{Limits, OutboundRules};

pub(crate) struct State {
    /// The session that the app calls: the request's, or the one that a test has installed.
    session: Arc<Session>,
    current: CurrentEdge,
    /// What a test has installed, if this is one.
    pub(super) installs: Installs,
    pub(super) sleepers: Sleepers,
    pub(crate) table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    pub(crate) outbound: Outbound,
    pub(crate) limiter: MemoryLimiter,
    pub(crate) max_body_bytes: usize,
}

/// Where an instance prints.
pub(crate) struct Streams {
    pub(crate) stdout: Printed,
    pub(crate) stderr: Printed,
}

impl State {
    pub(crate) fn new(
        edge: &Edge,
        limits: &Limits,
        rules: &Arc<OutboundRules>,
        streams: Streams,
        set_up: impl FnOnce(&mut WasiCtxBuilder),
    ) -> Self {
        let session = Arc::new(edge.session());
        let current = Arc::new(Mutex::new(edge.clone()));
        let mut wasi = WasiCtx::builder();
        wasi.stdout(streams.stdout).stderr(streams.stderr);
        if edge.clock().stands_still() {
            wasi.secure_random(EdgeRandom(Arc::clone(&current)))
                .insecure_random(EdgeRandom(Arc::clone(&current)))
                .insecure_random_seed(seed(edge));
        }
        set_up(&mut wasi);
        State {
            outbound: Outbound::new(
                Arc::clone(&session),
                Arc::clone(rules),
                limits.outbound_requests,
            ),
            session,
            current,
            installs: Installs::default(),
            sleepers: Sleepers::default(),
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            limiter: MemoryLimiter::new(limits.memory),
            max_body_bytes: limits.body,
        }
    }

    /// What the app calls.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The app calls another session from now on; the former one.
    pub(crate) fn replace_session(&mut self, session: Arc<Session>) -> Arc<Session> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = session.edge().clone();
        drop(current);
        self.outbound.session = Arc::clone(&session);
        std::mem::replace(&mut self.session, session)
    }
}

/// A seed from the edge's source: std hashes with it.
fn seed(edge: &Edge) -> u128 {
    let mut bytes = [0; 16];
    edge.fill_random(&mut bytes);
    u128::from_le_bytes(bytes)
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.outbound,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
