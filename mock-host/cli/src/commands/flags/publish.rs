//! `flags publish`, `kill` and `revive`: writing to a store.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use fastedge::edge_storage_api::{DataType, Entry, Stored};
use fastedge::flags::{EvaluationContext, Flags, minify, pack};

use super::super::remote::{Connection, Remote};
use super::{Error, Out, has_errors, say, text};
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
            Some(prefix) => {
                let packed = pack(prefix, text.as_bytes())?;
                if packed.is_empty() {
                    return Err("there are no flags in the document: nothing is published".into());
                }
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
            let flag = entry.key.get(prefix.len() + 1..).unwrap_or_default();
            if !keys.contains(&entry.key) && is_flag(&entry.stored, flag) {
                gone.push(entry.key.clone());
            }
            Ok(())
        })?;
        for key in &gone {
            entries.push(Entry::delete(key, DataType::Plain)?);
        }
        write(connection, store, &entries)?;
        let mut out = Out::new();
        out.line(&format!("{published} flags are published at {prefix}:…"))?;
        gone.iter().try_for_each(|key| {
            out.line(&format!(
                "{key} is deleted: its flag is no longer in the document"
            ))
        })
    }
}

/// Whether it is a flag under a key of its own, as it has been published before. What else is under the
/// prefix is somebody else's.
fn is_flag(stored: &Stored, flag: &str) -> bool {
    let Stored::Plain { value, .. } = stored else {
        return false;
    };
    let all = Flags::from_json(value.as_bytes()).all(&EvaluationContext::new());
    let mut keys = all.iter().map(|details| details.flag_key.as_str());
    all.failure().is_none() && keys.next() == Some(flag) && keys.next().is_none()
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
