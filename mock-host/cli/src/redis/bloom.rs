//! Bloom filters in a Redis without the module for them: our own, each in a value beside the store's
//! keys, where every host that shares the Redis finds it.

use std::io::Write;
use std::sync::Once;

use fastedge_mock_host::central::Entry;
use redis::{Connection, RedisError, RedisResult, cmd, pipe};

/// What the keys of our own filters begin with.
const PREFIX: &str = "fastedge:bloom:";

/// Whether Redis does not know the commands of the module.
pub(super) fn is_without_module(error: &RedisError) -> bool {
    let said = error.detail().unwrap_or_default();
    said.contains("unknown command") || error.to_string().contains("unknown command")
}

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

/// A filter of our own, if there is one.
pub(super) fn load(connection: &mut Connection, key: &str) -> RedisResult<Option<Entry>> {
    let bytes: Option<Vec<u8>> = cmd("GET").arg(beside(key)).query(connection)?;
    let Some(bytes) = bytes else {
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
