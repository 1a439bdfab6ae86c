//! Documents of feature flags, before they are published: [`lint`] finds what is wrong in one, [`diff`] who
//! is moved by a change.

pub mod diff;
pub mod lint;
