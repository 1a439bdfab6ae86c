//! Components that are programs: those that export `wasi:cli/run`, among them tests that were built
//! for wasm32-wasip2.

use std::sync::Arc;
use std::time::Duration;

use fastedge_mock_host::{Calls, Edge, Fault, FaultError, Operation, Settings};
use http::{Method, Uri};
use wasmtime::component::{Component, Linker};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi::{I32Exit, WasiCtxBuilder};

use super::engine::Runtime;
use super::load_error::LoadError;
use super::output::{AppOutput, Lines, Printed, PrintedLine, RequestLabel, Stream};
use super::state::{State, Streams};
use super::{control, imports};
use crate::config::{Limits, OutboundRules};

/// A program that is ready to run, each time in an instance and on an edge of its own.
pub struct Program {
    runtime: Runtime,
    command: CommandPre<State>,
    output: Arc<dyn AppOutput>,
}

/// How a run has ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Run {
    /// The program's exit status; `Err` is that it crashed, and of what.
    pub exit: Result<i32, String>,
    /// What it printed, line by line.
    pub printed: Vec<PrintedLine>,
    /// The host calls that it made on the edge that was installed last, in order.
    pub calls: Calls,
}

/// What a call answers before a test has installed anything.
const NO_HOST: &str = "no FastEdge host is installed: install one and keep the guard: \
    `let edge = MockHost::new(); let _installed = edge.install();`";

impl Program {
    /// Compiles and links a program.
    ///
    /// # Errors
    ///
    /// If it is not a program, or imports what there is not.
    pub fn load(
        runtime: &Runtime,
        binary: &[u8],
        output: Arc<dyn AppOutput>,
    ) -> Result<Program, LoadError> {
        let words = |error: wasmtime::Error| format!("{error:#}");
        let component = Component::new(&runtime.engine, binary)
            .map_err(|error| LoadError::Invalid(words(error)))?;
        let mut linker: Linker<State> = Linker::new(&runtime.engine);
        let linked = imports::add_to_linker(&mut linker)
            .and_then(|()| control::add_to_linker(&mut linker))
            .and_then(|()| linker.instantiate_pre(&component))
            .map_err(|error| LoadError::Link(words(error)))?;
        let command = CommandPre::new(linked).map_err(|_| LoadError::NotAProgram)?;
        Ok(Program {
            runtime: runtime.clone(),
            command,
            output,
        })
    }

    /// Runs it with these arguments, the first of which is its name, and these variables in its
    /// environment. It sees the folder that this process runs in.
    pub async fn run(&self, arguments: &[String], variables: &[(String, String)]) -> Run {
        self.run_with(arguments, variables, |_| {}).await
    }

    /// Like [`run`](Program::run), but its streams are those of this process, as they are.
    pub async fn run_here(&self, arguments: &[String], variables: &[(String, String)]) -> Run {
        let here = |wasi: &mut WasiCtxBuilder| {
            wasi.inherit_stdio();
        };
        self.run_with(arguments, variables, here).await
    }

    async fn run_with(
        &self,
        arguments: &[String],
        variables: &[(String, String)],
        set_up: impl FnOnce(&mut WasiCtxBuilder),
    ) -> Run {
        // The pool has no more instances; the semaphore is never closed.
        let _turn = self.runtime.turns.acquire().await.ok();
        let lines = Lines::all();
        let label = Arc::new(RequestLabel {
            id: 0,
            method: Method::GET,
            uri: Uri::default(),
        });
        let printed = |stream| {
            let output = Arc::clone(&self.output);
            Printed::new(Arc::clone(&label), stream, output, lines.clone())
        };
        let streams = Streams {
            stdout: printed(Stream::Stdout),
            stderr: printed(Stream::Stderr),
        };
        let limits = Limits {
            time: Duration::MAX,
            memory: 4 << 30,
            body: usize::MAX,
            outbound_requests: u32::MAX,
        };
        let edge = edge_without_host();
        let rules = Arc::new(OutboundRules::default());
        let state = State::new(&edge, &limits, &rules, streams, |wasi| {
            wasi.args(arguments).envs(variables);
            // Without the folder all works but the tests that read files.
            let _unreadable = wasi.preopened_dir(".", ".", FsPerms::ReadWrite);
            if let Ok(here) = std::env::current_dir() {
                // Paths that were built in (`env!("CARGO_MANIFEST_DIR")`) are absolute.
                let _unreadable =
                    wasi.preopened_dir(&here, here.to_string_lossy(), FsPerms::ReadWrite);
            }
            set_up(wasi);
        });
        let mut store = Store::new(&self.runtime.engine, state);
        store.limiter(|state| &mut state.limiter);
        if self.runtime.counts_instructions {
            // It cannot fail: the engine counts.
            let _counts = store.set_fuel(u64::MAX);
        }
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        let exit = self.call(&mut store).await;
        let calls = store.data().session().edge().calls();
        drop(store);
        Run {
            exit,
            printed: lines.take(),
            calls,
        }
    }

    async fn call(&self, store: &mut Store<State>) -> Result<i32, String> {
        let words = |error: wasmtime::Error| match error.downcast_ref() {
            Some(I32Exit(status)) => Ok(*status),
            None => Err(format!("{:#}", error.root_cause())),
        };
        let command = match self.command.instantiate_async(&mut *store).await {
            Ok(command) => command,
            Err(error) => return words(error),
        };
        match command.wasi_cli_run().call_run(&mut *store).await {
            Ok(Ok(())) => Ok(0),
            Ok(Err(())) => Ok(1),
            Err(error) => words(error),
        }
    }
}

/// An edge on which every call that can fails, and says what to do.
fn edge_without_host() -> Edge {
    let fails = |fault: Fault| fault.error(FaultError::Other(NO_HOST.to_owned()));
    let settings = [
        Fault::on_cache(),
        Fault::on(Operation::KvOpen),
        Fault::on(Operation::SecretGet),
        Fault::on(Operation::SecretGetEffectiveAt),
        Fault::on(Operation::SendRequest),
    ]
    .into_iter()
    .fold(Settings::prompt(), |settings, fault| {
        settings.fault(fails(fault))
    });
    Edge::for_tests(&[], settings)
}
