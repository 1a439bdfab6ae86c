//! Memos: one computes, and what is served is good.

use std::time::Duration;

use fastedge::cache::{Memoize, Source, Ttl};

use crate::claims::{LONGEST_RUN_MS, chaos, lease_time};
use crate::explore::explore;
use crate::scheduler::{Chaos, Check, Job, Record};

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

pub(crate) const FRESH_MS: u64 = 300;
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
