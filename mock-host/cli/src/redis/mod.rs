//! A real Redis behind stores and cache, as on the platform.
//!
//! Several local hosts that name the same Redis share one state. Every round trip has 100 ms; what
//! takes longer, and what goes wrong, is what it is on the platform: `internal-error`.

mod bloom;
mod cache;
mod connections;
mod scan;
mod store;

pub use self::cache::RedisCache;
pub use self::store::RedisStore;

/// What is wrong with a Redis that a configuration names.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UrlError(String);
