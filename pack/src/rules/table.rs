//! Rows of a table.

use fastedge::blocklist::canonical::{DomainKey, PathKey};
use fastedge::blocklist::format::Kind;

use super::address::AddressRules;
use super::domain::{DomainRules, pack_branches};
use super::path::PathRules;
use super::token::TokenRules;
use crate::action::Effect;
use crate::encode::{MAX_VALUE_BYTES, Payloads, Values};
use crate::error::{PackError, RuleError};
use crate::packed::Packed;
use crate::resolve::trees::Branches;

/// Rows of a [`LookupTable`](fastedge::blocklist::LookupTable): a key, and a value of up to 4,096 bytes. Values that are the same
/// are there once in a shard.
///
/// ```
/// use fastedge_pack::TableRules;
///
/// let mut rows = TableRules::by_path();
/// rows.add("/blog", "https://blog.example.com")?;
/// rows.add("/blog/2019", "https://archive.example.com")?;
/// let packed = rows.pack()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TableRules {
    keys: Keys,
    values: Values,
}

#[derive(Clone, Debug)]
enum Keys {
    Texts(TokenRules),
    Addresses(AddressRules),
    Domains(DomainRules),
    Paths(PathRules),
}

impl TableRules {
    /// No rows, whose keys are texts.
    pub fn by_text() -> Self {
        TableRules::of(Keys::Texts(TokenRules::new()))
    }

    /// No rows, whose keys are addresses, networks and ranges.
    pub fn by_address() -> Self {
        TableRules::of(Keys::Addresses(AddressRules::new()))
    }

    /// No rows, whose keys are domains, each with those below it.
    pub fn by_domain() -> Self {
        TableRules::of(Keys::Domains(DomainRules::new()))
    }

    /// No rows, whose keys are paths, each with what is below it.
    pub fn by_path() -> Self {
        TableRules::of(Keys::Paths(PathRules::new()))
    }

    fn of(keys: Keys) -> Self {
        TableRules {
            keys,
            values: Values::default(),
        }
    }

    /// A row.
    ///
    /// # Errors
    ///
    /// If the key is none, or the value too long.
    pub fn add(&mut self, key: &str, value: impl AsRef<[u8]>) -> Result<(), RuleError> {
        let value = value.as_ref();
        if value.len() > MAX_VALUE_BYTES {
            return Err(RuleError::LongValue {
                bytes: value.len(),
                most: MAX_VALUE_BYTES,
            });
        }
        let number = self.values.add(value).ok_or(RuleError::Full)?;
        let effect = Effect::Deny(number);
        match &mut self.keys {
            Keys::Texts(rules) => rules.add_effect(key.as_bytes(), effect).map(drop),
            Keys::Addresses(rules) => rules.add_effect(key, effect),
            Keys::Domains(rules) => rules.add_effect(key, effect),
            Keys::Paths(rules) => rules.add_effect(key, effect),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match &self.keys {
            Keys::Texts(rules) => rules.len(),
            Keys::Addresses(rules) => rules.len(),
            Keys::Domains(rules) => rules.len(),
            Keys::Paths(rules) => rules.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`PackError::TwoValues`] if a key has two different values, and [`PackError::TooLarge`].
    pub fn pack(self) -> Result<Packed, PackError> {
        let payloads = Payloads::Values(self.values.finish());
        match self.keys {
            Keys::Texts(mut rules) => {
                rules.hashes.sort_unstable();
                let mut pairs = rules.hashes.windows(2);
                let contradiction = pairs.find_map(|pair| match *pair {
                    [(one, first), (other, second)] if one == other && first != second => {
                        Some((format!("(hash {one:016x})"), first, second))
                    }
                    _ => None,
                });
                no_contradiction(contradiction, &payloads)?;
                rules.pack_with(&payloads)
            }
            Keys::Addresses(mut rules) => {
                no_contradiction(rules.contradiction(), &payloads)?;
                rules.pack_with(&payloads)
            }
            Keys::Domains(rules) => pack_tree(
                rules.branches,
                Kind::Domains,
                &payloads,
                DomainKey::to_domain,
            ),
            Keys::Paths(rules) => {
                pack_tree(rules.branches, Kind::Paths, &payloads, PathKey::to_path)
            }
        }
    }
}

fn pack_tree(
    mut branches: Branches,
    kind: Kind,
    payloads: &Payloads,
    name: fn(&[u8]) -> String,
) -> Result<Packed, PackError> {
    branches.sort();
    let contradiction = branches
        .contradictions()
        .next()
        .map(|(text, one, other)| (name(text), one, other));
    no_contradiction(contradiction, payloads)?;
    pack_branches(branches, kind, payloads)
}

fn no_contradiction(
    contradiction: Option<(String, Effect, Effect)>,
    payloads: &Payloads,
) -> Result<(), PackError> {
    let Some((key, one, other)) = contradiction else {
        return Ok(());
    };
    let value = |effect: Effect| {
        let value = payloads.value(effect.listed().unwrap_or_default());
        String::from_utf8_lossy(value).into_owned()
    };
    Err(PackError::TwoValues {
        key,
        one: value(one),
        other: value(other),
    })
}
