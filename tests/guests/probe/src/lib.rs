//! A reactor app that does what a test asks it to: each path is one thing.

use std::hint::black_box;
use std::process;
use std::time::SystemTime;

use fastedge::http::{self, Body, Error, Request, Response, StatusCode, send_request};
use fastedge::{Cache, KvStore, diagnostics, dictionary, secret};
use serde_json::json;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let argument = request.uri().query().unwrap_or_default().to_owned();
    match request.uri().path() {
        "/echo" => echo(request),
        "/everything" => everything(),
        "/error" => Err(Error::other("the password is hunter2")),
        "/print" => {
            println!("one\ntwo");
            eprintln!("for nobody");
            print!("no end");
            Ok(ok("printed"))
        }
        "/log" => {
            fastedge::log::init(log::LevelFilter::Info).map_err(Error::other)?;
            log::info!("noted");
            log::debug!("not noted");
            Ok(ok("logged"))
        }
        "/send" => send(&request),
        "/spin" => loop {
            black_box(());
        },
        "/panic" => panic!("as asked"),
        "/exit" => process::exit(argument.parse().map_err(Error::other)?),
        "/allocate" => {
            let megabytes: usize = argument.parse().map_err(Error::other)?;
            let filled = black_box(vec![1_u8; megabytes << 20]);
            Ok(ok(&filled.len().to_string()))
        }
        "/recurse" => Ok(ok(&recurse(black_box(1)).to_string())),
        "/body" => {
            let bytes: usize = argument.parse().map_err(Error::other)?;
            Ok(Response::new(Body::from(vec![b'x'; bytes])))
        }
        "/status" => {
            let status: u16 = argument.parse().map_err(Error::other)?;
            Ok(Response::builder()
                .status(status)
                .header("transfer-encoding", "chunked")
                .header("connection", "close, x-mine")
                .header("content-length", "12345")
                .header("x-mine", "1")
                .header("x-mine", "2")
                .body(Body::empty())?)
        }
        _ => Ok(http::text(StatusCode::NOT_FOUND, "no such probe")),
    }
}

fn ok(text: &str) -> Response<Body> {
    http::text(StatusCode::OK, text)
}

/// What of the request has reached the app.
fn echo(request: Request<Body>) -> Result<Response<Body>, Error> {
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let answer = json!({
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(request.body().as_bytes()),
    });
    http::json(StatusCode::OK, &answer)
}

/// One call of each interface, on the configuration that the tests use.
fn everything() -> Result<Response<Body>, Error> {
    let store = KvStore::open("data")?;
    diagnostics::set("everything")?;
    let answer = json!({
        "get": store.get_text("greeting")?,
        "file": store.get_text("pages/home.html")?,
        "bytes": store.get_bytes("bytes")?,
        "missing": store.get_text("missing")?,
        "wrong type": store.get_text("scores").is_err(),
        "scan": store.scan("pages/*")?,
        "range": store
            .zrange_by_score("scores", 15.0, 25.0)?
            .iter()
            .map(|(member, score)| (String::from_utf8_lossy(member).into_owned(), *score))
            .collect::<Vec<_>>(),
        "zscan": store.zscan("scores", "a*")?.len(),
        "exists": [store.bf_exists("blocked", "x")?, store.bf_exists("blocked", "y")?],
        "unknown store": KvStore::open("unknown").is_err(),
        "incr": Cache::incr("visits", 1)?,
        "cached": Cache::get_text("visits")?,
        "variable": dictionary::get("REGION")?,
        "environment": std::env::var("REGION").ok(),
        "secret": secret::get("TOKEN")?,
        "rotated": secret::get("KEY")?,
        "former": secret::get_effective_at("KEY", SystemTime::UNIX_EPOCH)?,
    });
    http::json(StatusCode::OK, &answer)
}

/// Sends requests to the URL in a header, as many as another says.
fn send(request: &Request<Body>) -> Result<Response<Body>, Error> {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        str::from_utf8(value.as_bytes()).ok()
    };
    let url = header("x-url").unwrap_or_default();
    let times = header("x-times").unwrap_or("1").parse().unwrap_or(1);
    let mut answers = Vec::new();
    for _ in 0..times {
        let outbound = Request::post(url)
            .header("x-from", "probe")
            .body(Body::from("ping"))?;
        answers.push(match send_request(outbound) {
            Ok(response) => format!(
                "{} {}",
                response.status().as_u16(),
                response.body().as_text()?
            ),
            Err(error) => error.to_string(),
        });
    }
    http::json(StatusCode::OK, &answers)
}

/// Ends when the stack does.
fn recurse(depth: u64) -> u64 {
    if depth == u64::MAX {
        return 0;
    }
    let here = black_box([depth; 64]);
    black_box(recurse(depth + 1)) + here[7]
}
