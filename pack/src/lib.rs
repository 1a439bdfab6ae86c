//! Packs block lists and lookup tables for [`fastedge::blocklist`], and publishes them.
//!
//! What is in a list is said in rules, one by one or from the files that people have; packing resolves which of them
//! counts where, and makes values of Edge Storage that readers search in place. The same rules make the same bytes.
//!
//! ```
//! use fastedge_pack::{Action, AddressRules};
//!
//! let mut rules = AddressRules::new();
//! rules.add("203.0.113.0/24", Action::Deny { tag: 1 })?;
//! rules.add("203.0.113.9", Action::Allow)?;
//! rules.add("198.51.100.10-198.51.100.20", Action::Deny { tag: 2 })?;
//! let packed = rules.pack()?;
//! // A list this small is one value, and a copy of it to go back to.
//! let keys: Vec<_> = packed.values("blocked", 1).map(|(key, _)| key).collect();
//! assert_eq!(keys, ["blocked:1", "blocked"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | to | use |
//! |---|---|
//! | say what is in a list | [`AddressRules`], [`DomainRules`], [`PathRules`], [`TokenRules`], [`AsnRules`], [`CountryRules`] |
//! | say what is in a table | [`TableRules`] |
//! | read that from files | [`ListRules::read`] |
//! | publish it, go back to the generation before | [`Publisher`] |
//! | look into it | [`Packed::each_entry`], [`Packed::difference`], [`explain`] |
//! | keep what is packed in a file | [`Packed::write_to`], [`Packed::read_from`] |

mod action;
mod diff;
mod encode;
mod error;
mod explain;
mod file;
mod input;
mod packed;
pub mod publish;
mod resolve;
mod rules;

pub use self::action::Action;
pub use self::diff::Difference;
pub use self::error::{PackError, RuleError};
pub use self::explain::{Entry, explain};
pub use self::file::FileError;
pub use self::input::{LineOptions, ListRules, Problem, Read, Subject, Unusable};
pub use self::packed::{Edition, Packed, PackedSection, PackedShard, Published};
pub use self::publish::{PublishError, Publisher};
pub use self::rules::{
    AddressRules, AsnRules, CountryRules, DomainRules, PathRules, TableRules, TokenRules,
};
