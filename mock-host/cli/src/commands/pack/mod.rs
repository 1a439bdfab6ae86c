//! `fastedge-mock pack`: block lists and lookup tables, from the files that people have to what apps read.

mod build;
mod publish;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use fastedge_pack::{Packed, Subject};

use super::Error;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Packs addresses, networks and ranges: plain lists, ipsum, FireHOL, Spamhaus DROP (JSON), Tor's exits.
    Addresses(build::Arguments),
    /// Packs domains: plain lists, hosts files, rules of ad blockers (||example.com^, @@||example.com^).
    Domains(build::Arguments),
    /// Packs paths, each with what is below it.
    Paths(build::Arguments),
    /// Packs texts, exactly as they are: tokens, fingerprints, hashes.
    Tokens(build::Arguments),
    /// Packs autonomous systems: AS64496, 64496, AS64496-AS64511.
    Asns(build::Arguments),
    /// Packs countries, by their codes of two letters.
    Countries(build::Arguments),
    /// Packs a table: lines of a key, a tab and a value, or of JSON ({"key": …, "value": …}).
    Table {
        /// What the keys are.
        #[arg(long, default_value = "text", value_parser = ["text", "address", "domain", "path"])]
        by: String,
        #[command(flatten)]
        arguments: build::Arguments,
        /// What is between a key and its value.
        #[arg(long, default_value = "tab", value_parser = separator, value_name = "CHARACTER")]
        separator: char,
    },
    /// Says what is in a packed file, or in a value that is published.
    Inspect(show::Inspect),
    /// Says what differs between two packed files.
    Diff(show::Diff),
    /// Publishes a packed file as the next generation; goes on where it was interrupted.
    Publish(publish::Publish),
    /// Publishes the generation before once more.
    Rollback(publish::Named),
    /// Deletes what the generations before the previous one have left, ten minutes after that one was replaced.
    Clean(publish::Named),
    /// Writes what is published to a packed file.
    Download(publish::Download),
}

impl Arguments {
    pub(super) fn run(&self) -> Result<ExitCode, Error> {
        match &self.action {
            Action::Addresses(arguments) => arguments.run(Subject::Addresses),
            Action::Domains(arguments) => arguments.run(Subject::Domains),
            Action::Paths(arguments) => arguments.run(Subject::Paths),
            Action::Tokens(arguments) => arguments.run(Subject::Tokens),
            Action::Asns(arguments) => arguments.run(Subject::Asns),
            Action::Countries(arguments) => arguments.run(Subject::Countries),
            Action::Table {
                by,
                arguments,
                separator,
            } => arguments.run_table(by, *separator),
            Action::Inspect(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Action::Diff(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Action::Publish(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
            Action::Rollback(named) => named.roll_back().map(|()| ExitCode::SUCCESS),
            Action::Clean(named) => named.clean().map(|()| ExitCode::SUCCESS),
            Action::Download(arguments) => arguments.run().map(|()| ExitCode::SUCCESS),
        }
    }
}

/// A character, or a tab by its name.
fn separator(text: &str) -> Result<char, String> {
    let mut letters = text.chars();
    match (text, letters.next(), letters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(letter), None) => Ok(letter),
        _ => Err("one character is wanted, or `tab`".to_owned()),
    }
}

fn read_packed(path: &PathBuf) -> Result<Packed, Error> {
    let open = || -> Result<Packed, Error> {
        let file = std::fs::File::open(path)?;
        Ok(Packed::read_from(std::io::BufReader::new(file))?)
    };
    open().map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Writes a packed file: the whole of it, or none.
fn write_packed(path: &PathBuf, packed: &Packed) -> Result<u64, Error> {
    let write = || -> Result<u64, Error> {
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().ok_or("that is no file")?);
        name.push(format!(".{}.tmp", std::process::id()));
        let unfinished = path.with_file_name(name);
        let file = std::fs::File::create(&unfinished)?;
        let written = packed
            .write_to(std::io::BufWriter::new(&file))
            .and_then(|()| file.sync_all())
            .and_then(|()| file.metadata())
            .and_then(|metadata| std::fs::rename(&unfinished, path).map(|()| metadata.len()));
        if written.is_err() {
            let _not_there = std::fs::remove_file(&unfinished);
        }
        Ok(written?)
    };
    write().map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    let groups: Vec<_> = groups
        .iter()
        .map(|group| String::from_utf8_lossy(group))
        .collect();
    groups.join(",")
}
