//! `pack addresses`, `domains`, …: from files to a packed one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fastedge_pack::{Action, Packed, Subject};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Error, grouped, write_packed};
use crate::commands::out::{Out, say};
use crate::pack::{Recipe, Source, subject};

/// How many lines that cannot be used are told.
const TOLD: u64 = 20;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Files, and folders of files; `-` is stdin.
    #[arg(required_unless_present = "tagged")]
    files: Vec<PathBuf>,

    /// The packed file that is written.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    /// What the list says about the entries of FILES: a number of 0 to 255.
    #[arg(long, default_value_t = 0)]
    tag: u8,

    /// The second column is the tag; above 255 it counts as 255.
    #[arg(long, conflicts_with = "tag")]
    tag_column: bool,

    /// Another file, with a tag of its own.
    #[arg(long, value_name = "TAG=FILE", value_parser = tagged)]
    tagged: Vec<(u8, PathBuf)>,

    /// A file of what is not listed, where nothing more specific is.
    #[arg(long, value_name = "FILE")]
    allow: Vec<PathBuf>,

    /// A file of what is never listed, whatever else is.
    #[arg(long, value_name = "FILE")]
    except: Vec<PathBuf>,

    /// Packs nothing if there are lines that cannot be used.
    #[arg(long)]
    strict: bool,
}

fn tagged(text: &str) -> Result<(u8, PathBuf), String> {
    let (tag, file) = text
        .split_once('=')
        .ok_or("a tag, =, and a file are wanted")?;
    let tag = tag
        .parse()
        .map_err(|_| format!("{tag:?} is no number of 0 to 255"))?;
    Ok((tag, file.into()))
}

impl Arguments {
    pub(super) fn run(&self, subject: Subject) -> Result<ExitCode, Error> {
        self.pack(subject, '\t')
    }

    pub(super) fn run_table(&self, by: &str, separator: char) -> Result<ExitCode, Error> {
        if self.tag_column || self.tag != 0 || !self.tagged.is_empty() {
            return Err("a table has values, and no tags".into());
        }
        if !self.allow.is_empty() || !self.except.is_empty() {
            return Err("a table has keys with values: there is nothing to allow".into());
        }
        let subject = subject(by).ok_or("there are no such tables")?;
        self.pack(subject, separator)
    }

    fn pack(&self, subject: Subject, separator: char) -> Result<ExitCode, Error> {
        let recipe = Recipe {
            subject,
            sources: self.sources(),
            tag_column: self.tag_column,
            separator,
        };
        let mut files = recipe.files()?;
        // What a former run has written beside its files.
        files.retain(|source| !is_same(&source.path, &self.output));
        let bar = progress_of(&files);
        let mut told = 0;
        let mut tell = |problem: fastedge_pack::Problem| {
            told += 1;
            if told <= TOLD {
                bar.suspend(|| say(&problem));
            }
        };
        let (rules, read) = recipe.read(&files, &mut tell, &|bytes| bar.inc(bytes))?;
        bar.finish_and_clear();
        if told > TOLD {
            say(&format!(
                "… and {} more lines that cannot be used",
                grouped(told - TOLD)
            ));
        }
        if self.strict && read.unusable > 0 {
            let lines = grouped(read.unusable);
            say(&format!(
                "fastedge-mock: nothing is packed: {lines} lines cannot be used"
            ));
            return Ok(ExitCode::FAILURE);
        }
        let packed = rules.pack()?;
        if packed.entries() == 0 {
            return Err("there is nothing to pack: no line lists anything".into());
        }
        let bytes = write_packed(&self.output, &packed)?;
        let mut out = Out::new();
        out.line(&format!(
            "{}: {} entries of {} rules in {} bytes, {}",
            self.output.display(),
            grouped(packed.entries()),
            grouped(read.rules),
            grouped(bytes),
            shape(&packed),
        ))?;
        if read.unusable > 0 {
            let lines = grouped(read.unusable);
            out.line(&format!(
                "{lines} of {} lines cannot be used",
                grouped(read.lines)
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn sources(&self) -> Vec<Source> {
        let with = |paths: &[PathBuf], action: Action| -> Vec<Source> {
            let paths = paths.iter().cloned();
            paths.map(|path| Source { path, action }).collect()
        };
        let mut sources = with(&self.files, Action::Deny { tag: self.tag });
        for (tag, path) in &self.tagged {
            sources.extend(with(std::slice::from_ref(path), Action::Deny { tag: *tag }));
        }
        sources.extend(with(&self.allow, Action::Allow));
        sources.extend(with(&self.except, Action::Except));
        sources
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    let (one, other) = (one.canonicalize(), other.canonicalize());
    one.is_ok_and(|one| other.is_ok_and(|other| one == other))
}

/// As what it will be published.
pub(super) fn shape(packed: &Packed) -> String {
    if packed.is_inline() {
        return "one value".to_owned();
    }
    let shards: usize = packed
        .sections()
        .iter()
        .map(|section| section.shards().len())
        .sum();
    format!("a manifest and {} shards", grouped(shards as u64))
}

/// How much of the files has been read; of stdin nobody knows how much there is.
fn progress_of(files: &[Source]) -> ProgressBar {
    let bytes = files
        .iter()
        .map(|source| std::fs::metadata(&source.path).ok().map(|file| file.len()));
    let bar = match bytes.sum::<Option<u64>>() {
        Some(bytes) => ProgressBar::new(bytes),
        None => ProgressBar::new_spinner(),
    };
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
