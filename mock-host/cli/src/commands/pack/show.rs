//! `pack inspect` and `pack diff`.

use std::path::PathBuf;

use clap::Args;
use fastedge::blocklist::format::{Header, Layout, PayloadKind, Role, Root, Section};
use fastedge_pack::{Packed, explain};

use super::build::shape;
use super::{Error, grouped, read_packed};
use crate::commands::out::Out;

#[derive(Args, Debug)]
pub(super) struct Inspect {
    /// A packed file, or a value as `kv get` prints it: a manifest, a shard, a whole list.
    file: PathBuf,

    /// Lists the entries as well.
    #[arg(long)]
    entries: bool,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<(), Error> {
        let bytes = std::fs::read(&self.file)
            .map_err(|error| format!("{}: {error}", self.file.display()))?;
        if bytes.starts_with(b"FEPF") {
            return self.file_of(&read_packed(&self.file)?);
        }
        self.value(&bytes)
            .map_err(|error| format!("{}: {error}", self.file.display()).into())
    }

    fn file_of(&self, packed: &Packed) -> Result<(), Error> {
        let mut out = Out::new();
        out.line(&format!(
            "{} of {}, {}: {}",
            what(packed.payload()),
            packed.kind().name(),
            carries(packed.payload()),
            shape(packed)
        ))?;
        for section in packed.sections() {
            let bytes = section
                .shards()
                .iter()
                .map(|shard| shard.body().len() as u64);
            let (sum, largest) = (bytes.clone().sum::<u64>(), bytes.max().unwrap_or(0));
            out.line(&format!(
                "{}: {} entries, {} bytes ({:.2} an entry), {} shards of up to {} bytes",
                name(section.layout()),
                grouped(section.entries()),
                grouped(sum),
                sum as f64 / section.entries().max(1) as f64,
                grouped(section.shards().len() as u64),
                grouped(largest)
            ))?;
        }
        let manifest = packed.edition("", 1, None).root.len();
        out.line(&format!(
            "what readers open first: {} bytes",
            grouped(manifest as u64)
        ))?;
        if self.entries {
            let mut result = Ok(());
            packed.each_entry(&mut |entry| {
                if result.is_ok() {
                    result = out.line(&entry);
                }
            })?;
            result?;
        }
        Ok(())
    }

    fn value(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = Out::new();
        let (header, body) = Header::read(bytes)?;
        let role = match header.role {
            Role::Inline => "a whole list",
            Role::Manifest => "a manifest",
            Role::Shard => "a shard",
        };
        out.line(&format!(
            "{role}, of {}, {}: generation {}, {} entries, {} bytes",
            header.kind.name(),
            carries(header.payload),
            header.generation,
            grouped(header.entries.into()),
            grouped(bytes.len() as u64)
        ))?;
        let is_whole = match header.verify(bytes) {
            Ok(()) => "the checksum is right".to_owned(),
            Err(error) => error.to_string(),
        };
        out.line(&is_whole)?;
        if header.role == Role::Shard {
            return self.entries_of_shard(&header, body, &mut out);
        }
        let root = Root::read(bytes)?;
        if root.previous != 0 {
            out.line(&format!("the generation before: {}", root.previous))?;
        }
        for (layout, entries) in root.layouts() {
            let entries = grouped(entries.into());
            match root.section(bytes, layout)? {
                None => {}
                Some(Section::Body(body)) => {
                    out.line(&format!("{}: {entries} entries", name(layout)))?;
                    if self.entries {
                        let mut result = Ok(());
                        explain(
                            header.kind,
                            layout,
                            header.payload,
                            None,
                            body,
                            &mut |entry| {
                                if result.is_ok() {
                                    result = out.line(&entry);
                                }
                            },
                        )?;
                        result?;
                    }
                }
                Some(Section::Shards(shards)) => {
                    let count = grouped(shards.len() as u64);
                    out.line(&format!(
                        "{}: {entries} entries in {count} shards",
                        name(layout)
                    ))?;
                    for index in (0..shards.len()).filter(|_| self.entries) {
                        let generation = shards.generation(index)?;
                        out.line(&format!("…:{generation}:{}", shards.place(index)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A shard does not say how it is laid out, but what it is of does, save for addresses.
    fn entries_of_shard(&self, header: &Header, body: &[u8], out: &mut Out) -> Result<(), Error> {
        use fastedge::blocklist::format::Kind;
        if !self.entries {
            return Ok(());
        }
        let layouts: &[Layout] = match header.kind {
            Kind::Addresses => &[Layout::Ipv4, Layout::Ipv6],
            Kind::Domains | Kind::Paths => &[Layout::Tree],
            Kind::Tokens => &[Layout::Hashed],
            Kind::Asns => &[Layout::Numbers],
            Kind::Countries => &[Layout::Countries],
        };
        for layout in layouts {
            let mut entries = Vec::new();
            let explained = explain(
                header.kind,
                *layout,
                header.payload,
                None,
                body,
                &mut |entry| {
                    entries.push(entry);
                },
            );
            if explained.is_ok() && entries.len() == header.entries as usize {
                return entries.iter().try_for_each(|entry| out.line(entry));
            }
        }
        Err("its entries contradict its header".into())
    }
}

fn what(payload: PayloadKind) -> &'static str {
    match payload {
        PayloadKind::Value => "a table",
        PayloadKind::None | PayloadKind::Tag => "a list",
    }
}

fn carries(payload: PayloadKind) -> &'static str {
    match payload {
        PayloadKind::None => "without tags",
        PayloadKind::Tag => "with tags",
        PayloadKind::Value => "with values",
    }
}

fn name(layout: Layout) -> &'static str {
    match layout {
        Layout::Ipv4 => "IPv4",
        Layout::Ipv6 => "IPv6",
        Layout::Tree => "texts",
        Layout::Hashed => "hashes",
        Layout::Numbers => "numbers",
        Layout::Countries => "countries",
    }
}

#[derive(Args, Debug)]
pub(super) struct Diff {
    /// The packed file before.
    before: PathBuf,
    /// The packed file after.
    after: PathBuf,
    /// How many entries of each kind are listed; 0 is all.
    #[arg(long, default_value_t = 20)]
    most: usize,
}

impl Diff {
    pub(super) fn run(&self) -> Result<(), Error> {
        let (before, after) = (read_packed(&self.before)?, read_packed(&self.after)?);
        if before.kind() != after.kind() {
            let (before, after) = (before.kind().name(), after.kind().name());
            return Err(format!("the one is of {before}, and the other of {after}").into());
        }
        let difference = before.difference(&after)?;
        let mut out = Out::new();
        out.line(&format!(
            "{} entries are new, {} are gone; {} shards with {} bytes are to be written, {} stay",
            grouped(difference.added.len() as u64),
            grouped(difference.removed.len() as u64),
            grouped(difference.new_shards as u64),
            grouped(difference.new_bytes as u64),
            grouped(difference.same_shards as u64)
        ))?;
        let most = match self.most {
            0 => usize::MAX,
            most => most,
        };
        for (sign, entries) in [('+', &difference.added), ('-', &difference.removed)] {
            for entry in entries.iter().take(most) {
                out.line(&format!("{sign} {entry}"))?;
            }
            if let Some(more) = entries.len().checked_sub(most).filter(|more| *more > 0) {
                out.line(&format!("{sign} … and {} more", grouped(more as u64)))?;
            }
        }
        Ok(())
    }
}
