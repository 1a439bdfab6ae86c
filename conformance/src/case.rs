//! A case: what it proves, what it needs, and how it goes.

use std::time::Duration;

use crate::check::Verdict;
use crate::inside::{self, Ground};
use crate::outside::{self, Conversation};

/// One case of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub(crate) name: &'static str,
    pub(crate) clauses: &'static [&'static str],
    pub(crate) helpers: &'static [&'static str],
    pub(crate) needs: &'static [Need],
    pub(crate) proof: Proof,
}

/// How a case goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof {
    /// By the probe itself.
    Inside(fn(&Ground<'_>) -> Verdict),
    /// By asking the probe.
    Outside(fn(&mut Conversation<'_>) -> Verdict),
}

/// What a case needs of a target, which not every one has. Without it the case is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// The probe is a component, so that it has a memory of its own, and may crash.
    Component,
    /// The probe is of one kind.
    Kind(crate::Kind),
    /// Time passes on demand, or by waiting so long.
    Time(Duration),
    /// Time passes on demand.
    SimulatedTime,
    /// Time is the world's: what waits is really waiting.
    RealTime,
    /// The store can be written.
    Writes,
    /// There is more than one location.
    Locations,
    /// Nobody else uses the cache: it may be purged.
    OwnCache,
    /// The platform's API is there.
    Api,
    /// There are limits, which may be exceeded.
    Limits,
    /// Requests go through a server, and may have any method and any bytes.
    RawHttp,
    /// Somebody answers the probe's requests.
    Upstream,
}

impl Case {
    pub(crate) const fn inside(
        name: &'static str,
        clauses: &'static [&'static str],
        proof: fn(&Ground<'_>) -> Verdict,
    ) -> Self {
        Case::new(name, clauses, Proof::Inside(proof))
    }

    pub(crate) const fn outside(
        name: &'static str,
        clauses: &'static [&'static str],
        proof: fn(&mut Conversation<'_>) -> Verdict,
    ) -> Self {
        Case::new(name, clauses, Proof::Outside(proof))
    }

    const fn new(name: &'static str, clauses: &'static [&'static str], proof: Proof) -> Self {
        Case {
            name,
            clauses,
            helpers: &[],
            needs: &[],
            proof,
        }
    }

    /// Of the SDK's helpers, which are proven by it.
    pub(crate) const fn of(mut self, helpers: &'static [&'static str]) -> Self {
        self.helpers = helpers;
        self
    }

    pub(crate) const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The clauses of the contract that it is for.
    pub fn clauses(&self) -> &'static [&'static str] {
        self.clauses
    }

    /// The SDK's helpers that it is for.
    pub fn helpers(&self) -> &'static [&'static str] {
        self.helpers
    }

    /// What it needs of a target.
    pub fn needs_of_target(&self) -> &'static [Need] {
        self.needs
    }
}

/// All cases, in the order of the contract.
pub fn all() -> impl Iterator<Item = &'static Case> {
    inside::ALL
        .iter()
        .chain(outside::ALL)
        .flat_map(|cases| cases.iter())
}
