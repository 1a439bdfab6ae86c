//! Patterns that are wrong, which the simulation has to find out: if it does not, it would not find out the
//! right ones either.

use std::time::Duration;

use fastedge::cache::{Cache, Lease, RateLimit, Ttl};

use crate::claims::{self, LEASE_MS, Step};
use crate::counts::delivering;
use crate::explore::is_found;
use crate::limits::{
    Answer, Outcome, WINDOW_MS, asking, denials_are_justified, estimates_hold, outcome_of,
    strictly_asking, windows_hold,
};
use crate::scheduler::{Chaos, Check};

fn now_ms() -> u64 {
    let now = fastedge::clock::now().unwrap();
    let since = now.duration_since(std::time::SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}

fn ttl_ms(ttl: u64) -> Ttl {
    Ttl::millis(ttl).unwrap()
}

/// A limiter by a function that says whether a request is allowed.
fn is_limiter_found(limiter: fn(i64) -> Result<bool, fastedge::cache::Error>) -> bool {
    is_found(|random| {
        let chaos = Chaos::drawn(random, 4 * WINDOW_MS, WINDOW_MS / 2);
        let limit = random.i64(1..=4);
        let jobs = asking(random, &chaos, 1..=1, move |_| match limiter(limit) {
            Ok(true) => Outcome::Allowed,
            Ok(false) => Outcome::Denied,
            Err(_) => Outcome::FellBack,
        });
        let check: Check<Answer> = Box::new(move |record| {
            windows_hold(record, limit)?;
            denials_are_justified(record, limit, |begun, denied| {
                begun.window().abs_diff(denied.window()) <= 1
            })
        });
        (chaos, jobs, check)
    })
}

#[test]
fn a_count_without_the_window_in_its_key() {
    assert!(is_limiter_found(|limit| {
        let count = Cache::incr("mutant", 1)?;
        if count == 1 {
            Cache::expire("mutant", ttl_ms(WINDOW_MS))?;
        }
        Ok(count <= limit)
    }));
}

#[test]
fn a_bucket_that_is_read_and_then_set() {
    assert!(is_limiter_found(|limit| {
        let key = format!("mutant:{}", now_ms() / WINDOW_MS);
        let used: i64 = Cache::get_parsed(&key)?.unwrap_or(0);
        if used >= limit {
            return Ok(false);
        }
        Cache::set(&key, (used + 1).to_string(), ttl_ms(2 * WINDOW_MS))?;
        Ok(true)
    }));
}

#[test]
fn a_sliding_window_that_does_not_look_back() {
    assert!(is_found(|random| {
        let chaos = Chaos::drawn(random, 3 * WINDOW_MS, WINDOW_MS / 2);
        let limit = random.u32(1..=4);
        let window = Duration::from_millis(WINDOW_MS);
        let fixed = RateLimit::fixed_window("mutant", limit, window).unwrap();
        let jobs = asking(random, &chaos, 1..=1, move |_| {
            outcome_of(&fixed.check("ann"))
        });
        let check: Check<Answer> = Box::new(move |record| estimates_hold(record, limit.into()));
        (chaos, jobs, check)
    }));
}

#[test]
fn a_strict_window_that_does_not_look_ahead() {
    assert!(is_found(|random| strictly_asking(random, |limit, id| {
        let window = Duration::from_millis(WINDOW_MS);
        let limit = RateLimit::strict_sliding_window("mutant", limit, window).unwrap();
        outcome_of(&limit.stall(Duration::ZERO).check(id))
    })));
}

#[test]
fn a_namespace_whose_first_ones_do_not_agree() {
    assert!(is_found(|random| {
        let chaos = claims::chaos(random);
        let jobs = claims::holding(random, &chaos, |actor| {
            let generation = match Cache::get_text("mutant") {
                Ok(Some(generation)) => generation,
                _ => Cache::incr("mutant", 1 + i64::try_from(now_ms() % 1000).unwrap())
                    .map_or(String::new(), |generation| generation.to_string()),
            };
            let name = format!("mutant:{generation}");
            if let Ok(Some(lease)) = Lease::acquire(name, (), claims::lease_time()) {
                actor.note(Step::Held);
                actor.work(3);
                actor.note(Step::Released);
                drop(lease);
            }
        });
        (chaos, jobs, Box::new(claims::one_at_a_time))
    }));
}

/// An increment that is repeated when it fails, as if nothing could have happened.
fn repeated_incr(key: &str) -> Result<i64, fastedge::cache::Error> {
    Cache::incr(key, 1).or_else(|_| Cache::incr(key, 1))
}

#[test]
fn an_increment_that_is_repeated() {
    assert!(is_found(|random| delivering(random, || {
        let times = repeated_incr("mutant").map_err(|_| ())?;
        let _best_effort = Cache::expire("mutant", ttl_ms(60_000));
        Ok(times == 1)
    })));
}

/// What a claim that is wrong does otherwise than a right one.
#[derive(Clone, Copy)]
struct Mutation {
    looks_again: bool,
    repeats_its_release: bool,
}

const NONE: Mutation = Mutation {
    looks_again: true,
    repeats_its_release: false,
};

fn claim(mutation: Mutation) -> Result<Option<String>, fastedge::cache::Error> {
    let slot = now_ms() / LEASE_MS;
    let key = |slot: u64| format!("mutant:{slot}");
    if Cache::exists(&key(slot - 1))? {
        return Ok(None);
    }
    let claims = Cache::incr(&key(slot), 1)?;
    Cache::expire(&key(slot), ttl_ms(4 * LEASE_MS))?;
    if claims != 1 {
        return Ok(None);
    }
    if mutation.looks_again && (Cache::exists(&key(slot - 1))? || Cache::exists(&key(slot + 1))?) {
        Cache::delete(&key(slot))?;
        return Ok(None);
    }
    Ok(Some(key(slot)))
}

fn is_claim_found(mutation: Mutation) -> bool {
    is_found(|random| {
        let chaos = claims::chaos(random);
        let jobs = claims::holding(random, &chaos, move |actor| match claim(mutation) {
            Ok(Some(key)) => {
                actor.note(Step::Held);
                actor.work(3);
                actor.note(Step::Released);
                let released = Cache::delete(&key);
                if released.is_err() && mutation.repeats_its_release {
                    let _ends_by_itself = Cache::delete(&key);
                }
            }
            Ok(None) => actor.note(Step::Locked),
            Err(_) => actor.note(Step::Failed),
        });
        (chaos, jobs, Box::new(claims::one_at_a_time))
    })
}

#[test]
fn a_claim_that_does_not_look_again() {
    assert!(is_claim_found(Mutation {
        looks_again: false,
        ..NONE
    }));
}

#[test]
fn a_release_that_is_repeated() {
    assert!(is_claim_found(Mutation {
        repeats_its_release: true,
        ..NONE
    }));
}

/// It is what the mutants lack that is found.
#[test]
fn a_claim_without_a_mutation_is_not_found() {
    assert!(!is_claim_found(NONE));
}
