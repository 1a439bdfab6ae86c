//! What several test files share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fastedge_mock_host::{HttpError, MockHost, Request, Response};
use serde_json::{Value, json};

/// The central side of one store: it takes the API's writes, and replicates them to a mock host
/// when it is told to. What it answers has the shapes that the platform documents.
#[derive(Clone, Default)]
pub(crate) struct Central(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    keys: BTreeMap<String, Held>,
    revision: u64,
    requests: Vec<Request>,
    /// What the next requests are answered, in this order, instead.
    failures: Vec<Failure>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Plain(String),
    Set(BTreeMap<String, f64>),
    Filter(Vec<String>),
}

#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// An answer, and nothing is written.
    Refuse(u16, &'static str),
    /// No answer, and nothing is written.
    LoseRequest,
    /// No answer, but all is written.
    LoseAnswer,
}

pub(crate) const STORE_ID: u64 = 7;
pub(crate) const DATA_URL: &str = "https://api.gcore.com/fastedge/v1/kv/7/data";

impl Central {
    /// A mock host whose requests to the API this answers.
    pub(crate) fn host(&self) -> MockHost {
        let central = self.clone();
        MockHost::new()
            .kv("store", |kv| kv)
            .secret("API_TOKEN", "t0ken")
            .answer_with(move |request| central.answer(request))
    }

    pub(crate) fn fail(&self, failures: impl IntoIterator<Item = Failure>) {
        self.0.lock().unwrap().failures.extend(failures);
    }

    pub(crate) fn get(&self, key: &str) -> Option<Held> {
        self.0.lock().unwrap().keys.get(key).cloned()
    }

    pub(crate) fn keys(&self) -> BTreeMap<String, Held> {
        self.0.lock().unwrap().keys.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.0.lock().unwrap().requests.clone()
    }

    /// Brings the location up to date.
    pub(crate) fn replicate(&self, edge: &MockHost) {
        edge.write("store", |kv| {
            let state = self.0.lock().unwrap();
            let gone = |key: &String| !state.keys.contains_key(key);
            let store = edge.host().key_value().open("store").unwrap();
            let all = store.scan("*").unwrap();
            let kv = all
                .iter()
                .filter(|key| gone(key))
                .fold(kv, |kv, key| kv.delete(key));
            state.keys.iter().fold(kv, |kv, (key, held)| match held {
                Held::Plain(value) => kv.set(key, value.as_str()),
                Held::Set(members) => {
                    let members = members.iter().map(|(m, score)| (*score, m.as_str()));
                    kv.delete(key).sorted_set(key, members)
                }
                Held::Filter(items) => kv.bloom_filter(key, items),
            })
        });
    }

    pub(crate) fn answer(&self, request: &Request) -> Result<Response, HttpError> {
        let mut state = self.0.lock().unwrap();
        state.requests.push(request.clone());
        let failure = match state.failures.is_empty() {
            true => None,
            false => Some(state.failures.remove(0)),
        };
        match failure {
            Some(Failure::Refuse(status, message)) => {
                return Ok(answer(status, json!({ "message": message })));
            }
            Some(Failure::LoseRequest) => return Err(HttpError::RequestError),
            _ => {}
        }
        let entries: Vec<Value> = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
        let force = request.uri.ends_with("?force=true");
        let mut deleted = 0;
        for entry in &entries {
            match state.write(entry, force) {
                Ok(gone) => deleted += u64::from(gone),
                Err(message) => return Ok(answer(409, json!({ "message": message }))),
            }
        }
        state.revision += 1;
        if matches!(failure, Some(Failure::LoseAnswer)) {
            return Err(HttpError::RequestError);
        }
        Ok(answer(
            200,
            json!({
                "write_count": entries.len() as u64 - deleted,
                "write_size": 0,
                "del_count": deleted,
                "store_size": 0,
                "revision": state.revision,
            }),
        ))
    }
}

impl State {
    /// Answers whether a key was deleted.
    fn write(&mut self, entry: &Value, force: bool) -> Result<bool, String> {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let (key, datatype, op) = (text("key"), text("datatype"), text("op"));
        let values = || {
            let payload = entry["payload"].as_array().unwrap();
            payload.iter().map(|item| {
                assert_eq!(item["encoding"], "plain");
                item["value"].as_str().unwrap().to_owned()
            })
        };
        let empty = match datatype.as_str() {
            "kv" => Held::Plain(String::new()),
            "sorted_set" => Held::Set(BTreeMap::new()),
            "bloom_filter" => Held::Filter(Vec::new()),
            other => return Err(format!("no datatype {other}")),
        };
        let same_type = self
            .keys
            .get(&key)
            .is_none_or(|held| std::mem::discriminant(held) == std::mem::discriminant(&empty));
        match op.as_str() {
            "del_key" => return Ok(same_type && self.keys.remove(&key).is_some()),
            "add" | "del_entries" if !same_type && !force => {
                return Err(format!("key {key} holds another datatype"));
            }
            _ => {}
        }
        if !same_type {
            self.keys.remove(&key);
        }
        match (op.as_str(), self.keys.entry(key).or_insert(empty)) {
            ("add", Held::Plain(value)) => {
                value.clone_from(&entry["payload"]["value"].as_str().unwrap().to_owned());
            }
            ("add", Held::Set(members)) => {
                let scores = entry["payload"].as_array().unwrap().iter();
                let scores = scores.map(|member| member["score"].as_f64().unwrap());
                members.extend(values().zip(scores));
            }
            ("add", Held::Filter(items)) => items.extend(values()),
            ("del_entries", Held::Set(members)) => {
                values().for_each(|member| {
                    members.remove(&member);
                });
            }
            (op, _) => return Err(format!("no op {op} for {datatype}")),
        }
        Ok(false)
    }
}

fn answer(status: u16, body: Value) -> Response {
    Response {
        status,
        headers: Some(vec![("content-type".into(), "application/json".into())]),
        body: Some(body.to_string().into_bytes()),
    }
}
