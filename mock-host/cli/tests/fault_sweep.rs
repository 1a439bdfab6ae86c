//! Every example, with each of its host calls failing in turn, in each way in which it can fail: alone, from then
//! on, with its effect and without. No app crashes, each answer is one that the example's policy allows, and the
//! log names the cause.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use common::{component, load};
use fastedge_mock::config::SiteConfig;
use fastedge_mock::wasm::{Guest, Outcome, Stream};
use fastedge_mock_host::{Answer, Edge, Fault, FaultError, Operation};
use http::Request;

/// An example, what it is asked in turn, and which statuses it may answer with while something fails.
struct Example {
    name: &'static str,
    requests: Vec<Request<Bytes>>,
    statuses: &'static [u16],
    /// What the store's API, or a bucket, answers to everything.
    upstream: Option<Answer>,
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

fn get(uri: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    request("GET", uri, headers, "")
}

fn examples() -> Vec<Example> {
    let example = |name, requests, statuses| Example {
        name,
        requests,
        statuses,
        upstream: None,
    };
    let from = |address| [("x-real-ip", address)];
    let payment = [("authorization", "Bearer ann"), ("idempotency-key", "k1")];
    let upload = [
        ("authorization", "Bearer local-token"),
        ("content-type", "image/png"),
    ];
    let written =
        r#"{"write_count": 1, "write_size": 2, "del_count": 0, "store_size": 2, "revision": 2}"#;
    vec![
        // They call nobody.
        example("hello", vec![get("/", &[])], &[200]),
        example("hello_wasi", vec![get("/", &[])], &[200]),
        // A document that cannot be read is an error: the app's policy.
        example("config", vec![get("/", &[])], &[200, 500]),
        // Nobody is turned away for want of a list, a flag, or a counter.
        example(
            "gate",
            vec![
                get("/", &from("192.0.2.1")),
                get("/", &from("77.90.185.20")),
                get("/", &from("192.0.2.1")),
            ],
            &[200, 403],
        ),
        example(
            "blocklist",
            vec![
                get("/", &from("192.0.2.1")),
                get("/", &from("77.90.185.20")),
                request("POST", "/sign-up", &[], "email=ann%40mx.mailinator.com"),
            ],
            &[200, 403, 422],
        ),
        // A redirect that cannot be looked up is no missing page.
        example("redirects", vec![get("/p/4711", &[])], &[301, 500]),
        example(
            "values",
            vec![get(
                "/value?key=greeting",
                &[("authorization", "Bearer local")],
            )],
            &[200, 500],
        ),
        // Every flag has a default.
        example("flags", vec![get("/", &[]), get("/flags.js", &[])], &[200]),
        example(
            "rate_limit",
            vec![get("/search", &[]), get("/", &[]), get("/search", &[])],
            &[200, 429],
        ),
        example(
            "memoize",
            vec![
                get("/primes/20000", &[]),
                get("/primes/20000", &[]),
                get("/report", &[]),
                get("/report", &[]),
            ],
            &[200],
        ),
        // A payment whose fate is unknown is said to be so, and never made twice.
        example(
            "idempotent_payment",
            vec![
                request("POST", "/payments", &payment, r#"{"amount": 750}"#),
                request("POST", "/payments", &payment, r#"{"amount": 750}"#),
            ],
            &[201, 409, 500, 503, 504],
        ),
        example(
            "session",
            vec![
                get("/", &[]),
                request("POST", "/login?user=ann", &[], ""),
                get("/", &[]),
            ],
            &[200, 500],
        ),
        example(
            "page_views",
            vec![get("/", &[]), get("/", &[])],
            &[200, 500],
        ),
        example(
            "leaderboard",
            vec![get("/top", &[]), get("/players/ann", &[])],
            &[200, 500],
        ),
        example("time_series", vec![get("/?minutes=60", &[])], &[200, 500]),
        // A view that cannot be counted is shown nevertheless.
        Example {
            upstream: Some(Answer::text(written)),
            ..example(
                "page_views_kv",
                vec![get("/", &[]), get("/", &[])],
                &[200, 500],
            )
        },
        Example {
            upstream: Some(Answer::status(200)),
            ..example(
                "s3_upload",
                vec![request("PUT", "/photos/cat.png", &upload, "cat")],
                &[200, 201, 500, 502, 503, 504],
            )
        },
    ]
}

#[test]
fn every_example_is_swept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut swept: Vec<_> = examples().iter().map(|example| example.name).collect();
    swept.sort_unstable();
    assert_eq!(names, swept);
}

#[tokio::test]
async fn whatever_call_fails_the_app_answers_within_its_policy_and_the_log_says_why() {
    let mut problems = Vec::new();
    for example in examples() {
        let found = sweep(&example).await;
        println!("{}: {} faults", example.name, found.faults);
        problems.extend(found.problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What a sweep has found.
#[derive(Default)]
struct Found {
    faults: usize,
    problems: Vec<String>,
}

async fn sweep(example: &Example) -> Found {
    let app = App::new(example);
    let calm = app.play().await;
    for outcome in &calm {
        let status = outcome.response.status().as_u16();
        let is_fine = (200..500).contains(&status) && outcome.failure.is_none();
        assert!(is_fine, "{}: {status} {:?}", example.name, outcome.printed);
    }
    let mut called: BTreeMap<&str, (Operation, u64)> = BTreeMap::new();
    for call in calm.iter().flat_map(|outcome| &outcome.calls) {
        if call.operation.can_fail() {
            let entry = called.entry(call.operation.name());
            entry.or_insert((call.operation, 0)).1 += 1;
        }
    }
    let mut found = Found::default();
    for (operation, times) in called.into_values() {
        for error in [
            FaultError::Internal,
            FaultError::AccessDenied,
            FaultError::Other("the moon is full".to_owned()),
        ] {
            let fault = || Fault::on(operation).error(error.clone());
            let alone =
                (1..=times).flat_map(|n| [fault().nth(n), fault().nth(n).after_the_effect()]);
            let bursts = (0..8).map(|seed| {
                fault()
                    .in_bursts(0.3, 3, seed)
                    .sometimes_after_the_effect(seed)
            });
            for fault in alone.chain(bursts).chain([fault()]) {
                found.faults += 1;
                let what = format!("{}: {}", example.name, fault.describe());
                app.edge.inject(fault);
                let outcomes = app.play().await;
                app.edge.clear_faults();
                for (number, outcome) in (1..).zip(&outcomes) {
                    if let Err(problem) = judge(outcome, &error, example.statuses) {
                        let printed: Vec<_> =
                            outcome.printed.iter().map(|line| &line.text).collect();
                        found.problems.push(format!(
                            "{what}: request {number}: {problem}\n    {printed:?}\n    {}",
                            outcome.calls.to_string().replace('\n', "\n    ")
                        ));
                    }
                }
            }
        }
    }
    found
}

/// Whether an answer is allowed, and whether the log names the cause of what has failed.
fn judge(outcome: &Outcome, error: &FaultError, statuses: &[u16]) -> Result<(), String> {
    if let Some(failure) = &outcome.failure {
        return Err(format!("it crashed: {failure}"));
    }
    let status = outcome.response.status().as_u16();
    if !statuses.contains(&status) {
        return Err(format!("status {status}"));
    }
    let has_failed = outcome.calls.iter().any(|call| call.error.is_some());
    let stdout = outcome
        .printed
        .iter()
        .filter(|line| line.stream == Stream::Stdout);
    let log: String = stdout.map(|line| line.text.as_str()).collect();
    let words: &[&str] = match error {
        FaultError::Internal => &["internal-error", "decrypt", "request-error"],
        FaultError::AccessDenied => &["denied", "is not available", "does not let"],
        _ => &["the moon is full", "runtime-error"],
    };
    match has_failed && !words.iter().any(|word| log.contains(word)) {
        true => Err("the log does not name the cause".to_owned()),
        false => Ok(()),
    }
}

/// An example on a platform of its own, which is as new for each play.
struct App<'a> {
    guest: Guest,
    edge: Edge,
    example: &'a Example,
}

impl<'a> App<'a> {
    fn new(example: &'a Example) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let folder = root.join(example.name);
        let file = Some(folder.join("fastedge.toml")).filter(|file| file.is_file());
        let site = SiteConfig::load(file.as_deref(), None).unwrap();
        let mut config = site.set_up(site.new_test_edge()).unwrap();
        config.limits.time = std::time::Duration::from_secs(60);
        let edge = config.edge.clone();
        if let Some(answer) = example.upstream.clone() {
            edge.answer_with(move |_| Ok(answer.clone().into()));
        }
        let (guest, _) = load(&component(example.name), config);
        App {
            guest,
            edge,
            example,
        }
    }

    async fn play(&self) -> Vec<Outcome> {
        self.edge.cache().evict_all();
        let mut cookie = None;
        let mut outcomes = Vec::new();
        for request in &self.example.requests {
            let mut request = request.clone();
            if let Some(cookie) = &cookie {
                request
                    .headers_mut()
                    .insert("cookie", http::HeaderValue::clone(cookie));
            }
            let outcome = self.guest.request(request).await;
            if let Some(set) = outcome.response.headers().get("set-cookie") {
                let pair = set.to_str().unwrap().split(';').next().unwrap();
                cookie = Some(pair.parse().unwrap());
            }
            outcomes.push(outcome);
        }
        outcomes
    }
}
