//! Several limits at once.

use super::algorithm::{Asked, Taken};
use super::count::Count;
use super::verdict::{Reason, Standing, Verdict};
use super::{Id, OnFailure, RateLimit, Refunds, id};
use crate::cache::Error;
use crate::clock::now_ms;

/// Several limits that hold together: so many per second, and so many per day.
///
/// A request is allowed if all of them allow it. They are asked in order; what the earlier ones have
/// counted is given back when a later one denies, so that a denied request consumes nothing of any of
/// them. Name the one that denies most first: nobody asks the others then.
///
/// Cost: the calls of the limits that are asked, and one for each that is given back to.
///
/// ```
/// use std::time::Duration;
/// use fastedge::RateLimit;
/// use fastedge::cache::rate_limit::RateLimits;
/// # let edge = fastedge_mock_host::MockHost::new();
/// # let _installed = edge.install();
///
/// let limits = RateLimits::new([
///     RateLimit::fixed_window("shop:second", 1, Duration::from_secs(1))?,
///     RateLimit::fixed_window("shop:day", 2, Duration::from_secs(86_400))?,
/// ]);
/// assert!(limits.check("ann").is_allowed());
/// let verdict = limits.check("ann");
/// assert_eq!(verdict.retry_after(), Some(Duration::from_secs(1)));
/// edge.clock().advance(Duration::from_secs(1));
/// assert!(limits.check("ann").is_allowed());
/// edge.clock().advance(Duration::from_secs(1));
/// assert!(limits.check("ann").retry_after() > Some(Duration::from_secs(80_000)));
/// # Ok::<(), fastedge::cache::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "limits limit when they are checked"]
pub struct RateLimits(Vec<RateLimit>);

impl RateLimits {
    /// These limits, in this order.
    pub fn new(limits: impl IntoIterator<Item = RateLimit>) -> Self {
        RateLimits(limits.into_iter().collect())
    }

    /// Counts one request of this client, and says whether all limits allow it.
    pub fn check(&self, id: impl Id) -> Verdict {
        self.check_cost(id, 1)
    }

    /// Counts one request that costs as much as `cost` requests do.
    pub fn check_cost(&self, id: impl Id, cost: u32) -> Verdict {
        check(&self.0, &id::subject(&id), cost, Refunds::Always)
    }
}

/// How one limit has answered.
enum Answer {
    Allowed(Option<Count>),
    Denied,
}

pub(super) fn check(limits: &[RateLimit], subject: &str, cost: u32, refunds: Refunds) -> Verdict {
    let mut verdict = Verdict::new(cost);
    let mut counted: Vec<Count> = Vec::new();
    for limit in limits {
        match limit.ask(subject, cost, refunds, &mut verdict) {
            Answer::Allowed(count) => counted.extend(count),
            Answer::Denied => {
                for mut count in counted {
                    count.give_back(cost.into());
                }
                verdict.deny();
                break;
            }
        }
    }
    verdict
}

impl RateLimit {
    fn ask(&self, subject: &str, cost: u32, refunds: Refunds, verdict: &mut Verdict) -> Answer {
        let mut standing = Standing::of(self);
        if cost > self.limit {
            verdict.add(standing, Reason::TooCostly);
            return Answer::Denied;
        }
        let (name, now) = match self.name.resolved().and_then(|name| Ok((name, now_ms()?))) {
            Ok(found) => found,
            Err(error) => return self.fall_back(standing, error, None, cost, verdict),
        };
        let blocked = |penalty: super::Penalty| penalty.blocked_ms(&name, subject, now);
        if let Some(blocked_ms) = self.penalty.and_then(blocked) {
            standing.block(blocked_ms);
            verdict.add(standing, Reason::Blocked);
            return Answer::Denied;
        }
        let asked = Asked {
            name: &name,
            subject,
            now_ms: now,
            cost: cost.into(),
            limit: self.limit.into(),
            refunds,
        };
        match self.algorithm.take(&asked) {
            Ok(Taken {
                count,
                decision: Ok(decision),
            }) => {
                standing.decide(&decision);
                if decision.is_allowed {
                    verdict.add(standing, Reason::Counted);
                    return Answer::Allowed(Some(count));
                }
                let denied = |penalty: super::Penalty| penalty.denied(&name, subject, now);
                // Who only looks is not to blame.
                let penalty = self.penalty.filter(|_| cost > 0);
                let reason = match penalty.and_then(denied) {
                    Some(blocked_ms) => {
                        standing.block(blocked_ms);
                        Reason::Blocked
                    }
                    None => Reason::Counted,
                };
                verdict.add(standing, reason);
                Answer::Denied
            }
            Ok(Taken {
                count,
                decision: Err(error),
            }) => self.fall_back(standing, error, Some(count), cost, verdict),
            Err(error) => self.fall_back(standing, error, None, cost, verdict),
        }
    }

    /// The answer without a decision, by the policy.
    fn fall_back(
        &self,
        standing: Standing,
        error: Error,
        count: Option<Count>,
        cost: u32,
        verdict: &mut Verdict,
    ) -> Answer {
        verdict.add(standing, Reason::FellBack(error));
        match self.on_failure {
            OnFailure::Open => Answer::Allowed(count),
            OnFailure::Closed => {
                if let Some(mut count) = count {
                    count.give_back(cost.into());
                }
                Answer::Denied
            }
        }
    }
}
