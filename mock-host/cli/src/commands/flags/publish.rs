//! `flags publish`, `kill` and `revive`: writing to a store.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use fastedge::edge_storage_api::{DataType, Entry};
use fastedge::flags::{minify, pack};

use super::super::remote::{Connection, Remote};
use super::{Error, Out, has_errors, text};
use crate::flags::lint;

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
            eprintln!("{}:{problem}", self.file.display());
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
            Some(prefix) => {
                let packed = pack(prefix, text.as_bytes())?;
                let keys: BTreeSet<String> = packed.iter().map(|one| one.key.clone()).collect();
                let entries = packed
                    .into_iter()
                    .map(|one| Entry::plain(one.key, one.value));
                let entries = entries.collect::<Result<Vec<_>, _>>()?;
                self.remote
                    .with(|connection| self.publish_each(connection, prefix, &keys, entries))
            }
        }
    }

    fn publish_each(
        &self,
        connection: &Connection,
        prefix: &str,
        keys: &BTreeSet<String>,
        mut entries: Vec<Entry>,
    ) -> Result<(), Error> {
        let store = connection.store(&self.store)?;
        let published = entries.len();
        let mut gone = Vec::new();
        connection.entries(store, &format!("{prefix}:"), |entry| {
            if !keys.contains(&entry.key) {
                gone.push(Entry::delete(&entry.key, DataType::Plain)?);
            }
            Ok(())
        })?;
        let deleted = gone.len();
        entries.append(&mut gone);
        write(connection, store, &entries)?;
        let deletions = match deleted {
            0 => String::new(),
            some => format!(", and {some} that are no more are deleted"),
        };
        Out::new().line(&format!(
            "{published} flags are published at {prefix}:…{deletions}"
        ))
    }
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
        self.write(Entry::sorted_set(&self.key, members)?)
    }

    pub(super) fn revive(&self) -> Result<(), Error> {
        let members = self.flags.iter().map(String::as_bytes);
        self.write(Entry::remove_members(&self.key, members)?)
    }

    fn write(&self, entry: Entry) -> Result<(), Error> {
        self.remote.with(|connection| {
            let store = connection.store(&self.store)?;
            write(connection, store, &[entry])
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
