//! WASI's clocks, which are the edge's.
//!
//! The wall clock is that by which entries expire. Where the edge's clock stands still, as in tests,
//! the monotonic clock is the same one, and whoever waits for a moment moves it there: a sleep takes
//! no time. Where it follows the system's, waiting takes the time that it takes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastedge_mock_host::Edge;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use super::state::State;

/// How often others get their turn before time is moved: an answer that is ready is to be seen
/// before the time-out that waits beside it.
const TURNS: usize = 32;

/// Puts these clocks in the place of WASI's own.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.allow_shadowing(true);
    wall_clock::add_to_linker::<State, EdgeClocks>(linker, |state| Clocks(state))?;
    monotonic_clock::add_to_linker::<State, EdgeClocks>(linker, |state| Clocks(state))?;
    linker.allow_shadowing(false);
    Ok(())
}

struct EdgeClocks;

impl HasData for EdgeClocks {
    type Data<'a> = Clocks<'a>;
}

struct Clocks<'a>(&'a mut State);

impl Clocks<'_> {
    fn edge(&self) -> &Edge {
        self.0.session().edge()
    }

    fn sleep_until(&mut self, moment: Duration) -> Result<Resource<DynPollable>> {
        let sleep = Sleep {
            edge: self.edge().clone(),
            sleepers: self.0.sleepers.clone(),
            in_flight: Arc::clone(&self.0.outbound.in_flight),
            moment,
            has_let_others: moment > self.edge().clock().now(),
        };
        let sleep = self.0.table.push(sleep)?;
        subscribe(&mut self.0.table, sleep)
    }
}

impl wall_clock::Host for Clocks<'_> {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        let now = self.edge().clock().now();
        Ok(wall_clock::Datetime {
            seconds: now.as_secs(),
            nanoseconds: now.subsec_nanos(),
        })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime {
            seconds: 0,
            nanoseconds: 1_000,
        })
    }
}

impl monotonic_clock::Host for Clocks<'_> {
    fn now(&mut self) -> Result<u64> {
        let clock = self.edge().clock();
        match clock.stands_still() {
            true => Ok(nanos(clock.now())),
            false => monotonic_clock::Host::now(&mut self.0.clocks()),
        }
    }

    fn resolution(&mut self) -> Result<u64> {
        match self.edge().clock().stands_still() {
            true => Ok(1_000),
            false => monotonic_clock::Host::resolution(&mut self.0.clocks()),
        }
    }

    fn subscribe_instant(&mut self, when: u64) -> Result<Resource<DynPollable>> {
        match self.edge().clock().stands_still() {
            true => self.sleep_until(Duration::from_nanos(when)),
            false => monotonic_clock::Host::subscribe_instant(&mut self.0.clocks(), when),
        }
    }

    fn subscribe_duration(&mut self, duration: u64) -> Result<Resource<DynPollable>> {
        let clock = self.edge().clock();
        match clock.stands_still() {
            true => {
                let moment = clock.now().saturating_add(Duration::from_nanos(duration));
                self.sleep_until(moment)
            }
            false => monotonic_clock::Host::subscribe_duration(&mut self.0.clocks(), duration),
        }
    }
}

/// Those who wait in one instance, by the moments that they wait for: time is moved to the first of
/// them.
#[derive(Clone, Default)]
pub(super) struct Sleepers(Arc<Mutex<BTreeSet<Duration>>>);

impl Sleepers {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a moment of a clock that stands still.
struct Sleep {
    edge: Edge,
    sleepers: Sleepers,
    in_flight: Arc<AtomicUsize>,
    moment: Duration,
    /// One who does not wait at all lets others have their turn, once.
    has_let_others: bool,
}

#[async_trait::async_trait]
impl Pollable for Sleep {
    async fn ready(&mut self) {
        let clock = self.edge.clock();
        if clock.now() >= self.moment {
            if !self.has_let_others {
                self.has_let_others = true;
                tokio::task::yield_now().await;
            }
            return;
        }
        let _waiting = Waiting::of(self);
        loop {
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            if clock.now() >= self.moment {
                return;
            }
            if self.in_flight.load(SeqCst) > 0 {
                // An answer comes in real time, or not at all.
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            }
            let first = self.sleepers.lock().first().copied();
            if first.is_none_or(|first| first >= self.moment) {
                return clock.advance_to(self.moment);
            }
        }
    }
}

/// Takes the sleeper off the list when it has waited, or nobody waits for it any more.
struct Waiting {
    sleepers: Sleepers,
    moment: Duration,
}

impl Waiting {
    fn of(sleep: &Sleep) -> Self {
        sleep.sleepers.lock().insert(sleep.moment);
        Waiting {
            sleepers: sleep.sleepers.clone(),
            moment: sleep.moment,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.sleepers.lock().remove(&self.moment);
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
