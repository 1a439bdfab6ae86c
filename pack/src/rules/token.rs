//! Rules for texts.

use fastedge::blocklist::format::{DEFAULT_SALT, Kind, SALT_BYTES, hash};

use super::tags;
use crate::action::{Action, Effect};
use crate::encode::{INLINE_BYTES, Payloads, hashed};
use crate::error::{PackError, RuleError};
use crate::packed::Packed;

/// Rules for a [`TokenSet`](fastedge::blocklist::TokenSet). The texts themselves are not kept: a list has their hashes.
///
/// ```
/// use fastedge_pack::{Action, TokenRules};
///
/// let mut rules = TokenRules::new();
/// rules.add("tok_1", Action::Deny { tag: 0 })?;
/// assert_eq!(rules.pack()?.entries(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenRules {
    salt: [u8; SALT_BYTES],
    pub(super) hashes: Vec<(u64, Effect)>,
}

impl TokenRules {
    /// No rules.
    pub fn new() -> Self {
        TokenRules::with_salt(DEFAULT_SALT)
    }

    /// No rules, for a list with this salt: a secret one, where nobody may find out texts of the same hash.
    pub fn with_salt(salt: [u8; SALT_BYTES]) -> Self {
        TokenRules {
            salt,
            hashes: Vec::new(),
        }
    }

    /// A rule for a text, or bytes.
    ///
    /// # Errors
    ///
    /// [`RuleError::Empty`] for an empty one.
    pub fn add(&mut self, token: impl AsRef<[u8]>, action: Action) -> Result<(), RuleError> {
        self.add_effect(token.as_ref(), action.into()).map(drop)
    }

    pub(crate) fn add_effect(&mut self, token: &[u8], effect: Effect) -> Result<u64, RuleError> {
        if token.is_empty() {
            return Err(RuleError::Empty);
        }
        let hash = hash(&self.salt, token);
        self.hashes.push((hash, effect));
        Ok(hash)
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`PackError::TooLarge`].
    pub fn pack(self) -> Result<Packed, PackError> {
        let payloads = tags(self.hashes.iter().map(|(_, effect)| *effect));
        self.pack_with(&payloads)
    }

    pub(crate) fn pack_with(mut self, payloads: &Payloads) -> Result<Packed, PackError> {
        self.hashes.sort_unstable();
        // Of several for the same, the last counts.
        let same = |one: &(u64, Effect), other: &(u64, Effect)| one.0 == other.0;
        let last = self.hashes.chunk_by(same).filter_map(<[_]>::last);
        let listed: Vec<_> = last
            .filter_map(|(hash, effect)| Some((*hash, effect.listed()?)))
            .collect();
        drop(self.hashes);
        let layer = hashed(&listed, payloads, INLINE_BYTES);
        Packed::of(Kind::Tokens, payloads.kind(), self.salt, vec![layer])
    }
}

impl Default for TokenRules {
    fn default() -> Self {
        TokenRules::new()
    }
}
