//! The simulated platform, natively.

use std::time::Duration;

use fastedge::http::Body;
use fastedge_mock_host::{Answer, MockHost, Settings, StoreWriter};
use http::{Request, Response};

use crate::fixture::{self, Content};
use crate::probe::{self, Cases, Kind};
use crate::target::{Abilities, Target, Write};

/// The URL that answers the probe's requests.
const UPSTREAM: &str = "https://upstream.example/";

/// The simulated platform as a target: the probe is a function of this process.
#[derive(Debug)]
pub struct MockTarget {
    edge: MockHost,
}

impl MockTarget {
    /// A platform with two locations that behaves so, and has the fixture.
    pub fn new(settings: Settings) -> Self {
        MockTarget {
            edge: MockTarget::edge(settings),
        }
    }

    /// A platform with two locations that behaves so, and has the fixture: for targets that run the probe's
    /// component on it.
    pub fn edge(settings: Settings) -> MockHost {
        let (rotated, former, present, from) = fixture::ROTATED;
        let upstream = Answer::text("upstream").header("x-upstream", "yes");
        MockHost::pops(["one", "two"])
            .settings(settings)
            .starting_at(Duration::from_secs(u64::from(from) + 1))
            .kv(fixture::STORE, fill)
            .secret(fixture::SECRET.0, fixture::SECRET.1)
            .secret(fixture::SESSION_KEY.0, fixture::SESSION_KEY.1)
            .secret(rotated, former)
            .secret_from(rotated, u64::from(from), present)
            .variable(fixture::VARIABLE.0, fixture::VARIABLE.1)
            .answer(UPSTREAM, upstream)
    }

    /// What a target on the simulated platform has.
    pub fn abilities_of_edge() -> Abilities {
        Abilities {
            simulated_time: true,
            writes: true,
            locations: true,
            own_cache: true,
            upstream: Some(UPSTREAM.to_owned()),
            ..Abilities::least()
        }
    }

    /// Writes to the fixture's store of a simulated platform.
    pub fn write_to(edge: &MockHost, write: Write<'_>) {
        edge.write(fixture::STORE, |kv| match write {
            Write::Set {
                key,
                value,
                expires_after: None,
            } => kv.set(key, value),
            Write::Set {
                key,
                value,
                expires_after: Some(time),
            } => kv.set_expiring(key, value, time),
            Write::Score { key, member, score } => kv.sorted_set(key, [(score, member)]),
            Write::Delete { key } => kv.delete(key),
        });
    }

    fn send_at(&self, pop: &str, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        let request = request.map(Body::from);
        let answer = || probe::answer(Kind::Reactor, Cases::all(), request);
        let answer = self.edge.at(pop).run(answer);
        match answer {
            Ok(response) => Ok(response.map(Body::into_bytes)),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Target for MockTarget {
    fn abilities(&self) -> Abilities {
        MockTarget::abilities_of_edge()
    }

    fn send(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        self.send_at("one", request)
    }

    fn send_elsewhere(&mut self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, String> {
        self.send_at("two", request)
    }

    fn write(&mut self, write: Write<'_>) -> Result<(), String> {
        MockTarget::write_to(&self.edge, write);
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        self.edge.clock().advance(time);
    }
}

fn fill(kv: StoreWriter) -> StoreWriter {
    fixture::contents()
        .into_iter()
        .fold(kv, |kv, (key, content)| match content {
            Content::Plain(value) => kv.set(&key, value),
            Content::SortedSet(members) => kv.sorted_set(&key, members),
            Content::BloomFilter(items) => kv.bloom_filter(&key, items),
        })
}
