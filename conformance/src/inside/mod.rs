//! The cases that run inside the probe.

mod blocklists;
mod cache;
mod http;
mod key_value;
mod patterns;
mod set;
mod stores;

use fastedge::KvStore;

use crate::case::Case;
use crate::check::Stop;
use crate::fixture;

/// All of them.
pub(crate) const ALL: &[&[Case]] = &[
    key_value::CASES,
    cache::CASES,
    set::CASES,
    http::CASES,
    stores::CASES,
    blocklists::CASES,
    patterns::CASES,
    http::OUTBOUND,
];

/// Those of a probe that sends no requests by `gcore:fastedge/http-client`. It is a list of its own, and no part of the
/// other one, so that the probe's component has none of what only that one names, and does not import the interface.
pub(crate) const WITHOUT_OUTBOUND: &[&[Case]] = &[
    key_value::CASES,
    cache::CASES,
    set::CASES,
    http::CASES,
    stores::CASES,
    blocklists::CASES,
    patterns::CASES,
];

/// Where a case runs.
pub(crate) struct Ground<'a> {
    run: &'a str,
    case: &'static str,
    upstream: &'a str,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(run: &'a str, case: &'static str, upstream: &'a str) -> Self {
        Ground {
            run,
            case,
            upstream,
        }
    }

    /// A key of the cache that is this case's and this run's own.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("conformance:{}:{}:{name}", self.run, self.case)
    }

    /// The fixture's store.
    pub(crate) fn store(&self) -> Result<KvStore, Stop> {
        KvStore::open(fixture::STORE).map_err(|error| {
            Stop::Failed(format!(
                "the fixture's store cannot be opened: is it linked to the probe? ({error})"
            ))
        })
    }

    /// A URL that answers requests.
    pub(crate) fn upstream(&self) -> &str {
        self.upstream
    }
}
