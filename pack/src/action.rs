//! What a rule does, and which of several counts.

/// What a rule does to what it covers. Of several, the most specific counts: that of the smallest network, of the
/// longest domain or path. Of two that cover the same, [`Except`](Action::Except) counts before
/// [`Allow`](Action::Allow), that before [`Deny`](Action::Deny), and the higher tag before the lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is listed.
    Deny {
        /// What the list says about it: a reason, a score. A list in which all tags are 0 has none.
        tag: u8,
    },
    /// It is not listed, save for what a more specific rule lists.
    Allow,
    /// It is not listed, whatever more specific rules say: the exceptions of ad blockers (`@@||example.com^`).
    Except,
}

/// What is so at a place: listed, with the number of what it carries, or not; and whether that is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    Deny(u32),
    Allow,
    Except,
}

impl Effect {
    /// The effect of a rule within what is so around it.
    pub(crate) fn within(self, around: Effect) -> Effect {
        match around {
            Effect::Except => Effect::Except,
            _ => self,
        }
    }

    /// What is carried, if it is listed.
    pub(crate) fn listed(self) -> Option<u32> {
        match self {
            Effect::Deny(payload) => Some(payload),
            Effect::Allow | Effect::Except => None,
        }
    }
}

impl From<Action> for Effect {
    fn from(action: Action) -> Self {
        match action {
            Action::Deny { tag } => Effect::Deny(u32::from(tag)),
            Action::Allow => Effect::Allow,
            Action::Except => Effect::Except,
        }
    }
}
