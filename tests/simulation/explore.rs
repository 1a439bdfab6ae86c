//! One schedule after the other.

use crate::scheduler::{Chaos, Check, Job, Simulation};

/// How many schedules of each pattern are run: `FASTEDGE_SIMULATIONS`, or 100,000.
fn runs() -> u64 {
    let runs = std::env::var("FASTEDGE_SIMULATIONS").ok();
    runs.map_or(100_000, |runs| {
        runs.parse().expect("FASTEDGE_SIMULATIONS is a number")
    })
}

/// Runs a scenario by many seeds, or by the one that `FASTEDGE_SIMULATION_SEED` names, and panics with the
/// first seed that breaks it and what happened.
pub(crate) fn explore<E: Send + 'static>(
    scenario: impl Fn(&mut fastrand::Rng) -> (Chaos, Vec<Job<E>>, Check<E>),
) {
    let mut simulation = Simulation::new();
    if let Ok(seed) = std::env::var("FASTEDGE_SIMULATION_SEED") {
        let seed = seed.parse().expect("FASTEDGE_SIMULATION_SEED is a number");
        if let Err(problem) = simulation.run(seed, true, &scenario) {
            panic!("seed {seed}: {problem}");
        }
        return;
    }
    if let Some(seed) = broken_by(&mut simulation, runs(), &scenario) {
        let again = simulation.run(seed, true, &scenario);
        panic!(
            "FASTEDGE_SIMULATION_SEED={seed}: {}",
            again.expect_err("a seed breaks it each time")
        );
    }
}

/// Whether a scenario that is wrong is found to be.
pub(crate) fn is_found<E: Send + 'static>(
    scenario: impl Fn(&mut fastrand::Rng) -> (Chaos, Vec<Job<E>>, Check<E>),
) -> bool {
    broken_by(&mut Simulation::new(), 100_000, &scenario).is_some()
}

fn broken_by<E: Send + 'static>(
    simulation: &mut Simulation<E>,
    runs: u64,
    scenario: &impl Fn(&mut fastrand::Rng) -> (Chaos, Vec<Job<E>>, Check<E>),
) -> Option<u64> {
    (0..runs).find(|seed| simulation.run(*seed, false, scenario).is_err())
}
