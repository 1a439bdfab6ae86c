//! A cache that is in a Redis, as the platform's is.

use std::time::Duration;

use fastedge_host::{Cache, CacheError};
use redis::{Connection, RedisError, RedisResult, cmd, pipe};

use super::connections::{Connections, Repeat};
use super::scan::{self, escaped};
use super::{UrlError, now_ms};

/// A cache in a Redis: its keys are those with a prefix.
///
/// As on the platform, `purge-prefix` walks an index, in which the keys are that `set` has made: a
/// sorted set by the time at which they expire.
///
/// `incr` is Redis's own: past the largest number it fails, and `+5` and `007` are no integers. What is evicted is
/// for the Redis's `maxmemory` to say.
pub struct RedisCache {
    connections: Connections,
    prefix: String,
    index: String,
    ttl_ceiling: Duration,
}

impl RedisCache {
    /// A cache in the Redis at a URL, which is connected to when it is first used.
    ///
    /// # Errors
    ///
    /// If it is not the URL of a Redis.
    pub fn at(url: &str, prefix: &str, ttl_ceiling: Duration) -> Result<Self, UrlError> {
        Ok(RedisCache {
            connections: Connections::to(url)?,
            prefix: prefix.to_owned(),
            index: format!("fastedge:index:{prefix}"),
            ttl_ceiling,
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn talk<T>(
        &self,
        repeat: Repeat,
        talk: impl Fn(&mut Connection) -> RedisResult<T>,
    ) -> Result<T, CacheError> {
        self.connections.talk(repeat, talk).map_err(explain)
    }

    /// Removes these keys, which have no prefix yet; how many of them there were.
    fn unlink(&self, connection: &mut Connection, keys: &[String]) -> RedisResult<u64> {
        let mut removed = 0;
        for keys in keys.chunks(1000) {
            let full: Vec<_> = keys.iter().map(|key| self.key(key)).collect();
            let (count, _unindexed): (u64, u64) = pipe()
                .atomic()
                .cmd("UNLINK")
                .arg(full)
                .cmd("ZREM")
                .arg(&self.index)
                .arg(keys)
                .query(connection)?;
            removed += count;
        }
        Ok(removed)
    }

    fn clamped(&self, ttl_ms: Option<u64>) -> u64 {
        let ceiling = u64::try_from(self.ttl_ceiling.as_millis()).unwrap_or(u64::MAX);
        ttl_ms.unwrap_or(ceiling).min(ceiling)
    }
}

impl Cache for RedisCache {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        let key = self.key(key);
        self.talk(Repeat::Safe, |connection| {
            cmd("GET").arg(&key).query(connection)
        })
    }

    fn set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), CacheError> {
        let ttl_ms = self.clamped(ttl_ms);
        if ttl_ms == 0 {
            return self.delete(key);
        }
        let now_ms = now_ms();
        self.talk(Repeat::Safe, |connection| {
            pipe()
                .atomic()
                .cmd("SET")
                .arg(self.key(key))
                .arg(value)
                .arg("PX")
                .arg(ttl_ms)
                .ignore()
                .cmd("ZREMRANGEBYSCORE")
                .arg(&self.index)
                .arg("-inf")
                .arg(now_ms)
                .ignore()
                .cmd("ZADD")
                .arg(&self.index)
                .arg(now_ms.saturating_add(ttl_ms))
                .arg(key)
                .ignore()
                .query(connection)
        })
    }

    fn delete(&self, key: &str) -> Result<(), CacheError> {
        let keys = [key.to_owned()];
        // Twice, it could take away what another one has set in between: its claim, for one.
        self.talk(Repeat::Unsafe, |connection| self.unlink(connection, &keys))?;
        Ok(())
    }

    fn exists(&self, key: &str) -> Result<bool, CacheError> {
        let key = self.key(key);
        self.talk(Repeat::Safe, |connection| {
            cmd("EXISTS").arg(&key).query(connection)
        })
    }

    fn incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        let key = self.key(key);
        self.talk(Repeat::Unsafe, |connection| {
            cmd("INCRBY").arg(&key).arg(delta).query(connection)
        })
    }

    fn expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        let ttl_ms = self.clamped(Some(ttl_ms));
        let keys = [key.to_owned()];
        // A deletion is not repeated: the key may be another one's claim by then.
        let repeat = match ttl_ms {
            0 => Repeat::Unsafe,
            _ => Repeat::Safe,
        };
        self.talk(repeat, |connection| {
            if ttl_ms == 0 {
                return Ok(self.unlink(connection, &keys)? > 0);
            }
            let (is_there, _reindexed): (bool, u64) = pipe()
                .atomic()
                .cmd("PEXPIRE")
                .arg(self.key(key))
                .arg(ttl_ms)
                // Only a key that is in the index has another time there.
                .cmd("ZADD")
                .arg(&self.index)
                .arg("XX")
                .arg(now_ms().saturating_add(ttl_ms))
                .arg(key)
                .query(connection)?;
            Ok(is_there)
        })
    }

    fn purge(&self) -> Result<u64, CacheError> {
        self.talk(Repeat::Safe, |connection| {
            let mut keys = scan::keys(connection, &self.prefix, "*")?;
            keys.retain(|key| !scan::is_reserved(&self.prefix, key));
            keys.sort_unstable();
            keys.dedup();
            self.unlink(connection, &keys)
        })
    }

    fn purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        let pattern = format!("{}*", escaped(prefix));
        self.talk(Repeat::Safe, |connection| {
            let members: Vec<(Vec<u8>, f64)> =
                scan::walk(connection, "ZSCAN", Some(&self.index), &pattern)?;
            let mut keys: Vec<_> = members
                .into_iter()
                // One that has expired may be a counter again, which is not indexed.
                .filter(|(_, expires_at_ms)| *expires_at_ms > now_ms() as f64)
                .filter_map(|(key, _)| String::from_utf8(key).ok())
                .collect();
            keys.sort_unstable();
            keys.dedup();
            self.unlink(connection, &keys)
        })
    }
}

/// What an error of Redis is to an app.
fn explain(error: RedisError) -> CacheError {
    let said = error.to_string();
    if said.contains("not an integer") {
        CacheError::Other("value is not an integer".to_owned())
    } else if said.contains("would overflow") {
        CacheError::Other("increment or decrement would overflow".to_owned())
    } else {
        CacheError::InternalError
    }
}
