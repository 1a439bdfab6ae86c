//! `fastedge-mock test`: request files.
//!
//! ```toml
//! [[request]]
//! name = "a page is counted"          # what the report calls it
//! uri = "/tea"
//! method = "GET"
//! headers = { x-real-ip = "203.0.113.7" }
//! body = "…"
//! pop = "lon"
//!
//! # What happens before it
//! advance_secs = 60
//! write = { pages = { "/tea" = "Tea" } }      # as the platform's API does
//! replicate = true                            # what is on its way arrives
//! fail = ["cache-sync.incr"]                  # these calls fail from now on; [] ends it
//!
//! [request.expect]
//! status = 200                        # which it is, if nothing is said
//! body = "Tea (1 views)\n"            # the whole body
//! contains = ["views"]                # or parts of it
//! json = { views = 1 }                # or what it says in JSON
//! headers = { content-type = "text/plain" }
//! kv_reads = 1
//! cache_calls = 2
//! requests_sent = 0
//! max_host_bytes = 1000               # of the values that came back
//! max_instructions = 1_000_000
//! ```
//!
//! The requests of a file are sent in order to one platform, which is set up by `fastedge.toml`; its
//! clock stands still until a request moves it. Each file has a platform of its own.

mod check;
mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use self::file::{RequestFile, Step};
use super::Error;
use super::out::Out;
use super::serve::{app_folder, files};
use crate::config::SiteConfig;
use crate::package::AppPackage;
use crate::wasm::{Discard, EngineOptions, Guest, Outcome, Runtime};

/// The file that is taken where none is named.
const REQUESTS_FILE: &str = "requests.toml";

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// A component, or the name or folder of a package here, which is then built.
    app: String,

    /// The request files [default: requests.toml in the package's folder, or here].
    files: Vec<PathBuf>,

    /// The configuration [default: fastedge.toml in the package's folder, or here].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Answer with a line of JSON for each request.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        let folder = app_folder(Some(&self.app))?;
        let (config, dotenv) = files(&folder, self.config.as_deref(), None)?;
        let site = SiteConfig::load(config.as_deref(), dotenv.as_deref())?;
        let named = match self.files.is_empty() {
            true => vec![folder.join(REQUESTS_FILE)],
            false => self.files.clone(),
        };
        let mut suites = Vec::new();
        for file in &named {
            suites.push(RequestFile::load(file)?);
        }
        let guest = self.guest()?;
        let threads = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let (mut passed, mut failed) = (0, 0);
        for suite in &suites {
            let edge = site.new_test_edge();
            let config = site.set_up_named(&self.app, edge)?;
            let guest = guest.with(config);
            for step in &suite.steps {
                let problems = threads.block_on(run_step(&guest, step))?;
                match problems.is_empty() {
                    true => passed += 1,
                    false => failed += 1,
                }
                self.report(&suite.path, step, &problems)?;
            }
        }
        if !self.json {
            Out::new().line(&format!("\n{passed} passed, {failed} failed"))?;
        }
        Ok(match failed {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }

    fn guest(&self) -> Result<Guest, Error> {
        let path = Path::new(&self.app);
        let binary = match path.is_file() {
            true => std::fs::read(path).map_err(|error| format!("{}: {error}", self.app))?,
            false => AppPackage::find(Path::new("."), &self.app)?.build()?.binary,
        };
        let options = EngineOptions {
            counts_instructions: true,
            ..EngineOptions::cached()
        };
        let runtime = Runtime::new(&options)?;
        let guest = Guest::load(&runtime, &binary, Default::default(), Arc::new(Discard));
        guest.map_err(|error| format!("{}: {error}", self.app).into())
    }

    fn report(&self, file: &Path, step: &Step, problems: &[String]) -> Result<(), Error> {
        let mut out = Out::new();
        let file = file.display();
        if self.json {
            let answer = json!({
                "file": file.to_string(),
                "name": step.name,
                "passed": problems.is_empty(),
                "problems": problems,
            });
            return out.line(&answer);
        }
        let word = if problems.is_empty() { "ok" } else { "FAILED" };
        out.line(&format!("{file}: {} ... {word}", step.name))?;
        for problem in problems {
            for line in problem.lines() {
                out.line(&format!("    {line}"))?;
            }
        }
        Ok(())
    }
}

/// Does what comes before a request, sends it, and answers what is wrong with the answer.
async fn run_step(guest: &Guest, step: &Step) -> Result<Vec<String>, Error> {
    let config = guest.config();
    let edge = match &step.pop {
        Some(pop) => config
            .edge
            .at(pop)
            .ok_or_else(|| format!("{}: there is no location {pop:?}", step.name))?,
        None => config.edge.clone(),
    };
    edge.clock().advance(Duration::from_secs(step.advance_secs));
    for (store, changes) in &step.writes {
        edge.write(store, changes)
            .map_err(|error| format!("{}: store {store:?}: {error}", step.name))?;
    }
    if step.replicates {
        edge.replicate_now();
        edge.forget_reads();
    }
    if let Some(faults) = &step.faults {
        edge.clear_faults();
        for fault in faults {
            edge.inject(fault.clone());
        }
    }
    let mut request = step.request.clone();
    config.complete(request.headers_mut());
    let outcome = guest.request_at(&edge, request).await;
    let mut problems = step.expected.check(&outcome);
    if !problems.is_empty() {
        problems.push(what_happened(&outcome));
    }
    Ok(problems)
}

/// What somebody wants to know of a request whose answer is not the expected one.
fn what_happened(outcome: &Outcome) -> String {
    let mut text = String::new();
    if let Some(failure) = &outcome.failure {
        text.push_str(&format!("{failure}\n"));
    }
    for line in &outcome.printed {
        text.push_str(&format!("| {}\n", line.text));
    }
    format!("{text}{}", outcome.calls)
}
