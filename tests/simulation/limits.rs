//! Rate limits, one and several, with costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use fastedge::RateLimit;
use fastedge::cache::rate_limit::Penalty;
use fastedge::cache::{RateLimits, Verdict};

use crate::explore::explore;
use crate::scheduler::{Chaos, Check, Job, Record};

pub(crate) const WINDOW_MS: u64 = 1_000;

/// How a request was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) asked_ms: u64,
    pub(crate) answered_ms: u64,
    pub(crate) cost: i64,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Allowed,
    Denied,
    FellBack,
    /// By a penalty.
    Blocked,
    /// It has begun; what became of it is another answer, unless it is killed.
    Asked,
}

impl Answer {
    pub(crate) fn window(&self) -> u64 {
        self.asked_ms / WINDOW_MS
    }
}

pub(crate) fn outcome_of(verdict: &Verdict) -> Outcome {
    match (verdict.fell_back(), verdict.is_allowed()) {
        (Some(_), _) => Outcome::FellBack,
        (None, true) => Outcome::Allowed,
        (None, false) => Outcome::Denied,
    }
}

/// Requests that ask a limiter, each once or twice.
pub(crate) fn asking(
    random: &mut fastrand::Rng,
    chaos: &Chaos,
    costs: std::ops::RangeInclusive<u32>,
    ask: impl Fn(u32) -> Outcome + Clone + Send + 'static,
) -> Vec<Job<Answer>> {
    let actors = random.usize(chaos.actors.clone());
    let job = |_| {
        let ask = ask.clone();
        let times = random.usize(1..=2);
        let costs: Vec<u32> = (0..times).map(|_| random.u32(costs.clone())).collect();
        let job: Job<Answer> = Box::new(move |actor| {
            for cost in costs {
                let asked_ms = actor.now_ms();
                let answer = |outcome| Answer {
                    asked_ms,
                    answered_ms: actor.now_ms(),
                    cost: cost.into(),
                    outcome,
                };
                actor.note(answer(Outcome::Asked));
                let outcome = ask(cost);
                actor.note(answer(outcome));
            }
        });
        job
    };
    (0..actors).map(job).collect()
}

pub(crate) fn allowed(record: &Record<Answer>) -> impl Iterator<Item = &Answer> {
    let events = record.events.iter().map(|noted| &noted.event);
    events.filter(|answer| answer.outcome == Outcome::Allowed)
}

/// The bound for what is allowed where `limit` would be: evictions forget, and what is given back to a
/// forgotten count lowers it.
pub(crate) fn bound(record: &Record<Answer>, limit: i64) -> i64 {
    let evictions = i64::try_from(record.evictions.len()).unwrap();
    (1 + evictions) * limit + record.stale_refunds
}

pub(crate) fn windows_hold(record: &Record<Answer>, limit: i64) -> Result<(), String> {
    for answer in allowed(record) {
        let same_window = allowed(record).filter(|other| other.window() == answer.window());
        let sum: i64 = same_window.map(|other| other.cost).sum();
        if sum > bound(record, limit) {
            return Err(format!("{sum} allowed in window {}", answer.window()));
        }
    }
    Ok(())
}

/// Nobody is denied without others who may have used up the limit: those who were allowed, those whose
/// fate is not known, and those who are asking at the same time; in the windows that count.
pub(crate) fn denials_are_justified(
    record: &Record<Answer>,
    limit: i64,
    counts: impl Fn(&Answer, &Answer) -> bool,
) -> Result<(), String> {
    for (at, denied) in record.events.iter().enumerate() {
        if denied.event.outcome != Outcome::Denied {
            continue;
        }
        let own_begin = record.events[..at]
            .iter()
            .rposition(|own| own.actor == denied.actor);
        // What was given back to a count that had been evicted is taken again, from the next one perhaps.
        let mut others = record.stale_refunds;
        for (begun_at, begun) in record.events[..at].iter().enumerate() {
            let is_begun = begun.event.outcome == Outcome::Asked && Some(begun_at) != own_begin;
            if !is_begun || !counts(&begun.event, &denied.event) {
                continue;
            }
            let answered = record.events[begun_at + 1..]
                .iter()
                .position(|end| end.actor == begun.actor)
                .map(|after| begun_at + 1 + after);
            // Who had been denied before this one began has given back, unless that failed.
            let is_over = answered.is_some_and(|answered| Some(answered) < own_begin);
            let outcome = answered.map(|answered| record.events[answered].event.outcome);
            let failed = record
                .failures
                .iter()
                .any(|failure| failure.actor == begun.actor);
            if is_over && outcome == Some(Outcome::Denied) && !failed {
                continue;
            }
            others += begun.event.cost;
        }
        if others + denied.event.cost <= limit {
            return Err(format!(
                "denied without reason: {:?}, others {others}",
                denied.event
            ));
        }
    }
    Ok(())
}

fn same_window(begun: &Answer, denied: &Answer) -> bool {
    begun.window() == denied.window()
}

fn window() -> Duration {
    Duration::from_millis(WINDOW_MS)
}

#[test]
fn fixed_window() {
    explore(|random| {
        let chaos = Chaos::drawn(random, 2 * WINDOW_MS, WINDOW_MS / 2).evicting(random);
        let limit = random.u32(1..=4);
        let checked = RateLimit::fixed_window("sim", limit, window()).unwrap();
        let jobs = asking(random, &chaos, 1..=1, move |_| {
            outcome_of(&checked.check("ann"))
        });
        let limit = i64::from(limit);
        let check: Check<Answer> = Box::new(move |record| {
            // Nothing is given back, so evictions alone weaken it.
            if record.stale_refunds != 0 {
                return Err("something was given back".to_owned());
            }
            windows_hold(record, limit)?;
            denials_are_justified(record, limit, same_window)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

#[test]
fn fixed_window_with_costs() {
    explore(|random| {
        let chaos = Chaos::drawn(random, 2 * WINDOW_MS, WINDOW_MS / 2).evicting(random);
        let limit = random.u32(3..=6);
        let checked = RateLimit::fixed_window("sim", limit, window())
            .unwrap()
            .fail_closed();
        let jobs = asking(random, &chaos, 1..=3, move |cost| {
            outcome_of(&checked.check_cost("ann", cost))
        });
        let limit = i64::from(limit);
        let check: Check<Answer> = Box::new(move |record| {
            windows_hold(record, limit)?;
            denials_are_justified(record, limit, same_window)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

/// Who was allowed had room beside those who had been allowed before, the former window's by their weight.
pub(crate) fn estimates_hold(record: &Record<Answer>, limit: i64) -> Result<(), String> {
    for (at, answered) in record.events.iter().enumerate() {
        let answer = &answered.event;
        if answer.outcome != Outcome::Allowed {
            continue;
        }
        let begun = record.events[..at]
            .iter()
            .rposition(|own| own.actor == answered.actor);
        let before = record.events[..begun.unwrap_or(0)]
            .iter()
            .map(|noted| &noted.event);
        let before = before.filter(|other| other.outcome == Outcome::Allowed);
        let (mut former, mut present) = (0, answer.cost);
        for other in before {
            match answer.window().checked_sub(other.window()) {
                Some(0) => present += other.cost,
                Some(1) => former += other.cost,
                _ => {}
            }
        }
        let left = i64::try_from(WINDOW_MS - answer.asked_ms % WINDOW_MS).unwrap();
        let estimate = present + former * left / i64::try_from(WINDOW_MS).unwrap();
        if estimate > bound(record, limit) {
            return Err(format!("{estimate} by the estimate: {answer:?}"));
        }
    }
    Ok(())
}

#[test]
fn sliding_window() {
    explore(|random| {
        let chaos = Chaos::drawn(random, 3 * WINDOW_MS, WINDOW_MS / 2).evicting(random);
        let limit = random.u32(1..=4);
        let checked = RateLimit::sliding_window("sim", limit, window()).unwrap();
        let jobs = asking(random, &chaos, 1..=1, move |_| {
            outcome_of(&checked.check("ann"))
        });
        let limit = i64::from(limit);
        let check: Check<Answer> = Box::new(move |record| {
            windows_hold(record, limit)?;
            estimates_hold(record, limit)?;
            denials_are_justified(record, limit, |begun, denied| {
                begun.window() == denied.window() || begun.window() + 1 == denied.window()
            })?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

pub(crate) const STRICT_STALL_MS: u64 = 400;

pub(crate) fn strictly_asking(
    random: &mut fastrand::Rng,
    ask: impl Fn(u32, &'static str) -> Outcome + Clone + Send + 'static,
) -> (Chaos, Vec<Job<Answer>>, Check<Answer>) {
    let mut chaos = Chaos::drawn(random, 3 * WINDOW_MS, WINDOW_MS / 4).evicting(random);
    // The longest run and two nodes' clocks, in the worst case, are what the limit allows for.
    chaos.skew_ms = chaos
        .skew_ms
        .min((STRICT_STALL_MS - chaos.longest_run_ms) / 2);
    let limit = random.u32(1..=4);
    let jobs = asking(random, &chaos, 1..=1, move |_| ask(limit, "ann"));
    let limit = i64::from(limit);
    let check: Check<Answer> = Box::new(move |record| {
        for answer in allowed(record) {
            let trailing = allowed(record).filter(|other| {
                other.asked_ms <= answer.asked_ms && other.asked_ms + WINDOW_MS > answer.asked_ms
            });
            let sum: i64 = trailing.map(|other| other.cost).sum();
            if sum > bound(record, limit) {
                return Err(format!("{sum} allowed within the window before {answer:?}"));
            }
        }
        // Sub-windows count whole, and what is ahead counts as well.
        denials_are_justified(record, limit, |begun, denied| {
            begun.asked_ms.abs_diff(denied.asked_ms) <= 2 * WINDOW_MS
        })?;
        record.few_orphans()
    });
    (chaos, jobs, check)
}

#[test]
fn strict_sliding_window() {
    explore(|random| {
        let sub_windows = random.u32(1..=5);
        strictly_asking(random, move |limit, id| {
            let limit = RateLimit::strict_sliding_window("sim", limit, window()).unwrap();
            let limit = limit.stall(Duration::from_millis(STRICT_STALL_MS));
            outcome_of(&limit.sub_windows(sub_windows).unwrap().check(id))
        })
    });
}

#[test]
fn paced() {
    explore(|random| {
        let chaos = Chaos::drawn(random, 2 * WINDOW_MS, WINDOW_MS / 2).evicting(random);
        let limit = random.u32(2..=5);
        let burst = random.u32(1..=limit);
        let checked = RateLimit::paced("sim", limit, window(), burst).unwrap();
        let jobs = asking(random, &chaos, 1..=1, move |_| {
            outcome_of(&checked.check("ann"))
        });
        let (limit, burst) = (i64::from(limit), i64::from(burst));
        let check: Check<Answer> = Box::new(move |record| {
            windows_hold(record, limit)?;
            for answer in allowed(record) {
                let elapsed = i64::try_from(answer.asked_ms % WINDOW_MS).unwrap();
                let parts = limit - burst + 1;
                let pace = burst + elapsed * parts / i64::try_from(WINDOW_MS).unwrap();
                let so_far = allowed(record).filter(|other| {
                    other.window() == answer.window() && other.asked_ms <= answer.asked_ms
                });
                let sum = i64::try_from(so_far.count()).unwrap();
                if sum > bound(record, pace) {
                    return Err(format!(
                        "{sum} allowed ahead of the pace of {pace}: {answer:?}"
                    ));
                }
            }
            // The pace is 1 at least, so whoever is alone is allowed.
            denials_are_justified(record, 1, same_window)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

#[test]
fn several_limits_at_once() {
    explore(|random| {
        let chaos = Chaos::drawn(random, 2 * WINDOW_MS, WINDOW_MS / 2).evicting(random);
        let (short, long) = (random.u32(1..=3), random.u32(2..=4));
        let limits = RateLimits::new([
            RateLimit::fixed_window("short", short, window()).unwrap(),
            RateLimit::sliding_window("long", long, window() * 4).unwrap(),
        ]);
        let jobs = asking(random, &chaos, 1..=1, move |_| {
            outcome_of(&limits.check("ann"))
        });
        let (short, long) = (i64::from(short), i64::from(long));
        let check: Check<Answer> = Box::new(move |record| {
            windows_hold(record, short)?;
            for answer in allowed(record) {
                // The second limit looks at the clock for itself: where that is within the same window
                // as asking and answering, it is known which.
                let window = |ms: u64| ms / (4 * WINDOW_MS);
                let sum = allowed(record)
                    .filter(|other| window(other.asked_ms) == window(other.answered_ms))
                    .filter(|other| window(other.asked_ms) == window(answer.asked_ms))
                    .count();
                if i64::try_from(sum).unwrap() > bound(record, long) {
                    return Err(format!("{sum} allowed in the long window"));
                }
            }
            denials_are_justified(record, short.min(long), |begun, denied| {
                begun.asked_ms.abs_diff(denied.asked_ms) <= 8 * WINDOW_MS
            })?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

/// Who is blocked had been denied often enough, or others were denied at the same time.
#[test]
fn penalty() {
    let blocked = Arc::new(AtomicUsize::new(0));
    explore(|random| {
        let chaos = Chaos::drawn(random, WINDOW_MS, WINDOW_MS / 2).evicting(random);
        let denials = random.u32(1..=4);
        let penalty = Penalty::after(denials, window() * 10, window() * 3).unwrap();
        let limit = RateLimit::fixed_window("sim", 1, window())
            .unwrap()
            .penalty(penalty);
        let times = Arc::clone(&blocked);
        let jobs = asking(random, &chaos, 1..=1, move |_| {
            let verdict = limit.check("ann");
            match verdict.is_blocked() {
                true => {
                    times.fetch_add(1, Relaxed);
                    Outcome::Blocked
                }
                false => outcome_of(&verdict),
            }
        });
        let denials = usize::try_from(denials).unwrap();
        let check: Check<Answer> = Box::new(move |record| {
            windows_hold(record, 1)?;
            for (at, noted) in record.events.iter().enumerate() {
                if noted.event.outcome != Outcome::Blocked {
                    continue;
                }
                // Each denial that led to it had been asked for by then, this one included.
                let before = record.events[..at].iter().map(|noted| noted.event.outcome);
                let asked = before
                    .clone()
                    .filter(|outcome| *outcome == Outcome::Asked)
                    .count();
                let allowed = before
                    .filter(|outcome| *outcome == Outcome::Allowed)
                    .count();
                if asked - allowed < denials {
                    return Err(format!("blocked after less than {denials} denials"));
                }
            }
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
    assert!(blocked.load(Relaxed) > 0, "nobody was blocked in any run");
}
