//! A host that is asked.

use std::time::Duration;

use fastedge::edge_storage_api::{Api, Transport};
use http::{Request, Response};

/// A host that serves the probe, and what can be done to it beside asking.
///
/// What [`abilities`](Target::abilities) does not name is never called.
pub trait Target {
    /// What it has.
    fn abilities(&self) -> Abilities;

    /// Sends a request to the probe, and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// If there is none, with the reason.
    fn send(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String>;

    /// Sends a request to the probe at another location: the second one.
    ///
    /// # Errors
    ///
    /// If there is no answer, with the reason.
    fn send_elsewhere(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        let _request = request;
        Err("there is one location".to_owned())
    }

    /// Sends requests at the same time.
    ///
    /// # Errors
    ///
    /// If one of them has no answer, with the reason.
    fn send_together(
        &mut self,
        requests: Vec<Request<Vec<u8>>>,
    ) -> Result<Vec<Response<Vec<u8>>>, String> {
        requests
            .into_iter()
            .map(|request| self.send(request))
            .collect()
    }

    /// Writes to the store of the fixture.
    ///
    /// # Errors
    ///
    /// If it cannot be written, with the reason.
    fn write(&mut self, write: Write<'_>) -> Result<(), String> {
        let _write = write;
        Err("the store cannot be written".to_owned())
    }

    /// Lets time pass.
    fn pass(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    /// The API, and the number of the fixture's store.
    fn api(&mut self) -> Option<StoreApi<'_>> {
        None
    }
}

/// What a target has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abilities {
    /// Whether the probe is a component.
    pub component: bool,
    /// Whether time passes on demand.
    pub simulated_time: bool,
    /// How long a case may wait where it does not.
    pub patience: Duration,
    /// Whether the store can be written.
    pub writes: bool,
    /// Whether there is more than one location.
    pub locations: bool,
    /// Whether nobody else uses the cache.
    pub own_cache: bool,
    /// Whether the API is there.
    pub api: bool,
    /// Whether the probe may exceed its limits.
    pub limits: bool,
    /// Whether requests may have any method, and any bytes in their headers.
    pub raw_http: bool,
    /// A URL that answers the probe's GET with 200, the header `x-upstream: yes` and the body `upstream`.
    pub upstream: Option<String>,
}

impl Abilities {
    /// None but answering, and waiting for two seconds.
    pub fn least() -> Self {
        Abilities {
            component: false,
            simulated_time: false,
            patience: Duration::from_secs(2),
            writes: false,
            locations: false,
            own_cache: false,
            api: false,
            limits: false,
            raw_http: false,
            upstream: None,
        }
    }
}

/// A change of the store of the fixture.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Write<'a> {
    /// Sets a plain pair, which may expire after a time.
    Set {
        /// The key.
        key: &'a str,
        /// The value.
        value: &'a str,
        /// The time.
        expires_after: Option<Duration>,
    },
    /// Gives a member of a sorted set a score.
    Score {
        /// The sorted set.
        key: &'a str,
        /// The member.
        member: &'a str,
        /// Its score.
        score: f64,
    },
    /// Removes a plain pair.
    Delete {
        /// The key.
        key: &'a str,
    },
}

/// The platform's API, how it is asked, and the store of the fixture.
pub struct StoreApi<'a> {
    /// The API, with its token.
    pub api: &'a Api,
    /// What sends its requests.
    pub transport: &'a dyn Transport,
    /// The store's number.
    pub store: u64,
    /// Where the API is, without a path.
    pub url: &'a str,
}
