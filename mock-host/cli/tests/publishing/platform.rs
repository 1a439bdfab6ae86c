//! The local management API as a transport, which can be interrupted.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use fastedge::Body;
use fastedge::edge_storage_api::{Api, BatchLimits, Token, Transport, TransportError};
use fastedge::http::{Request, Response, Uri};
use fastedge_mock::api::{Api as Server, ApiRules, ConflictStatus, LargeValues, UnknownParameters};
use fastedge_mock::storage::Export;
use fastedge_mock_host::central::Entry;
use fastedge_mock_host::{Edge, Settings};
use fastedge_pack::Publisher;

/// The number of the only store.
pub(crate) const STORE: u64 = 1;

/// The contents of a key: its type, its values with their scores, and its expiry.
pub(crate) type Contents = (&'static str, Vec<(Vec<u8>, String)>, Option<u64>);

/// An interruption at a request, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// The tool is killed before the request.
    Before(usize),
    /// The tool is killed after the request was carried out.
    After(usize),
}

/// A platform with one store, `data`.
pub(crate) struct Platform {
    pub(crate) edge: Edge,
    pub(crate) rules: ApiRules,
    /// True if the server ignores the parameter `search`, as a server may that does not know it.
    pub(crate) ignores_search: bool,
    pub(crate) interruption: Cell<Option<Interruption>>,
    pub(crate) requests: Cell<usize>,
    now: Cell<Duration>,
    /// The keys that were deleted.
    pub(crate) deleted: RefCell<Vec<String>>,
}

impl Platform {
    pub(crate) fn new(rules: ApiRules) -> Self {
        let edge = Edge::for_tests(&[], Settings::platform());
        let store = edge.create_store("data", None, None).unwrap();
        assert_eq!(store.id, STORE);
        Platform {
            edge,
            rules,
            ignores_search: false,
            interruption: Cell::new(None),
            requests: Cell::new(0),
            now: Cell::new(Duration::from_secs(1_800_000_000)),
            deleted: RefCell::default(),
        }
    }

    pub(crate) fn api() -> Api {
        Api::new(Token::new("t0ken").unwrap())
    }

    /// Returns a publisher that sends many requests.
    pub(crate) fn publisher(&self, key: &str) -> Publisher<&Platform> {
        let limits = BatchLimits {
            entries: 60,
            bytes: 1_000_000,
        };
        let now = self.now.get();
        Publisher::new(Platform::api(), STORE, key, self)
            .limits(limits)
            .entries_per_second(0.0)
            .with_clock(move || SystemTime::UNIX_EPOCH + now)
    }

    pub(crate) fn export<'a>(&'a self, api: &'a Api) -> Export<'a, Platform> {
        Export {
            api,
            transport: self,
            store: STORE,
            values: None,
        }
    }

    pub(crate) fn interrupt(&self, interruption: Option<Interruption>) {
        self.requests.set(0);
        self.interruption.set(interruption);
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    /// Returns the value of a plain pair in the central database.
    pub(crate) fn value(&self, key: &str) -> Option<Vec<u8>> {
        let entry = self.edge.entry(STORE, key).unwrap()?;
        entry.value().map(<[u8]>::to_vec)
    }

    /// Returns all contents of the central database.
    pub(crate) fn contents(&self) -> BTreeMap<String, Contents> {
        let keys = self.edge.keys(STORE, "").unwrap().into_iter();
        keys.map(|key| {
            let entry = self.edge.entry(STORE, &key).unwrap().unwrap();
            (key, contents(&entry))
        })
        .collect()
    }

    fn carry_out(&self, request: Request<Body>) -> Response<Body> {
        let mut request = request.map(|body| Bytes::from(body.into_bytes()));
        if request.method() == "PUT"
            && let Ok(serde_json::Value::Array(changes)) = serde_json::from_slice(request.body())
        {
            let deletions = changes.iter().filter(|change| change["op"] == "del_key");
            let keys = deletions.map(|change| change["key"].as_str().unwrap().to_owned());
            self.deleted.borrow_mut().extend(keys);
        }
        if self.ignores_search
            && let Some((path, query)) = request.uri().to_string().split_once('?')
        {
            let pairs = query.split('&').filter(|pair| !pair.starts_with("search="));
            let query: Vec<_> = pairs.collect();
            *request.uri_mut() = format!("{path}?{}", query.join("&"))
                .parse::<Uri>()
                .unwrap();
        }
        let server = Server {
            edge: &self.edge,
            apps: &[],
            settings: self.rules,
        };
        server
            .answer(&request)
            .map(|body| Body::from(body.to_vec()))
    }
}

fn contents(entry: &Entry) -> Contents {
    let values = if let Some(value) = entry.value() {
        vec![(value.to_vec(), String::new())]
    } else if let Some(members) = entry.members() {
        let members = members.map(|(member, score)| (member.to_vec(), score.to_string()));
        members.collect()
    } else {
        let items = entry.items().into_iter().flatten();
        items.map(|item| (item.to_vec(), String::new())).collect()
    };
    (entry.data_type().name(), values, entry.expires_at_ms())
}

impl Transport for Platform {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let number = self.requests.get();
        self.requests.set(number + 1);
        let killed = || Err(TransportError::refused("killed"));
        match self.interruption.get() {
            Some(Interruption::Before(at)) if number >= at => return killed(),
            Some(Interruption::After(at)) if number > at => return killed(),
            _ => {}
        }
        let response = self.carry_out(request);
        match self.interruption.get() {
            Some(Interruption::After(at)) if number == at => killed(),
            _ => Ok(response),
        }
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// Returns every combination of the readings of the API's documentation.
pub(crate) fn readings() -> Vec<ApiRules> {
    let mut all = Vec::new();
    for large_values in [
        LargeValues::Sha256OfValue,
        LargeValues::Sha256OfText,
        LargeValues::Clear,
    ] {
        for status in [ConflictStatus::BadRequest, ConflictStatus::Conflict] {
            for unknown in [UnknownParameters::Ignore, UnknownParameters::Refuse] {
                let rules = ApiRules::default()
                    .large_values(large_values)
                    .conflict_status(status)
                    .unknown_parameters(unknown);
                all.push(rules);
            }
        }
    }
    all
}
