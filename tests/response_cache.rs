//! `ResponseCache`: what RFC 9111 says of a shared cache, as far as it is about what an app answers.

use std::cell::Cell;
use std::time::Duration;

use fastedge::cache::{ResponseCache, Ttl};
use fastedge::http::{Body, Method, Request, Response, StatusCode};
use fastedge_mock_host::{Fault, MockHost, Operation};

const SECOND: Duration = Duration::from_secs(1);

/// An app whose responses are memoised, and that counts how often it computes one.
struct App {
    edge: MockHost,
    cache: ResponseCache,
    computed: Cell<u32>,
}

type Headers<'a> = &'a [(&'a str, &'a str)];

impl App {
    fn new() -> Self {
        App {
            edge: MockHost::new(),
            cache: ResponseCache::new("app:pages"),
            computed: Cell::new(0),
        }
    }

    /// A GET with these headers; if it is to be computed, the response has the status and the headers.
    fn get(
        &self,
        uri: &str,
        asked: Headers<'_>,
        status: u16,
        answered: Headers<'_>,
    ) -> Response<Body> {
        self.send(Method::GET, uri, asked, status, answered)
    }

    fn send(
        &self,
        method: Method,
        uri: &str,
        asked: Headers<'_>,
        status: u16,
        answered: Headers<'_>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in asked {
            request = request.header(*name, value.as_bytes());
        }
        let request = request.body(Body::empty()).unwrap();
        let compute = || {
            self.computed.set(self.computed.get() + 1);
            let mut response = Response::builder().status(status);
            for (name, value) in answered {
                response = response.header(*name, value.as_bytes());
            }
            let text = format!("page {}", self.computed.get());
            Ok::<_, &str>(response.body(Body::from(text)).unwrap())
        };
        self.edge
            .run(|| self.cache.fetch(&request, compute))
            .unwrap()
    }

    /// Whether the second of two such requests is answered from what the first one stored.
    fn stores(asked: Headers<'_>, status: u16, answered: Headers<'_>) -> bool {
        let app = App::new();
        app.get("/", asked, status, answered);
        app.get("/", asked, status, answered);
        app.computed.get() == 1
    }

    fn wait(&self, seconds: u64) {
        self.edge
            .clock()
            .advance(SECOND * u32::try_from(seconds).unwrap());
    }

    fn calls(&self, f: impl FnOnce()) -> usize {
        self.edge.clear_calls();
        f();
        self.edge.calls().cache_calls()
    }
}

fn status_of(response: &Response<Body>) -> &str {
    response.headers()["cache-status"].to_str().unwrap()
}

const MINUTE: Headers<'static> = &[("cache-control", "max-age=60")];

#[test]
fn a_response_is_served_as_it_was_with_its_age() {
    let app = App::new();
    let answered: Headers<'_> = &[
        ("cache-control", "max-age=60"),
        ("x-twice", "1"),
        ("x-twice", "2"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("keep-alive", "5"),
    ];
    let first = app.get("/a?b", &[], 203, answered);
    assert_eq!(status_of(&first), r#""app:pages"; fwd=uri-miss; stored"#);
    app.wait(7);
    let second = app.get("/a?b", &[], 203, answered);
    assert_eq!(
        (second.status(), second.body().as_text().unwrap()),
        (StatusCode::NON_AUTHORITATIVE_INFORMATION, "page 1")
    );
    assert_eq!(second.headers()["age"], "7");
    assert_eq!(status_of(&second), r#""app:pages"; hit; ttl=53"#);
    assert_eq!(second.headers().get_all("x-twice").iter().count(), 2);
    assert!(
        second.headers().get("x-hop").is_none() && second.headers().get("keep-alive").is_none()
    );
    app.wait(53);
    assert_eq!(
        app.get("/a?b", &[], 203, answered)
            .body()
            .as_text()
            .unwrap(),
        "page 2"
    );
}

#[test]
fn each_outcome_costs_what_the_documentation_says() {
    let app = App::new();
    let vary: Headers<'_> = &[("cache-control", "max-age=60"), ("vary", "accept-encoding")];
    let private: Headers<'_> = &[("cache-control", "private")];
    let calls = |uri: &str, answered| app.calls(|| drop(app.get(uri, &[], 200, answered)));
    assert_eq!([calls("/", MINUTE), calls("/", MINUTE)], [9, 1]);
    assert_eq!([calls("/v", vary), calls("/v", vary)], [11, 2]);
    assert_eq!([calls("/p", private), calls("/p", private)], [9, 1]);
    assert_eq!(
        app.calls(|| drop(app.send(Method::HEAD, "/h", &[], 200, MINUTE))),
        1
    );
    let authorized: Headers<'_> = &[("authorization", "ann")];
    assert_eq!(
        app.calls(|| drop(app.get("/x", authorized, 200, MINUTE))),
        1
    );
    assert_eq!(
        app.calls(|| drop(app.send(Method::POST, "/h", &[], 500, MINUTE))),
        0
    );
    assert_eq!(
        app.calls(|| drop(app.send(Method::POST, "/h", &[], 200, MINUTE))),
        1
    );
}

#[test]
fn what_may_be_stored_is_and_nothing_else() {
    fn yes(status: u16, answered: Headers<'_>) {
        assert!(App::stores(&[], status, answered), "{status} {answered:?}");
    }
    fn no(status: u16, answered: Headers<'_>) {
        assert!(!App::stores(&[], status, answered), "{status} {answered:?}");
    }
    yes(200, MINUTE);
    yes(404, MINUTE);
    yes(302, &[("cache-control", "s-maxage=60")]);
    yes(200, &[("expires", "Thu, 01 Jan 2026 00:01:00 GMT")]);
    yes(200, &[("cache-control", "max-age=60"), ("vary", "accept")]);
    yes(200, &[("cache-control", "max-age=60"), ("age", "59")]);
    for directives in [
        "no-store, max-age=60",
        "private, max-age=60",
        "no-cache, max-age=60",
        "max-age=0",
        "max-age=x",
        "s-maxage=0, max-age=60",
        "max-age=60, x=\"a, private",
        "max-age=60\"",
    ] {
        no(200, &[("cache-control", directives)]);
    }
    no(200, &[]);
    no(200, &[("cache-control", "public")]);
    no(200, &[("expires", "0")]);
    no(200, &[("expires", "Wed, 31 Dec 2025 23:59:59 GMT")]);
    no(200, &[("cache-control", "max-age=60"), ("age", "60")]);
    // Of a list the first counts, a number beyond all is the largest, and what is none says nothing.
    yes(200, &[("cache-control", "max-age=60"), ("age", "59, 60")]);
    no(200, &[("cache-control", "max-age=60"), ("age", "60, 7")]);
    let ages = "99999999999999999999";
    no(200, &[("cache-control", "max-age=60"), ("age", ages)]);
    yes(200, &[("cache-control", "max-age=60"), ("age", "-60")]);
    no(
        200,
        &[
            ("cache-control", "max-age=60"),
            ("date", "Wed, 31 Dec 2025 23:59:00 GMT"),
        ],
    );
    no(200, &[("cache-control", "max-age=60"), ("vary", "*")]);
    no(
        200,
        &[("cache-control", "max-age=60"), ("vary", "accept, *")],
    );
    no(
        200,
        &[("cache-control", "max-age=60"), ("vary", "cookie, ü")],
    );
    no(
        200,
        &[
            ("cache-control", "public, max-age=60"),
            ("set-cookie", "a=1"),
        ],
    );
    no(200, &[("cache-control", "max-age=60, no-store, x=\"ü\"")]);
    for status in [206, 304, 428, 429, 431, 511] {
        no(status, MINUTE);
    }
    yes(503, MINUTE);
    yes(501, MINUTE);
    no(503, &[]);
}

#[test]
fn responses_that_say_nothing_have_the_default() {
    let app = App {
        cache: ResponseCache::new("app:pages").default_ttl(Ttl::millis(1_500).unwrap()),
        ..App::new()
    };
    app.get("/", &[], 200, &[]);
    app.wait(1);
    assert_eq!(app.get("/", &[], 200, &[]).headers()["age"], "1");
    app.wait(1);
    app.get("/", &[], 200, &[]);
    app.get("/other", &[], 302, &[]);
    app.get("/other", &[], 302, &[]);
    assert_eq!(app.computed.get(), 4);
}

#[test]
fn what_is_for_one_client_is_not_for_others() {
    let ann: Headers<'_> = &[("authorization", "ann")];
    assert!(!App::stores(ann, 200, MINUTE));
    assert!(!App::stores(
        ann,
        200,
        &[("cache-control", "max-age=60, proxy-revalidate")]
    ));
    for directives in [
        "public, max-age=60",
        "s-maxage=60",
        "must-revalidate, max-age=60",
    ] {
        assert!(
            App::stores(ann, 200, &[("cache-control", directives)]),
            "{directives}"
        );
    }
    // Nor is what is for everybody taken for hers, and asking for hers does not take it from them.
    let app = App::new();
    app.get("/", &[], 200, MINUTE);
    let hers = app.get("/", ann, 200, &[("cache-control", "private")]);
    assert_eq!(status_of(&hers), r#""app:pages"; fwd=bypass"#);
    assert_eq!(
        app.get("/", &[], 200, MINUTE).body().as_text().unwrap(),
        "page 1"
    );
}

#[test]
fn variants_are_told_apart_by_the_headers_that_vary_names() {
    let app = App::new();
    let vary: Headers<'_> = &[
        ("cache-control", "max-age=60"),
        ("vary", "Accept-Encoding, X-Two"),
    ];
    let page = |asked| {
        app.get("/", asked, 200, vary)
            .body()
            .as_text()
            .unwrap()
            .to_owned()
    };
    let (gzip, br): (Headers<'_>, Headers<'_>) =
        (&[("accept-encoding", "gzip")], &[("accept-encoding", "br")]);
    assert_eq!(
        [page(gzip), page(br), page(&[])],
        ["page 1", "page 2", "page 3"]
    );
    assert_eq!(
        [page(gzip), page(br), page(&[])],
        ["page 1", "page 2", "page 3"]
    );
    assert_eq!(
        page(&[("accept-encoding", "gzip"), ("x-other", "1")]),
        "page 1"
    );
    assert_eq!(
        page(&[("accept-encoding", "gzip"), ("x-two", "1")]),
        "page 4"
    );
    // A change forgets them all, also when the URI is stored anew.
    app.send(Method::PUT, "/", &[], 204, &[]);
    assert_eq!([page(gzip), page(br)], ["page 6", "page 7"]);
}

#[test]
fn a_variant_outlives_another_one_that_is_stored_after_it() {
    let app = App::new();
    let page = |language, seconds: &str| {
        let control = format!("max-age={seconds}");
        let answered: Headers<'_> = &[
            ("cache-control", control.as_str()),
            ("vary", "accept-language"),
        ];
        let response = app.get("/", &[("accept-language", language)], 200, answered);
        response.body().as_text().unwrap().to_owned()
    };
    assert_eq!([page("en", "600"), page("de", "10")], ["page 1", "page 2"]);
    app.wait(300);
    assert_eq!([page("en", "600"), page("de", "10")], ["page 1", "page 3"]);
}

#[test]
fn hosts_paths_and_queries_are_apart() {
    let app = App::new();
    for (uri, host) in [
        ("/a", "x"),
        ("/a", "y"),
        ("/a?", "x"),
        ("/a?b", "x"),
        ("/b", "x"),
        ("/A", "x"),
    ] {
        app.get(uri, &[("host", host)], 200, MINUTE);
    }
    assert_eq!(app.computed.get(), 6);
    app.get("/a", &[("host", "X")], 200, MINUTE);
    app.get("http://x/a", &[], 200, MINUTE);
    assert_eq!(app.computed.get(), 6);
    // WASI-HTTP apps find every host under one name, and the real one in the platform's header.
    for server in ["one.example", "two.example", "One.example"] {
        app.get(
            "http://localhost/a",
            &[("server_name", server)],
            200,
            MINUTE,
        );
    }
    assert_eq!(app.computed.get(), 8);
}

#[test]
fn requests_can_ask_for_less() {
    let app = App::new();
    let ask = |control| app.get("/", &[("cache-control", control)], 200, MINUTE);
    assert_eq!(ask("only-if-cached").status(), StatusCode::GATEWAY_TIMEOUT);
    ask("");
    app.wait(30);
    assert_eq!(ask("only-if-cached").headers()["age"], "30");
    assert_eq!(ask("max-age=30").headers()["age"], "30");
    assert_eq!(ask("min-fresh=30").headers()["age"], "30");
    assert_eq!(app.computed.get(), 1);
    assert_eq!(status_of(&ask("no-store")), r#""app:pages"; fwd=request"#);
    assert_eq!(ask("").headers()["age"], "30");
    // What is computed for them is stored.
    assert_eq!(
        status_of(&ask("max-age=29")),
        r#""app:pages"; fwd=request; stored"#
    );
    assert_eq!(ask("").headers()["age"], "0");
    app.wait(30);
    ask("min-fresh=31");
    assert_eq!(ask("").headers()["age"], "0");
    app.wait(1);
    ask("no-cache");
    assert_eq!(ask("").headers()["age"], "0");
    app.wait(1);
    app.get("/", &[("pragma", "no-cache")], 200, MINUTE);
    assert_eq!(ask("").headers()["age"], "0");

    let deaf = App {
        cache: ResponseCache::new("app:pages").ignore_request_directives(),
        ..App::new()
    };
    for control in ["no-cache", "no-cache", "no-store", "max-age=0"] {
        deaf.get("/", &[("cache-control", control)], 200, MINUTE);
        deaf.wait(1);
    }
    assert_eq!(deaf.computed.get(), 1);
}

#[test]
fn conditions_are_answered_from_what_is_stored_and_from_what_is_new() {
    let app = App::new();
    let answered: Headers<'_> = &[
        ("cache-control", "max-age=60"),
        ("etag", "\"v1\""),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("content-type", "text/plain"),
        ("content-security-policy", "default-src 'self'"),
    ];
    let ask = |asked| app.get("/", asked, 200, answered);
    for _ in 0..2 {
        let known = ask(&[("if-none-match", "W/\"v1\"")]);
        let policy = &known.headers()["content-security-policy"];
        assert_eq!(policy, "default-src 'self'");
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert!(known.body().is_empty() && known.headers().get("content-type").is_none());
        assert_eq!(known.headers()["etag"], "\"v1\"");
    }
    assert_eq!(ask(&[("if-none-match", "\"v0\", \"v1\"")]).status(), 304);
    assert_eq!(ask(&[("if-none-match", "*")]).status(), 304);
    assert_eq!(ask(&[("if-none-match", "\"v2\"")]).status(), 200);
    assert_eq!(
        ask(&[("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT")]).status(),
        304
    );
    assert_eq!(
        ask(&[("if-modified-since", "Wed, 31 Dec 2025 23:59:59 GMT")]).status(),
        200
    );
    assert_eq!(ask(&[("if-modified-since", "yesterday")]).status(), 200);
    let both: Headers<'_> = &[
        ("if-none-match", "\"v2\""),
        ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ];
    assert_eq!(ask(both).status(), 200);
    assert_eq!(app.computed.get(), 1);
}

#[test]
fn head_is_answered_from_a_get_and_stores_nothing() {
    let app = App::new();
    let head = || app.send(Method::HEAD, "/", &[], 200, MINUTE);
    assert_eq!(status_of(&head()), r#""app:pages"; fwd=uri-miss"#);
    app.get("/", &[], 200, MINUTE);
    let response = head();
    assert!(response.body().is_empty() && status_of(&response).contains("hit"));
    assert_eq!(response.headers()["content-length"], "6");
    assert_eq!(app.computed.get(), 2);
}

#[test]
fn stale_responses_are_served_as_they_allow() {
    let page = |control: &str, vary: bool, seconds, status| {
        let app = App::new();
        let mut answered = vec![("cache-control", control)];
        if vary {
            answered.push(("vary", "accept"));
        }
        app.get("/", &[], 200, &answered);
        app.wait(seconds);
        let response = app.get("/", &[], status, &answered);
        (
            response.body().as_text().unwrap().to_owned(),
            status_of(&response).to_owned(),
        )
    };
    for vary in [false, true] {
        let (body, status) = page("max-age=60, stale-if-error=60", vary, 119, 503);
        assert_eq!(body, "page 1");
        assert_eq!(status, r#""app:pages"; fwd=stale; detail=stale-if-error"#);
        assert_eq!(
            page("max-age=60, stale-if-error=60", vary, 119, 404).0,
            "page 2"
        );
        assert_eq!(
            page("max-age=60, stale-if-error=60", vary, 120, 503).0,
            "page 2"
        );
    }
    assert_eq!(
        page("max-age=0, stale-if-error=60", false, 30, 500).0,
        "page 1"
    );
    for forbidden in ["must-revalidate", "proxy-revalidate", "s-maxage=60"] {
        let control = format!("max-age=60, stale-if-error=60, {forbidden}");
        assert_eq!(page(&control, false, 70, 500).0, "page 2", "{control}");
    }
}

#[test]
fn authorized_requests_refresh_what_is_stale() {
    let app = App::new();
    let answered: Headers<'_> = &[(
        "cache-control",
        "public, max-age=60, stale-while-revalidate=600",
    )];
    let ann: Headers<'_> = &[("authorization", "ann")];
    app.get("/", ann, 200, answered);
    app.wait(70);
    assert_eq!(
        app.get("/", ann, 200, answered).body().as_text().unwrap(),
        "page 2"
    );
    assert_eq!(
        app.get("/", ann, 200, answered).body().as_text().unwrap(),
        "page 2"
    );
}

#[test]
fn one_client_s_errors_do_not_stop_others_from_waiting_for_each_other() {
    let app = App::new();
    app.get("/", &[], 400, &[]);
    assert_eq!(app.edge.cache().list(5).0, 0);
    app.get("/", &[], 200, &[("cache-control", "no-store")]);
    assert_eq!(app.edge.cache().list(5).0, 1);
}

#[test]
fn one_refreshes_what_is_stale_and_others_are_served_it() {
    let app = App::new();
    let answered: Headers<'_> = &[("cache-control", "max-age=60, stale-while-revalidate=30")];
    app.get("/", &[], 200, answered);
    app.wait(70);
    let request = Request::get("/").body(Body::empty()).unwrap();
    let refreshed = app.edge.run(|| {
        app.cache.fetch(&request, || {
            let other = app.get("/", &[], 200, answered);
            assert_eq!(other.body().as_text().unwrap(), "page 1");
            assert_eq!(
                status_of(&other),
                r#""app:pages"; hit; ttl=-10; detail=stale-while-revalidate"#
            );
            let response = Response::builder().header("cache-control", "max-age=60");
            response.body(Body::from("new"))
        })
    });
    assert_eq!(refreshed.unwrap().body().as_text().unwrap(), "new");
    assert_eq!(
        app.get("/", &[], 200, answered).body().as_text().unwrap(),
        "new"
    );
    assert_eq!(app.computed.get(), 1);
}

#[test]
fn a_change_forgets_what_is_stored_if_it_succeeds() {
    let app = App::new();
    app.get("/", &[], 200, MINUTE);
    for (method, status, computed) in [
        (Method::POST, 500, 2),
        (Method::OPTIONS, 200, 3),
        (Method::DELETE, 204, 5),
    ] {
        app.send(method, "/", &[], status, &[]);
        app.get("/", &[], 200, MINUTE);
        assert_eq!(app.computed.get(), computed);
    }
    let request = Request::get("/").body(Body::empty()).unwrap();
    app.edge.run(|| app.cache.forget(&request)).unwrap();
    app.get("/", &[], 200, MINUTE);
    assert_eq!(app.computed.get(), 6);
}

#[test]
fn errors_and_failures_are_not_stored_and_reach_the_client() {
    let app = App::new();
    let request = Request::get("/").body(Body::empty()).unwrap();
    let failed = app.edge.run(|| app.cache.fetch(&request, || Err("down")));
    assert_eq!(failed.unwrap_err(), "down");
    assert_eq!(app.get("/", &[], 503, &[]).status(), 503);
    assert_eq!(app.get("/", &[], 200, MINUTE).status(), 200);
    assert_eq!(app.computed.get(), 2);
    for operation in [
        Operation::CacheGet,
        Operation::CacheIncr,
        Operation::CacheSet,
    ] {
        let app = App::new();
        app.edge.inject(Fault::on(operation));
        assert_eq!(app.get("/", &[], 200, MINUTE).status(), 200);
        assert_eq!(app.get("/", &[], 200, MINUTE).status(), 200);
        assert_eq!(app.computed.get(), 2, "{operation}");
    }
    let app = App::new();
    let app = App {
        edge: app.edge.clone().without_cache(),
        ..app
    };
    assert_eq!(app.get("/", &[], 200, MINUTE).status(), 200);
}

#[test]
fn what_is_garbled_is_computed_anew() {
    let mut random = fastrand::Rng::with_seed(9);
    let app = App::new();
    let vary: Headers<'_> = &[("cache-control", "max-age=60"), ("vary", "accept")];
    for round in 0..2_000 {
        let answered = if round % 2 == 0 { MINUTE } else { vary };
        app.get("/", &[], 200, answered);
        for entry in app.edge.cache().list(10).1 {
            let mut value = entry.value;
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..value.len());
                value[at] = random.u8(..);
            }
            value.truncate(random.usize(..=value.len()));
            app.edge.cache().set(&entry.key, value, Some(SECOND * 60));
        }
        assert!(app.get("/", &[], 200, answered).status().as_u16() >= 100);
        app.edge.cache().evict_all();
    }
}
