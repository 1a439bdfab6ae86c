//! `fastedge-mock kv`: what is in a store, through the platform's API: that of a local server, or
//! the platform's own.

use std::collections::HashSet;
use std::io::{BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use fastedge::Pattern;
use fastedge::edge_storage_api::{BlockingClient, DataType, Entry, EntryQuery, Stored};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::Error;
use super::out::{Out, say};
use super::remote::{Connection, Remote, VALUES_HINT, Values};
use crate::storage::{Export, ValuesApp, line};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    remote: Remote,

    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the stores.
    Stores,
    /// Prints what a key holds: a value as it is, a sorted set as lines of score, tab and member.
    Get {
        /// The store's name or number.
        store: String,
        /// The key.
        key: String,
        #[command(flatten)]
        values: Values,
    },
    /// Sets a plain pair.
    Put {
        /// The store's name or number.
        store: String,
        /// The key.
        key: String,
        /// The value; without it, it is read from stdin.
        #[arg(conflicts_with = "file")]
        value: Option<String>,
        /// The file that holds the value.
        #[arg(long)]
        file: Option<PathBuf>,
        /// After how many seconds it expires.
        #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..))]
        expires_after: Option<u64>,
        /// Never show the value again: the API returns only its SHA-256. It has to be text.
        #[arg(long)]
        masked: bool,
        /// Replace an entry of another type.
        #[arg(long)]
        force: bool,
    },
    /// Deletes a key, of whichever type.
    Delete {
        /// The store's name or number.
        store: String,
        /// The key.
        key: String,
    },
    /// Lists the keys that match a Redis glob.
    Scan {
        /// The store's name or number.
        store: String,
        /// The glob.
        #[arg(default_value = "*")]
        pattern: String,
    },
    /// Writes entries from a file of JSON lines, as `export` makes it, or of {"key": …, "value": …}.
    Import {
        /// The store's name or number.
        store: String,
        /// The file; `-` is stdin.
        file: PathBuf,
        /// Replace what is there, whatever its type.
        #[arg(long)]
        force: bool,
        /// How many entries a second at most [default: 90, which the platform takes; no limit for a
        /// server on this machine]; 0 is no limit.
        #[arg(long, value_name = "NUMBER")]
        pace: Option<f64>,
    },
    /// Prints all entries as JSON lines. Entries that cannot be read back are named on stderr, and the
    /// command fails.
    Export {
        /// The store's name or number.
        store: String,
        /// Only the keys that begin with this.
        #[arg(long, default_value = "")]
        prefix: String,
        #[command(flatten)]
        values: Values,
    },
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        self.remote.with(|connection| {
            self.carry_out(&Client {
                connection,
                json: self.json,
            })
        })
    }

    fn carry_out(&self, client: &Client<'_>) -> Result<(), Error> {
        match &self.action {
            Action::Stores => client.stores(),
            Action::Get { store, key, values } => client.get(store, key, values),
            Action::Put {
                store,
                key,
                value,
                file,
                expires_after,
                masked,
                force,
            } => {
                let value = match (value, file) {
                    (Some(value), _) => value.clone().into_bytes(),
                    (None, file) => read(file.as_deref().unwrap_or(Path::new("-")))?,
                };
                let entry = Entry::plain(key, value)?;
                let entry = match expires_after {
                    Some(secs) => {
                        let moment = SystemTime::now().checked_add(Duration::from_secs(*secs));
                        entry.expiring_at(moment.ok_or("--expires-after is too long")?)?
                    }
                    None => entry,
                };
                let entry = match masked {
                    true => entry.masked()?,
                    false => entry,
                };
                client.write(store, &[entry], *force)
            }
            Action::Delete { store, key } => {
                let deletions = [DataType::Plain, DataType::SortedSet, DataType::BloomFilter]
                    .map(|data_type| Entry::delete(key, data_type));
                let deletions: Result<Vec<_>, _> = deletions.into_iter().collect();
                client.write(store, &deletions?, false)
            }
            Action::Scan { store, pattern } => client.scan(store, pattern),
            Action::Import {
                store,
                file,
                force,
                pace,
            } => client.import(store, file, *force, *pace),
            Action::Export {
                store,
                prefix,
                values,
            } => client.export(store, prefix, values),
        }
    }
}

/// A file's bytes; `-` is stdin.
fn read(file: &Path) -> Result<Vec<u8>, Error> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

struct Client<'a> {
    connection: &'a Connection,
    json: bool,
}

impl Client<'_> {
    fn stores(&self) -> Result<(), Error> {
        let mut out = Out::new();
        for store in self.connection.all_stores()? {
            if self.json {
                out.line(&json!({
                    "id": store.id,
                    "name": store.name,
                    "comment": store.comment,
                    "app_count": store.app_count,
                    "size": store.size,
                }))?;
            } else {
                out.line(&format!(
                    "{}\t{}\t{} bytes",
                    store.id, store.name, store.size
                ))?;
            }
        }
        Ok(())
    }

    fn get(&self, store: &str, key: &str, values: &Values) -> Result<(), Error> {
        let store = self.connection.store(store)?;
        let app = values.app()?;
        let entry = match self.exporter(store, app.as_ref()).entry(key)? {
            Some(Ok(entry)) => entry,
            Some(Err(reason)) => return Err(format!("{reason}; {VALUES_HINT}").into()),
            None => return Err(format!("the store has no key `{key}`").into()),
        };
        let mut out = Out::new();
        if self.json {
            return out.line(&line::of(&entry, &HashSet::new()));
        }
        match &entry.stored {
            Stored::Plain { value, .. } => out.bytes(value.bytes().unwrap_or_default()),
            Stored::SortedSet(members) => members.iter().try_for_each(|(member, score)| {
                let mut bytes = format!("{score}\t").into_bytes();
                bytes.extend_from_slice(member.bytes().unwrap_or_default());
                bytes.push(b'\n');
                out.bytes(&bytes)
            }),
            Stored::BloomFilter(items) => {
                out.line(&format!("a Bloom filter of {} items", items.len()))
            }
            _ => out.line(&line::of(&entry, &HashSet::new())),
        }
    }

    fn write(&self, store: &str, entries: &[Entry], force: bool) -> Result<(), Error> {
        let store = self.connection.store(store)?;
        let call = match force {
            true => self.connection.api.force_write(store, entries)?,
            false => self.connection.api.write(store, entries)?,
        };
        let written = call.send_with(&self.connection.transport)?;
        match self.json {
            true => Out::new().line(&serde_json::to_value(written)?),
            false => Ok(()),
        }
    }

    fn scan(&self, store: &str, pattern: &str) -> Result<(), Error> {
        let store = self.connection.store(store)?;
        let parsed = Pattern::parse(pattern)?;
        let mut out = Out::new();
        // What comes before the first wildcard is a prefix for the API.
        let prefix = pattern
            .split(['*', '?', '[', '\\'])
            .next()
            .unwrap_or_default();
        let query = EntryQuery::new().prefix(prefix);
        let connection = self.connection;
        for entry in connection.api.entries(store, &query, &connection.transport) {
            let entry = entry?;
            if !parsed.matches(&entry.key) {
                continue;
            }
            match self.json {
                true => {
                    let datatype = entry.stored.datatype();
                    out.line(&json!({ "key": entry.key, "datatype": datatype }))?;
                }
                false => out.line(&entry.key)?,
            }
        }
        Ok(())
    }

    fn exporter<'e>(
        &'e self,
        store: u64,
        values: Option<&'e ValuesApp>,
    ) -> Export<'e, BlockingClient> {
        Export {
            api: &self.connection.api,
            transport: &self.connection.transport,
            store,
            values,
        }
    }

    fn import(
        &self,
        store: &str,
        file: &Path,
        force: bool,
        pace: Option<f64>,
    ) -> Result<(), Error> {
        let store = self.connection.store(store)?;
        // All of it is read before any of it is written.
        let text = read(file)?;
        let (mut entries, mut all) = (Vec::new(), 0);
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.map_err(|error| format!("{}:{number}: {error}", file.display()))?;
            if line.trim().is_empty() {
                continue;
            }
            let (of_line, values) = line::parse(&line)
                .map_err(|problem| format!("{}:{number}: {problem}", file.display()))?;
            entries.extend(of_line);
            all += values;
        }
        let bar = progress(all);
        let tell = |confirmed| bar.set_position(confirmed);
        let (done, result) = self.connection.upload(store, &entries, force, pace, tell);
        result
            .map_err(|error| format!("{error}\n{} of {all} entries are written", done.confirmed))?;
        bar.finish_and_clear();
        match self.json {
            true => Out::new().line(&serde_json::to_value(done)?),
            false => Out::new().line(&format!("{} entries are written", done.confirmed)),
        }
    }

    fn export(&self, store: &str, prefix: &str, values: &Values) -> Result<(), Error> {
        let store = self.connection.store(store)?;
        let app = values.app()?;
        let mut out = Out::new();
        let export = self.exporter(store, app.as_ref());
        let skipped = export.run(prefix, |line| {
            out.line(&line).map_err(|error| error.to_string())
        })?;
        if skipped.is_empty() {
            return Ok(());
        }
        for skipped in &skipped {
            say(&skipped.reason);
        }
        let hint = match app {
            Some(_) => "apps cannot list the items of Bloom filters".to_owned(),
            None => VALUES_HINT.to_owned(),
        };
        Err(format!(
            "{} entries are missing from the export; {hint}",
            skipped.len()
        )
        .into())
    }
}

/// A bar on a terminal; elsewhere none.
fn progress(units: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} entries, {per_sec}, {eta} left");
    let bar = ProgressBar::new(units);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
