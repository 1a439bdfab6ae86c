//! Documents of feature flags: [`lint`] finds problems, [`diff`] finds users whom a change moves, and
//! [`per_key`] publishes each flag under a key of its own.

pub mod diff;
pub mod lint;
pub mod per_key;
