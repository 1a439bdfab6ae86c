//! Rules for paths.

use fastedge::blocklist::canonical::{MAX_PATH_BYTES, PathKey};
use fastedge::blocklist::format::Kind;

use super::domain::pack_branches;
use super::tags;
use crate::action::{Action, Effect};
use crate::error::{PackError, RuleError};
use crate::packed::Packed;
use crate::resolve::trees::{Branches, Scope};

/// Rules for a [`PathList`](fastedge::blocklist::PathList), each for a path and all that is below it.
///
/// ```
/// use fastedge_pack::{Action, PathRules};
///
/// let mut rules = PathRules::new();
/// rules.add("/admin", Action::Deny { tag: 0 })?;
/// assert!(rules.add("admin", Action::Allow).is_err());
/// # Ok::<(), fastedge_pack::RuleError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PathRules {
    pub(super) branches: Branches,
}

impl PathRules {
    /// No rules.
    pub fn new() -> Self {
        PathRules::default()
    }

    /// A rule for a path and all that is below it.
    ///
    /// # Errors
    ///
    /// [`RuleError::Path`] for what does not begin with a slash, or is too long.
    pub fn add(&mut self, path: &str, action: Action) -> Result<(), RuleError> {
        self.add_scoped(path, Scope::Subtree, action.into())
    }

    /// A rule for a path without what is below it.
    ///
    /// # Errors
    ///
    /// [`RuleError::Path`] for what does not begin with a slash, or is too long.
    pub fn add_exact(&mut self, path: &str, action: Action) -> Result<(), RuleError> {
        self.add_scoped(path, Scope::Exact, action.into())
    }

    pub(crate) fn add_effect(&mut self, path: &str, effect: Effect) -> Result<(), RuleError> {
        self.add_scoped(path, Scope::Subtree, effect)
    }

    fn add_scoped(&mut self, path: &str, scope: Scope, effect: Effect) -> Result<(), RuleError> {
        let key = PathKey::new(path);
        // What a path has no more, or a pattern has, would list another path than the one that is meant.
        let is_odd = |letter: char| {
            matches!(letter, '?' | '#' | '*') || letter.is_whitespace() || letter.is_control()
        };
        let is_long = key.as_bytes().len() > MAX_PATH_BYTES;
        if !path.starts_with('/') || is_long || path.contains(is_odd) {
            return Err(RuleError::Path(path.to_owned()));
        }
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
        pack_branches(self.branches, Kind::Paths, &payloads)
    }
}
