//! What one of several does: leases, idempotency keys, memos, single flights.

use std::time::Duration;

use fastedge::cache::idempotency::{Begin, Fingerprint};
use fastedge::cache::{Flight, Idempotency, Lease, Memoize, Namespace, SingleFlight, Source, Ttl};

use crate::scheduler::{Actor, Chaos, Check, Job, Noted, Record, explore};

/// Longer than the longest request and two clocks' difference.
pub(crate) const LEASE_MS: u64 = 1_000;

pub(crate) const LONGEST_RUN_MS: u64 = 600;

pub(crate) fn lease_time() -> Duration {
    Duration::from_millis(LEASE_MS)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Asked,
    Held,
    Released,
    Locked,
    Failed,
}

pub(crate) fn chaos(random: &mut fastrand::Rng) -> Chaos {
    let mut chaos = Chaos::drawn(random, 3 * LEASE_MS, LONGEST_RUN_MS);
    chaos.skew_ms = if random.bool() { 300 } else { 0 };
    chaos
}

/// From which step to which a request held what only one may hold: to its release, or its death.
fn holds(record: &Record<Step>) -> Vec<(u64, u64)> {
    let held = record
        .events
        .iter()
        .filter(|noted| noted.event == Step::Held);
    let until = |held: &Noted<Step>| {
        let released = record.events.iter().find(|noted| {
            noted.actor == held.actor && noted.step >= held.step && noted.event == Step::Released
        });
        let life = &record.actors[held.actor];
        let died = life.steps.map_or(0, |(_, last)| last);
        (held.step, released.map_or(died, |released| released.step))
    };
    held.map(until).collect()
}

pub(crate) fn one_at_a_time(record: &Record<Step>) -> Result<(), String> {
    let mut holds = holds(record);
    holds.sort_unstable();
    match holds.windows(2).find(|pair| pair[1].0 < pair[0].1) {
        Some(pair) if record.evictions.is_empty() => Err(format!("two holders at once: {pair:?}")),
        _ => Ok(()),
    }
}

/// Nobody is locked out without another one who is at it, or was killed or failed lately.
pub(crate) fn locks_are_justified(record: &Record<Step>) -> Result<(), String> {
    for noted in record
        .events
        .iter()
        .filter(|noted| noted.event == Step::Locked)
    {
        let life = &record.actors[noted.actor];
        let others = (0..record.actors.len()).filter(|other| *other != noted.actor);
        let is_reason = |other: usize| {
            let others_life = &record.actors[other];
            let failed = record.failures.iter().any(|failure| failure.actor == other);
            // Clocks differ, and a slot ends up to two lease times later.
            let is_near = others_life.to_ms + 2 * LEASE_MS + 600 >= life.from_ms
                && others_life.from_ms <= noted.at_ms;
            others_life.steps.is_some()
                && (record.overlap(noted.actor, other)
                    || is_near && (others_life.crashed || failed))
        };
        let failed_itself = record
            .failures
            .iter()
            .any(|failure| failure.actor == noted.actor);
        if !others.clone().any(is_reason) && !failed_itself {
            return Err(format!("locked without reason: {noted:?}"));
        }
    }
    Ok(())
}

/// Requests that want to hold what only one may hold.
pub(crate) fn holding(
    random: &mut fastrand::Rng,
    chaos: &Chaos,
    hold: impl Fn(&Actor<Step>) + Clone + Send + 'static,
) -> Vec<Job<Step>> {
    let actors = random.usize(chaos.actors.clone());
    let job = |_| {
        let hold = hold.clone();
        let job: Job<Step> = Box::new(move |actor| {
            actor.note(Step::Asked);
            hold(actor);
        });
        job
    };
    (0..actors).map(job).collect()
}

#[test]
fn lease() {
    explore(|random| {
        let chaos = chaos(random).evicting(random);
        let work = random.usize(0..6);
        let jobs = holding(random, &chaos, move |actor| {
            match Lease::acquire("sim", "job", lease_time()) {
                Ok(Some(lease)) => {
                    actor.note(Step::Held);
                    actor.work(work);
                    actor.note(Step::Released);
                    drop(lease);
                }
                Ok(None) => actor.note(Step::Locked),
                Err(_) => actor.note(Step::Failed),
            }
        });
        let check: Check<Step> = Box::new(|record| {
            one_at_a_time(record)?;
            locks_are_justified(record)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

/// The first ones to use a namespace agree on its generation, or know that they do not.
#[test]
fn lease_in_a_new_namespace() {
    explore(|random| {
        let chaos = chaos(random);
        let work = random.usize(0..6);
        let jobs = holding(random, &chaos, move |actor| {
            let name = Namespace::new("sim").name("job");
            match Lease::acquire(name, (), lease_time()) {
                Ok(Some(lease)) => {
                    actor.note(Step::Held);
                    actor.work(work);
                    actor.note(Step::Released);
                    drop(lease);
                }
                Ok(None) => actor.note(Step::Locked),
                Err(_) => actor.note(Step::Failed),
            }
        });
        let check: Check<Step> = Box::new(|record| {
            one_at_a_time(record)?;
            let failures = record.failures.len() + record.crashes();
            // A generation has no expiry.
            match record.orphans.len() > 1 + failures {
                true => Err(format!("orphans: {:?}", record.orphans)),
                false => Ok(()),
            }
        });
        (chaos, jobs, check)
    });
}

/// What becomes of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Payment {
    Executing,
    Completed,
    /// It may be stored or not.
    NotStored,
    Abandoned,
    Replayed,
    Locked,
    Failed,
}

#[test]
fn idempotency() {
    explore(|random| {
        let chaos = chaos(random).evicting(random);
        let actors = random.usize(chaos.actors.clone());
        let fails = random.u8(..4) == 0;
        let job = |_| {
            let (work, fails) = (random.usize(0..6), fails && random.bool());
            let payments = Idempotency::new("sim").lease(lease_time()).unwrap();
            let job: Job<Payment> = Box::new(move |actor| {
                match payments.begin("key", Fingerprint::of([b"7".as_slice()])) {
                    Ok(Begin::Started(started)) => {
                        actor.note(Payment::Executing);
                        actor.work(work);
                        if fails {
                            actor.note(Payment::Abandoned);
                            let _ends_by_itself = started.abandon();
                            return;
                        }
                        match started.complete(b"paid") {
                            Ok(()) => actor.note(Payment::Completed),
                            Err(_) => actor.note(Payment::NotStored),
                        }
                    }
                    Ok(Begin::Completed(with)) => {
                        assert_eq!(with, b"paid");
                        actor.note(Payment::Replayed);
                    }
                    Ok(Begin::Locked { .. }) => actor.note(Payment::Locked),
                    Ok(Begin::OtherRequest) => unreachable!("there is one request"),
                    Err(_) => actor.note(Payment::Failed),
                }
            });
            job
        };
        let jobs = (0..actors).map(job).collect();
        let check: Check<Payment> = Box::new(|record| {
            if record.evictions.is_empty() {
                executed_once(record)?;
            }
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

/// Nobody executes while another one does, or after one has completed.
fn executed_once(record: &Record<Payment>) -> Result<(), String> {
    let executing = |noted: &&Noted<Payment>| noted.event == Payment::Executing;
    for first in record.events.iter().filter(executing) {
        let life = &record.actors[first.actor];
        let mut own = record
            .events
            .iter()
            .filter(|noted| noted.actor == first.actor);
        let end = own.find(|noted| noted.step >= first.step && noted.event != Payment::Executing);
        let ended = match end.map(|end| &end.event) {
            // For ever.
            Some(Payment::Completed) => u64::MAX,
            Some(_) => end.map_or(0, |end| end.step),
            None => life.steps.map_or(0, |(_, last)| last),
        };
        let again = record.events.iter().filter(executing).find(|again| {
            again.actor != first.actor && first.step < again.step && again.step < ended
        });
        if let Some(again) = again {
            return Err(format!("executed twice: {first:?} and {again:?}"));
        }
    }
    let replays = |noted: &&Noted<Payment>| noted.event == Payment::Replayed;
    for replayed in record.events.iter().filter(replays) {
        let before = record
            .events
            .iter()
            .take_while(|noted| noted.step < replayed.step);
        if !before
            .into_iter()
            .any(|noted| noted.event == Payment::Executing)
        {
            return Err("replayed what nobody has executed".to_owned());
        }
    }
    Ok(())
}

/// A value is the moment at which it was computed.
#[derive(Clone, Debug)]
enum Memo {
    Computing,
    /// The value is there, and not stored yet.
    Finished,
    /// By this request, and whether it is stored.
    Computed(bool),
    Served {
        computed_ms: u64,
        now_ms: u64,
        source: Source,
    },
    Failed,
}

const FRESH_MS: u64 = 300;
const WHILE_REVALIDATE_MS: u64 = 200;
const IF_ERROR_MS: u64 = 400;

#[test]
fn memoize() {
    explore(|random| {
        let chaos = chaos(random).evicting(random);
        let memo = Memoize::<u64>::new("sim", Ttl::millis(FRESH_MS).unwrap())
            .stale_while_revalidate(Duration::from_millis(WHILE_REVALIDATE_MS))
            .stale_if_error(Duration::from_millis(IF_ERROR_MS))
            .wait(Duration::from_millis(random.u64(..100)))
            .lease(lease_time())
            .unwrap();
        let jobs = memoizing(random, &chaos, memo);
        let skew_ms = chaos.skew_ms;
        let check: Check<Memo> = Box::new(move |record| {
            values_are_good(record, skew_ms)?;
            if record.evictions.is_empty() && record.failures.is_empty() {
                stored_one_at_a_time(record)?;
            }
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

#[test]
fn memoize_without_single_flight() {
    explore(|random| {
        let chaos = chaos(random).evicting(random);
        let memo = Memoize::<u64>::new("sim", Ttl::millis(FRESH_MS).unwrap())
            .stale_if_error(Duration::from_millis(IF_ERROR_MS))
            .without_single_flight()
            .refresh_early(1.0);
        let jobs = memoizing(random, &chaos, memo);
        let skew_ms = chaos.skew_ms;
        let check: Check<Memo> = Box::new(move |record| {
            values_are_good(record, skew_ms)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

fn memoizing(random: &mut fastrand::Rng, chaos: &Chaos, memo: Memoize<u64>) -> Vec<Job<Memo>> {
    let actors = random.usize(chaos.actors.clone());
    let may_fail = random.bool();
    let job = |_| {
        let memo = memo.clone();
        let fails = may_fail && random.u8(..3) == 0;
        let work = random.usize(0..4);
        let job: Job<Memo> = Box::new(move |actor| {
            let found = memo.get("key", || {
                actor.note(Memo::Computing);
                let computed_ms = actor.now_ms();
                actor.work(work);
                actor.note(Memo::Finished);
                if fails {
                    Err("no value")
                } else {
                    Ok(computed_ms)
                }
            });
            match found {
                Ok(found) => {
                    if let Source::Computed | Source::NotStored = found.source() {
                        actor.note(Memo::Computed(found.source() == Source::Computed));
                    }
                    actor.note(Memo::Served {
                        computed_ms: *found,
                        now_ms: actor.now_ms(),
                        source: found.source(),
                    });
                }
                Err(_) => actor.note(Memo::Failed),
            }
        });
        job
    };
    (0..actors).map(job).collect()
}

/// What is served was computed, and is not older than it may be.
fn values_are_good(record: &Record<Memo>, skew_ms: u64) -> Result<(), String> {
    for noted in &record.events {
        let Memo::Served {
            computed_ms,
            now_ms,
            source,
        } = noted.event
        else {
            continue;
        };
        let most = match source {
            Source::Fresh | Source::Shared => FRESH_MS,
            Source::Stale => FRESH_MS + WHILE_REVALIDATE_MS,
            Source::StaleOnError => FRESH_MS + IF_ERROR_MS,
            _ => 0,
        };
        // From when it was computed until it was stored, and from when it was read until now.
        let age_ms = now_ms.saturating_sub(computed_ms);
        if age_ms > most + 2 * LONGEST_RUN_MS + skew_ms {
            return Err(format!("{age_ms} ms old: {noted:?}"));
        }
    }
    Ok(())
}

/// Of two who stored what they computed, one had finished before the other began.
fn stored_one_at_a_time(record: &Record<Memo>) -> Result<(), String> {
    let step_of = |actor: usize, wanted: fn(&Memo) -> bool| {
        let mut own = record.events.iter().filter(|noted| noted.actor == actor);
        own.find(|noted| wanted(&noted.event))
            .map_or(0, |noted| noted.step)
    };
    let stored = record.events.iter();
    let stored = stored.filter(|noted| matches!(noted.event, Memo::Computed(true)));
    let mut spans: Vec<(u64, u64)> = stored
        .map(|stored| {
            let began = step_of(stored.actor, |event| matches!(event, Memo::Computing));
            let finished = step_of(stored.actor, |event| matches!(event, Memo::Finished));
            (began, finished)
        })
        .collect();
    spans.sort_unstable();
    match spans.windows(2).find(|pair| pair[1].0 < pair[0].1) {
        Some(pair) => Err(format!("computed at once: {pair:?}")),
        None => Ok(()),
    }
}

#[test]
fn single_flight() {
    explore(|random| {
        let chaos = chaos(random);
        let actors = random.usize(chaos.actors.clone());
        let job = |_| {
            let flights = SingleFlight::<u64>::new("sim", Ttl::millis(FRESH_MS).unwrap())
                .wait(Duration::from_millis(random.u64(..100)))
                .lease(lease_time())
                .unwrap();
            let work = random.usize(0..4);
            let job: Job<Step> = Box::new(move |actor| {
                actor.note(Step::Asked);
                let flight = flights.run("key", || {
                    actor.note(Step::Held);
                    actor.work(work);
                    actor.note(Step::Released);
                    Ok::<_, ()>(7)
                });
                match flight {
                    Ok(Flight::Led(7) | Flight::Joined(7) | Flight::FellBack(7)) => {}
                    Ok(Flight::TimedOut) => actor.note(Step::Locked),
                    other => panic!("{other:?}"),
                }
            });
            job
        };
        let jobs = (0..actors).map(job).collect();
        let check: Check<Step> = Box::new(|record| {
            // When the cache fails, it is done without protection.
            if record.failures.is_empty() {
                one_at_a_time(record)?;
                locks_are_justified(record)?;
            }
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}
