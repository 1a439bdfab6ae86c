//! The dotenv files that the platform's own local tool reads.
//!
//! The published dotenv parsers refuse names with a `-`, which the names of headers have, so the
//! lines are taken apart here: `NAME=value`, an optional `export`, comments, and quotes.

use std::path::{Path, PathBuf};

use super::error::{ConfigError, read_error};

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Variable,
    Secret,
    RequestHeader,
    ResponseHeader,
    KvStore,
}

/// A line: `NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) file: PathBuf,
    pub(super) line: usize,
}

impl Setting {
    pub(super) fn error(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError::of_line(&self.file, self.line, problem).with_key(&self.name)
    }
}

/// The names that `.env` gives to what is not a plain variable.
const PREFIXES: [(&str, Kind); 5] = [
    ("FASTEDGE_VAR_ENV_", Kind::Variable),
    ("FASTEDGE_VAR_SECRET_", Kind::Secret),
    ("FASTEDGE_VAR_REQ_HEADER_", Kind::RequestHeader),
    ("FASTEDGE_VAR_RSP_HEADER_", Kind::ResponseHeader),
    ("FASTEDGE_VAR_KV_STORE_", Kind::KvStore),
];

/// The files, in the order in which they are read: a later one wins.
const FILES: [(&str, Kind); 6] = [
    (".env", Kind::Variable),
    (".env.variables", Kind::Variable),
    (".env.secrets", Kind::Secret),
    (".env.req_headers", Kind::RequestHeader),
    (".env.rsp_headers", Kind::ResponseHeader),
    (".env.kv_stores", Kind::KvStore),
];

/// The files of a folder, whether they are there or not.
pub(super) fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    FILES.iter().map(move |(file, _)| folder.join(file))
}

/// Reads those of the files that are in a folder.
pub(super) fn read(folder: &Path) -> Result<Vec<Setting>, ConfigError> {
    let mut settings = Vec::new();
    for (file, kind) in FILES {
        let path = folder.join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) => parse(&path, &text, kind, &mut settings)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(ConfigError::of_file(&path, read_error(&error))),
        }
    }
    Ok(settings)
}

fn parse(
    path: &Path,
    text: &str,
    kind: Kind,
    settings: &mut Vec<Setting>,
) -> Result<(), ConfigError> {
    let is_general = path.file_name().is_some_and(|name| name == ".env");
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |problem: &str| ConfigError::of_line(path, number, problem);
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| error("a line is `NAME=value`"))?;
        let value = unquote(value.trim()).map_err(error)?;
        let (mut kind, mut name) = (kind, name.trim());
        let mut value = value;
        if is_general {
            if let Some((prefix, meant)) = PREFIXES.iter().find(|(p, _)| name.starts_with(p)) {
                (kind, name) = (*meant, &name[prefix.len()..]);
            } else if name == "FASTEDGE_VAR_KV_STORE" {
                // The one that can also be written as `…=NAME=url`.
                let (store, url) = value
                    .split_once('=')
                    .ok_or_else(|| error("a store is `FASTEDGE_VAR_KV_STORE=NAME=redis://…`"))?;
                settings.push(Setting {
                    kind: Kind::KvStore,
                    name: store.to_owned(),
                    value: url.to_owned(),
                    file: path.to_owned(),
                    line: number,
                });
                continue;
            }
        }
        if name.is_empty() {
            return Err(error("a line is `NAME=value`, and this one has no name"));
        }
        settings.push(Setting {
            kind,
            name: name.to_owned(),
            value: std::mem::take(&mut value),
            file: path.to_owned(),
            line: number,
        });
    }
    Ok(())
}

/// Takes the quotes off: within '…' everything is literal, within "…" a `\` escapes, and without
/// quotes ` #` begins a comment.
fn unquote(value: &str) -> Result<String, &'static str> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (value, after) = rest
            .split_once('\'')
            .ok_or("the quote ' is not closed on this line")?;
        return only_a_comment(after).map(|()| value.to_owned());
    }
    let Some(rest) = value.strip_prefix('"') else {
        let end = value.find(" #").unwrap_or(value.len());
        return Ok(value[..end].trim_end().to_owned());
    };
    let mut unquoted = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return only_a_comment(chars.as_str()).map(|()| unquoted),
            '\\' => match chars.next() {
                Some('n') => unquoted.push('\n'),
                Some('r') => unquoted.push('\r'),
                Some('t') => unquoted.push('\t'),
                Some(c) => unquoted.push(c),
                None => break,
            },
            c => unquoted.push(c),
        }
    }
    Err("the quote \" is not closed on this line")
}

fn only_a_comment(rest: &str) -> Result<(), &'static str> {
    match rest.trim_start() {
        "" => Ok(()),
        rest if rest.starts_with('#') => Ok(()),
        _ => Err("there is something after the closing quote"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(file: &str, kind: Kind, text: &str) -> Result<Vec<(Kind, String, String)>, String> {
        let mut settings = Vec::new();
        parse(Path::new(file), text, kind, &mut settings).map_err(|error| error.to_string())?;
        Ok(settings
            .into_iter()
            .map(|setting| (setting.kind, setting.name, setting.value))
            .collect())
    }

    fn setting(kind: Kind, name: &str, value: &str) -> (Kind, String, String) {
        (kind, name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_general_file_tells_kinds_apart_by_prefix() {
        let text = "\
            PLAIN=1\n\
            FASTEDGE_VAR_ENV_A=2\n\
            FASTEDGE_VAR_SECRET_B=3\n\
            FASTEDGE_VAR_REQ_HEADER_x-c=4\n\
            FASTEDGE_VAR_RSP_HEADER_x-d=5\n\
            FASTEDGE_VAR_KV_STORE_e=redis://e\n\
            FASTEDGE_VAR_KV_STORE=f=redis://f\n";
        assert_eq!(
            parsed(".env", Kind::Variable, text).unwrap(),
            [
                setting(Kind::Variable, "PLAIN", "1"),
                setting(Kind::Variable, "A", "2"),
                setting(Kind::Secret, "B", "3"),
                setting(Kind::RequestHeader, "x-c", "4"),
                setting(Kind::ResponseHeader, "x-d", "5"),
                setting(Kind::KvStore, "e", "redis://e"),
                setting(Kind::KvStore, "f", "redis://f"),
            ]
        );
    }

    #[test]
    fn quotes_comments_and_export() {
        let text = "\
            # a comment\n\
            \n\
            export A = one two # three\n\
            B='#1 \\n' # why\n\
            C=\"line\\nwith \\\"quotes\\\"\"\n\
            D=\n\
            E=a=b#c\n";
        assert_eq!(
            parsed(".env.secrets", Kind::Secret, text).unwrap(),
            [
                setting(Kind::Secret, "A", "one two"),
                setting(Kind::Secret, "B", "#1 \\n"),
                setting(Kind::Secret, "C", "line\nwith \"quotes\""),
                setting(Kind::Secret, "D", ""),
                setting(Kind::Secret, "E", "a=b#c"),
            ]
        );
    }

    #[test]
    fn what_is_not_a_setting_is_named_with_its_line() {
        let error = |text| parsed("x/.env", Kind::Variable, text).unwrap_err();
        assert_eq!(error("A=1\nB\n"), "x/.env:2: a line is `NAME=value`");
        assert!(error("=1").contains("has no name"));
        assert!(error("A='1").contains("' is not closed"));
        assert!(error("A=\"1").contains("\" is not closed"));
        assert!(error("A='1' 2").contains("after the closing quote"));
    }
}
