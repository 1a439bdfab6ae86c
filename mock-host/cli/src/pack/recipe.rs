//! Of what a list is made.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use fastedge_pack::{Action, LineOptions, ListRules, Problem, Read, Subject};

/// What lists can be of, by their names.
pub(crate) const SUBJECTS: [(&str, Subject); 6] = [
    ("addresses", Subject::Addresses),
    ("domains", Subject::Domains),
    ("paths", Subject::Paths),
    ("tokens", Subject::Tokens),
    ("asns", Subject::Asns),
    ("countries", Subject::Countries),
];

/// By what tables can be asked.
pub(crate) fn subject(table_by: &str) -> Option<Subject> {
    match table_by {
        "text" => Some(Subject::TableByText),
        "address" => Some(Subject::TableByAddress),
        "domain" => Some(Subject::TableByDomain),
        "path" => Some(Subject::TableByPath),
        _ => None,
    }
}

/// A file or a folder of files, and what their lines do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// `-` is stdin.
    pub(crate) path: PathBuf,
    pub(crate) action: Action,
}

/// Of what a list is made.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) subject: Subject,
    pub(crate) sources: Vec<Source>,
    pub(crate) tag_column: bool,
    pub(crate) separator: char,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", .path.display())]
pub(crate) struct RecipeError {
    path: PathBuf,
    error: io::Error,
}

impl Recipe {
    /// The files that it reads, in an order that is always the same; hidden ones in folders are left out.
    pub(crate) fn files(&self) -> Result<Vec<Source>, RecipeError> {
        let mut files = Vec::new();
        for source in &self.sources {
            add_files(&source.path, source.action, &mut files).map_err(|error| RecipeError {
                path: source.path.clone(),
                error,
            })?;
        }
        Ok(files)
    }

    /// Reads all files. Lines that cannot be used are told and left out; how many bytes have been read is told as well.
    pub(crate) fn read(
        &self,
        files: &[Source],
        tell: &mut dyn FnMut(Problem),
        bytes: &dyn Fn(u64),
    ) -> Result<(ListRules, Read), RecipeError> {
        let mut rules = ListRules::new(self.subject);
        let mut all = Read::default();
        for Source { path, action } in files {
            let options = LineOptions {
                action: *action,
                tag_column: self.tag_column,
                separator: self.separator,
            };
            let failed = |error| RecipeError {
                path: path.clone(),
                error,
            };
            let (name, file): (_, Box<dyn BufRead>) = match path == Path::new("-") {
                true => ("stdin".to_owned(), Box::new(io::stdin().lock())),
                false => {
                    let file = File::open(path).map_err(failed)?;
                    (path.display().to_string(), Box::new(BufReader::new(file)))
                }
            };
            let counted = BufReader::with_capacity(1 << 16, Counted { file, bytes });
            let read = rules.read(counted, &name, &options, tell).map_err(failed)?;
            all.lines += read.lines;
            all.rules += read.rules;
            all.unusable += read.unusable;
        }
        Ok((rules, all))
    }
}

fn add_files(path: &Path, action: Action, files: &mut Vec<Source>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(Source {
            path: path.to_owned(),
            action,
        });
        return Ok(());
    }
    let entries = std::fs::read_dir(path)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    let is_hidden = |path: &Path| {
        let name = path.file_name().map(|name| name.as_encoded_bytes());
        name.is_some_and(|name| name.starts_with(b"."))
    };
    paths.retain(|path| !is_hidden(path) && !is_packed(path));
    paths
        .iter()
        .try_for_each(|path| add_files(path, action, files))
}

/// A file that tells how much of it is read.
struct Counted<'a> {
    file: Box<dyn BufRead>,
    bytes: &'a dyn Fn(u64),
}

impl io::Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        (self.bytes)(count as u64);
        Ok(count)
    }
}

/// Whether a file is what packing makes, and no list to pack.
fn is_packed(path: &Path) -> bool {
    use std::io::Read as _;
    let mut begin = [0; 4];
    let file = File::open(path).ok().filter(|_| path.is_file());
    file.is_some_and(|mut file| file.read_exact(&mut begin).is_ok() && begin == *b"FEPF")
}
