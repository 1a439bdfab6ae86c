//! A scheduler for requests that run at once: which of them goes on, and what happens between two calls
//! of the host, is decided by a seed.
//!
//! Each request (an actor) is a coroutine that gives way before each of its calls. Meanwhile others
//! run, time passes, it stalls, entries are evicted; its call fails, before or after its effect; it is
//! killed. The state is that of the mock edge.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use fastedge_host::Host;
use fastedge_mock_host::MockHost;
use generator::{Generator, Gn};

pub(crate) use crate::chaos::Chaos;
pub(crate) use crate::record::{Life, Noted, Record};

use crate::host::SimulatedHost;

/// The most requests at once.
pub(crate) const MOST_ACTORS: usize = 8;

/// The stack of a request, in words.
const STACK: usize = 0x4000;

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

/// What the scheduler and the requests share.
pub(crate) struct Shared<E> {
    pub(crate) random: fastrand::Rng,
    pub(crate) chaos: Chaos,
    pub(crate) step: u64,
    pub(crate) wakes_at_ms: [u64; MOST_ACTORS],
    pub(crate) crashed: [bool; MOST_ACTORS],
    jobs: [Option<Job<E>>; MOST_ACTORS],
    /// What each request has added where, for stale refunds.
    added: Vec<Added>,
    pub(crate) traces: Option<Vec<String>>,
    pub(crate) record: Record<E>,
}

struct Added {
    actor: usize,
    key: String,
    was_evicted: bool,
}

pub(crate) fn lock<E>(shared: &Mutex<Shared<E>>) -> MutexGuard<'_, Shared<E>> {
    shared.lock().expect("nobody panics with it")
}

/// The mark of a request that is killed.
struct Killed;

/// Lets the scheduler decide who goes on.
pub(crate) fn give_way<E>(shared: &Mutex<Shared<E>>, actor: usize) {
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

impl<E> Shared<E> {
    pub(crate) fn count(&mut self, actor: usize, key: &str, delta: i64) {
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

/// Runs requests, one schedule after the other.
pub(crate) struct Simulation<E: Send + 'static> {
    edge: MockHost,
    shared: Arc<Mutex<Shared<E>>>,
    hosts: Vec<Host>,
    coroutines: Vec<Generator<'static, (), ()>>,
}

impl<E: Send + 'static> Simulation<E> {
    pub(crate) fn new() -> Self {
        let edge = MockHost::new().secret("SESSION_KEY", "0123456789abcdef0123456789abcdef");
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
            edge.host()
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
