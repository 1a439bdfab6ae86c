//! Pages of a store's entries, in few round trips: types first, and values of one page only.

use std::sync::Arc;

use fastedge_mock_host::central::{DataType, Entry, EntryPage, EntrySummary, ListQuery};
use redis::{Connection, FromRedisValue, RedisResult, pipe};

use super::store::{OF_THE_MODULE, bound};
use super::{bloom, is_unknown_command, now_ms};

/// The number of commands in a round trip. It limits what Redis and this program hold at a time.
const COMMANDS: usize = 1000;

/// The number of values in a round trip; each may have a megabyte.
const VALUES: usize = 50;

/// Returns the page of these keys, which are in order and have no prefix.
pub(super) fn page(
    connection: &mut Connection,
    prefix: &str,
    keys: &[String],
    query: &ListQuery<'_>,
) -> RedisResult<EntryPage> {
    let mut selected: Vec<(&str, DataType)> = Vec::new();
    for keys in keys.chunks(COMMANDS) {
        let full: Vec<String> = keys.iter().map(|key| format!("{prefix}{key}")).collect();
        let types = data_types(connection, &full)?;
        let typed = keys.iter().zip(types);
        let typed = typed.filter_map(|(key, data_type)| Some((key.as_str(), data_type?)));
        selected.extend(typed.filter(|(_, data_type)| query.data_types.contains(data_type)));
    }
    if let Some(scores) = query.scores {
        selected = in_range(connection, prefix, selected, scores)?;
    }
    let mut count = selected.len();
    let on_page = selected.into_iter().skip(query.offset).take(query.limit);
    let on_page: Vec<_> = on_page.collect();
    let mut entries = Vec::with_capacity(on_page.len());
    for listed in on_page.chunks(VALUES) {
        let pairs = listed.iter();
        let pairs = pairs.filter(|(_, data_type)| *data_type == DataType::Plain);
        let pairs: Vec<String> = pairs.map(|(key, _)| format!("{prefix}{key}")).collect();
        let mut pairs = read_pairs(connection, &pairs)?.into_iter();
        for (key, data_type) in listed {
            let pair = match data_type {
                DataType::Plain => pairs.next(),
                _ => None,
            };
            if let Some(None) = pair {
                // It has expired or was deleted since its type was read.
                count -= 1;
                continue;
            }
            entries.push(EntrySummary {
                key: Arc::from(*key),
                data_type: *data_type,
                pair: pair.flatten().map(Arc::new),
            });
        }
    }
    Ok(EntryPage { count, entries })
}

/// Sends a command for each key, and returns the replies.
fn each<T: FromRedisValue>(
    connection: &mut Connection,
    command: &str,
    keys: &[String],
    arguments: &[&str],
) -> RedisResult<Vec<T>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut commands = pipe();
    for key in keys {
        commands.cmd(command).arg(key).arg(arguments);
    }
    commands.query(connection)
}

/// Returns the types of keys; `None` is a key that does not exist, or a type that the platform does
/// not have.
fn data_types(connection: &mut Connection, keys: &[String]) -> RedisResult<Vec<Option<DataType>>> {
    let names: Vec<String> = each(connection, "TYPE", keys, &[])?;
    let missing = names.iter().zip(keys).filter(|(name, _)| *name == "none");
    let missing: Vec<String> = missing.map(|(_, key)| key.clone()).collect();
    let mut own_filters = bloom::are_there(connection, &missing)?.into_iter();
    let types = names.iter().map(|name| match name.as_str() {
        "string" => Some(DataType::Plain),
        "zset" => Some(DataType::SortedSet),
        OF_THE_MODULE => Some(DataType::BloomFilter),
        "none" => match own_filters.next() {
            Some(true) => Some(DataType::BloomFilter),
            _ => None,
        },
        _ => None,
    });
    Ok(types.collect())
}

/// Leaves out the sorted sets that have no member in a range of scores.
fn in_range<'k>(
    connection: &mut Connection,
    prefix: &str,
    selected: Vec<(&'k str, DataType)>,
    (min, max): (f64, f64),
) -> RedisResult<Vec<(&'k str, DataType)>> {
    let range = [bound(min), bound(max)];
    let range = range.each_ref().map(String::as_str);
    let sets = selected.iter();
    let sets = sets.filter(|(_, data_type)| *data_type == DataType::SortedSet);
    let sets: Vec<String> = sets.map(|(key, _)| format!("{prefix}{key}")).collect();
    let mut counts: Vec<u64> = Vec::with_capacity(sets.len());
    for sets in sets.chunks(COMMANDS) {
        counts.extend(each::<u64>(connection, "ZCOUNT", sets, &range)?);
    }
    let mut counts = counts.into_iter();
    let selected = selected.into_iter().filter(|(_, data_type)| {
        *data_type != DataType::SortedSet || counts.next().is_some_and(|count| count > 0)
    });
    Ok(selected.collect())
}

/// Reads plain pairs; `None` is a key that does not exist.
fn read_pairs(connection: &mut Connection, keys: &[String]) -> RedisResult<Vec<Option<Entry>>> {
    let values: Vec<Option<Vec<u8>>> = each(connection, "GET", keys, &[])?;
    let expiries = expiries_ms(connection, keys)?;
    let pairs = values.into_iter().zip(expiries);
    Ok(pairs
        .map(|(value, expires_at_ms)| Some(Entry::plain(value?, expires_at_ms)))
        .collect())
}

/// Returns the expiry times of keys, in Unix milliseconds.
fn expiries_ms(connection: &mut Connection, keys: &[String]) -> RedisResult<Vec<Option<u64>>> {
    let (times, from_ms) = match each::<i64>(connection, "PEXPIRETIME", keys, &[]) {
        // Before Redis 7.
        Err(error) if is_unknown_command(&error) => {
            (each(connection, "PTTL", keys, &[])?, now_ms())
        }
        times => (times?, 0),
    };
    let times = times.into_iter().map(|time| u64::try_from(time).ok());
    Ok(times
        .map(|time| Some(time?.saturating_add(from_ms)))
        .collect())
}
