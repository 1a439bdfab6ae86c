//! `[stores]`: what is in Edge Storage.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge_mock_host::{BloomOptions, Edge};

use super::error::{ConfigError, read_error};
use super::node::{Node, Table};

/// What the platform takes of a key and of a value: 1 MB, read as the SDK reads it where it writes.
const MAX_KEY_BYTES: usize = 256;
const MAX_VALUE_BYTES: usize = 1_000_000;

pub(super) fn read(stores: &Table<'_>, edge: &Edge) -> Result<(), ConfigError> {
    for (name, store) in stores.entries() {
        // A store that is empty is linked nevertheless.
        edge.store(name);
        read_store(name, &store.table()?, edge)?;
    }
    Ok(())
}

fn read_store(name: &str, store: &Table<'_>, edge: &Edge) -> Result<(), ConfigError> {
    store.only(&[
        "values",
        "files",
        "directory",
        "sorted_sets",
        "bloom_filters",
    ])?;
    if let Some(directory) = store.get("directory") {
        for (key, path) in files_below(&directory)? {
            put_file(&directory, edge, name, &key, &path)?;
        }
    }
    for (key, node) in section(store, "files")? {
        put_file(&node, edge, name, key, &node.path()?)?;
    }
    for (key, node) in section(store, "values")? {
        let (value, expires_after) = read_value(&node)?;
        check_size(&node, key, &value)?;
        let store = edge.store(name);
        match expires_after {
            Some(after) => store.set_expiring(key, value, after),
            None => store.set(key, value),
        };
    }
    for (key, node) in section(store, "sorted_sets")? {
        check_size(&node, key, &[])?;
        edge.store(name)
            .try_sorted_set(key, read_sorted_set(&node)?)
            .map_err(|problem| node.error(problem))?;
    }
    for (key, node) in section(store, "bloom_filters")? {
        check_size(&node, key, &[])?;
        let (options, items) = read_bloom_filter(&node)?;
        edge.store(name)
            .try_bloom_filter(key, options, items)
            .map_err(|problem| node.error(problem))?;
    }
    Ok(())
}

fn section<'a>(store: &Table<'a>, name: &str) -> Result<Vec<(&'a str, Node<'a>)>, ConfigError> {
    match store.get(name) {
        Some(section) => Ok(section.table()?.entries().collect()),
        None => Ok(Vec::new()),
    }
}

/// A text, or a table of one of `text`, `base64` and `json`, and of `expires_after_secs`.
fn read_value(node: &Node<'_>) -> Result<(Vec<u8>, Option<Duration>), ConfigError> {
    if !node.is_table() {
        return Ok((node.scalar()?.into_bytes(), None));
    }
    let table = node.table()?;
    table.only(&["text", "base64", "expires_after_secs"])?;
    let value = match (table.get("text"), table.get("base64")) {
        (Some(text), None) => text.scalar()?.into_bytes(),
        (None, Some(base64)) => BASE64
            .decode(base64.text()?)
            .map_err(|error| base64.error(format!("not base64: {error}")))?,
        _ => return Err(table.error("one of `text` and `base64` says what the value is")),
    };
    let expires_after = match table.get("expires_after_secs") {
        Some(seconds) => Some(Duration::from_secs(seconds.integer("a number of seconds")?)),
        None => None,
    };
    Ok((value, expires_after))
}

fn put_file(
    node: &Node<'_>,
    edge: &Edge,
    store: &str,
    key: &str,
    path: &Path,
) -> Result<(), ConfigError> {
    let value = std::fs::read(path).map_err(|error| unreadable(node, path, &error))?;
    check_size(node, key, &value)?;
    edge.store(store).set(key, value);
    Ok(())
}

fn check_size(node: &Node<'_>, key: &str, value: &[u8]) -> Result<(), ConfigError> {
    if key.len() > MAX_KEY_BYTES {
        return Err(node.error(format!(
            "a key of {} bytes: the platform takes at most {MAX_KEY_BYTES}",
            key.len()
        )));
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(node.error(format!(
            "a value of {} bytes: the platform takes at most {MAX_VALUE_BYTES}",
            value.len()
        )));
    }
    Ok(())
}

/// `{ file = "…" }` with a score and a member a line, or `{ members = { ann = 10, bob = 20 } }`.
fn read_sorted_set(node: &Node<'_>) -> Result<Vec<(f64, Vec<u8>)>, ConfigError> {
    let table = node.table()?;
    table.only(&["file", "members"])?;
    match (table.get("file"), table.get("members")) {
        (Some(file), None) => {
            let (path, text) = read_lines(&file)?;
            let members = lines(&text).map(|(number, line)| {
                let (score, member) = line.split_once(['\t', ' ']).unwrap_or((line, ""));
                match score.parse::<f64>() {
                    Ok(score) if !score.is_nan() => Ok((score, member.as_bytes().to_vec())),
                    _ => Err(ConfigError::of_line(
                        &path,
                        number,
                        format!(
                            "{score:?} is not a score: a line is a score, a tab or a space, and a \
                             member"
                        ),
                    )),
                }
            });
            members.collect()
        }
        (None, Some(members)) => members
            .table()?
            .entries()
            .map(|(member, score)| Ok((score.number()?, member.as_bytes().to_vec())))
            .collect(),
        _ => Err(table.error("one of `file` and `members` says what is in the sorted set")),
    }
}

/// `{ file = "…" }` with an item a line, or `{ items = […] }`; and the filter's options.
fn read_bloom_filter(node: &Node<'_>) -> Result<(BloomOptions, Vec<String>), ConfigError> {
    let table = node.table()?;
    table.only(&["file", "items", "error_rate", "capacity", "expansion"])?;
    let items: Vec<String> = match (table.get("file"), table.get("items")) {
        (Some(file), None) => {
            let (_, text) = read_lines(&file)?;
            lines(&text).map(|(_, line)| line.to_owned()).collect()
        }
        (None, Some(items)) => items
            .list()?
            .iter()
            .map(Node::scalar)
            .collect::<Result<_, _>>()?,
        _ => return Err(table.error("one of `file` and `items` says what is in the filter")),
    };
    let mut options = BloomOptions::for_items(items.len());
    if let Some(rate) = table.get("error_rate") {
        options = options.error_rate(rate.number()?);
    }
    if let Some(capacity) = table.get("capacity") {
        options = options.capacity(capacity.integer("a number of items")?);
    }
    if let Some(expansion) = table.get("expansion") {
        let factor = expansion.integer("a factor, or 0 for a filter that does not scale,")?;
        options = options.expansion((factor > 0).then_some(factor));
    }
    Ok((options, items))
}

fn read_lines(file: &Node<'_>) -> Result<(PathBuf, String), ConfigError> {
    let path = file.path()?;
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(file, &path, &error))?;
    Ok((path, text))
}

/// The lines that are neither empty nor comments, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Every file below a folder, with its path below it as the key; hidden ones are left out.
fn files_below(directory: &Node<'_>) -> Result<Vec<(String, PathBuf)>, ConfigError> {
    let root = directory.path()?;
    let mut files = Vec::new();
    let mut folders = vec![(String::new(), root)];
    while let Some((prefix, folder)) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| unreadable(directory, &folder, &error))?;
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().into_string().map_err(|name| {
                directory.error(format!("{name:?} cannot be a key: it is not UTF-8"))
            })?;
            if name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                folders.push((format!("{prefix}{name}/"), path));
            } else {
                files.push((format!("{prefix}{name}"), path));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(node: &Node<'_>, path: &Path, error: &std::io::Error) -> ConfigError {
    node.error(format!(
        "{}: {} (paths are relative to {})",
        path.display(),
        read_error(error),
        node.source().path.display()
    ))
}
