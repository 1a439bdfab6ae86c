//! A scheduler for requests that run at once: which of them goes on, and what happens between two calls
//! of the host, is decided by a seed.
//!
//! Each request (an actor) is a coroutine that gives way before each of its calls. Meanwhile others
//! run, time passes, it stalls, entries are evicted; its call fails, before or after its effect; it is
//! killed. The state is that of the mock edge.

use std::any::Any;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use fastedge_host::{Cache, CacheError, Clock, Host, Random, StandardInterfaces};
use fastedge_mock_host::MockHost;
use generator::{Generator, Gn};

/// The most requests at once.
pub(crate) const MOST_ACTORS: usize = 8;

/// The stack of a request, in words.
const STACK: usize = 0x4000;

/// What happens to the requests, and how likely.
#[derive(Clone, Debug)]
pub(crate) struct Chaos {
    pub(crate) actors: RangeInclusive<usize>,
    /// Over which time they come, in milliseconds.
    pub(crate) horizon_ms: u64,
    /// How many of them, the first ones, come so long after that time.
    pub(crate) late: (usize, u64),
    /// After which time they are killed.
    pub(crate) longest_run_ms: u64,
    /// The largest difference of two nodes' clocks.
    pub(crate) skew_ms: u64,
    /// Of a call: that it fails.
    pub(crate) failing: f64,
    /// Of a step: that the request is killed.
    pub(crate) crashing: f64,
    /// Of a step: that an entry is evicted.
    pub(crate) evicting: f64,
}

impl Chaos {
    /// Requests that meet, with everything that may happen to them. The runs are of different kinds:
    /// what happens always hides what happens without.
    pub(crate) fn drawn(random: &mut fastrand::Rng, horizon_ms: u64, longest_run_ms: u64) -> Self {
        let mut sometimes = |probability: f64| match random.u8(..3) {
            0 => probability,
            _ => 0.0,
        };
        Chaos {
            failing: sometimes(0.05),
            crashing: sometimes(0.02),
            evicting: 0.0,
            actors: 2..=MOST_ACTORS,
            late: (0, 0),
            horizon_ms,
            longest_run_ms,
            skew_ms: if random.bool() { longest_run_ms / 4 } else { 0 },
        }
    }

    pub(crate) fn evicting(mut self, random: &mut fastrand::Rng) -> Self {
        if random.u8(..3) == 0 {
            self.evicting = 0.02;
        }
        self
    }
}

pub(crate) type Job<E> = Box<dyn FnOnce(&Actor<E>) + Send>;
pub(crate) type Check<E> = Box<dyn Fn(&Record<E>) -> Result<(), String>>;

/// A request, for its own code.
pub(crate) struct Actor<E> {
    index: usize,
    shared: Arc<Mutex<Shared<E>>>,
    edge: MockHost,
}

impl<E> Actor<E> {
    /// Notes what the request has found, with the time.
    pub(crate) fn note(&self, event: E) {
        let mut shared = lock(&self.shared);
        let noted = Noted {
            actor: self.index,
            step: shared.step,
            at_ms: self.edge.clock().now_ms(),
            event,
        };
        shared.record.events.push(noted);
    }

    /// The time, as this request's node has it.
    pub(crate) fn now_ms(&self) -> u64 {
        let now = fastedge::clock::now().expect("a host is installed");
        let since = now.duration_since(std::time::SystemTime::UNIX_EPOCH);
        u64::try_from(since.unwrap().as_millis()).unwrap()
    }

    /// Does something that takes a while.
    pub(crate) fn work(&self, steps: usize) {
        for _ in 0..steps {
            give_way(&self.shared, self.index);
        }
    }
}

/// What has happened in a run.
pub(crate) struct Record<E> {
    pub(crate) events: Vec<Noted<E>>,
    pub(crate) actors: Vec<Life>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) evictions: Vec<(u64, String)>,
    /// What was given back to a count that had been evicted since it was added.
    pub(crate) stale_refunds: i64,
    /// Keys that are left without an expiry.
    pub(crate) orphans: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Noted<E> {
    pub(crate) actor: usize,
    pub(crate) step: u64,
    pub(crate) at_ms: u64,
    pub(crate) event: E,
}

/// From when to when a request ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    pub(crate) steps: Option<(u64, u64)>,
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    pub(crate) crashed: bool,
    pub(crate) skew_ms: i64,
}

/// A call that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) actor: usize,
}

impl<E> Record<E> {
    pub(crate) fn crashes(&self) -> usize {
        self.actors.iter().filter(|life| life.crashed).count()
    }

    /// At most one key without an expiry for each crash and each failed call.
    pub(crate) fn few_orphans(&self) -> Result<(), String> {
        let excused = self.crashes() + self.failures.len();
        match self.orphans.len() > excused {
            true => Err(format!(
                "{} orphans: {:?}",
                self.orphans.len(),
                self.orphans
            )),
            false => Ok(()),
        }
    }

    /// Whether two requests ran at the same time.
    pub(crate) fn overlap(&self, a: usize, b: usize) -> bool {
        match (self.actors[a].steps, self.actors[b].steps) {
            (Some(a), Some(b)) => a.0 <= b.1 && b.0 <= a.1,
            _ => false,
        }
    }
}

/// What the scheduler and the requests share.
struct Shared<E> {
    random: fastrand::Rng,
    chaos: Chaos,
    step: u64,
    wakes_at_ms: [u64; MOST_ACTORS],
    crashed: [bool; MOST_ACTORS],
    jobs: [Option<Job<E>>; MOST_ACTORS],
    /// What each request has added where, for stale refunds.
    added: Vec<Added>,
    traces: Option<Vec<String>>,
    record: Record<E>,
}

struct Added {
    actor: usize,
    key: String,
    was_evicted: bool,
}

fn lock<E>(shared: &Mutex<Shared<E>>) -> MutexGuard<'_, Shared<E>> {
    shared.lock().expect("nobody panics with it")
}

/// The mark of a request that is killed.
struct Killed;

/// Lets the scheduler decide who goes on.
fn give_way<E>(shared: &Mutex<Shared<E>>, actor: usize) {
    if lock(shared).crashed[actor] {
        // It is being unwound: what its guards do on the way never happens.
        return;
    }
    #[allow(
        deprecated,
        reason = "the host's functions have no handle to the coroutine"
    )]
    generator::yield_with(());
    if lock(shared).crashed[actor] {
        resume_unwind(Box::new(Killed));
    }
}

/// The host of one request.
struct SimulatedHost<E> {
    index: usize,
    shared: Arc<Mutex<Shared<E>>>,
    edge: MockHost,
    host: Host,
}

impl<E: Send + 'static> SimulatedHost<E> {
    fn call<T>(
        &self,
        operation: &'static str,
        key: &str,
        delta: i64,
        effect: impl FnOnce(&dyn Cache) -> Result<T, CacheError>,
    ) -> Result<T, CacheError> {
        give_way(&self.shared, self.index);
        let (fails, happens) = {
            let mut shared = lock(&self.shared);
            if shared.crashed[self.index] {
                return Err(CacheError::InternalError);
            }
            let failing = shared.chaos.failing;
            (shared.random.f64() < failing, shared.random.bool())
        };
        let result = (!fails || happens).then(|| effect(self.host.cache()));
        let mut shared = lock(&self.shared);
        if operation == "incr" && result.is_some() {
            shared.count(self.index, key, delta);
        }
        let step = shared.step;
        if let Some(traces) = &mut shared.traces {
            let now = self.edge.clock().now_ms() % 1_000_000;
            let outcome = match fails {
                true => format!("FAILS, {}", if happens { "done" } else { "not done" }),
                false => String::new(),
            };
            let value = self.edge.cache().get_text(key).unwrap_or_default();
            let value: String = value
                .chars()
                .filter(char::is_ascii_graphic)
                .take(12)
                .collect();
            let index = self.index;
            traces.push(format!(
                "{step:4} {now:6}ms  {index} {operation} {key} {delta} {outcome} -> {value}"
            ));
        }
        match result {
            Some(result) if !fails => result,
            _ => {
                let actor = self.index;
                shared.record.failures.push(Failure { actor });
                Err(CacheError::InternalError)
            }
        }
    }
}

impl<E> Shared<E> {
    fn count(&mut self, actor: usize, key: &str, delta: i64) {
        let of_this = |added: &Added| added.actor == actor && added.key == key;
        if delta < 0 {
            if let Some(at) = self.added.iter().position(of_this)
                && self.added.swap_remove(at).was_evicted
            {
                self.record.stale_refunds -= delta;
            }
        } else {
            self.added.push(Added {
                actor,
                key: key.to_owned(),
                was_evicted: false,
            });
        }
    }
}

impl<E: Send + 'static> Cache for SimulatedHost<E> {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, CacheError> {
        self.call("get", key, 0, |cache| cache.get(key))
    }

    fn set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), CacheError> {
        self.call("set", key, 0, |cache| cache.set(key, value, ttl_ms))
    }

    fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.call("delete", key, 0, |cache| cache.delete(key))
    }

    fn exists(&self, key: &str) -> Result<bool, CacheError> {
        self.call("exists", key, 0, |cache| cache.exists(key))
    }

    fn incr(&self, key: &str, delta: i64) -> Result<i64, CacheError> {
        self.call("incr", key, delta, |cache| cache.incr(key, delta))
    }

    fn expire(&self, key: &str, ttl_ms: u64) -> Result<bool, CacheError> {
        self.call("expire", key, 0, |cache| cache.expire(key, ttl_ms))
    }

    fn purge(&self) -> Result<u64, CacheError> {
        self.call("purge", "", 0, |cache| cache.purge())
    }

    fn purge_prefix(&self, prefix: &str) -> Result<u64, CacheError> {
        self.call("purge-prefix", prefix, 0, |cache| {
            cache.purge_prefix(prefix)
        })
    }
}

impl<E: Send + 'static> Clock for SimulatedHost<E> {
    fn now(&self) -> Duration {
        let skew_ms = lock(&self.shared).record.actors[self.index].skew_ms;
        let now = self.edge.clock().now();
        match u64::try_from(skew_ms) {
            Ok(ahead) => now + Duration::from_millis(ahead),
            Err(_) => now - Duration::from_millis(skew_ms.unsigned_abs()),
        }
    }

    fn sleep(&self, duration: Duration) {
        let ends_ms = self.edge.clock().now_ms() + u64::try_from(duration.as_millis()).unwrap() + 1;
        lock(&self.shared).wakes_at_ms[self.index] = ends_ms;
        give_way(&self.shared, self.index);
    }
}

impl<E: Send + 'static> Random for SimulatedHost<E> {
    fn fill(&self, bytes: &mut [u8]) {
        lock(&self.shared).random.fill(bytes);
    }
}

/// Runs requests, one schedule after the other.
pub(crate) struct Simulation<E: Send + 'static> {
    edge: MockHost,
    shared: Arc<Mutex<Shared<E>>>,
    hosts: Vec<Host>,
    coroutines: Vec<Generator<'static, (), ()>>,
}

impl<E: Send + 'static> Simulation<E> {
    pub(crate) fn new() -> Self {
        let edge = MockHost::new();
        let record = || Record {
            events: Vec::new(),
            actors: vec![Life::default(); MOST_ACTORS],
            failures: Vec::new(),
            evictions: Vec::new(),
            stale_refunds: 0,
            orphans: Vec::new(),
        };
        let shared = Arc::new(Mutex::new(Shared {
            random: fastrand::Rng::with_seed(0),
            chaos: Chaos::drawn(&mut fastrand::Rng::with_seed(0), 1, 1),
            step: 0,
            wakes_at_ms: [0; MOST_ACTORS],
            crashed: [false; MOST_ACTORS],
            jobs: Default::default(),
            added: Vec::new(),
            traces: None,
            record: record(),
        }));
        let host_of = |index| {
            let simulated = || SimulatedHost {
                index,
                shared: Arc::clone(&shared),
                edge: edge.clone(),
                host: edge.host(),
            };
            Host::new(StandardInterfaces)
                .with_cache(simulated())
                .with_clock(simulated())
                .with_random(simulated())
        };
        Simulation {
            hosts: (0..MOST_ACTORS).map(host_of).collect(),
            coroutines: (0..MOST_ACTORS)
                .map(|index| coroutine(index, &shared, &edge))
                .collect(),
            shared,
            edge,
        }
    }

    /// One schedule. `Err` says what was wrong with it.
    pub(crate) fn run(
        &mut self,
        seed: u64,
        traces: bool,
        scenario: &impl Fn(&mut fastrand::Rng) -> (Chaos, Vec<Job<E>>, Check<E>),
    ) -> Result<(), String> {
        let mut random = fastrand::Rng::with_seed(seed);
        self.edge.clear_calls();
        self.edge.cache().evict_all();
        // 2026, and somewhere within a day.
        let start_ms = 1_767_225_600_000 + random.u64(..86_400_000);
        self.edge.clock().set(Duration::from_millis(start_ms));
        let (chaos, jobs, check) = scenario(&mut random);
        let actors = jobs.len();
        {
            let mut shared = lock(&self.shared);
            shared.reset(chaos.clone(), jobs, &mut random, start_ms);
            shared.traces = traces.then(Vec::new);
        }
        self.schedule(actors, &chaos, &mut random);
        let mut shared = lock(&self.shared);
        let (_, entries) = self.edge.cache().list(usize::MAX);
        let orphans = entries.into_iter().filter(|entry| entry.ttl.is_none());
        shared.record.orphans = orphans.map(|entry| entry.key).collect();
        let traces = shared.traces.take().unwrap_or_default();
        check(&shared.record).map_err(|problem| {
            let lives = &shared.record.actors[..actors];
            format!("{problem}\n{}\n{lives:#?}", traces.join("\n"))
        })
    }

    fn schedule(&mut self, actors: usize, chaos: &Chaos, random: &mut fastrand::Rng) {
        let mut is_done = [false; MOST_ACTORS];
        loop {
            let now_ms = self.edge.clock().now_ms();
            let wakes = lock(&self.shared).wakes_at_ms;
            let waiting: Vec<usize> = (0..actors).filter(|actor| !is_done[*actor]).collect();
            let ready: Vec<usize> = waiting
                .iter()
                .copied()
                .filter(|actor| wakes[*actor] <= now_ms)
                .collect();
            let Some(&actor) = random.choice(&ready) else {
                let Some(next_ms) = waiting.iter().map(|actor| wakes[*actor]).min() else {
                    return;
                };
                self.edge
                    .clock()
                    .advance(Duration::from_millis(next_ms - now_ms));
                continue;
            };
            self.perturb(actor, chaos, random);
            self.hosts[actor].run(|| self.coroutines[actor].resume());
            let mut shared = lock(&self.shared);
            let step = shared.step;
            let now_ms = self.edge.clock().now_ms();
            let life = &mut shared.record.actors[actor];
            if !life.crashed {
                life.to_ms = now_ms;
                life.steps = life.steps.map(|(from, _)| (from, step));
            }
            is_done[actor] = shared.jobs[actor].is_none() && shared.wakes_at_ms[actor] == u64::MAX;
        }
    }

    /// What happens before this request goes on.
    fn perturb(&self, actor: usize, chaos: &Chaos, random: &mut fastrand::Rng) {
        if random.u8(..4) == 0 {
            let most = (chaos.longest_run_ms / 8).max(1);
            self.edge
                .clock()
                .advance(Duration::from_millis(random.u64(..=most)));
        }
        if random.f64() < chaos.evicting {
            let (_, entries) = self.edge.cache().list(usize::MAX);
            if let Some(entry) = random.choice(&entries) {
                self.edge.cache().evict(&entry.key);
                lock(&self.shared).evicted(&entry.key);
            }
        }
        let now_ms = self.edge.clock().now_ms();
        let mut shared = lock(&self.shared);
        shared.step += 1;
        let step = shared.step;
        // The platform kills what takes too long.
        for other in 0..shared.record.actors.len() {
            let life = &shared.record.actors[other];
            let is_running = life.steps.is_some() && shared.wakes_at_ms[other] != u64::MAX;
            let is_over = is_running && now_ms - life.from_ms >= chaos.longest_run_ms;
            if is_over && !shared.crashed[other] {
                shared.kill(other, now_ms);
            }
        }
        let life = &mut shared.record.actors[actor];
        if life.steps.is_none() {
            life.steps = Some((step, step));
            life.from_ms = now_ms;
            return;
        }
        if shared.crashed[actor] {
            return;
        }
        if random.f64() < chaos.crashing {
            shared.kill(actor, now_ms);
        } else if random.u8(..32) == 0 {
            let stall_ms = random.u64(..=chaos.longest_run_ms);
            shared.wakes_at_ms[actor] = now_ms + stall_ms;
        }
    }
}

impl<E> Shared<E> {
    /// The request does nothing any more. It is unwound when it is its turn.
    fn kill(&mut self, actor: usize, now_ms: u64) {
        self.crashed[actor] = true;
        self.wakes_at_ms[actor] = 0;
        let step = self.step;
        let life = &mut self.record.actors[actor];
        life.crashed = true;
        life.to_ms = now_ms;
        life.steps = life.steps.map(|(from, _)| (from, step));
        if let Some(traces) = &mut self.traces {
            traces.push(format!(
                "{step:4} {:6}ms  {actor} KILLED",
                now_ms % 1_000_000
            ));
        }
    }

    fn reset(
        &mut self,
        chaos: Chaos,
        jobs: Vec<Job<E>>,
        random: &mut fastrand::Rng,
        start_ms: u64,
    ) {
        self.random = random.fork();
        self.step = 0;
        self.crashed = [false; MOST_ACTORS];
        self.added.clear();
        self.record.events.clear();
        self.record.failures.clear();
        self.record.evictions.clear();
        self.record.orphans.clear();
        self.record.stale_refunds = 0;
        // Half of them come together.
        let rush_ms = start_ms + random.u64(..=chaos.horizon_ms);
        self.record.actors.clear();
        for (actor, job) in jobs.into_iter().enumerate() {
            self.jobs[actor] = Some(job);
            let (late, later_ms) = chaos.late;
            self.wakes_at_ms[actor] = match random.bool() {
                _ if actor < late => start_ms + chaos.horizon_ms + later_ms,
                true => rush_ms,
                false => start_ms + random.u64(..=chaos.horizon_ms),
            };
            let half = i64::try_from(chaos.skew_ms / 2).unwrap();
            self.record.actors.push(Life {
                skew_ms: random.i64(-half..=half),
                ..Life::default()
            });
        }
        self.chaos = chaos;
    }

    fn evicted(&mut self, key: &str) {
        let step = self.step;
        self.record.evictions.push((step, key.to_owned()));
        for added in &mut self.added {
            added.was_evicted |= added.key == key;
        }
        if let Some(traces) = &mut self.traces {
            traces.push(format!("{step:4}           EVICTED {key}"));
        }
    }
}

/// A coroutine that does one job after the other, and gives way in between.
fn coroutine<E: Send + 'static>(
    index: usize,
    shared: &Arc<Mutex<Shared<E>>>,
    edge: &MockHost,
) -> Generator<'static, (), ()> {
    let actor = Actor {
        index,
        shared: Arc::clone(shared),
        edge: edge.clone(),
    };
    Gn::new_opt(STACK, move || {
        loop {
            let job = lock(&actor.shared).jobs[actor.index].take();
            if let Some(job) = job
                && let Err(cause) = catch_unwind(AssertUnwindSafe(|| job(&actor)))
                && !is_kill(&*cause)
            {
                resume_unwind(cause);
            }
            let mut shared = lock(&actor.shared);
            // A request that is killed at its very end has ended.
            shared.wakes_at_ms[actor.index] = u64::MAX;
            drop(shared);
            #[allow(deprecated, reason = "as above")]
            generator::yield_with(());
        }
    })
}

fn is_kill(cause: &(dyn Any + Send)) -> bool {
    cause.is::<Killed>()
}

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
