//! Bloom filters in a Redis without the module for them: our own, each in a value beside the store's
//! keys, where every host that shares the Redis finds it.

use std::io::Write;
use std::sync::Once;

use fastedge_mock_host::central::Entry;
use redis::{Connection, RedisError, RedisResult, cmd, pipe};

/// What the keys of our own filters begin with.
const PREFIX: &str = "fastedge:bloom:";

/// Says once that there is no module.
pub(super) fn notice() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        // Nobody may be reading, which is no reason not to answer.
        let _unread = writeln!(
            std::io::stderr(),
            "The Redis behind a store has no Bloom module: fastedge-mock keeps filters of its own \
             there, under keys that begin with {PREFIX}"
        );
    });
}

/// Where the filter of a key is.
pub(super) fn beside(key: &str) -> String {
    format!("{PREFIX}{key}")
}

/// Where a user may only touch the keys of the store, there is no filter of our own.
fn unless_forbidden<T: Default>(result: RedisResult<T>) -> RedisResult<T> {
    match result {
        Err(error) if error.code() == Some("NOPERM") => Ok(T::default()),
        result => result,
    }
}

/// Whether there is a filter of our own.
pub(super) fn is_there(connection: &mut Connection, key: &str) -> RedisResult<bool> {
    unless_forbidden(cmd("EXISTS").arg(beside(key)).query(connection))
}

/// Returns, for each key, whether a filter of our own exists.
pub(super) fn are_there(connection: &mut Connection, keys: &[String]) -> RedisResult<Vec<bool>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut exist = pipe();
    for key in keys {
        exist.cmd("EXISTS").arg(beside(key));
    }
    let mut found = unless_forbidden(exist.query::<Vec<bool>>(connection))?;
    // Filters that the user may not read count as missing.
    found.resize(keys.len(), false);
    Ok(found)
}

/// Removes the filter of our own, if there is one.
pub(super) fn remove(connection: &mut Connection, key: &str) -> RedisResult<()> {
    unless_forbidden(cmd("DEL").arg(beside(key)).query(connection))
}

/// A filter of our own, if there is one.
pub(super) fn load(connection: &mut Connection, key: &str) -> RedisResult<Option<Entry>> {
    let bytes = cmd("GET")
        .arg(beside(key))
        .query::<Option<Vec<u8>>>(connection);
    let Some(bytes) = unless_forbidden(bytes)? else {
        return Ok(None);
    };
    let filter = Entry::from_filter_bytes(&bytes);
    let filter = filter.map_err(|problem| {
        RedisError::from((redis::ErrorKind::UnexpectedReturnType, "a filter", problem))
    })?;
    Ok(Some(filter))
}

/// How often a change is tried while others change the same filter.
const TRIES: usize = 100;

/// Makes another filter of the one that is there. No change of somebody else's is lost meanwhile.
pub(super) fn change(
    connection: &mut Connection,
    key: &str,
    change: impl Fn(Option<Entry>) -> RedisResult<Entry>,
) -> RedisResult<()> {
    for _ in 0..TRIES {
        cmd("WATCH").arg(beside(key)).query::<()>(connection)?;
        let changed = load(connection, key).and_then(&change);
        let changed = match changed {
            Ok(changed) => changed,
            Err(error) => {
                cmd("UNWATCH").query::<()>(connection)?;
                return Err(error);
            }
        };
        let bytes = changed.filter_bytes().unwrap_or_default();
        let done: Option<()> = pipe()
            .atomic()
            .cmd("SET")
            .arg(beside(key))
            .arg(bytes)
            .ignore()
            .query(connection)?;
        if done.is_some() {
            return Ok(());
        }
    }
    Err(RedisError::from((
        redis::ErrorKind::UnexpectedReturnType,
        "others change the same Bloom filter all the time",
    )))
}
