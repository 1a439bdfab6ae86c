//! One contract, every host: cases for what an app may take for granted on FastEdge.
//!
//! The clauses of the contract are numbered in `docs/host-contract.md`, and each [`Case`] names those that it
//! is for. A case is written once, and is asked of whichever host serves the *probe*, a component that
//! carries the cases ([`probe`]): natively of the mock host ([`MockTarget`]), of the probe under `fastedge-mock`, and of
//! any host that answers HTTP, by `fastedge-mock conformance --target URL`.
//!
//! There are two sorts. Most run *inside* the probe, which calls the host and says what came back. The others
//! are exchanges with it from *outside*: what becomes of a request, of an app that crashes, of a write.
//!
//! ```
//! use fastedge_conformance::{MockTarget, Profile, run};
//! use fastedge_mock_host::Settings;
//!
//! let mut target = MockTarget::new(Settings::platform());
//! let report = run(&mut target, &Profile::platform(), |case| case.name() == "kv-values");
//! assert_eq!(report.to_string(), "ok       kv-values: KV-3\n\n1 passed, 0 failed\n");
//! ```
//!
//! Where the contract leaves a host its freedom, a case passes with what it has seen, and a [`Profile`] says
//! what a certain host does.

mod case;
mod check;
mod clock;
pub mod fixture;
mod inside;
#[cfg(not(target_arch = "wasm32"))]
mod mock;
mod outside;
pub mod probe;
mod profile;
mod raw;
mod report;
mod run;
mod target;

pub use self::case::{Case, Need, all};
#[cfg(not(target_arch = "wasm32"))]
pub use self::mock::MockTarget;
pub use self::probe::Kind;
pub use self::profile::Profile;
pub use self::report::{CaseReport, Outcome, Report};
pub use self::run::run;
pub use self::target::{Abilities, StoreApi, Target, Write};
