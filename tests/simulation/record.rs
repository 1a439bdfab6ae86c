//! What has happened in a run.

/// What has happened in a run.
pub(crate) struct Record<E> {
    pub(crate) events: Vec<Noted<E>>,
    pub(crate) actors: Vec<Life>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) evictions: Vec<(u64, String)>,
    /// What was given back to a count that had been evicted since it was added.
    pub(crate) stale_refunds: i64,
    /// Keys that are left without an expiry.
    pub(crate) orphans: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Noted<E> {
    pub(crate) actor: usize,
    pub(crate) step: u64,
    pub(crate) at_ms: u64,
    pub(crate) event: E,
}

/// From when to when a request ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    pub(crate) steps: Option<(u64, u64)>,
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    pub(crate) crashed: bool,
    pub(crate) skew_ms: i64,
}

/// A call that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) actor: usize,
}

impl<E> Record<E> {
    pub(crate) fn crashes(&self) -> usize {
        self.actors.iter().filter(|life| life.crashed).count()
    }

    /// At most one key without an expiry for each crash and each failed call.
    pub(crate) fn few_orphans(&self) -> Result<(), String> {
        let excused = self.crashes() + self.failures.len();
        match self.orphans.len() > excused {
            true => Err(format!(
                "{} orphans: {:?}",
                self.orphans.len(),
                self.orphans
            )),
            false => Ok(()),
        }
    }

    /// Whether two requests ran at the same time.
    pub(crate) fn overlap(&self, a: usize, b: usize) -> bool {
        match (self.actors[a].steps, self.actors[b].steps) {
            (Some(a), Some(b)) => a.0 <= b.1 && b.0 <= a.1,
            _ => false,
        }
    }
}
