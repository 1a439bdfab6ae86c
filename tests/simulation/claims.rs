//! What one of several does: leases, idempotency keys, single flights.

use std::time::Duration;

use fastedge::cache::idempotency::{Begin, Fingerprint};
use fastedge::cache::{Flight, Idempotency, Lease, Name, Namespace, SingleFlight, Ttl};

use crate::explore::explore;
use crate::memos::FRESH_MS;
use crate::scheduler::{Actor, Chaos, Check, Job, Noted, Record};

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

/// Requests that want a lease.
fn leasing(
    random: &mut fastrand::Rng,
    chaos: &Chaos,
    name: impl Fn() -> Name + Clone + Send + 'static,
) -> Vec<Job<Step>> {
    let work = random.usize(0..6);
    holding(random, chaos, move |actor| {
        match Lease::acquire(name(), "job", lease_time()) {
            Ok(Some(lease)) => {
                actor.note(Step::Held);
                actor.work(work);
                actor.note(Step::Released);
                drop(lease);
            }
            Ok(None) => actor.note(Step::Locked),
            Err(_) => actor.note(Step::Failed),
        }
    })
}

#[test]
fn lease() {
    explore(|random| {
        let chaos = chaos(random).evicting(random);
        let jobs = leasing(random, &chaos, || Name::from("sim"));
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
        let jobs = leasing(random, &chaos, || Namespace::new("sim").name("job"));
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
