//! Walks over keys and members, to their end.

use redis::{Connection, FromRedisValue, RedisResult, cmd};

/// How many elements Redis looks at in a round trip.
const COUNT: u32 = 1000;

/// All that a `SCAN`-like command answers: unordered, and something can come twice.
pub(super) fn walk<T: FromRedisValue>(
    connection: &mut Connection,
    command: &str,
    key: Option<&str>,
    pattern: &str,
) -> RedisResult<Vec<T>> {
    let mut found = Vec::new();
    let mut cursor = 0_u64;
    loop {
        let mut scan = cmd(command);
        if let Some(key) = key {
            scan.arg(key);
        }
        scan.arg(cursor)
            .arg("MATCH")
            .arg(pattern)
            .arg("COUNT")
            .arg(COUNT);
        let (next, page): (u64, Vec<T>) = scan.query(connection)?;
        found.extend(page);
        if next == 0 {
            return Ok(found);
        }
        cursor = next;
    }
}

/// The keys with a prefix whose rest matches a glob, without the prefix. Keys that are not UTF-8 are
/// left out: the interface's keys are text.
pub(super) fn keys(
    connection: &mut Connection,
    prefix: &str,
    pattern: &str,
) -> RedisResult<Vec<String>> {
    let pattern = format!("{}{pattern}", escaped(prefix));
    let keys: Vec<Vec<u8>> = walk(connection, "SCAN", None, &pattern)?;
    Ok(keys
        .into_iter()
        .filter_map(|key| String::from_utf8(key).ok())
        .filter_map(|key| Some(key.strip_prefix(prefix)?.to_owned()))
        .collect())
}

/// Whether a key is one of this program's own, which are beside those of stores and caches: of our
/// Bloom filters, and of the indexes of caches.
pub(super) fn is_reserved(prefix: &str, key: &str) -> bool {
    let own = ["fastedge:bloom:", "fastedge:index:"];
    let full = format!("{prefix}{key}");
    own.iter()
        .any(|own| full.starts_with(own) && !prefix.starts_with(own))
}

/// A text as a glob that only it matches.
pub(super) fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
