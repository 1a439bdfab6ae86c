//! Membership in lists, and values in tables, of up to ten million entries: one or two reads, and no parsing.

pub mod canonical;
mod error;
pub mod format;
mod list;
mod packed;
mod rules;
mod verdict;

pub use self::error::{Error, ErrorKind};
pub use self::list::{
    AsnList, CountryList, DomainList, IpList, LookupTable, PathList, TokenSet, by,
};
pub use self::rules::{Checks, Rules, Ruling};
pub use self::verdict::{Decision, Says, Verdict};
