//! `fastedge-mock bench`: what requests to apps cost.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;
use http::{Request, Uri};
use serde_json::json;

use super::out::Out;
use super::serve::{app_folder, files};
use super::{Error, request_path};
use crate::config::{Config, SiteConfig};
use crate::package::AppPackage;
use crate::wasm::{Discard, EngineOptions, Guest, Outcome, Runtime};

/// The report of the project itself.
const PROJECTS_REPORT: &str = "docs/benchmarks.md";

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Components, or names or folders of packages here, which are then built: the first is what the others are compared
    /// with. Without any, in a checkout of the SDK, all that the project measures, which takes some minutes.
    apps: Vec<String>,

    /// What each is asked.
    #[arg(long, value_name = "PATH", default_value = "/", value_parser = request_path)]
    uri: Uri,

    /// A header of the request, as `name: value`.
    #[arg(long, value_name = "HEADER")]
    header: Vec<String>,

    /// The configuration [default: fastedge.toml in the package's folder, or here].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// How often the request is timed.
    #[arg(long, value_name = "NUMBER", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,

    /// Answer with a line of JSON for each app.
    #[arg(long)]
    json: bool,
}

/// What a request to an app costs.
struct Cost {
    app: String,
    bytes: usize,
    status: u16,
    instructions: u64,
    calls: usize,
    bytes_in: usize,
    least_us: f64,
    median_us: f64,
    requests_per_second: f64,
    memory: usize,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        if self.apps.is_empty() {
            return the_projects();
        }
        let mut costs = Vec::new();
        for app in &self.apps {
            costs.push(self.measure(app)?);
        }
        let mut out = Out::new();
        if self.json {
            costs
                .iter()
                .try_for_each(|cost| out.line(&cost.to_json()))?;
        } else {
            out.bytes(table(&costs)?.as_bytes())?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn measure(&self, app: &str) -> Result<Cost, Error> {
        let path = Path::new(app);
        let binary = match path.is_file() {
            true => std::fs::read(path).map_err(|error| format!("{app}: {error}"))?,
            false => AppPackage::find(Path::new("."), app)?.build()?.binary,
        };
        let folder = app_folder(Some(app))?;
        let (config, dotenv) = files(&folder, self.config.as_deref(), None)?;
        let site = SiteConfig::load(config.as_deref(), dotenv.as_deref())?;
        let set_up = || -> Result<Config, Error> {
            let mut config = site.set_up_named(app, site.new_test_edge())?;
            // Counting takes longer than the limits are for.
            config.limits.time = Duration::from_secs(60);
            Ok(config)
        };
        let threads = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let counting = EngineOptions {
            counts_instructions: true,
            ..EngineOptions::cached()
        };
        let counted = self.guest(&counting, &binary, set_up()?)?;
        let outcome = threads.block_on(counted.request(self.request()?));
        if let Some(failure) = &outcome.failure {
            return Err(format!("{app}: {failure}").into());
        }
        let timed = Arc::new(self.guest(&EngineOptions::cached(), &binary, set_up()?)?);
        let times = self.time(&threads, &timed)?;
        let requests_per_second = self.load(&threads, &timed)?;
        let middle = times.len() / 2;
        Ok(Cost {
            app: app.to_owned(),
            bytes: binary.len(),
            least_us: times.first().copied().unwrap_or_default(),
            median_us: times.get(middle).copied().unwrap_or_default(),
            requests_per_second,
            ..Cost::of(&outcome)
        })
    }

    fn guest(
        &self,
        options: &EngineOptions,
        binary: &[u8],
        config: Config,
    ) -> Result<Guest, Error> {
        let runtime = Runtime::new(options)?;
        Ok(Guest::load(&runtime, binary, config, Arc::new(Discard))?)
    }

    fn request(&self) -> Result<Request<Bytes>, Error> {
        let mut request = Request::get(&self.uri);
        for header in &self.header {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| format!("--header {header:?}: `name: value` is wanted"))?;
            request = request.header(name.trim(), value.trim());
        }
        Ok(request.body(Bytes::new())?)
    }

    /// Microseconds of one request after the other, the least first.
    fn time(
        &self,
        threads: &tokio::runtime::Runtime,
        guest: &Arc<Guest>,
    ) -> Result<Vec<f64>, Error> {
        let mut times = Vec::new();
        for _ in 0..self.times {
            let request = self.request()?;
            let started = Instant::now();
            threads.block_on(guest.request(request));
            times.push(started.elapsed().as_secs_f64() * 1e6);
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }

    /// Requests a second, as many at a time as there are cores, without a socket.
    fn load(&self, threads: &tokio::runtime::Runtime, guest: &Arc<Guest>) -> Result<f64, Error> {
        let workers = std::thread::available_parallelism()?.get();
        let request = self.request()?;
        let (each, started) = (self.times, Instant::now());
        let tasks: Vec<_> = (0..workers)
            .map(|_| {
                let (guest, request) = (Arc::clone(guest), request.clone());
                threads.spawn(async move {
                    for _ in 0..each {
                        guest.request(request.clone()).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            threads.block_on(task)?;
        }
        let requests = workers as f64 * f64::from(each);
        Ok(requests / started.elapsed().as_secs_f64())
    }
}

impl Cost {
    fn of(outcome: &Outcome) -> Self {
        Cost {
            app: String::new(),
            bytes: 0,
            status: outcome.response.status().as_u16(),
            instructions: outcome.instructions.unwrap_or_default(),
            calls: outcome.calls.len(),
            bytes_in: outcome.calls.bytes_received(),
            least_us: 0.0,
            median_us: 0.0,
            requests_per_second: 0.0,
            memory: outcome.memory,
        }
    }

    fn to_json(&self) -> serde_json::Value {
        json!({
            "app": self.app,
            "bytes": self.bytes,
            "status": self.status,
            "instructions": self.instructions,
            "host_calls": self.calls,
            "host_bytes": self.bytes_in,
            "least_us": self.least_us,
            "median_us": self.median_us,
            "requests_per_second": self.requests_per_second,
            "memory": self.memory,
        })
    }
}

/// A column for each app; behind each but the first, its ratio to the first.
fn table(costs: &[Cost]) -> Result<String, Error> {
    type Measure = fn(&Cost) -> f64;
    let rows: [(&str, usize, Measure); 9] = [
        ("component, bytes", 0, |cost| cost.bytes as f64),
        ("status", 0, |cost| f64::from(cost.status)),
        ("instructions", 0, |cost| cost.instructions as f64),
        ("calls of the host", 0, |cost| cost.calls as f64),
        ("bytes that they brought", 0, |cost| cost.bytes_in as f64),
        ("µs, least", 1, |cost| cost.least_us),
        ("µs, median", 1, |cost| cost.median_us),
        ("requests a second", 0, |cost| cost.requests_per_second),
        ("memory, KB", 0, |cost| (cost.memory / 1024) as f64),
    ];
    let mut text = format!("{:24}", "");
    for (at, cost) in costs.iter().enumerate() {
        let name = Path::new(&cost.app).file_stem();
        let name = name.unwrap_or_default().to_string_lossy();
        write!(text, " {name:>16}")?;
        if at > 0 {
            write!(text, " {:>8}", "ratio")?;
        }
    }
    text.push('\n');
    for (what, places, measure) in rows {
        write!(text, "{what:24}")?;
        let first = costs.first().map_or(0.0, measure);
        for (at, cost) in costs.iter().enumerate() {
            let measured = measure(cost);
            write!(text, " {measured:>16.places$}")?;
            match (at, first) {
                (0, _) => {}
                (_, 0.0) => write!(text, " {:>8}", "")?,
                _ => write!(text, " {:>8.3}", measured / first)?,
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// All that the project measures, into its report.
fn the_projects() -> Result<ExitCode, Error> {
    let root = std::env::current_dir()?;
    if !root.join("benches/costs").is_dir() {
        return Err("name an app: a component, or a package here".into());
    }
    let status = Command::new("cargo")
        .args([
            "bench",
            "--package",
            "fastedge-mock",
            "--bench",
            "costs",
            "--",
        ])
        .arg("--write")
        .arg(root.join(PROJECTS_REPORT))
        .status()?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
