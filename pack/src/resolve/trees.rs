//! Texts that stand for all below them become texts from which on something is so.

use fastedge::blocklist::format::State;

use crate::action::Effect;
use crate::encode::NOTHING;
use crate::error::RuleError;

/// To what below its text a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// The text, and what is below it.
    Subtree,
    /// What is below it.
    Below,
    /// The text.
    Exact,
}

/// A rule for a text, which is in an arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch {
    pub(crate) start: u32,
    pub(crate) length: u16,
    pub(crate) scope: Scope,
    pub(crate) effect: Effect,
}

/// The rules for texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Branches {
    texts: Vec<u8>,
    branches: Vec<Branch>,
}

impl Branches {
    /// A rule for a text; texts may be 4 GB together.
    pub(crate) fn add(
        &mut self,
        text: &[u8],
        scope: Scope,
        effect: Effect,
    ) -> Result<(), RuleError> {
        let start = u32::try_from(self.texts.len());
        let (Ok(start), Ok(length)) = (start, u16::try_from(text.len())) else {
            return Err(RuleError::Full);
        };
        self.texts.extend(text);
        self.branches.push(Branch {
            start,
            length,
            scope,
            effect,
        });
        Ok(())
    }

    pub(crate) fn effects(&self) -> impl Iterator<Item = Effect> {
        self.branches.iter().map(|branch| branch.effect)
    }

    pub(crate) fn len(&self) -> usize {
        self.branches.len()
    }

    pub(crate) fn sort(&mut self) {
        let texts = &self.texts;
        self.branches.sort_unstable_by(|one, other| {
            let key = |branch: &Branch| (branch.scope, branch.effect);
            let by_text = text(texts, one).cmp(text(texts, other));
            by_text.then_with(|| key(one).cmp(&key(other)))
        });
    }

    /// Texts with two rules for the same, which differ.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (&[u8], Effect, Effect)> {
        self.branches.windows(2).filter_map(|pair| match pair {
            [one, other] if text(&self.texts, one) == text(&self.texts, other) => (one.scope
                == other.scope
                && one.effect != other.effect)
                .then_some((text(&self.texts, one), one.effect, other.effect)),
            _ => None,
        })
    }

    /// Tells what is so from which text on, of sorted rules: in order.
    pub(crate) fn resolve(&self, each: impl FnMut(&[u8], State, u32)) {
        let mut steps = Steps {
            each,
            is_on: None,
            around: Vec::new(),
            pending: None,
        };
        let same =
            |one: &Branch, other: &Branch| text(&self.texts, one) == text(&self.texts, other);
        for rules in self.branches.chunk_by(same) {
            let Some(first) = rules.first() else { continue };
            steps.add(text(&self.texts, first), rules);
        }
        steps.finish();
    }
}

fn text<'a>(texts: &'a [u8], branch: &Branch) -> &'a [u8] {
    let start = branch.start as usize;
    texts
        .get(start..start + usize::from(branch.length))
        .unwrap_or_default()
}

/// What is so at a text, and below it, where that differs from what is so around it.
struct Node<'a> {
    text: &'a [u8],
    /// What is so around it.
    outer: Option<u32>,
    /// What is so at it.
    here: Option<u32>,
    /// What is so below it.
    below: Effect,
}

struct Steps<'a, F> {
    each: F,
    /// What has been told to be so, up to the next text.
    is_on: Option<u32>,
    /// Those that the present place is below.
    around: Vec<Node<'a>>,
    /// One of which it is not known yet whether there is another below it.
    pending: Option<Node<'a>>,
}

impl<'a, F: FnMut(&[u8], State, u32)> Steps<'a, F> {
    fn add(&mut self, text: &'a [u8], rules: &[Branch]) {
        // Those that the new text is not below are over; the pending one comes before them.
        if self
            .pending
            .as_ref()
            .is_some_and(|pending| is_below(text, pending.text))
        {
            self.open_pending();
        } else {
            self.tell_leaf();
            while let Some(node) = self.around.pop_if(|node| !is_below(text, node.text)) {
                self.close(&node);
            }
        }
        let outer = self.around.last().map_or(Effect::Allow, |node| node.below);
        let of = |scope| {
            let rules = rules.iter().filter(move |rule| rule.scope == scope);
            rules.map(|rule| rule.effect).max()
        };
        let mut below = outer;
        let mut here = outer;
        if let Some(effect) = of(Scope::Subtree) {
            below = effect.within(outer);
            here = below;
        }
        if let Some(effect) = of(Scope::Below) {
            below = effect.within(below);
        }
        if let Some(effect) = of(Scope::Exact) {
            here = effect.within(here);
        }
        if let (None, Some(payload)) = (outer.listed(), here.listed())
            && below == outer
        {
            // It says nothing of what is below it.
            (self.each)(text, State::Exact, payload);
            return;
        }
        // An exception differs from what is allowed for what is below it only.
        if here.listed() != outer.listed() || below != outer {
            self.pending = Some(Node {
                text,
                outer: outer.listed(),
                here: here.listed(),
                below,
            });
        }
    }

    fn finish(mut self) {
        self.tell_leaf();
        while let Some(node) = self.around.pop() {
            self.close(&node);
        }
    }

    /// The pending one has others below it.
    fn open_pending(&mut self) {
        if let Some(node) = self.pending.take() {
            self.open(&node);
            self.around.push(node);
        }
    }

    /// The pending one has none below it.
    fn tell_leaf(&mut self) {
        let Some(node) = self.pending.take() else {
            return;
        };
        match (node.outer, node.here, node.below.listed()) {
            (None, Some(payload), below) if below == Some(payload) => {
                (self.each)(node.text, State::Subtree, payload)
            }
            _ => {
                self.open(&node);
                self.close(&node);
            }
        }
    }

    fn open(&mut self, node: &Node<'a>) {
        self.turn(node.text, None, node.here);
        self.turn(node.text, Some(0), node.below.listed());
    }

    /// What comes after all that is below it.
    fn close(&mut self, node: &Node<'a>) {
        self.turn(node.text, Some(1), node.outer);
    }

    /// From this text on, this is so.
    fn turn(&mut self, text: &[u8], end: Option<u8>, is_on: Option<u32>) {
        if is_on == self.is_on {
            return;
        }
        self.is_on = is_on;
        let state = match is_on {
            Some(_) => State::On,
            None => State::Off,
        };
        let payload = is_on.unwrap_or(NOTHING);
        match end {
            None => (self.each)(text, state, payload),
            Some(end) => (self.each)(&[text, &[end]].concat(), state, payload),
        }
    }
}

fn is_below(text: &[u8], of: &[u8]) -> bool {
    text.strip_prefix(of)
        .is_some_and(|rest| rest.first() == Some(&0))
}
