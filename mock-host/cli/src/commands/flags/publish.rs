//! `flags publish`, `kill` and `revive`: writing to a store.

use std::path::PathBuf;

use clap::Args;
use fastedge::edge_storage_api::Entry;
use fastedge::flags::{minify, pack};

use super::super::remote::{Connection, Remote};
use super::{Error, Out, has_errors, say, text};
use crate::flags::lint;
use crate::flags::per_key::{PerKey, Published};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    remote: Remote,

    /// The document.
    file: PathBuf,

    /// The store's name or number.
    store: String,

    /// The key of the document.
    #[arg(long, default_value = "flags")]
    key: String,

    /// A key for each flag, `<PREFIX>:<flag>`, instead of one document. Those of flags that are no more are
    /// deleted.
    #[arg(long, value_name = "PREFIX", conflicts_with = "key")]
    per_key: Option<String>,

    /// Publish it in spite of errors.
    #[arg(long)]
    force: bool,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let text = text(&self.file)?;
        let problems = lint::document(&text);
        for problem in &problems {
            say(&format!("{}:{problem}", self.file.display()));
        }
        if has_errors(&problems) && !self.force {
            return Err("nothing is published (--force does it in spite of errors)".into());
        }
        // All of it is made before any of it is written.
        match &self.per_key {
            None => {
                let document = minify(text.as_bytes())?;
                let bytes = document.len();
                let entry = Entry::plain(&self.key, document)?;
                self.remote.with(|connection| {
                    let store = connection.store(&self.store)?;
                    write(connection, store, &[entry])?;
                    Out::new().line(&format!("{} is published: {bytes} bytes", self.key))
                })
            }
            Some(prefix) if prefix.is_empty() => {
                Err("--per-key: the prefix is empty; name one, such as `dev`".into())
            }
            Some(prefix) => {
                let packed = pack(prefix, text.as_bytes())?;
                if packed.is_empty() {
                    return Err("there are no flags in the document: nothing is published".into());
                }
                self.remote.with(|connection| {
                    let store = connection.store(&self.store)?;
                    let flags = PerKey {
                        api: &connection.api,
                        transport: &connection.transport,
                        store,
                        prefix,
                        pace: connection.pace(None),
                    };
                    tell(prefix, &flags.publish(packed)?)
                })
            }
        }
    }
}

fn tell(prefix: &str, published: &Published) -> Result<(), Error> {
    let mut out = Out::new();
    let all = published.written + published.unchanged;
    let unchanged = match published.unchanged {
        0 => String::new(),
        unchanged => format!(", {unchanged} of them unchanged"),
    };
    out.line(&format!(
        "{all} flags are published at {prefix}:…{unchanged}"
    ))?;
    for key in &published.deleted {
        out.line(&format!(
            "{key} is deleted: its flag is no longer in the document"
        ))?;
    }
    for key in &published.left {
        say(&format!(
            "fastedge-mock: kept {key}, which is not in the document: it is not in the index, and the \
             API returns only its SHA-256. If it is an old flag, delete it with `kv delete`"
        ));
    }
    Ok(())
}

#[derive(Args, Debug)]
pub(super) struct Switch {
    #[command(flatten)]
    remote: Remote,

    /// The store's name or number.
    store: String,

    /// The flags.
    #[arg(required = true)]
    flags: Vec<String>,

    /// The key of the kill switch.
    #[arg(long, default_value = "flags-killed")]
    key: String,
}

impl Switch {
    pub(super) fn kill(&self) -> Result<(), Error> {
        let members = self.flags.iter().map(|flag| (1.0, flag.as_bytes()));
        self.write(Entry::sorted_set(&self.key, members)?, "killed")
    }

    pub(super) fn revive(&self) -> Result<(), Error> {
        let members = self.flags.iter().map(String::as_bytes);
        self.write(
            Entry::remove_members(&self.key, members)?,
            "no longer killed",
        )
    }

    fn write(&self, entry: Entry, what: &str) -> Result<(), Error> {
        self.remote.with(|connection| {
            let store = connection.store(&self.store)?;
            write(connection, store, &[entry])?;
            let flags = self.flags.join(", ");
            Out::new().line(&format!("{what}, at {}: {flags}", self.key))
        })
    }
}

fn write(connection: &Connection, store: u64, entries: &[Entry]) -> Result<(), Error> {
    let (done, result) = connection.upload(store, entries, false, None, |_| {});
    result.map_err(|error| match entries.len() {
        1 => error,
        all => format!("{error}\n{} of {all} keys are written", done.confirmed).into(),
    })
}
