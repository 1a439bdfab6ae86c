//! How much an evaluation may do.

use super::Fault;

/// Rules are of tens of steps. Whatever is evaluated with this ends within some tens of milliseconds.
const STEPS: usize = 200_000;

/// A step for each this many bytes of a text.
const BYTES_A_STEP: usize = 64;

/// How deep values are looked into: what text of JSON can nest, twice.
const MAX_VALUE_DEPTH: usize = 260;

/// What is left of an evaluation's steps: one for each rule and each item that is looked at.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
    depth: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Budget {
            steps: STEPS,
            depth: 0,
        }
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(Fault::too_much()),
        }
    }

    /// For looking at a text, or making one.
    pub(super) fn spend_on_bytes(&mut self, bytes: usize) -> Result<(), Fault> {
        self.spend(bytes / BYTES_A_STEP)
    }

    /// For looking into a value, which costs a step for each of its items, and some stack. Until
    /// [`step_out`](Self::step_out), or for good if there is an error.
    pub(super) fn step_into(&mut self, items: usize) -> Result<(), Fault> {
        self.depth += 1;
        match self.depth > MAX_VALUE_DEPTH {
            true => Err(Fault::too_much()),
            false => self.spend(items),
        }
    }

    pub(super) fn step_out(&mut self) {
        self.depth -= 1;
    }
}
