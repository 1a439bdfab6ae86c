//! The platform's API for Edge Storage, on the edge's central side.
//!
//! Requests and answers are values: whoever listens on a socket brings the one and sends the other.

mod wire;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use fastedge_mock_host::central::{Byod, DataType, WriteError, Written};
use fastedge_mock_host::{Edge, StoreState};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) use self::wire::score_json;
use crate::redis::RedisStore;

/// Where the API is.
pub const PATH: &str = "/fastedge/v1/kv";

/// The largest body that a request may have.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How many elements a page has where nothing is said.
const DEFAULT_LIMIT: usize = 100;

/// The API of one platform, for requests that are [`authorize`]d.
pub struct Api<'a> {
    /// The platform.
    pub edge: &'a Edge,
    /// The apps of the account: for each the numbers of the stores that are linked to it.
    pub apps: &'a [Vec<u64>],
}

/// A refusal: a status, and why.
type Refusal = (StatusCode, String);

type Answer = Result<(StatusCode, Option<Value>), Refusal>;

/// Checks that a request brings the token.
///
/// # Errors
///
/// If it does not, in words: 401.
pub fn authorize(headers: &HeaderMap, token: &str) -> Result<(), &'static str> {
    let brought = headers.get(AUTHORIZATION);
    let brought = brought.and_then(|value| value.to_str().ok());
    let brought = brought.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        let is_meant = scheme.eq_ignore_ascii_case("apikey");
        is_meant.then_some(token.trim())
    });
    match brought {
        Some(brought) if is_same(brought.as_bytes(), token.as_bytes()) => Ok(()),
        Some(_) => Err("the token is not the one of this server"),
        None => Err("send the header `Authorization: apikey <token>`"),
    }
}

impl Api<'_> {
    /// Answers a request whose path begins with [`PATH`].
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut response = match self.route(request) {
            Ok((status, body)) => to_response(status, body),
            Err((status, message)) => refuse(status, &message),
        };
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let methods = HeaderValue::from_static(allowed(request.uri().path()));
            response.headers_mut().insert(ALLOW, methods);
        }
        response
    }

    fn route(&self, request: &Request<Bytes>) -> Answer {
        let path = request.uri().path();
        let method = request.method();
        let query = Query::of(request);
        let rest = path.strip_prefix(PATH).unwrap_or_default();
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
        if id.is_empty() {
            return match *method {
                Method::GET => self.list_stores(&query),
                Method::POST => self.create_store(request.body()),
                _ => Err(not_allowed(method)),
            };
        }
        let store = self.store(id)?;
        let data = match rest {
            "" => None,
            "data" | "data/" => Some(""),
            rest => Some(rest.strip_prefix("data/").ok_or_else(|| not_found(path))?),
        };
        match (data, method) {
            (None, &Method::GET) => self.ok_store(store.info.id),
            (None, &Method::PUT) => self.replace_store(store.info.id, request.body()),
            (None, &Method::DELETE) => self.delete_store(store.info.id),
            (Some(""), &Method::GET) => self.list_entries(store.info.id, &query),
            (Some(""), &Method::PUT) => self.write(store.info.id, &query, request.body()),
            (Some(key), &Method::GET) if !key.is_empty() => self.entry(store.info.id, key),
            _ => Err(not_allowed(method)),
        }
    }

    fn list_stores(&self, query: &Query<'_>) -> Answer {
        let (offset, limit) = (
            query.number("offset", 0)?,
            query.number("limit", DEFAULT_LIMIT)?,
        );
        let mut stores = self.edge.stores();
        if let Some(app) = query.get("app_id") {
            let linked = app.parse::<usize>().ok();
            let linked = linked.and_then(|app| self.apps.get(app.checked_sub(1)?));
            stores.retain(|store| linked.is_some_and(|ids| ids.contains(&store.info.id)));
        }
        let page = stores.iter().skip(offset).take(limit);
        let page: Vec<_> = page
            .map(|store| wire::listed_store(store, self.app_count(store.info.id)))
            .collect();
        ok(json!({ "count": stores.len(), "stores": page }))
    }

    fn create_store(&self, body: &Bytes) -> Answer {
        let settings = store_settings(body)?;
        let byod = settings.byod.map(byod).transpose()?;
        let created = self
            .edge
            .create_store(&settings.name, settings.comment, byod.clone())
            .map_err(refusal)?;
        self.connect(created.id, byod)?;
        self.ok_store(created.id)
    }

    fn replace_store(&self, id: u64, body: &Bytes) -> Answer {
        let settings = store_settings(body)?;
        let byod = settings.byod.map(byod).transpose()?;
        self.edge
            .replace_store(id, &settings.name, settings.comment, byod.clone())
            .map_err(refusal)?;
        self.connect(id, byod)?;
        self.ok_store(id)
    }

    fn connect(&self, id: u64, byod: Option<Byod>) -> Result<(), Refusal> {
        connect(self.edge, id, byod.as_ref()).map_err(bad_request)
    }

    fn delete_store(&self, id: u64) -> Answer {
        let apps = self.app_count(id);
        if apps > 0 {
            let problem = format!("the store is linked to {apps} app(s): unlink it first");
            return Err((StatusCode::CONFLICT, problem));
        }
        self.edge.delete_store(id).map_err(refusal)?;
        Ok((StatusCode::NO_CONTENT, None))
    }

    fn list_entries(&self, id: u64, query: &Query<'_>) -> Answer {
        let (offset, limit) = (
            query.number("offset", 0)?,
            query.number("limit", DEFAULT_LIMIT)?,
        );
        let scores = (
            query.score("min_score", f64::NEG_INFINITY)?,
            query.score("max_score", f64::INFINITY)?,
        );
        let data_type = match query.get("data_type") {
            Some(name) => Some(DataType::from_name(&name).ok_or_else(|| {
                let problem = "`data_type` is kv, sorted_set or bloom_filter";
                bad_request(format!("{problem}, not {name:?}"))
            })?),
            None => None,
        };
        let prefix = query.get("prefix").unwrap_or_default();
        let keys = self.edge.keys(id, &prefix).map_err(refusal)?;
        let (mut count, mut page) = (0, Vec::new());
        for key in keys {
            let entry = match self.edge.entry(id, &key) {
                Ok(Some(entry)) => entry,
                // In a customer's Redis there are types that the platform does not have.
                Ok(None) | Err(WriteError::Invalid(_)) => continue,
                Err(error) => return Err(refusal(error)),
            };
            if data_type.is_some_and(|wanted| wanted != entry.data_type()) {
                continue;
            }
            if count >= offset && page.len() < limit {
                page.push(wire::entry(&key, &entry, scores));
            }
            count += 1;
        }
        ok(json!({ "count": count, "entries": page }))
    }

    fn entry(&self, id: u64, key: &str) -> Answer {
        let key = percent_encoding::percent_decode_str(key).decode_utf8();
        let key = key.map_err(|_| bad_request("the key is not UTF-8".to_owned()))?;
        let entry = self.edge.entry(id, &key).map_err(refusal)?;
        let entry = entry.ok_or_else(|| not_found(&format!("key {key:?} in this store")))?;
        let mut answer = wire::entry(&key, &entry, (f64::NEG_INFINITY, f64::INFINITY));
        answer["count"] = json!(entry.count());
        ok(answer)
    }

    fn write(&self, id: u64, query: &Query<'_>, body: &Bytes) -> Answer {
        let force = match query.get("force").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                let problem = format!("`force` is true or false, not {other:?}");
                return Err(bad_request(problem));
            }
        };
        let changes = wire::changes(body).map_err(bad_request)?;
        let Written {
            write_count,
            write_size,
            del_count,
            store_size,
            revision,
            ..
        } = self
            .edge
            .write_store(id, &changes, force)
            .map_err(refusal)?;
        ok(json!({
            "write_count": write_count,
            "write_size": write_size,
            "del_count": del_count,
            "store_size": store_size,
            "revision": revision,
        }))
    }

    fn store(&self, id: &str) -> Result<StoreState, Refusal> {
        let number = id
            .parse()
            .map_err(|_| bad_request(format!("the number of a store is wanted, not {id:?}")))?;
        let store = self.edge.store_state(number);
        store.ok_or_else(|| refusal(WriteError::NoSuchStore))
    }

    fn ok_store(&self, id: u64) -> Answer {
        let store = self.edge.store_state(id);
        let store = store.ok_or_else(|| refusal(WriteError::NoSuchStore))?;
        ok(wire::whole_store(&store, self.app_count(id)))
    }

    fn app_count(&self, id: u64) -> usize {
        self.apps
            .iter()
            .filter(|stores| stores.contains(&id))
            .count()
    }
}

/// Connects a store to the customer's own database, if it has one.
///
/// # Errors
///
/// If its URL is not that of a Redis; in words.
pub fn connect(edge: &Edge, id: u64, byod: Option<&Byod>) -> Result<(), String> {
    let database = match byod {
        Some(byod) => {
            let redis = RedisStore::at(&byod.url, &byod.prefix);
            Some(Arc::new(redis.map_err(|error| error.to_string())?) as _)
        }
        None => None,
    };
    let connected = edge.set_database(id, database);
    connected.map_err(|error| error.to_string())
}

/// An answer that says why there is no other.
pub fn refuse(status: StatusCode, message: &str) -> Response<Bytes> {
    to_response(status, Some(json!({ "message": message })))
}

fn to_response(status: StatusCode, body: Option<Value>) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    if let Some(body) = body {
        *response.body_mut() = Bytes::from(format!("{body}\n"));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
    }
    response
}

fn ok(body: Value) -> Answer {
    Ok((StatusCode::OK, Some(body)))
}

fn store_settings(body: &Bytes) -> Result<wire::StoreSettings, Refusal> {
    let settings: wire::StoreSettings = serde_json::from_slice(body)
        .map_err(|error| bad_request(format!("a store is {{\"name\": …}}: {error}")))?;
    match settings.name.is_empty() {
        true => Err(bad_request("a store has a name".to_owned())),
        false => Ok(settings),
    }
}

fn byod(byod: wire::Byod) -> Result<Byod, Refusal> {
    RedisStore::at(&byod.url, &byod.prefix)
        .map_err(|error| bad_request(format!("`byod.url`: {error}")))?;
    Ok(Byod {
        url: byod.url,
        prefix: byod.prefix,
    })
}

fn refusal(error: WriteError) -> Refusal {
    let status = match &error {
        WriteError::NoSuchStore => StatusCode::NOT_FOUND,
        WriteError::NameTaken(_) | WriteError::OtherType { .. } => StatusCode::CONFLICT,
        WriteError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, error.to_string())
}

fn bad_request(problem: String) -> Refusal {
    (StatusCode::BAD_REQUEST, problem)
}

fn not_found(what: &str) -> Refusal {
    (StatusCode::NOT_FOUND, format!("there is no {what}"))
}

fn not_allowed(method: &Method) -> Refusal {
    let problem = format!("{method} is not allowed here");
    (StatusCode::METHOD_NOT_ALLOWED, problem)
}

/// The methods of a path.
fn allowed(path: &str) -> &'static str {
    let rest = path.strip_prefix(PATH).unwrap_or_default();
    let segments: Vec<_> = rest
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    match segments.as_slice() {
        [] => "GET, POST",
        [_] => "GET, PUT, DELETE",
        [_, "data"] => "GET, PUT",
        _ => "GET",
    }
}

/// Compares without telling by the time it takes where the first difference is.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let differences = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && differences == 0
}

/// The parameters of a request.
struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    fn of(request: &'a Request<Bytes>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        Query(form_urlencoded::parse(query.as_bytes()).collect())
    }

    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| Cow::Borrowed(&**value))
    }

    fn number(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        match self.get(name) {
            Some(text) => text
                .parse()
                .map_err(|_| bad_request(format!("`{name}` is a number from 0, not {text:?}"))),
            None => Ok(default),
        }
    }

    fn score(&self, name: &str, default: f64) -> Result<f64, Refusal> {
        let score = self.get(name).map(|text| text.parse::<f64>());
        match score {
            Some(Ok(score)) if !score.is_nan() => Ok(score),
            Some(_) => Err(bad_request(format!("`{name}` is a number"))),
            None => Ok(default),
        }
    }
}
