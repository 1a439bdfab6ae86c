//! All pages of lists that change while they are read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use fastedge::Body;
use fastedge::edge_storage_api::{
    Api, EntryQuery, ErrorKind, Stored, Token, Transport, TransportError,
};
use fastedge::http::{Request, Response, StatusCode};
use fastrand::Rng;
use serde_json::{Value, json};

/// A server with one list, which it changes after each request.
struct Server {
    list: RefCell<BTreeSet<String>>,
    /// Elements that stay.
    kept: BTreeSet<String>,
    random: RefCell<Rng>,
    /// The most elements that are added or removed after a request.
    changes: usize,
    /// True if responses have the number of all elements.
    has_count: bool,
    requests: Cell<usize>,
}

impl Server {
    fn new(seed: u64, elements: usize, changes: usize) -> Self {
        let mut random = Rng::with_seed(seed);
        let list: BTreeSet<String> = (0..elements).map(|_| element(&mut random)).collect();
        let kept = list
            .iter()
            .filter(|_| random.u8(..3) == 0)
            .cloned()
            .collect();
        Server {
            list: RefCell::new(list),
            kept,
            has_count: random.bool(),
            random: RefCell::new(random),
            changes,
            requests: Cell::new(0),
        }
    }

    fn change(&self) {
        let (mut list, mut random) = (self.list.borrow_mut(), self.random.borrow_mut());
        for _ in 0..random.usize(..=self.changes) {
            match random.bool() {
                true => drop(list.insert(element(&mut random))),
                false => {
                    let at = element(&mut random);
                    let gone = list
                        .range(at..)
                        .find(|one| !self.kept.contains(*one))
                        .cloned();
                    gone.map(|gone| list.remove(&gone));
                }
            }
        }
    }
}

fn element(random: &mut Rng) -> String {
    format!("{:08}", random.u32(..100_000_000))
}

impl Transport for Server {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        self.requests.set(self.requests.get() + 1);
        let query = request.uri().query().unwrap_or_default().to_owned();
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(one, _)| *one == name);
            found.map_or(0, |(_, value)| value.parse::<usize>().unwrap())
        };
        let list = self.list.borrow().clone();
        let page = list.iter().skip(number("offset")).take(number("limit"));
        let path = request.uri().path();
        let mut json = if path.ends_with("/kv") {
            let stores = page.map(|name| {
                json!({"id": name.parse::<u64>().unwrap() + 1, "name": name, "app_count": 0})
            });
            json!({ "stores": stores.collect::<Value>() })
        } else if path.ends_with("/data") {
            let entries =
                page.map(|key| json!({"key": key, "datatype": "kv", "payload": {"value": ""}}));
            json!({ "entries": entries.collect::<Value>() })
        } else {
            let members = page.map(|member| json!({"value": member, "score": 1}));
            json!({"key": "set", "datatype": "sorted_set", "payload": members.collect::<Value>()})
        };
        if self.has_count || path.ends_with("/set") {
            json["count"] = json!(list.len());
        }
        self.change();
        Ok(Response::new(Body::json(&json).unwrap()))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) {}
}

fn api() -> Api {
    Api::new(Token::new("t0ken").unwrap())
}

/// Checks that each element that existed throughout was found, and none was found twice.
fn assert_whole(server: &Server, found: Vec<String>, what: &str) {
    let all: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(
        all.len(),
        found.len(),
        "{what}: an element is returned twice"
    );
    let lost: Vec<_> = server.kept.difference(&all).collect();
    assert!(lost.is_empty(), "{what}: {lost:?} are lost");
}

#[test]
fn element_that_stays_is_returned_once_while_others_come_and_go() {
    for seed in 0..25 {
        let size = Rng::with_seed(seed).usize(..6_000);
        let server = Server::new(seed, size, 900);
        let api = api();
        let query = EntryQuery::new();
        let entries = api.entries(1, &query, &server);
        let keys = entries.map(|entry| entry.unwrap().key).collect();
        assert_whole(&server, keys, &format!("entries {seed}"));

        let server = Server::new(seed, size, 900);
        let stores = api.stores(&server).map(|store| store.unwrap().name);
        let names = stores.collect();
        assert_whole(&server, names, &format!("stores {seed}"));
    }
    for seed in 0..6 {
        let size = Rng::with_seed(seed).usize(5_000..40_000);
        let server = Server::new(seed, size, 9_000);
        let set = api().entry(1, "set", &server).unwrap().unwrap();
        let Stored::SortedSet(members) = set.stored else {
            panic!("{set:?}");
        };
        let members = members
            .iter()
            .map(|(member, _)| member.to_string())
            .collect();
        assert_whole(&server, members, &format!("members {seed}"));
    }
}

#[test]
fn list_that_stays_is_read_in_as_few_requests_as_it_has_pages() {
    for (size, requests) in [
        (0, 1),
        (1, 1),
        (1_000, 1),
        (1_001, 2),
        (1_999, 2),
        (2_500, 3),
    ] {
        let mut server = Server::new(1, 0, 0);
        server.list = RefCell::new((0..size).map(|number| format!("{number:08}")).collect());
        server.has_count = true;
        let api = api();
        let query = EntryQuery::new();
        let entries = api.entries(1, &query, &server).count();
        assert_eq!((entries, server.requests.get()), (size, requests));
    }
}

/// If a server sends nonsense, elements are neither lost nor requested endlessly.
#[test]
fn list_whose_pages_never_fit_is_an_error() {
    struct Nonsense(Cell<u64>);
    impl Transport for Nonsense {
        fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
            let number = self.0.get();
            self.0.set(number + 1);
            let is_first = request.uri().query().unwrap().ends_with("offset=0");
            let keys = if is_first { 1_000 } else { 1 };
            let entries = (0..keys).map(|key| {
                json!({"key": format!("{number} {key}"), "datatype": "kv", "payload": {"value": ""}})
            });
            let json = json!({"count": 100_000, "entries": entries.collect::<Value>()});
            Ok(Response::new(Body::json(&json).unwrap()))
        }

        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) {}
    }
    let (api, query, server) = (api(), EntryQuery::new(), Nonsense(Cell::new(0)));
    let last = api.entries(1, &query, &server).last().unwrap();
    let error = last.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unstable { .. }),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "cannot read the list of entries: it changed too often meanwhile; try again"
    );
}

/// Reads are repeated while the server is busy, and not if no server listens.
#[test]
fn read_is_repeated_while_the_server_is_busy() {
    struct Busy(Cell<u32>, bool);
    impl Transport for Busy {
        fn send(&self, _: Request<Body>) -> Result<Response<Body>, TransportError> {
            self.0.set(self.0.get() + 1);
            if self.1 {
                return Err(TransportError::not_sent("connection refused"));
            }
            let mut response = Response::new(Body::from(r#"{"count": 0, "entries": []}"#));
            if self.0.get() < 4 {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            }
            Ok(response)
        }

        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) {}
    }
    let (api, query) = (api(), EntryQuery::new());
    let busy = Busy(Cell::new(0), false);
    assert_eq!(api.entries(1, &query, &busy).count(), 0);
    assert_eq!(busy.0.get(), 4);
    let absent = Busy(Cell::new(0), true);
    assert!(api.entries(1, &query, &absent).next().unwrap().is_err());
    assert_eq!(absent.0.get(), 1);
}
