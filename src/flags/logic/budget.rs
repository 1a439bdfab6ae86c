//! How much an evaluation may do.

use std::cell::Cell;

use super::Fault;

/// Rules are of tens of steps. Whatever is evaluated with this ends within some tens of milliseconds.
const STEPS: usize = 200_000;

/// A step for each this many bytes of a text.
const BYTES_A_STEP: usize = 64;

/// How deep the lists may be that a rule makes: deeper than any that is written, and shallow enough for
/// the stack.
pub(super) const MAX_LIST_DEPTH: u8 = 130;

/// How deep values are looked into: such lists, of what is in a context.
const MAX_VALUE_DEPTH: usize = 260;

/// What is left of an evaluation's steps: one for each rule and each item that is looked at.
#[derive(Debug)]
pub(in super::super) struct Budget {
    steps: Cell<usize>,
    depth: Cell<usize>,
}

impl Budget {
    pub(in super::super) fn new() -> Self {
        Budget {
            steps: Cell::new(STEPS),
            depth: Cell::new(0),
        }
    }

    pub(super) fn spend(&self, steps: usize) -> Result<(), Fault> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                self.steps.set(0);
                Err(Fault::too_much())
            }
        }
    }

    /// For looking at a text, or making one.
    pub(super) fn spend_on_bytes(&self, bytes: usize) -> Result<(), Fault> {
        self.spend(bytes / BYTES_A_STEP)
    }

    /// Looks into a value, which costs a step for each of its items, and some stack.
    pub(super) fn look_into<T>(
        &self,
        items: usize,
        look: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.spend(items)?;
        let depth = self.depth.get();
        if depth == MAX_VALUE_DEPTH {
            return Err(Fault::too_much());
        }
        self.depth.set(depth + 1);
        let seen = look();
        self.depth.set(depth);
        seen
    }
}
