//! `pack publish`, `rollback`, `clean`, `download`: what is in a store.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use fastedge::blocklist::format::Malformed;
use fastedge::edge_storage_api::{BlockingClient, Stored};
use fastedge_pack::publish::{Report, Step};
use fastedge_pack::{Packed, Publisher};
use indicatif::{ProgressBar, ProgressStyle};

use super::build::shape;
use super::{Error, grouped, read_packed, write_packed};
use crate::commands::out::{Out, say};
use crate::commands::remote::{Connection, Remote, Values};
use crate::storage::ValuesError;

/// How long what is written has for arriving, if the server is on this machine.
const LOCAL_PAUSE: Duration = Duration::from_secs(3);

/// A list in a store.
#[derive(Args, Debug)]
pub(super) struct Named {
    #[command(flatten)]
    remote: Remote,

    /// The store's name or number.
    store: String,

    /// The list's key.
    key: String,

    /// Publish although the key holds something else or the list has lost more than half of its entries; roll back although
    /// that undoes a rollback.
    #[arg(long)]
    force: bool,

    /// How many seconds what is written has for arriving everywhere [default: 15; 3 for a server on this machine].
    #[arg(long, value_name = "SECS")]
    pause: Option<f64>,

    /// For apps that read the list `with_prompt_pointer`.
    #[arg(long)]
    prompt_pointer: bool,
}

#[derive(Args, Debug)]
pub(super) struct Publish {
    /// The packed file.
    file: PathBuf,

    #[command(flatten)]
    list: Named,

    /// For apps that read the list `with_prefilter`: adds its items to a Bloom filter.
    #[arg(long)]
    prefilter: bool,

    /// How many values a second at most [default: 90, which the platform takes; no limit for a server on this machine]; 0 is no limit.
    #[arg(long, value_name = "NUMBER")]
    pace: Option<f64>,
}

impl Named {
    fn publisher<'c>(
        &self,
        connection: &'c Connection,
    ) -> Result<Publisher<&'c BlockingClient>, Error> {
        let store = connection.store(&self.store)?;
        let api = connection.api.clone();
        let mut publisher = Publisher::new(api, store, &self.key, &connection.transport);
        publisher = match self.pause {
            Some(seconds) => publisher.pause(
                Duration::try_from_secs_f64(seconds)
                    .map_err(|error| format!("--pause: {error}"))?,
            ),
            None if connection.is_local() => publisher.pause(LOCAL_PAUSE),
            None => publisher,
        };
        if self.force {
            publisher = publisher.force();
        }
        if self.prompt_pointer {
            publisher = publisher.with_prompt_pointer();
        }
        if connection.is_local() {
            publisher = publisher.entries_per_second(0.0);
        }
        Ok(publisher)
    }

    pub(super) fn roll_back(&self) -> Result<(), Error> {
        self.remote.with(|connection| {
            let report = self.publisher(connection)?.roll_back(&mut |step| {
                if let Step::Pausing(_) = step {
                    say(&step);
                }
            })?;
            warn(&report);
            Out::new().line(&format!(
                "{} is at generation {}, which is generation {} once more",
                self.key,
                report.generation,
                report.rolled_back_to.unwrap_or_default()
            ))
        })
    }

    pub(super) fn clean(&self) -> Result<(), Error> {
        self.remote.with(|connection| {
            let keys = self.publisher(connection)?.clean(&mut |_| {})?;
            let keys = grouped(keys as u64);
            Out::new().line(&format!("{keys} keys of former generations are deleted"))
        })
    }
}

impl Publish {
    pub(super) fn run(&self) -> Result<(), Error> {
        let packed = read_packed(&self.file)?;
        self.list.remote.with(|connection| {
            let mut publisher = self.list.publisher(connection)?;
            if let Some(pace) = self.pace {
                publisher = publisher.entries_per_second(pace);
            }
            if self.prefilter {
                publisher = publisher.with_prefilter();
            }
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len}, {eta} left") {
                bar.set_style(style);
            }
            let report = publisher.publish(&packed, &mut |step| match step {
                Step::Written { done, all } | Step::Filtered { done, all } => {
                    bar.set_length(all as u64);
                    bar.set_position(done as u64);
                }
                Step::Pausing(_) => bar.suspend(|| say(&step)),
                _ => {}
            })?;
            bar.finish_and_clear();
            self.tell(&packed, &report)
        })
    }

    fn tell(&self, packed: &Packed, report: &Report) -> Result<(), Error> {
        warn(report);
        let mut out = Out::new();
        let (key, generation) = (&self.list.key, report.generation);
        match report.is_new {
            true if packed.is_inline() => {
                out.line(&format!("{key} is at generation {generation}: one value"))?;
            }
            true => out.line(&format!(
                "{key} is at generation {generation}: {}, of which {} are new",
                shape(packed),
                grouped(report.written as u64)
            ))?,
            false => out.line(&format!(
                "{key} stays at generation {generation}: it is the same list"
            ))?,
        }
        if report.deleted > 0 {
            let keys = grouped(report.deleted as u64);
            out.line(&format!("{keys} keys of former generations are deleted"))?;
        }
        Ok(())
    }
}

/// What has not been done, and does not matter to readers.
fn warn(report: &Report) {
    for failure in [&report.clean_failure, &report.prompt_failure]
        .into_iter()
        .flatten()
    {
        say(&format!(
            "fastedge-mock: what is old could not be deleted: {failure}"
        ));
    }
}

#[derive(Args, Debug)]
pub(super) struct Download {
    #[command(flatten)]
    remote: Remote,

    /// The store's name or number.
    store: String,

    /// The list's key.
    key: String,

    /// The packed file that is written.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// The generation [default: the one that readers find].
    #[arg(long)]
    generation: Option<u32>,

    #[command(flatten)]
    values: Values,
}

impl Download {
    pub(super) fn run(&self) -> Result<(), Error> {
        self.remote.with(|connection| {
            let store = connection.store(&self.store)?;
            let app = self.values.app()?;
            let transport = &connection.transport;
            let get = |key: &str| -> Result<Vec<u8>, Failure> {
                let Some(entry) = connection.api.entry(store, key, transport)? else {
                    return Err(Failure::Missing(key.to_owned()));
                };
                let Stored::Plain { value, .. } = &entry.stored else {
                    return Err(Failure::NoValue(key.to_owned()));
                };
                match (value.bytes(), &app) {
                    (Some(bytes), _) => Ok(bytes.to_vec()),
                    (None, Some(app)) => Ok(app.value(key, value, transport)?),
                    (None, None) => Err(Failure::Hashed(key.to_owned())),
                }
            };
            let root = match self.generation {
                Some(generation) => get(&format!("{}:{generation}", self.key))?,
                None => get(&self.key)?,
            };
            let packed = Packed::from_published(&self.key, &root, get)?;
            let bytes = write_packed(&self.output, &packed)?;
            Out::new().line(&format!(
                "{}: {} entries in {} bytes",
                self.output.display(),
                grouped(packed.entries()),
                grouped(bytes)
            ))
        })
    }
}

/// Why a list cannot be downloaded.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Api(#[from] fastedge::edge_storage_api::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Values(#[from] ValuesError),
    #[error("the store has no key `{0}`")]
    Missing(String),
    #[error("key `{0}` is not a plain pair")]
    NoValue(String),
    #[error(
        "cannot read back key `{0}`: the API returns only the SHA-256 of values of more than 1024 \
         bytes; use the packed file that was published, or an app that serves the store's values (see \
         the example `values`, and --values-url)"
    )]
    Hashed(String),
}
