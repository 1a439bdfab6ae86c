//! A component that is ready to answer requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use bytes::Bytes;
use fastedge_mock_host::{Calls, Edge};
use http::{HeaderName, Method, Request, Response, StatusCode};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use super::deadline::{Elapsed, Yielded, within};
use super::engine::Runtime;
use super::failure::Failure;
use super::imports::{self, ReactorPre};
use super::kind::Kind;
use super::load_error::LoadError;
use super::output::{AppOutput, Lines, Printed, PrintedLine, RequestLabel, Stream};
use super::state::{State, Streams};
use super::wasip1::{self, Binary};
use super::{reactor, wasi_http};
use crate::config::{Config, OutboundRules};
use crate::headers::is_about_the_connection;

/// An app on its platform: compiled and linked, so that a request costs it an instance and no more.
/// For tests there is [`App`](super::App), which is simpler.
pub struct Guest {
    runtime: Runtime,
    handler: Handler,
    config: Config,
    outbound: Arc<OutboundRules>,
    output: Arc<dyn AppOutput>,
    requests: AtomicU64,
}

#[derive(Clone)]
enum Handler {
    Reactor(ReactorPre<State>),
    WasiHttp(ProxyPre<State>),
}

/// What has become of a request.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The answer; where the app gave none, the platform's.
    pub response: Response<Bytes>,
    /// Why the app gave none.
    pub failure: Option<Failure>,
    /// The instructions that the app executed, if the runtime counts them.
    pub instructions: Option<u64>,
    /// The bytes of linear memory that the app had in the end.
    pub memory: usize,
    /// The host calls that the app made, in order: at most the first 10,000.
    pub calls: Calls,
    /// What the app has printed, line by line.
    pub printed: Vec<PrintedLine>,
    /// The request, as what the app printed is labelled.
    pub request: Arc<RequestLabel>,
}

impl Guest {
    /// Compiles and links an app: a component, or a core module for wasip1.
    ///
    /// # Errors
    ///
    /// If it is not an app, or not one that the platform runs.
    pub fn load(
        runtime: &Runtime,
        binary: &[u8],
        config: Config,
        output: Arc<dyn AppOutput>,
    ) -> Result<Guest, LoadError> {
        let wrapped;
        let component = match Binary::of(binary) {
            Binary::Component => binary,
            Binary::CoreModule => {
                wrapped = wasip1::wrap(binary).map_err(LoadError::CoreModule)?;
                &wrapped
            }
            Binary::NotWasm => return Err(LoadError::NotWasm),
        };
        let engine = &runtime.engine;
        let component = Component::new(engine, component)
            .map_err(|error| LoadError::Invalid(format!("{error:#}")))?;
        let kind = Kind::of(&component, engine).map_err(LoadError::NoHandler)?;
        let handler = Handler::link(kind, runtime, &component)
            .map_err(|error| LoadError::Link(format!("{error:#}")))?;
        Ok(Guest {
            runtime: runtime.clone(),
            handler,
            outbound: Arc::new(config.outbound.clone()),
            config,
            output,
            requests: AtomicU64::new(0),
        })
    }

    /// The same app, configured in another way: nothing is compiled anew.
    #[must_use]
    pub fn with(&self, config: Config) -> Guest {
        Guest {
            runtime: self.runtime.clone(),
            handler: self.handler.clone(),
            outbound: Arc::new(config.outbound.clone()),
            config,
            output: Arc::clone(&self.output),
            requests: AtomicU64::new(self.requests.load(Relaxed)),
        }
    }

    /// Which kind of app it is.
    pub fn kind(&self) -> Kind {
        match self.handler {
            Handler::Reactor(_) => Kind::Reactor,
            Handler::WasiHttp(_) => Kind::WasiHttp,
        }
    }

    /// How the platform is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Answers a request, in an instance of its own. The request gets the configured headers that
    /// it does not bring itself.
    pub async fn request(&self, mut request: Request<Bytes>) -> Outcome {
        self.config.complete(request.headers_mut());
        self.request_at(&self.config.edge, request).await
    }

    /// Answers a request whose headers are complete, at a location.
    pub(crate) async fn request_at(&self, edge: &Edge, request: Request<Bytes>) -> Outcome {
        let label = Arc::new(RequestLabel {
            id: self.requests.fetch_add(1, Relaxed) + 1,
            method: request.method().clone(),
            uri: request.uri().clone(),
        });
        // The semaphore is never closed; if it were, a request would go ahead without a turn.
        let _turn = self.runtime.turns.acquire().await.ok();
        let yielded = Yielded::default();
        let lines = Lines::default();
        let mut store = self.store(edge, &label, &lines, &yielded);
        let is_head = request.method() == Method::HEAD;
        let result = self.answer(&mut store, &yielded, request).await;
        let result = result.and_then(|response| self.check(response, is_head));
        let instructions = self
            .runtime
            .counts_instructions
            .then(|| u64::MAX - store.get_fuel().unwrap_or(u64::MAX));
        let (mut response, failure) = match result {
            Ok(response) => (response, None),
            Err(failure) => (failure.response(), Some(failure)),
        };
        for (name, value) in &self.config.response_headers {
            // A map that the app has filled to the brim takes no more.
            let _inserted = response.headers_mut().try_insert(name, value.clone());
        }
        let calls = store.data().session().calls();
        let memory = store.data().limiter.used();
        // With the store go the streams, and what was begun on them is printed.
        drop(store);
        Outcome {
            response,
            failure,
            instructions,
            memory,
            calls,
            printed: lines.take(),
            request: label,
        }
    }

    /// Runs the app against its limits.
    async fn answer(
        &self,
        store: &mut Store<State>,
        yielded: &Yielded,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Failure> {
        let limits = &self.config.limits;
        let run = async {
            match &self.handler {
                Handler::Reactor(app) => reactor::answer(app, store, request).await,
                Handler::WasiHttp(app) => wasi_http::answer(app, store, request).await,
            }
        };
        let failure = match within(limits.time, yielded, run).await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(Stopped::SetUp(error))) => match Failure::of_call(&error, limits.time) {
                Failure::Execution(reason) => Failure::SetUp(reason),
                failure => failure,
            },
            Ok(Err(Stopped::Call(error))) => Failure::of_call(&error, limits.time),
            Ok(Err(Stopped::Unusable(reason))) => Failure::Execution(reason),
            Err(Elapsed) => Failure::Elapsed { limit: limits.time },
        };
        // An app that is refused memory crashes of it, or cannot even be set up.
        Err(match failure {
            Failure::Trap(_) | Failure::SetUp(_) if store.data().limiter.has_refused() => {
                Failure::OutOfMemory {
                    limit: limits.memory,
                }
            }
            failure => failure,
        })
    }

    fn store(
        &self,
        edge: &Edge,
        label: &Arc<RequestLabel>,
        lines: &Lines,
        yielded: &Yielded,
    ) -> Store<State> {
        let limits = &self.config.limits;
        let printed = |stream| {
            let output = Arc::clone(&self.output);
            Printed::new(Arc::clone(label), stream, output, lines.clone())
        };
        let streams = Streams {
            stdout: printed(Stream::Stdout),
            stderr: printed(Stream::Stderr),
        };
        let state = State::new(edge, limits, &self.outbound, streams, |wasi| {
            wasi.envs(&self.config.environment);
        });
        let mut store = Store::new(&self.runtime.engine, state);
        store.limiter(|state| &mut state.limiter);
        if self.runtime.counts_instructions {
            // It cannot fail: the engine counts.
            let _counts = store.set_fuel(u64::MAX);
        }
        // A busy loop lets others have their turn at each tick, until its time is over.
        let deadline = Instant::now().checked_add(limits.time);
        let yielded = yielded.clone();
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(UpdateDeadline::Interrupt);
            }
            yielded.set();
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }

    /// Refuses what HTTP cannot carry, and takes out what is the server's to say.
    fn check(
        &self,
        mut response: Response<Bytes>,
        is_head: bool,
    ) -> Result<Response<Bytes>, Failure> {
        let status = response.status();
        if status < StatusCode::OK {
            return Err(Failure::Execution(format!(
                "its status is {status}, which is not that of an answer"
            )));
        }
        if response.body().len() > self.config.limits.body {
            return Err(Failure::Execution(format!(
                "its body is of {} bytes, and the limit is {}",
                response.body().len(),
                self.config.limits.body
            )));
        }
        if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            // They have none (RFC 9110, 15.3.5 and 15.4.5), whatever the app says.
            *response.body_mut() = Bytes::new();
        }
        if is_head {
            // It has the headers of an answer to GET, the length included, but not the body.
            *response.body_mut() = Bytes::new();
        }
        let headers = response.headers_mut();
        let unwanted: Vec<HeaderName> = headers
            .keys()
            .filter(|name| !(is_head && **name == http::header::CONTENT_LENGTH))
            .filter(|name| is_about_the_connection(name))
            .cloned()
            .collect();
        for name in unwanted {
            headers.remove(name);
        }
        Ok(response)
    }
}

/// Why an app stopped without an answer.
pub(crate) enum Stopped {
    /// Before it was called.
    SetUp(wasmtime::Error),
    /// In the call.
    Call(wasmtime::Error),
    /// After it, with an answer that is none.
    Unusable(String),
}

impl Handler {
    fn link(kind: Kind, runtime: &Runtime, component: &Component) -> wasmtime::Result<Handler> {
        let mut linker = Linker::new(&runtime.engine);
        imports::add_to_linker(&mut linker)?;
        let linked: InstancePre<State> = linker.instantiate_pre(component)?;
        Ok(match kind {
            Kind::Reactor => Handler::Reactor(ReactorPre::new(linked)?),
            Kind::WasiHttp => Handler::WasiHttp(ProxyPre::new(linked)?),
        })
    }
}
