//! A real Redis behind stores and cache, as on the platform.
//!
//! Several local hosts that name the same Redis share one state. Every round trip has 100 ms; what
//! takes longer, and what goes wrong, is what it is on the platform: `internal-error`.
//!
//! A store needs no more than the keys with its prefix, as a user of the Redis may be limited to; without the Bloom
//! module its filters are beside them, under `fastedge:bloom:`. A cache needs the key `fastedge:index:PREFIX`, too.

mod bloom;
mod cache;
mod connections;
mod listing;
mod scan;
mod store;

use std::time::SystemTime;

use redis::RedisError;

pub use self::cache::RedisCache;
pub use self::store::RedisStore;

/// What is wrong with a Redis that a configuration names.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UrlError(String);

/// Whether a Redis does not know a command: it is older, or without a module.
fn is_unknown_command(error: &RedisError) -> bool {
    let said = error.detail().unwrap_or_default();
    said.contains("unknown command") || error.to_string().contains("unknown command")
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
