//! Events, permits, counts by windows, namespaces.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use fastedge::cache::{Cache, ConcurrencyLimit, Namespace, NoPermit, Once, Ttl, WindowCounter};

use crate::claims::{self, LONGEST_RUN_MS};
use crate::explore::explore;
use crate::scheduler::{Actor, Chaos, Check, Job, Record};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    First,
    Repeated,
    Failed,
}

/// Requests that are all told of the same event.
pub(crate) fn delivering(
    random: &mut fastrand::Rng,
    is_first: impl Fn() -> Result<bool, ()> + Clone + Send + 'static,
) -> (Chaos, Vec<Job<Delivery>>, Check<Delivery>) {
    let chaos = claims::chaos(random).evicting(random);
    let actors = random.usize(chaos.actors.clone());
    let job = |_| {
        let is_first = is_first.clone();
        let job: Job<Delivery> = Box::new(move |actor| {
            actor.note(match is_first() {
                Ok(true) => Delivery::First,
                Ok(false) => Delivery::Repeated,
                Err(()) => Delivery::Failed,
            });
        });
        job
    };
    let jobs = (0..actors).map(job).collect();
    let check: Check<Delivery> = Box::new(|record| {
        let count = |delivery| {
            record
                .events
                .iter()
                .filter(|noted| noted.event == delivery)
                .count()
        };
        let first = count(Delivery::First);
        if first > 1 + record.evictions.len() {
            return Err(format!("{first} were first"));
        }
        if first == 0 && count(Delivery::Failed) + record.crashes() == 0 {
            return Err("nobody was first, and nobody knows".to_owned());
        }
        record.few_orphans()
    });
    (chaos, jobs, check)
}

#[test]
fn once() {
    explore(|random| {
        let seen = Once::new("sim", Ttl::secs(60).unwrap());
        delivering(random, move || seen.is_first("event").map_err(|_| ()))
    });
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Permitted {
    Asked,
    Got,
    GaveBack,
    Full,
    FellBack,
}

#[test]
fn concurrency_limit() {
    explore(|random| {
        let chaos = claims::chaos(random).evicting(random);
        let limit = random.u32(1..=3);
        let actors = random.usize(chaos.actors.clone());
        let job = |_| {
            let permits = ConcurrencyLimit::new("sim", limit, claims::lease_time()).unwrap();
            let permits = permits.fail_closed();
            let work = random.usize(0..6);
            let job: Job<Permitted> = Box::new(move |actor| {
                actor.note(Permitted::Asked);
                match permits.acquire("origin") {
                    Ok(permit) => {
                        actor.note(Permitted::Got);
                        actor.work(work);
                        actor.note(Permitted::GaveBack);
                        drop(permit);
                    }
                    Err(NoPermit::Full) => actor.note(Permitted::Full),
                    Err(_) => actor.note(Permitted::FellBack),
                }
            });
            job
        };
        let jobs = (0..actors).map(job).collect();
        let limit = limit as usize;
        let check: Check<Permitted> = Box::new(move |record| {
            at_most(record, limit)?;
            full_is_justified(record, limit)?;
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
}

fn at_most(record: &Record<Permitted>, limit: usize) -> Result<(), String> {
    let mut held: Vec<usize> = Vec::new();
    for noted in &record.events {
        // Those who were killed before hold nothing any more.
        held.retain(|actor| {
            let life = &record.actors[*actor];
            !life.crashed || life.steps.is_none_or(|(_, last)| last >= noted.step)
        });
        match noted.event {
            Permitted::Got => held.push(noted.actor),
            Permitted::GaveBack => held.retain(|actor| *actor != noted.actor),
            _ => {}
        }
        let stale = usize::try_from(record.stale_refunds).unwrap();
        if held.len() > limit * (1 + record.evictions.len()) + stale {
            return Err(format!("{} at once: {held:?}", held.len()));
        }
    }
    Ok(())
}

fn full_is_justified(record: &Record<Permitted>, limit: usize) -> Result<(), String> {
    for noted in record
        .events
        .iter()
        .filter(|noted| noted.event == Permitted::Full)
    {
        let others = (0..record.actors.len()).filter(|other| *other != noted.actor);
        let counts = others.filter(|other| {
            let failed = record
                .failures
                .iter()
                .any(|failure| failure.actor == *other);
            let is_left = record.actors[*other].crashed || failed;
            record.overlap(noted.actor, *other) || is_left
        });
        // What was given back to a count that had been evicted is taken again, from the next one perhaps.
        let stale = usize::try_from(record.stale_refunds).unwrap();
        if counts.count() + stale < limit {
            return Err(format!("full without reason: {noted:?}"));
        }
    }
    Ok(())
}

const COUNTED_MS: u64 = 1_000;

#[derive(Clone, Debug)]
enum Counted {
    Adding,
    Added,
    Failed,
    /// A window's start, and what was handed to the sink for it.
    Flushed(u64, i64),
    FlushedAll,
}

#[test]
fn window_counter() {
    let flushed = Arc::new(AtomicUsize::new(0));
    explore(|random| {
        let flushed = Arc::clone(&flushed);
        let mut chaos = Chaos::drawn(random, 4 * COUNTED_MS, LONGEST_RUN_MS);
        chaos.skew_ms = chaos.skew_ms.min(200);
        chaos.horizon_ms = 2_000;
        // Windows are over after half a minute: then somebody flushes them.
        chaos.late = (2, 45_000);
        let shards = random.u32(1..=3);
        let counter = WindowCounter::new("sim", Duration::from_millis(COUNTED_MS)).unwrap();
        let counter = counter.keep(60).unwrap().shards(shards).unwrap();
        let actors = random.usize(chaos.actors.clone());
        let job = |index: usize| {
            let counter = counter.clone();
            let times = random.usize(1..=3);
            let job: Job<Counted> = Box::new(move |actor| {
                if index < 2 {
                    flush(&counter, actor);
                    return;
                }
                for _ in 0..times {
                    actor.note(Counted::Adding);
                    match counter.add("tea", 1) {
                        Ok(_) => actor.note(Counted::Added),
                        Err(_) => actor.note(Counted::Failed),
                    }
                }
            });
            job
        };
        let jobs = (0..actors.max(3)).map(job).collect();
        let check: Check<Counted> = Box::new(move |record| {
            flushed.fetch_add(flushed_what_was_counted(record)?, Relaxed);
            record.few_orphans()
        });
        (chaos, jobs, check)
    });
    assert!(flushed.load(Relaxed) > 0, "nothing was flushed in any run");
}

fn flush(counter: &WindowCounter, actor: &Actor<Counted>) {
    let flushed = counter.flush("tea", |window| {
        let since = window
            .start
            .duration_since(std::time::SystemTime::UNIX_EPOCH);
        let start_ms = u64::try_from(since.unwrap().as_millis()).unwrap();
        actor.note(Counted::Flushed(start_ms, window.count));
        Ok::<_, fastedge::cache::Error>(())
    });
    match flushed {
        Ok(Some(_)) => actor.note(Counted::FlushedAll),
        // Another one is at it, or two have kept each other from it.
        Ok(None) => {}
        Err(_) => actor.note(Counted::Failed),
    }
}

/// How much was flushed.
fn flushed_what_was_counted(record: &Record<Counted>) -> Result<usize, String> {
    let count = |wanted: fn(&Counted) -> bool| {
        record
            .events
            .iter()
            .filter(|noted| wanted(&noted.event))
            .count()
    };
    let mut by_window = std::collections::BTreeMap::new();
    for noted in &record.events {
        if let Counted::Flushed(start_ms, sum) = noted.event
            && *by_window.entry(start_ms).or_insert(sum) != sum
        {
            return Err(format!(
                "window {start_ms} was flushed with different counts"
            ));
        }
    }
    let flushed = usize::try_from(by_window.values().sum::<i64>()).unwrap();
    let begun = count(|event| matches!(event, Counted::Adding));
    let added = count(|event| matches!(event, Counted::Added));
    if flushed > begun {
        return Err(format!("{flushed} flushed of {begun}"));
    }
    let undisturbed = record.failures.is_empty()
        && record.crashes() == 0
        && count(|event| matches!(event, Counted::FlushedAll)) > 0;
    if undisturbed && flushed != added {
        return Err(format!("{flushed} flushed of {added} that were added"));
    }
    Ok(flushed)
}

#[derive(Clone, Debug)]
enum Spoken {
    /// Nobody may read it who begins after the next flush has ended.
    Wrote,
    Flushing,
    Flushed,
    Began,
    Read(Option<u64>),
}

#[test]
fn namespace() {
    explore(|random| {
        let chaos = claims::chaos(random).evicting(random);
        let actors = random.usize(chaos.actors.clone());
        let job = |index: usize| {
            let role = random.u8(..3);
            let job: Job<Spoken> = Box::new(move |actor| {
                let space = Namespace::new("sim");
                match role {
                    0 => {
                        actor.note(Spoken::Flushing);
                        if space.flush().is_ok() {
                            actor.note(Spoken::Flushed);
                        }
                    }
                    1 => {
                        actor.note(Spoken::Began);
                        if let Ok(key) = space.key("tea") {
                            let _failed = Cache::set(&key, index.to_string(), None);
                            actor.note(Spoken::Wrote);
                        }
                    }
                    _ => {
                        actor.note(Spoken::Began);
                        if let Ok(key) = space.key("tea")
                            && let Ok(read) = Cache::get_parsed(&key)
                        {
                            actor.note(Spoken::Read(read));
                        }
                    }
                }
            });
            job
        };
        let jobs = (0..actors).map(job).collect();
        let check: Check<Spoken> = Box::new(|record| {
            let began = |actor: usize| {
                let mut own = record.events.iter().filter(|noted| noted.actor == actor);
                own.find(|noted| matches!(noted.event, Spoken::Began))
                    .map(|began| began.step)
            };
            for read in &record.events {
                let Spoken::Read(Some(writer)) = read.event else {
                    continue;
                };
                let writer = usize::try_from(writer).unwrap();
                // The writer's generation is one that it read before it wrote.
                let wrote = record
                    .events
                    .iter()
                    .find(|noted| noted.actor == writer && matches!(noted.event, Spoken::Wrote));
                let Some(wrote) = wrote else { continue };
                let flushed = record.events.iter().enumerate().any(|(at, noted)| {
                    let began_flushing = record.events[..at].iter().rev().find(|flushing| {
                        flushing.actor == noted.actor && matches!(flushing.event, Spoken::Flushing)
                    });
                    matches!(noted.event, Spoken::Flushed)
                        && began_flushing.is_some_and(|flushing| flushing.step > wrote.step)
                        && began(read.actor).is_some_and(|began| began > noted.step)
                });
                if flushed {
                    return Err(format!("read what was flushed: {read:?}"));
                }
            }
            Ok(())
        });
        (chaos, jobs, check)
    });
}
