//! What things cost, beside what else could be done: instructions and bytes of components, which are exact; times and
//! requests a second, which are this machine's.
//!
//! ```sh
//! cargo edge bench                                        # all of it, into docs/benchmarks.md
//! cargo bench --package fastedge-mock --bench costs -- calls flags
//! cargo bench --package fastedge-mock --bench costs -- lists large
//! ```
//!
//! The parts are `calls`, `formats`, `patterns`, `flags`, `lists`, `examples`, `native` and `server`; the last needs `wrk`,
//! `taskset` and `wasmtime` (`cargo install wasmtime-cli`), and is left out where they are not. `large` adds lists of ten
//! million entries. `--write FILE` writes Markdown, with the machine and the versions; the tables of parts
//! that are not asked for stay as they are there.

#[path = "../guests/addresses.rs"]
mod addresses;
mod calls;
mod examples;
mod flags;
mod formats;
mod lists;
mod machine;
mod measure;
mod native;
mod patterns;
mod server;
mod table;

use std::path::Path;

use measure::Error;
use table::Table;

/// A part: its name, and what measures it.
type Part = (&'static str, fn(&Options) -> Result<Vec<Table>, Error>);

const PARTS: [Part; 8] = [
    ("calls", |_| calls::tables()),
    ("formats", |_| formats::tables()),
    ("patterns", |_| patterns::tables()),
    ("flags", |_| flags::tables()),
    ("lists", |options| lists::tables(options.is_large)),
    ("examples", |_| examples::tables()),
    ("native", |_| native::tables()),
    ("server", |_| server::tables()),
];

/// What is asked for.
#[derive(Default)]
struct Options {
    parts: Vec<String>,
    is_large: bool,
    write: Option<String>,
}

fn main() -> Result<(), Error> {
    let options = options(std::env::args().skip(1))?;
    let mut tables = Vec::new();
    for (name, measure) in PARTS {
        if options.parts.is_empty() || options.parts.iter().any(|part| part == name) {
            for table in measure(&options)? {
                println!("{table}");
                tables.push(table);
            }
        }
    }
    if let Some(file) = &options.write {
        // Cargo runs a benchmark in its package's folder: a path is meant from the workspace's.
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(file);
        let former = std::fs::read_to_string(&file).unwrap_or_default();
        let text = report(&former, &tables)?;
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
        println!("{} is written", file.display());
    }
    Ok(())
}

/// The report, in which tables that were not measured again stay as they were.
fn report(former: &str, tables: &[Table]) -> Result<String, Error> {
    let mut sections: Vec<String> = former.split("\n## ").skip(1).map(section).collect();
    for table in tables {
        let new = table.markdown();
        let title = new.lines().next();
        match sections.iter_mut().find(|old| old.lines().next() == title) {
            Some(old) => *old = new,
            None => sections.push(new),
        }
    }
    Ok(format!("{}\n{}", machine::heading()?, sections.join("\n")))
}

fn section(text: &str) -> String {
    format!("## {}\n", text.trim_end())
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, Error> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // What cargo says to every benchmark.
            "--bench" => {}
            "large" => options.is_large = true,
            "--write" => options.write = Some(arguments.next().ok_or("--write takes a file")?),
            part if PARTS.iter().any(|(name, _)| *name == part) => options.parts.push(argument),
            other => return Err(format!("there is no part {other:?}").into()),
        }
    }
    Ok(options)
}
