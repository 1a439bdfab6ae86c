//! What a limit has decided, and by what.

use std::time::Duration;

use super::RateLimit;
use super::algorithm::Decision;
use crate::cache::Error;

/// Whether a request is allowed, why, and what is left.
///
/// It also is the answer: [`write_headers`](Self::write_headers) and
/// [`to_response`](Self::to_response).
#[derive(Debug)]
#[must_use = "a verdict is nothing until it is obeyed"]
pub struct Verdict {
    is_allowed: bool,
    cost: u32,
    is_blocked: bool,
    /// Whether the answer of the latest limit is that of its policy for failures.
    is_fallback: bool,
    fell_back: Option<Error>,
    standings: Vec<Standing>,
}

/// How a request stands with one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// The limit's name.
    pub name: String,
    /// How much is allowed in a window.
    pub limit: u32,
    /// The window's length.
    pub window: Duration,
    /// How much more is allowed now; `None` if that is not known.
    pub remaining: Option<u32>,
    /// How long until everything is allowed again; `None` if that is not known.
    pub reset_after: Option<Duration>,
    /// How long until the request would be allowed if nobody else came; `None` if it is allowed, never
    /// will be, or that is not known.
    pub retry_after: Option<Duration>,
}

/// By what a limit has answered.
pub(super) enum Reason {
    Counted,
    Blocked,
    TooCostly,
    FellBack(Error),
}

impl Verdict {
    pub(super) fn new(cost: u32) -> Self {
        Verdict {
            is_allowed: true,
            cost,
            is_blocked: false,
            is_fallback: false,
            fell_back: None,
            standings: Vec::with_capacity(1),
        }
    }

    /// The answer of one limit more: the latest one, if it denies.
    pub(super) fn add(&mut self, standing: Standing, reason: Reason) {
        self.standings.push(standing);
        self.is_fallback = matches!(reason, Reason::FellBack(_));
        match reason {
            Reason::Counted | Reason::TooCostly => {}
            Reason::Blocked => self.is_blocked = true,
            Reason::FellBack(error) => {
                self.fell_back.get_or_insert(error);
            }
        }
    }

    /// The latest limit denies, and the others get back what they have counted.
    pub(super) fn deny(&mut self) {
        self.is_allowed = false;
        if let Some((_, others)) = self.standings.split_last_mut() {
            for standing in others {
                let remaining = standing
                    .remaining
                    .map(|left| left.saturating_add(self.cost));
                standing.remaining = remaining.map(|left| left.min(standing.limit));
            }
        }
    }

    /// Whether it is denied since the cache failed.
    pub(super) fn is_denied_by_failure(&self) -> bool {
        self.is_denied() && self.is_fallback
    }

    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Whether the request is denied.
    pub fn is_denied(&self) -> bool {
        !self.is_allowed
    }

    /// Whether the request is denied by a [penalty](super::Penalty).
    pub fn is_blocked(&self) -> bool {
        self.is_blocked
    }

    /// Why a limit has not decided, but answered by its policy for failures: the cache failed. Of
    /// several, the first.
    pub fn fell_back(&self) -> Option<&Error> {
        self.fell_back.as_ref()
    }

    /// How much the request costs.
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// How much is allowed in a window, by the limit that matters: see [`standing`](Self::standing). `u32::MAX`
    /// where there is none.
    pub fn limit(&self) -> u32 {
        self.standing().map_or(u32::MAX, |standing| standing.limit)
    }

    /// How much more is allowed now, by the limit that matters; `None` if that is not known.
    pub fn remaining(&self) -> Option<u32> {
        self.standing()?.remaining
    }

    /// How long until everything is allowed again, by the limit that matters; `None` if that is not
    /// known.
    pub fn reset_after(&self) -> Option<Duration> {
        self.standing()?.reset_after
    }

    /// How long until the request would be allowed if nobody else came. `None` if it is allowed; if it
    /// never will be, since it costs more than the limit; or if that is not known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.denying()?.retry_after
    }

    /// The limit that matters: the one that denies, or, of those that allow, the one that has the least
    /// left. `None` where there are no limits.
    pub fn standing(&self) -> Option<&Standing> {
        let least_left = || {
            let known = self
                .standings
                .iter()
                .filter(|each| each.remaining.is_some());
            known.min_by_key(|each| each.remaining)
        };
        let denying = self.denying();
        denying.or_else(least_left).or(self.standings.first())
    }

    /// How the request stands with each limit that was asked.
    pub fn standings(&self) -> &[Standing] {
        &self.standings
    }

    pub(super) fn denying(&self) -> Option<&Standing> {
        self.standings.last().filter(|_| !self.is_allowed)
    }
}

impl Standing {
    pub(super) fn of(limit: &RateLimit) -> Self {
        Standing {
            name: limit.name.text().to_owned(),
            limit: limit.limit,
            window: Duration::from_millis(limit.algorithm.window_ms()),
            remaining: None,
            reset_after: None,
            retry_after: None,
        }
    }

    pub(super) fn decide(&mut self, decision: &Decision) {
        self.remaining = Some(u32::try_from(decision.remaining).unwrap_or(0));
        self.reset_after = Some(Duration::from_millis(decision.reset_ms));
        self.retry_after = decision.retry_after_ms.map(Duration::from_millis);
    }

    pub(super) fn block(&mut self, blocked_ms: u64) {
        let blocked = Duration::from_millis(blocked_ms);
        self.remaining = Some(0);
        self.reset_after = Some(self.reset_after.unwrap_or_default().max(blocked));
        self.retry_after = Some(blocked);
    }
}
