//! A store behind the management API, in memory: it remembers all writes, and can fail. It returns
//! long values as hashes, and members in pages, as the platform does.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge::Body;
use fastedge::edge_storage_api::{Api, BatchLimits, Token, Transport, TransportError};
use fastedge::http::{Method, Request, Response, StatusCode};
use fastedge_pack::Publisher;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The key of the list in the store.
pub(crate) const KEY: &str = "list";

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Plain(Arc<Vec<u8>>),
    Members(Vec<(f64, Arc<Vec<u8>>)>),
    Items(Vec<String>),
}

/// A change of a key, at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) at: Duration,
    pub(crate) key: String,
    pub(crate) held: Option<Held>,
}

/// What happens at a request, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The publisher is killed before it.
    KilledBefore(usize),
    /// The publisher is killed when it has been carried out.
    KilledAfter(usize),
    /// It is carried out, and its answer is lost.
    Lost(usize),
    /// It is refused, for a moment.
    Busy(usize),
    /// Only this many changes of the request are carried out, as in a database without
    /// transactions, and the publisher is killed.
    Partly(usize, usize),
}

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) keys: RefCell<BTreeMap<String, Held>>,
    pub(crate) log: RefCell<Vec<Write>>,
    /// How many requests there were.
    pub(crate) requests: Cell<usize>,
    pub(crate) trouble: Cell<Option<Trouble>>,
    now: Cell<Duration>,
    /// Runs while a publisher waits for the next attempt.
    pub(crate) while_waiting: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Store {
    pub(crate) fn publisher(self: &Rc<Self>) -> Publisher<Client> {
        let api = Api::new(Token::new("token").unwrap());
        let clock = self.clone();
        let limits = BatchLimits {
            entries: 6,
            bytes: 100_000,
        };
        Publisher::new(api, 1, KEY, Client(self.clone()))
            .limits(limits)
            .entries_per_second(0.0)
            .with_clock(move || SystemTime::UNIX_EPOCH + clock.now.get())
    }

    pub(crate) fn client(self: &Rc<Self>) -> Client {
        Client(self.clone())
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    pub(crate) fn now(&self) -> Duration {
        self.now.get()
    }

    /// What a key holds that is plain.
    pub(crate) fn value(&self, key: &str) -> Option<Arc<Vec<u8>>> {
        match self.keys.borrow().get(key) {
            Some(Held::Plain(value)) => Some(value.clone()),
            _ => None,
        }
    }

    fn set(&self, key: &str, held: Option<Held>) {
        let former = match held.clone() {
            Some(held) => self.keys.borrow_mut().insert(key.to_owned(), held),
            None => self.keys.borrow_mut().remove(key),
        };
        if former.is_some() || held.is_some() {
            self.log.borrow_mut().push(Write {
                at: self.now.get(),
                key: key.to_owned(),
                held,
            });
        }
    }

    fn carry_out(&self, request: &Request<Body>) -> Response<Body> {
        if *request.method() == Method::GET {
            let path = request.uri().path_and_query().unwrap().as_str();
            return match self.get(path) {
                Some(json) => answer(StatusCode::OK, json.to_string()),
                None => answer(StatusCode::NOT_FOUND, "{}".into()),
            };
        }
        let body = request.body().as_bytes();
        assert!(body.len() <= 1_000_000, "{} bytes at once", body.len());
        let entries = serde_json::from_slice(body).unwrap();
        answer(StatusCode::OK, self.put(&entries).to_string())
    }

    fn put(&self, entries: &Value) -> Value {
        let mut deleted = 0;
        for entry in entries.as_array().unwrap() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default();
            let (key, payload) = (text("key"), &entry["payload"]);
            assert!(key.len() <= 256, "{key}");
            let former = self.keys.borrow().get(key).cloned();
            match (text("op"), text("datatype")) {
                ("add", "kv") => self.set(key, Some(Held::Plain(Arc::new(bytes(payload))))),
                ("add", "sorted_set") => {
                    let mut members = match former {
                        Some(Held::Members(members)) => members,
                        _ => Vec::new(),
                    };
                    for member in payload.as_array().unwrap() {
                        let score = member["score"].as_f64().unwrap();
                        let bytes = Arc::new(bytes(member));
                        members.retain(|(_, member)| *member != bytes);
                        members.push((score, bytes));
                    }
                    members.sort_by(|one, other| one.0.total_cmp(&other.0));
                    self.set(key, Some(Held::Members(members)));
                }
                ("del_entries", "sorted_set") => {
                    if let Some(Held::Members(mut members)) = former {
                        let gone: Vec<_> = payload.as_array().unwrap().iter().map(bytes).collect();
                        members.retain(|(_, member)| !gone.contains(member));
                        let held = Some(members).filter(|members| !members.is_empty());
                        self.set(key, held.map(Held::Members));
                    }
                }
                ("add", "bloom_filter") => {
                    let mut items = match former {
                        Some(Held::Items(items)) => items,
                        _ => Vec::new(),
                    };
                    let added = payload.as_array().unwrap().iter();
                    items.extend(added.map(|item| String::from_utf8(bytes(item)).unwrap()));
                    self.set(key, Some(Held::Items(items)));
                }
                ("del_key", "kv") => {
                    if let Some(Held::Plain(_)) = former {
                        deleted += 1;
                        self.set(key, None);
                    }
                }
                ("del_key", "sorted_set") => {
                    if let Some(Held::Members(_)) = former {
                        deleted += 1;
                        self.set(key, None);
                    }
                }
                ("del_key", "bloom_filter") => {
                    if let Some(Held::Items(_)) = former {
                        deleted += 1;
                        self.set(key, None);
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        json!({"write_count": 1, "del_count": deleted, "revision": 1})
    }

    fn get(&self, path: &str) -> Option<Value> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(one, _)| *one == name)?;
            let value = percent_decode_str(value).decode_utf8().unwrap();
            Some(value.into_owned())
        };
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
        let (limit, offset) = (number("limit").unwrap_or(50), number("offset").unwrap_or(0));
        let keys = self.keys.borrow();
        if let Some(key) = path.strip_prefix("/fastedge/v1/kv/1/data/") {
            let key = percent_decode_str(key).decode_utf8().unwrap();
            let (datatype, values) = match keys.get(&*key)? {
                Held::Plain(value) => {
                    let payload = payload(value);
                    return Some(
                        json!({"key": key, "datatype": "kv", "count": 1, "payload": payload}),
                    );
                }
                Held::Members(members) => {
                    let members = members.iter().map(|(score, member)| {
                        let mut payload = payload(member);
                        payload["score"] = json!(score);
                        payload
                    });
                    ("sorted_set", members.collect::<Vec<_>>())
                }
                Held::Items(items) => {
                    let items = items.iter().map(|item| payload(item.as_bytes()));
                    ("bloom_filter", items.collect())
                }
            };
            let page: Vec<_> = values.iter().skip(offset).take(limit).collect();
            let count = values.len();
            return Some(
                json!({"key": key, "datatype": datatype, "count": count, "payload": page}),
            );
        }
        let prefix = parameter("search").unwrap_or_default();
        let found = keys.iter().filter(|(key, _)| key.starts_with(&prefix));
        let found: Vec<_> = found.collect();
        let page = found.iter().skip(offset).take(limit);
        let entries: Vec<_> = page
            .map(|(key, held)| match held {
                Held::Plain(value) => {
                    json!({"key": key, "datatype": "kv", "payload": payload(value)})
                }
                Held::Members(_) => json!({"key": key, "datatype": "sorted_set"}),
                Held::Items(_) => json!({"key": key, "datatype": "bloom_filter"}),
            })
            .collect();
        Some(json!({"count": found.len(), "entries": entries}))
    }
}

fn bytes(payload: &Value) -> Vec<u8> {
    let value = payload["value"].as_str().unwrap();
    match payload["encoding"].as_str().unwrap_or("plain") {
        "base64" => BASE64.decode(value).unwrap(),
        _ => value.as_bytes().to_vec(),
    }
}

fn payload(bytes: &[u8]) -> Value {
    if bytes.len() > 1024 {
        let hash = Sha256::digest(bytes);
        let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        return json!({"value": digits, "encoding": "sha256"});
    }
    json!({"value": BASE64.encode(bytes), "encoding": "base64"})
}

fn answer(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
}

/// Sends to the store.
pub(crate) struct Client(Rc<Store>);

impl Transport for Client {
    fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let Client(store) = self;
        let number = store.requests.get();
        store.requests.set(number + 1);
        let trouble = store.trouble.get();
        let killed = || Err(TransportError::refused("killed"));
        match trouble {
            Some(Trouble::KilledBefore(at)) if number >= at => return killed(),
            Some(Trouble::KilledAfter(at) | Trouble::Partly(at, _)) if number > at => {
                return killed();
            }
            Some(Trouble::Busy(at)) if number == at => {
                return Ok(answer(StatusCode::SERVICE_UNAVAILABLE, "busy".into()));
            }
            _ => {}
        }
        store.advance(Duration::from_millis(200));
        if let Some(Trouble::Partly(at, changes)) = trouble
            && number == at
        {
            if *request.method() != Method::GET {
                let entries: Value = serde_json::from_slice(request.body().as_bytes()).unwrap();
                let entries = entries.as_array().unwrap().iter().take(changes);
                store.put(&entries.cloned().collect());
            }
            return killed();
        }
        let response = store.carry_out(&request);
        match trouble {
            Some(Trouble::KilledAfter(at)) if number == at => killed(),
            Some(Trouble::Lost(at)) if number == at => Err(TransportError::lost("no answer")),
            _ => Ok(response),
        }
    }

    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) {
        self.0.advance(duration);
        let meanwhile = self.0.while_waiting.borrow_mut().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
    }
}
