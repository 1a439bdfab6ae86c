//! How the limits judge. All times are milliseconds; windows are numbered from 1970.

use super::super::{Error, Ttl};
use super::Refunds;
use super::count::{self, Count};
use crate::absorb::carry_on;

/// Longer than the longest request: a count outlives its windows by this.
const SLACK_MS: u64 = 30_000;

#[derive(Clone, Copy, Debug)]
pub(super) enum Algorithm {
    Fixed {
        window_ms: u64,
    },
    Sliding {
        window_ms: u64,
    },
    Strict {
        window_ms: u64,
        sub_windows: u32,
        stall_ms: u64,
    },
    Paced {
        window_ms: u64,
        burst: u32,
    },
}

/// One request, as a limit sees it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The limit's name, resolved.
    pub(super) name: &'a str,
    pub(super) subject: &'a str,
    pub(super) now_ms: u64,
    pub(super) cost: i64,
    pub(super) limit: i64,
    pub(super) refunds: Refunds,
}

/// What has been decided.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) is_allowed: bool,
    pub(super) remaining: i64,
    /// Until nothing of what has been counted counts any more.
    pub(super) reset_ms: u64,
    /// Until the same request would be allowed, if nobody else comes. `None` if it is allowed, or never
    /// will be.
    pub(super) retry_after_ms: Option<u64>,
}

/// What has been counted, and what that has led to.
pub(super) struct Taken {
    pub(super) count: Count,
    pub(super) decision: Result<Decision, Error>,
}

impl Algorithm {
    pub(super) fn window_ms(self) -> u64 {
        match self {
            Algorithm::Fixed { window_ms }
            | Algorithm::Sliding { window_ms }
            | Algorithm::Strict { window_ms, .. }
            | Algorithm::Paced { window_ms, .. } => window_ms,
        }
    }

    /// Counts, and decides. An error is that nothing is known to have been counted.
    pub(super) fn take(self, asked: &Asked<'_>) -> Result<Taken, Error> {
        match self {
            Algorithm::Fixed { window_ms } => fixed(asked, window_ms),
            Algorithm::Sliding { window_ms } => sliding(asked, window_ms),
            Algorithm::Strict {
                window_ms,
                sub_windows,
                stall_ms,
            } => strict(asked, &Strict::new(window_ms, sub_windows, stall_ms)),
            Algorithm::Paced { window_ms, burst } => paced(asked, window_ms, burst.into()),
        }
    }
}

impl Asked<'_> {
    fn key(&self, kind: &str, window_ms: u64, window: u64) -> String {
        let (window_ms, window) = (window_ms.to_string(), window.to_string());
        [
            self.name,
            "#",
            kind,
            &window_ms,
            ":",
            self.subject,
            ":",
            &window,
        ]
        .concat()
    }

    fn count(&self, kind: &str, window_ms: u64, window: u64, lives_ms: u64) -> Count {
        Count::new(self.key(kind, window_ms, window), ttl(lives_ms))
    }

    /// Counts this request, and answers the sum.
    fn add(&self, count: &mut Count) -> Result<i64, Error> {
        let rearms_above = (self.refunds == Refunds::Always).then_some(self.limit);
        Ok(count::bounded(count.add(self.cost, rearms_above)?))
    }

    /// Whether there is room for what has been used. Who only looks is denied nothing, not even where what was
    /// denied still counts.
    fn fits(&self, used: i64, room: i64) -> bool {
        used <= room || self.cost == 0
    }

    /// What is counted after this request has been denied.
    fn after_denial(&self, count: &mut Count, sum: i64) -> i64 {
        match self.refunds {
            Refunds::Always => count.give_back(self.cost).map_or(sum, count::bounded),
            Refunds::UnlessOnlyUnits => self.limit,
        }
    }

    fn allowed(&self, used: i64, reset_ms: u64) -> Decision {
        Decision {
            is_allowed: true,
            remaining: (self.limit - used).max(0),
            reset_ms,
            retry_after_ms: None,
        }
    }

    fn denied(&self, used: i64, reset_ms: u64, retry_after_ms: Option<u64>) -> Decision {
        // What has been found out is a moment old, and at least that has to pass.
        let retry_after_ms = retry_after_ms.map(|after| after.max(1));
        Decision {
            is_allowed: false,
            remaining: (self.limit - used).max(0),
            reset_ms: reset_ms.max(retry_after_ms.unwrap_or(0)),
            retry_after_ms,
        }
    }
}

fn fixed(asked: &Asked<'_>, window_ms: u64) -> Result<Taken, Error> {
    let window = asked.now_ms / window_ms;
    let until_end = (window + 1) * window_ms - asked.now_ms;
    let mut count = asked.count("fw", window_ms, window, 2 * window_ms);
    let sum = asked.add(&mut count)?;
    let decision = if asked.fits(sum, asked.limit) {
        asked.allowed(sum, until_end)
    } else {
        let used = asked.after_denial(&mut count, sum);
        asked.denied(used, until_end, Some(until_end))
    };
    let decision = Ok(decision);
    Ok(Taken { count, decision })
}

fn sliding(asked: &Asked<'_>, window_ms: u64) -> Result<Taken, Error> {
    let window = asked.now_ms / window_ms;
    let elapsed = asked.now_ms % window_ms;
    let mut count = asked.count("sw", window_ms, window, 2 * window_ms);
    let sum = asked.add(&mut count)?;
    let former = match window.checked_sub(1) {
        Some(former) => count::read_of_others(&asked.key("sw", window_ms, former)),
        None => Ok(0),
    };
    let former = known_or_enough(former, 0, sum, asked);
    let decision = former.map(|former| {
        let weight = weight(former, window_ms - elapsed, window_ms);
        let reset_ms = 2 * window_ms - elapsed;
        if asked.fits(sum + weight, asked.limit) {
            return asked.allowed(sum + weight, reset_ms);
        }
        let mut asked = *asked;
        // Who counted more than there is room for would deny everybody until the window's end.
        asked.refunds = Refunds::Always;
        let left = asked.after_denial(&mut count, sum).max(0);
        let retry_after = sliding_retry(former, left, elapsed, window_ms, &asked);
        asked.denied(left + weight, reset_ms, Some(retry_after))
    });
    Ok(Taken { count, decision })
}

/// What others have counted, if it is known, or if this window's own count decides without it.
fn known_or_enough<T>(
    others: Result<T, Error>,
    nothing: T,
    sum: i64,
    asked: &Asked<'_>,
) -> Result<T, Error> {
    others.or_else(|error| match sum > asked.limit {
        true => {
            carry_on(&error);
            Ok(nothing)
        }
        false => Err(error),
    })
}

/// What of the former window's count still counts, when so much of that window is left in the
/// trailing one.
fn weight(former: i64, left_ms: u64, window_ms: u64) -> i64 {
    let weight = i128::from(former) * i128::from(left_ms) / i128::from(window_ms);
    i64::try_from(weight).unwrap_or(i64::MAX)
}

/// The first moment from which on the former window's weight leaves room: within this window if its
/// own count does, or else within the next, to which this one is the former.
fn sliding_retry(former: i64, left: i64, elapsed: u64, window_ms: u64, asked: &Asked<'_>) -> u64 {
    let room = asked.limit - asked.cost - left;
    if room >= 0 {
        return first_light(former, room, window_ms).saturating_sub(elapsed);
    }
    window_ms - elapsed + first_light(left, asked.limit - asked.cost, window_ms)
}

/// The first moment of a window at which what the former one has counted weighs at most `room`.
fn first_light(former: i64, room: i64, window_ms: u64) -> u64 {
    if former <= room {
        return 0;
    }
    // weight(former, left) <= room is former * left < (room + 1) * window.
    let (former, room, window) = (i128::from(former), i128::from(room), i128::from(window_ms));
    let most_left = ((room + 1) * window - 1).div_euclid(former);
    u64::try_from(window - most_left).unwrap_or(0)
}

/// A window of sub-windows.
struct Strict {
    kind: String,
    sub_ms: u64,
    back: u64,
    ahead: u64,
}

impl Strict {
    fn new(window_ms: u64, sub_windows: u32, stall_ms: u64) -> Self {
        // Rounded up: the sub-windows cover the window.
        let sub_ms = window_ms.div_ceil(u64::from(sub_windows).max(1)).max(1);
        Strict {
            // Two limits of one name count for themselves, even where their sub-windows are as long.
            kind: format!("st{window_ms}/"),
            sub_ms,
            back: window_ms.div_ceil(sub_ms),
            // More than a window ahead nobody is within the same window.
            ahead: stall_ms.div_ceil(sub_ms).min(window_ms.div_ceil(sub_ms)),
        }
    }
}

fn strict(asked: &Asked<'_>, strict: &Strict) -> Result<Taken, Error> {
    let Strict {
        kind,
        sub_ms,
        back,
        ahead,
    } = strict;
    let (sub_ms, back, ahead) = (*sub_ms, *back, *ahead);
    let window = asked.now_ms / sub_ms;
    let lives_ms = (back + ahead + 2) * sub_ms;
    let mut count = asked.count(kind, sub_ms, window, lives_ms);
    let sum = asked.add(&mut count)?;
    let nothing = (vec![0; usize::try_from(back).unwrap_or(0)], 0);
    let others = known_or_enough(others(asked, strict, window), nothing, sum, asked);
    let decision = others.map(|(former, later)| {
        let others = former.iter().sum::<i64>() + later;
        let reset_ms = (window + back + 1) * sub_ms - asked.now_ms;
        if asked.fits(sum + others, asked.limit) {
            return asked.allowed(sum + others, reset_ms);
        }
        let mut asked = *asked;
        asked.refunds = Refunds::Always;
        let left = asked.after_denial(&mut count, sum).max(0);
        // From sub-window to sub-window the oldest one drops out.
        let mut used = left + others;
        let mut next = window;
        for oldest in former.iter().rev().chain([&left]) {
            if used + asked.cost <= asked.limit {
                break;
            }
            used -= oldest;
            next += 1;
        }
        if used + asked.cost > asked.limit {
            // What is ahead drops out last.
            next = window + back + 1 + ahead;
        }
        let retry_after = (next * sub_ms).saturating_sub(asked.now_ms);
        asked.denied(left + others, reset_ms, Some(retry_after))
    });
    Ok(Taken { count, decision })
}

/// The counts of the sub-windows before, the latest first, and the sum of those after. They are read
/// after this request has counted: of any two, one at least sees the other.
fn others(asked: &Asked<'_>, strict: &Strict, window: u64) -> Result<(Vec<i64>, i64), Error> {
    let read = |window| count::read_of_others(&asked.key(&strict.kind, strict.sub_ms, window));
    let mut former = Vec::with_capacity(usize::try_from(strict.back).unwrap_or(0));
    for back in 1..=strict.back {
        former.push(match window.checked_sub(back) {
            Some(window) => read(window)?,
            None => 0,
        });
    }
    let mut later = 0;
    for ahead in 1..=strict.ahead {
        later += read(window + ahead)?;
    }
    Ok((former, later))
}

fn paced(asked: &Asked<'_>, window_ms: u64, burst: i64) -> Result<Taken, Error> {
    let window = asked.now_ms / window_ms;
    let elapsed = asked.now_ms % window_ms;
    let mut count = asked.count("pc", window_ms, window, 2 * window_ms);
    let sum = asked.add(&mut count)?;
    let pace = Pace {
        burst,
        // One more than there are: the last one comes before the window's end and not at it.
        parts: (asked.limit - burst).unsigned_abs() + 1,
        window_ms,
    };
    let allowance = pace.allowance(elapsed);
    let until_end = window_ms - elapsed;
    let decision = if asked.fits(sum, allowance) {
        let mut decision = asked.allowed(sum, until_end);
        decision.remaining = (allowance - sum).max(0);
        decision
    } else {
        let mut asked = *asked;
        asked.refunds = Refunds::Always;
        let left = asked.after_denial(&mut count, sum).max(0);
        let now = pace.moment_of(left + asked.cost);
        let next = || Some(until_end + pace.moment_of(asked.cost)?);
        let retry_after = now
            .map(|moment| moment.saturating_sub(elapsed))
            .or_else(next);
        let mut decision = asked.denied(left, until_end, retry_after);
        decision.remaining = (allowance - left).max(0);
        decision
    };
    let decision = Ok(decision);
    Ok(Taken { count, decision })
}

/// A burst, and then one more after each part of the window.
struct Pace {
    burst: i64,
    parts: u64,
    window_ms: u64,
}

impl Pace {
    fn allowance(&self, elapsed: u64) -> i64 {
        let more = u128::from(elapsed) * u128::from(self.parts) / u128::from(self.window_ms);
        self.burst + i64::try_from(more).unwrap_or(0)
    }

    /// The first moment of a window at which so much is allowed; `None` if there is none.
    fn moment_of(&self, wanted: i64) -> Option<u64> {
        let more = u128::try_from(wanted - self.burst).unwrap_or(0);
        let moment = (more * u128::from(self.window_ms)).div_ceil(u128::from(self.parts));
        u64::try_from(moment)
            .ok()
            .filter(|moment| *moment < self.window_ms)
    }
}

fn ttl(lives_ms: u64) -> Ttl {
    Ttl::millis(lives_ms.saturating_add(SLACK_MS)).unwrap_or(Ttl::MAX)
}
