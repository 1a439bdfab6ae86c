//! `[stores]`: what is in Edge Storage.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge_mock_host::BloomOptions;
use fastedge_mock_host::central::{Change, Entry, MAX_KEY_BYTES, MAX_VALUE_CHARS, value_chars};
use sha2::{Digest, Sha256};

use super::declared::Declaration;
use super::error::{ConfigError, read_error};
use super::node::{Node, Table};
use super::packed;
use crate::redis::RedisStore;

/// A store that is linked to an app under a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoreDeclaration {
    pub(crate) name: String,
    pub(crate) contents: Contents,
}

/// Where a store's data are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Contents {
    /// On the platform: in the account's store of a name.
    Platform {
        store: String,
        entries: Vec<Declaration>,
    },
    /// In a Redis.
    Redis(RedisUrl),
}

/// A Redis, and what keys begin with there. The URL, which may hold a password, is not printed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisUrl {
    /// Where it is.
    pub url: String,
    /// What keys begin with there.
    pub prefix: String,
}

impl std::fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisUrl")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl RedisUrl {
    /// `redis` and `prefix` of a table.
    pub(super) fn read(table: &Table<'_>) -> Result<Option<Self>, ConfigError> {
        let Some(url) = table.get("redis") else {
            return match table.get("prefix") {
                Some(prefix) => {
                    Err(prefix.error("a prefix is of keys in a Redis: `redis` is missing"))
                }
                None => Ok(None),
            };
        };
        let prefix = match table.get("prefix") {
            Some(prefix) => prefix.text()?,
            None => "",
        };
        Ok(Some(RedisUrl {
            url: url.text()?.to_owned(),
            prefix: prefix.to_owned(),
        }))
    }
}

/// The keys that say what is in a store.
const CONTENTS: [&str; 6] = [
    "values",
    "files",
    "directory",
    "sorted_sets",
    "bloom_filters",
    "packed",
];

impl StoreDeclaration {
    pub(super) fn read(name: &str, table: &Table<'_>) -> Result<Self, ConfigError> {
        let mut known = CONTENTS.to_vec();
        known.extend(["store", "redis", "prefix"]);
        table.only(&known)?;
        let named = table.get("store");
        if let (Some(redis), Some(node)) = (RedisUrl::read(table)?, table.get("redis")) {
            RedisStore::at(&redis.url, &redis.prefix)
                .map_err(|problem| node.error(problem.to_string()))?;
            let others = CONTENTS.iter().chain(&["store"]);
            if let Some(other) = others.filter_map(|key| table.get(key)).next() {
                return Err(other.error(
                    "the contents of this store are in its Redis: remove this key, or `redis`",
                ));
            }
            return Ok(StoreDeclaration {
                name: name.to_owned(),
                contents: Contents::Redis(redis),
            });
        }
        let store = match named {
            Some(named) => named.text()?.to_owned(),
            None => name.to_owned(),
        };
        Ok(StoreDeclaration {
            name: name.to_owned(),
            contents: Contents::Platform {
                store,
                entries: read_entries(table)?,
            },
        })
    }
}

/// What is declared, in order; of a key that is declared twice, the latter.
fn read_entries(store: &Table<'_>) -> Result<Vec<Declaration>, ConfigError> {
    let mut entries = Vec::new();
    if let Some(directory) = store.get("directory") {
        for (key, path) in files_below(&directory)? {
            entries.push(read_file(&directory, &key, &path)?);
        }
    }
    for (key, node) in section(store, "files")? {
        entries.push(read_file(&node, key, &node.path()?)?);
    }
    for (key, node) in section(store, "packed")? {
        let (list, generation) = packed::read(&node)?;
        for (key, value) in list.values(key, generation) {
            check_size(&node, &key, &value)?;
            entries.push(plain(&key, value, None));
        }
    }
    for (key, node) in section(store, "values")? {
        let (value, expires_after) = read_value(&node)?;
        check_size(&node, key, &value)?;
        entries.push(plain(key, value, expires_after));
    }
    for (key, node) in section(store, "sorted_sets")? {
        check_size(&node, key, &[])?;
        let members = read_sorted_set(&node)?;
        if members.iter().any(|(score, _)| score.is_nan()) {
            return Err(node.error(format!("a score in sorted set `{key}` is NaN")));
        }
        let digest = members
            .iter()
            .fold(Sha256::new(), |digest, (score, member)| {
                let digest = digest.chain_update(score.to_le_bytes());
                digest
                    .chain_update(member.len().to_le_bytes())
                    .chain_update(member)
            });
        let delete = delete(key);
        let key = key.to_owned();
        entries.push(Declaration {
            key: key.clone(),
            changes: vec![delete, Change::AddMembers { key, members }],
            fingerprint: format!("sorted_set {:x}", digest.finalize()),
            expires_after: None,
        });
    }
    for (key, node) in section(store, "bloom_filters")? {
        check_size(&node, key, &[])?;
        let (options, items) = read_bloom_filter(&node)?;
        let items: Vec<_> = items.into_iter().map(String::into_bytes).collect();
        let filter = Entry::bloom_filter_of(key, options, &items);
        let filter = filter.map_err(|problem| node.error(problem))?;
        // The bits alone do not distinguish an item from a false positive.
        let digest = Sha256::new_with_prefix(filter.filter_bytes().unwrap_or_default());
        let digest = filter
            .items()
            .into_iter()
            .flatten()
            .fold(digest, |digest, item| {
                digest
                    .chain_update(item.len().to_le_bytes())
                    .chain_update(item)
            });
        let delete = delete(key);
        let key = key.to_owned();
        entries.push(Declaration {
            key: key.clone(),
            changes: vec![
                delete,
                Change::AddItems {
                    key,
                    options,
                    items,
                },
            ],
            fingerprint: format!("bloom_filter {:x}", digest.finalize()),
            expires_after: None,
        });
    }
    Ok(entries)
}

fn delete(key: &str) -> Change {
    Change::Delete {
        key: key.to_owned(),
        data_type: None,
    }
}

fn plain(key: &str, value: Vec<u8>, expires_after: Option<Duration>) -> Declaration {
    let fingerprint = match expires_after {
        Some(after) => format!("kv {:x} {}", Sha256::digest(&value), after.as_secs()),
        None => format!("kv {:x}", Sha256::digest(&value)),
    };
    Declaration {
        key: key.to_owned(),
        changes: vec![Change::Put {
            key: key.to_owned(),
            value,
            expires_at_ms: None,
        }],
        fingerprint,
        expires_after,
    }
}

fn section<'a>(store: &Table<'a>, name: &str) -> Result<Vec<(&'a str, Node<'a>)>, ConfigError> {
    match store.get(name) {
        Some(section) => Ok(section.table()?.entries().collect()),
        None => Ok(Vec::new()),
    }
}

/// A text, or a table of one of `text` and `base64`, and of `expires_after_secs`.
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

fn read_file(node: &Node<'_>, key: &str, path: &Path) -> Result<Declaration, ConfigError> {
    node.source().note(path);
    let value = std::fs::read(path).map_err(|error| unreadable(node, path, &error))?;
    check_size(node, key, &value)?;
    Ok(plain(key, value, None))
}

fn check_size(node: &Node<'_>, key: &str, value: &[u8]) -> Result<(), ConfigError> {
    if key.len() > MAX_KEY_BYTES {
        return Err(node.error(format!(
            "a key of {} bytes: the platform takes at most {MAX_KEY_BYTES}",
            key.len()
        )));
    }
    let chars = value_chars(value);
    if chars > MAX_VALUE_CHARS {
        return Err(node.error(format!(
            "the value has {chars} characters as it is encoded for the platform, which takes at \
             most {MAX_VALUE_CHARS} (as base64, {} bytes); split it",
            MAX_VALUE_CHARS / 4 * 3
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
        directory.source().note(&folder);
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
