//! The probe: an app that does what it is asked to, and carries the cases that run inside.
//!
//! The two probes, a reactor app and a WASI-HTTP app, are shells around [`answer`].

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use fastedge::cache::{Cache, Ttl};
use fastedge::http::{self, Body, Error, HeaderName, Request, Response, StatusCode};
use fastedge::{KvStore, clock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::case::{Case, Proof};
use crate::check::{Stop, Verdict};
use crate::fixture;
use crate::inside::{self, Ground};

/// The header that names a run, so that what one leaves in the cache is not found by the next.
pub(crate) const RUN_HEADER: HeaderName = HeaderName::from_static("x-conformance-run");

/// Which kind of app a probe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// It exports `gcore:fastedge/http-handler`.
    Reactor,
    /// It exports `wasi:http/incoming-handler`.
    WasiHttp,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Reactor => "reactor",
            Kind::WasiHttp => "WASI-HTTP",
        })
    }
}

/// The cases that a probe carries.
#[derive(Clone, Copy, Debug)]
pub struct Cases(&'static [&'static [Case]]);

impl Cases {
    /// All of them.
    pub fn all() -> Self {
        Cases(inside::ALL)
    }

    /// All but those that send requests by `gcore:fastedge/http-client`: a WASI-HTTP app has another client.
    pub fn without_outbound() -> Self {
        Cases(inside::WITHOUT_OUTBOUND)
    }

    fn iter(self) -> impl Iterator<Item = &'static Case> {
        self.0.iter().flat_map(|cases| cases.iter())
    }
}

/// What the probe says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) kind: Kind,
    pub(crate) run: String,
    pub(crate) cases: Vec<String>,
}

/// How a case inside the probe has ended.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    Passed(Option<String>),
    Failed(String),
    Skipped(String),
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Ok(seen) => Answer::Passed(seen.into_choice()),
            Err(Stop::Failed(why)) => Answer::Failed(why),
            Err(Stop::Skipped(why)) => Answer::Skipped(why),
        }
    }
}

/// How many requests this instance has answered.
static ANSWERED: AtomicU64 = AtomicU64::new(0);

/// Answers a request to the probe: `kind` is what it is, and `cases` those that it carries.
///
/// # Errors
///
/// If a deed fails that a case has asked for; the cases themselves answer how they end.
pub fn answer(kind: Kind, cases: Cases, request: Request<Body>) -> Result<Response<Body>, Error> {
    let path = request.uri().path();
    if let Some(name) = path.strip_prefix("/case/") {
        return case(cases, name, &request);
    }
    match path {
        "/about" => about(kind, cases),
        "/echo" => echo(&request),
        "/answer" => given_answer(request.body().read_json().map_err(Error::other)?),
        "/instance" => number(ANSWERED.fetch_add(1, Relaxed) + 1),
        "/moment" => moment(),
        "/error" => Err(Error::other("the password is hunter2")),
        "/panic" => panic!("as asked"),
        "/exit" => std::process::exit(7),
        "/spin" => loop {
            black_box(());
        },
        "/wait" => wait(number_of(&request)?),
        "/allocate" => {
            let megabytes = usize::try_from(number_of(&request)?).map_err(Error::other)?;
            let filled = black_box(vec![1_u8; megabytes << 20]);
            number(filled.len() as u64)
        }
        "/body" => {
            let bytes = usize::try_from(number_of(&request)?).map_err(Error::other)?;
            Ok(Response::new(Body::from(vec![b'x'; bytes])))
        }
        "/cache/incr" => number(Cache::incr(text_of(&request)?, 1)?.unsigned_abs()),
        "/cache/set" => {
            Cache::set(text_of(&request)?, "kept", None)?;
            http::json(StatusCode::OK, &true)
        }
        "/cache/keep" => {
            Cache::set(text_of(&request)?, "kept", Ttl::secs(60)?)?;
            http::json(StatusCode::OK, &true)
        }
        "/cache/exists" => http::json(StatusCode::OK, &Cache::exists(text_of(&request)?)?),
        "/cache/purge" => number(Cache::purge()?),
        "/kv/get" => {
            let store = KvStore::open(fixture::STORE)?;
            http::json(StatusCode::OK, &store.get_text(text_of(&request)?)?)
        }
        "/kv/pointer" => {
            let store = KvStore::open(fixture::STORE)?;
            http::json(StatusCode::OK, &store.pointer(text_of(&request)?).get()?)
        }
        _ => Ok(http::text(StatusCode::NOT_FOUND, "no such deed\n")),
    }
}

fn case(cases: Cases, name: &str, request: &Request<Body>) -> Result<Response<Body>, Error> {
    let Some(case) = cases.iter().find(|case| case.name == name) else {
        return Ok(http::text(StatusCode::NOT_FOUND, "no such case\n"));
    };
    let run = request.headers().get(RUN_HEADER);
    let run = run.and_then(|run| run.to_str().ok()).unwrap_or_default();
    let Proof::Inside(proof) = case.proof else {
        return Ok(http::text(
            StatusCode::NOT_FOUND,
            "this case is not inside\n",
        ));
    };
    let upstream = request.body().as_text().unwrap_or_default();
    let verdict = proof(&Ground::new(run, case.name, upstream));
    http::json(StatusCode::OK, &Answer::from(verdict))
}

fn about(kind: Kind, cases: Cases) -> Result<Response<Body>, Error> {
    let run = format!("{:x}", RandomState::new().build_hasher().finish());
    let about = About {
        kind,
        run,
        cases: cases.iter().map(|case| case.name.to_owned()).collect(),
    };
    http::json(StatusCode::OK, &about)
}

/// What of the request has reached the app.
fn echo(request: &Request<Body>) -> Result<Response<Body>, Error> {
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let answer = json!({
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "headers": headers,
        "body": request.body().as_bytes(),
    });
    http::json(StatusCode::OK, &answer)
}

/// An answer that the request describes.
#[derive(Deserialize)]
struct Given {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn given_answer(given: Given) -> Result<Response<Body>, Error> {
    let mut response = Response::builder().status(given.status);
    for (name, value) in &given.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Body::from(given.body))?)
}

/// The time, and what chance says.
fn moment() -> Result<Response<Body>, Error> {
    let first = since_1970()?;
    let answer = json!({
        "first_ms": first,
        "second_ms": since_1970()?,
        "random": RandomState::new().build_hasher().finish().to_string(),
    });
    http::json(StatusCode::OK, &answer)
}

fn since_1970() -> Result<u64, Error> {
    let now = clock::now().map_err(Error::other)?;
    let since = now
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .map_err(Error::other)?;
    u64::try_from(since.as_millis()).map_err(Error::other)
}

fn wait(millis: u64) -> Result<Response<Body>, Error> {
    match crate::clock::sleep(Duration::from_millis(millis)) {
        Ok(()) => number(millis),
        Err(_) => Err(Error::other("no host to wait on")),
    }
}

fn number(number: u64) -> Result<Response<Body>, Error> {
    http::json(StatusCode::OK, &Value::from(number))
}

fn number_of(request: &Request<Body>) -> Result<u64, Error> {
    request.body().parse().map_err(Error::other)
}

fn text_of(request: &Request<Body>) -> Result<&str, Error> {
    request.body().as_text().map_err(Error::other)
}
