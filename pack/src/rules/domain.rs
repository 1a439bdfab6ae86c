//! Rules for domains.

use fastedge::blocklist::canonical::DomainKey;
use fastedge::blocklist::format::{Kind, SALT_BYTES};

use super::tags;
use crate::action::{Action, Effect};
use crate::encode::{INLINE_BYTES, Payloads, Tree, TreeEntry, cut};
use crate::error::{PackError, RuleError};
use crate::packed::Packed;
use crate::resolve::trees::{Branches, Scope};

/// Rules for a [`DomainList`](fastedge::blocklist::DomainList).
///
/// ```
/// use fastedge_pack::{Action, DomainRules};
///
/// let mut rules = DomainRules::new();
/// rules.add("example.com", Action::Deny { tag: 1 })?;
/// rules.add("*.example.net", Action::Deny { tag: 2 })?;
/// rules.add_exact("www.example.org", Action::Deny { tag: 3 })?;
/// assert_eq!(rules.pack()?.entries(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DomainRules {
    pub(super) branches: Branches,
}

impl DomainRules {
    /// No rules.
    pub fn new() -> Self {
        DomainRules::default()
    }

    /// A rule for a domain and those below it, with or without a dot before it; with `*.` before it, for those below it only.
    ///
    /// # Errors
    ///
    /// [`RuleError::Domain`] for what is no domain.
    pub fn add(&mut self, domain: &str, action: Action) -> Result<(), RuleError> {
        self.add_effect(domain, action.into())
    }

    /// A rule for a domain without those below it.
    ///
    /// # Errors
    ///
    /// [`RuleError::Domain`] for what is no domain.
    pub fn add_exact(&mut self, domain: &str, action: Action) -> Result<(), RuleError> {
        self.add_scoped(domain, Scope::Exact, action.into())
    }

    pub(crate) fn add_effect(&mut self, domain: &str, effect: Effect) -> Result<(), RuleError> {
        match domain.strip_prefix("*.") {
            Some(domain) => self.add_scoped(domain, Scope::Below, effect),
            None => {
                let domain = domain.strip_prefix('.').unwrap_or(domain);
                self.add_scoped(domain, Scope::Subtree, effect)
            }
        }
    }

    pub(crate) fn add_exact_effect(
        &mut self,
        domain: &str,
        effect: Effect,
    ) -> Result<(), RuleError> {
        self.add_scoped(domain, Scope::Exact, effect)
    }

    fn add_scoped(&mut self, domain: &str, scope: Scope, effect: Effect) -> Result<(), RuleError> {
        let key = DomainKey::new(domain).map_err(|reason| RuleError::Domain {
            domain: domain.to_owned(),
            reason,
        })?;
        self.branches.add(key.as_bytes(), scope, effect)
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.branches.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// [`PackError::TooLarge`].
    pub fn pack(self) -> Result<Packed, PackError> {
        let payloads = tags(self.branches.effects());
        pack_branches(self.branches, Kind::Domains, &payloads)
    }
}

/// Packs rules for texts with others below them.
pub(super) fn pack_branches(
    mut branches: Branches,
    kind: Kind,
    payloads: &Payloads,
) -> Result<Packed, PackError> {
    branches.sort();
    let layer = cut(&mut Tree::new(payloads), INLINE_BYTES, |each| {
        branches.resolve(|text, state, payload| {
            each(TreeEntry {
                text,
                state,
                payload,
            });
        });
    });
    drop(branches);
    Packed::of(kind, payloads.kind(), [0; SALT_BYTES], vec![layer])
}
