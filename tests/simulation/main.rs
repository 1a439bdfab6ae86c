//! The patterns of the cache under all that may happen: random interleavings of up to eight requests,
//! stalls, crashes between any two calls, failing calls, clocks that differ, evictions.
//!
//! Each pattern is run by 100,000 seeds (`FASTEDGE_SIMULATIONS` is another number). A seed that breaks one
//! is printed; `FASTEDGE_SIMULATION_SEED` runs it again, and prints what happened.

mod chaos;
mod claims;
mod counts;
mod explore;
mod host;
mod limits;
mod memos;
mod mutants;
mod record;
mod scheduler;
mod visits;
