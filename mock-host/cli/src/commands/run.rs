//! `fastedge-mock run`: cargo's runner for wasm32-wasip2.
//!
//! A test binary for that target has one thread, and a test that panics ends it. So each test has a
//! run of its own, in an instance and on an edge of its own; the runner says what has become of
//! them in the words of Rust's own harness.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Error;
use crate::wasm::{Discard, EngineOptions, Program, Run, Runtime, Stream};

#[derive(Args, Debug)]
// What begins with `--` is the program's.
#[command(disable_help_flag = true)]
pub(super) struct Arguments {
    /// The program, or the test binary.
    program: PathBuf,

    /// What it is given: for tests, filters and options of Rust's own harness.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// The status of a test binary whose tests have failed.
const TESTS_FAILED: u8 = 101;

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        let binary = std::fs::read(&self.program)
            .map_err(|error| format!("{}: {error}", self.program.display()))?;
        let runtime = Runtime::new(&EngineOptions::cached())?;
        let threads = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let is_passed_on = |option: &str| {
            let mut arguments = self.arguments.iter();
            arguments.any(|argument| argument == option)
        };
        let program = Program::load(&runtime, &binary, Arc::new(Discard))
            .map_err(|error| format!("{}: {error}", self.program.display()))?;
        let program = Arc::new(program);
        // cargo puts tests and benchmarks into `deps`, and programs beside it.
        let is_test = self
            .program
            .parent()
            .is_some_and(|folder| folder.ends_with("deps"));
        if is_test && !is_passed_on("--list") && !is_passed_on("--bench") {
            let tests = Tests {
                program: Arc::clone(&program),
                name: self.name(),
                arguments: self.arguments.clone(),
            };
            if let Some(passed) = threads.block_on(tests.run())? {
                return Ok(match passed {
                    true => ExitCode::SUCCESS,
                    false => ExitCode::from(TESTS_FAILED),
                });
            }
        }
        let mut arguments = vec![self.name()];
        arguments.extend(self.arguments.iter().cloned());
        let run = threads.block_on(program.run_here(&arguments, &variables()));
        match run.exit {
            Ok(status) => Ok(ExitCode::from(u8::try_from(status).unwrap_or(1))),
            Err(reason) => Err(format!("{} crashed: {reason}", self.name()).into()),
        }
    }

    fn name(&self) -> String {
        let name = self.program.file_stem().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// The variables of Rust's own that a program is to see.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("RUST_") || name == "CARGO_MANIFEST_DIR")
        .collect()
}

/// A test binary.
struct Tests {
    program: Arc<Program>,
    name: String,
    arguments: Vec<String>,
}

/// A test, and what has become of it.
struct Ended {
    number: usize,
    name: String,
    verdict: Verdict,
    run: Run,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Ignored,
    Failed,
}

impl Tests {
    /// Whether all tests have passed; `None` if the binary is not of Rust's own harness.
    async fn run(&self) -> Result<Option<bool>, Error> {
        let Some(names) = self.list().await else {
            return Ok(None);
        };
        let began = Instant::now();
        let mut out = std::io::stdout();
        let plural = if names.len() == 1 { "" } else { "s" };
        let _unread = writeln!(out, "\nrunning {} test{plural}", names.len());
        let turns = Arc::new(Semaphore::new(self.threads()));
        let mut running = JoinSet::new();
        for (number, name) in names.iter().cloned().enumerate() {
            let turns = Arc::clone(&turns);
            let program = Arc::clone(&self.program);
            let arguments = self.arguments_for(&name);
            running.spawn(async move {
                // The semaphore is never closed.
                let _turn = turns.acquire().await.ok();
                let run = program.run(&arguments, &variables()).await;
                Ended {
                    number,
                    verdict: verdict(&run),
                    name,
                    run,
                }
            });
        }
        let mut ended = Vec::new();
        while let Some(one) = running.join_next().await {
            let one = one?;
            let _unread = writeln!(out, "test {} ... {}", one.name, one.verdict.word());
            ended.push(one);
        }
        ended.sort_by_key(|one| one.number);
        self.report(&ended, began);
        Ok(Some(
            !ended.iter().any(|one| one.verdict == Verdict::Failed),
        ))
    }

    /// The names of the tests that the arguments mean.
    async fn list(&self) -> Option<Vec<String>> {
        let mut arguments = vec![self.name.clone()];
        arguments.extend(self.arguments_for_the_list());
        arguments.extend(["--list".to_owned(), "--format=terse".to_owned()]);
        let run = self.program.run(&arguments, &variables()).await;
        if !matches!(run.exit, Ok(0)) {
            return None;
        }
        let lines = run.printed.iter();
        let lines = lines.filter(|line| line.stream == Stream::Stdout);
        lines
            .map(|line| {
                let (name, kind) = line.text.rsplit_once(": ")?;
                matches!(kind, "test" | "benchmark").then(|| name.to_owned())
            })
            .collect()
    }

    /// The arguments that say which tests are meant, without those that say how they are reported.
    fn arguments_for_the_list(&self) -> Vec<String> {
        let mut kept = Vec::new();
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--format" | "-Z" | "--color" | "--logfile" => {
                    arguments.next();
                }
                "-q" | "--quiet" => {}
                other if other.starts_with("--format=") => {}
                _ => kept.push(argument.clone()),
            }
        }
        kept
    }

    /// The arguments that run one test: the options that were given, without the filters.
    fn arguments_for(&self, test: &str) -> Vec<String> {
        let mut arguments = vec![
            self.name.clone(),
            test.to_owned(),
            "--exact".to_owned(),
            // What a test has captured is lost when it panics.
            "--nocapture".to_owned(),
        ];
        let kept = ["--ignored", "--include-ignored"];
        let given = self.arguments.iter();
        arguments.extend(given.filter(|one| kept.contains(&one.as_str())).cloned());
        arguments
    }

    fn threads(&self) -> usize {
        let mut arguments = self.arguments.iter();
        let mut given = None;
        while let Some(argument) = arguments.next() {
            if argument == "--test-threads" {
                given = arguments.next().map(String::as_str);
            } else if let Some(number) = argument.strip_prefix("--test-threads=") {
                given = Some(number);
            }
        }
        let variable = std::env::var("RUST_TEST_THREADS").ok();
        let given = given.or(variable.as_deref());
        let available = || std::thread::available_parallelism().map_or(1, Into::into);
        given
            .and_then(|number| number.parse().ok())
            .unwrap_or_else(available)
            .max(1)
    }

    fn report(&self, ended: &[Ended], began: Instant) {
        let shows_all = self
            .arguments
            .iter()
            .any(|one| one == "--nocapture" || one == "--no-capture" || one == "--show-output");
        let mut text = String::new();
        let of = |verdict| ended.iter().filter(move |one| one.verdict == verdict);
        let shown = ended.iter().filter(|one| {
            one.verdict == Verdict::Failed || (shows_all && !printed(&one.run).is_empty())
        });
        for one in shown {
            text.push_str(&format!("\n---- {} ----\n{}", one.name, printed(&one.run)));
            if one.verdict == Verdict::Failed {
                text.push_str(&end(&one.run));
            }
        }
        let failed: Vec<_> = of(Verdict::Failed).map(|one| one.name.as_str()).collect();
        if !failed.is_empty() {
            text.push_str("\nfailures:\n");
            for name in &failed {
                text.push_str(&format!("    {name}\n"));
            }
        }
        let word = if failed.is_empty() { "ok" } else { "FAILED" };
        let _unread = writeln!(
            std::io::stdout(),
            "{text}\ntest result: {word}. {} passed; {} failed; {} ignored; 0 measured; \
             0 filtered out; finished in {:.2}s\n",
            of(Verdict::Passed).count(),
            failed.len(),
            of(Verdict::Ignored).count(),
            began.elapsed().as_secs_f64(),
        );
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Passed => "ok",
            Verdict::Ignored => "ignored",
            Verdict::Failed => "FAILED",
        }
    }
}

/// What has become of the one test of a run, by the harness's last line.
fn verdict(run: &Run) -> Verdict {
    let result = run
        .printed
        .iter()
        .rev()
        .find_map(|line| line.text.strip_prefix("test result: ok. "));
    match (&run.exit, result) {
        (Ok(0), Some(counts)) if counts.starts_with("1 passed") => Verdict::Passed,
        (Ok(0), Some(counts)) if counts.contains("1 ignored") => Verdict::Ignored,
        _ => Verdict::Failed,
    }
}

/// What a test has printed, without what the harness has.
fn printed(run: &Run) -> String {
    let is_the_harness = |text: &str| {
        text.is_empty()
            || text.starts_with("running 1 test")
            || text.starts_with("test result: ")
            || (text.starts_with("test ") && text.ends_with(" ... ok"))
    };
    let lines = run.printed.iter().map(|line| line.text.as_str());
    let lines = lines.filter(|text| !is_the_harness(text));
    lines.map(|text| format!("{text}\n")).collect()
}

/// How a test that failed has ended, and what it had called until then.
fn end(run: &Run) -> String {
    let mut end = match &run.exit {
        Ok(0) => "the test has ended without a result\n".to_owned(),
        Ok(status) => format!("exited with status {status}\n"),
        // A panic has said so itself.
        Err(_) => String::new(),
    };
    if !run.calls.is_empty() {
        end.push_str(&format!("The calls of the host so far:\n{}", run.calls));
    }
    end
}
