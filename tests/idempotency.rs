//! `Idempotency`: what is carried out, and what is answered.

use std::cell::Cell;
use std::time::Duration;

use fastedge::cache::Idempotency;
use fastedge::cache::idempotency::{Begin, Fingerprint, Handled, InvalidKey};
use fastedge::http::{self, Body, Method, Request, Response, StatusCode};
use fastedge_mock_host::{Fault, MockHost, Operation};

const MINUTE: Duration = Duration::from_secs(60);

/// Payments that count how often they are made.
struct Payments {
    edge: MockHost,
    idempotency: Idempotency,
    made: Cell<u32>,
    status: Cell<u16>,
}

impl Payments {
    fn new() -> Self {
        Payments {
            edge: MockHost::new(),
            idempotency: Idempotency::new("app:payments"),
            made: Cell::new(0),
            status: Cell::new(201),
        }
    }

    fn with(idempotency: impl FnOnce(Idempotency) -> Idempotency) -> Self {
        let payments = Payments::new();
        Payments {
            idempotency: idempotency(payments.idempotency.clone()),
            ..payments
        }
    }

    fn pay(&self, key: &str, amount: &str) -> Response<Body> {
        let request = Request::post("/payments").header("idempotency-key", key);
        self.send(request.body(Body::from(amount)).unwrap())
    }

    fn send(&self, request: Request<Body>) -> Response<Body> {
        let make = |request: Request<Body>| {
            self.made.set(self.made.get() + 1);
            let text = format!("paid {}", request.body().as_text().unwrap());
            let mut response = http::text(StatusCode::from_u16(self.status.get()).unwrap(), text);
            response
                .headers_mut()
                .insert("x-payment", self.made.get().into());
            Ok::<_, http::Error>(response)
        };
        self.edge
            .run(|| self.idempotency.handle(request, make))
            .unwrap()
    }

    fn calls(&self, key: &str, amount: &str) -> (u16, usize) {
        self.edge.clear_calls();
        let status = self.pay(key, amount).status().as_u16();
        (status, self.edge.calls().cache_calls())
    }
}

fn handled(response: &Response<Body>) -> &Handled {
    response.extensions().get().unwrap()
}

#[test]
fn a_payment_is_made_once_and_its_answer_repeated() {
    let payments = Payments::new();
    let first = payments.pay("\"k\"", "7");
    assert!(matches!(handled(&first), Handled::Completed));
    let again = payments.pay("k", "7");
    assert!(matches!(handled(&again), Handled::Replayed));
    assert_eq!(
        (again.status(), again.body()),
        (first.status(), first.body())
    );
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.headers()["x-payment"], "1");
    assert_eq!(again.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(payments.made.get(), 1);
    payments.edge.clock().advance(MINUTE * 60 * 24);
    assert_eq!(payments.pay("k", "7").headers()["x-payment"], "2");
}

#[test]
fn each_outcome_costs_what_the_documentation_says() {
    let payments = Payments::new();
    assert_eq!(payments.calls("k", "7"), (201, 9));
    assert_eq!(payments.calls("k", "7"), (201, 1));
    assert_eq!(payments.calls("k", "8"), (422, 1));
    assert_eq!(payments.calls("", "7"), (400, 0));
    std::mem::forget(payments.edge.run(|| {
        payments
            .idempotency
            .begin("locked", Fingerprint::of([b"".as_slice()]))
            .unwrap()
    }));
    assert_eq!(payments.calls("locked", "7"), (409, 4));
    payments.edge.clock().advance(MINUTE);
    assert_eq!(payments.calls("locked", "7"), (409, 2));
    payments.edge.clock().advance(MINUTE);
    assert_eq!(payments.calls("locked", "7"), (201, 9));
}

#[test]
fn another_request_with_the_key_is_refused() {
    let payments = Payments::new();
    payments.pay("k", "7");
    let other = |request: Request<Body>| payments.send(request).status().as_u16();
    let request = || Request::builder().header("idempotency-key", "k");
    let post = || request().method(Method::POST).uri("/payments");
    assert_eq!(other(post().body(Body::from("8")).unwrap()), 422);
    assert_eq!(
        other(post().uri("/refunds").body(Body::from("7")).unwrap()),
        422
    );
    assert_eq!(
        other(
            request()
                .method(Method::PATCH)
                .uri("/payments")
                .body(Body::from("7"))
                .unwrap()
        ),
        422
    );
    assert_eq!(
        other(post().header("host", "x").body(Body::from("7")).unwrap()),
        422
    );
    assert_eq!(
        other(
            post()
                .header("content-type", "x")
                .body(Body::from("7"))
                .unwrap()
        ),
        422
    );
    assert_eq!(
        other(
            post()
                .header("authorization", "new")
                .body(Body::from("7"))
                .unwrap()
        ),
        201
    );
    let problem = payments.pay("k", "8");
    assert_eq!(
        problem.headers()["content-type"],
        "application/problem+json"
    );
    let problem: serde_json::Value = problem.body().read_json().unwrap();
    assert_eq!(
        (&problem["status"], &problem["title"]),
        (&422.into(), &"Unprocessable Entity".into())
    );
    assert_eq!(payments.made.get(), 1);
}

#[test]
fn a_payment_that_is_being_made_is_not_made_twice() {
    let payments = Payments::new();
    let request = || {
        Request::post("/payments")
            .header("idempotency-key", "k")
            .body(Body::from("7"))
            .unwrap()
    };
    let outer = payments.edge.run(|| {
        payments.idempotency.handle(request(), |_| {
            let inner = payments.send(request());
            assert_eq!(
                (inner.status(), &inner.headers()["retry-after"]),
                (StatusCode::CONFLICT, &"1".parse().unwrap())
            );
            assert!(matches!(handled(&inner), Handled::Locked));
            Ok::<_, http::Error>(http::text(StatusCode::CREATED, "paid"))
        })
    });
    assert_eq!(outer.unwrap().status(), 201);
    assert_eq!(
        (
            payments.made.get(),
            payments.pay("k", "7").status().as_u16()
        ),
        (0, 201)
    );
}

#[test]
fn tenants_have_their_own_keys() {
    let payments = Payments::new();
    let pay = |tenant: Option<(&str, u32)>| {
        let request = Request::post("/")
            .header("idempotency-key", "k")
            .body(Body::empty())
            .unwrap();
        let idempotency = match tenant {
            Some(tenant) => payments.idempotency.clone().tenant(tenant),
            None => payments.idempotency.clone(),
        };
        let make = |_| {
            payments.made.set(payments.made.get() + 1);
            Ok::<_, http::Error>(http::text(StatusCode::OK, ""))
        };
        payments
            .edge
            .run(|| idempotency.handle(request, make))
            .unwrap()
    };
    for tenant in [
        None,
        Some(("ann", 1)),
        Some(("ann", 2)),
        Some(("ann", 1)),
        Some(("bob", 1)),
        None,
    ] {
        pay(tenant);
    }
    assert_eq!(payments.made.get(), 4);
}

#[test]
fn safe_requests_and_those_without_a_key_go_through() {
    let payments = Payments::new();
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        let request = Request::builder()
            .method(method)
            .header("idempotency-key", "k");
        let response = payments.send(request.body(Body::empty()).unwrap());
        assert!(matches!(handled(&response), Handled::Unprotected));
    }
    let keyless = || Request::post("/").body(Body::empty()).unwrap();
    assert!(matches!(
        handled(&payments.send(keyless())),
        Handled::Unprotected
    ));
    assert_eq!(payments.edge.calls().cache_calls(), 0);
    let strict = Payments::with(Idempotency::required);
    let refused = strict.send(keyless());
    assert_eq!(refused.status(), 400);
    assert!(matches!(
        handled(&refused),
        Handled::InvalidKey(InvalidKey::Missing)
    ));
    assert!(matches!(
        handled(&strict.pay("\"", "7")),
        Handled::InvalidKey(InvalidKey::Malformed)
    ));
    assert_eq!(strict.made.get(), 0);
}

#[test]
fn answers_that_nothing_was_done_are_not_kept_and_failures_are() {
    for (status, is_kept) in [
        (200, true),
        (400, true),
        (404, true),
        (422, true),
        (500, true),
        (504, true),
        (401, false),
        (403, false),
        (409, false),
        (425, false),
        (429, false),
        (503, false),
    ] {
        let payments = Payments::new();
        payments.status.set(status);
        let first = payments.pay("k", "7");
        assert_eq!(
            matches!(handled(&first), Handled::Completed),
            is_kept,
            "{status}"
        );
        payments.status.set(201);
        let again = payments.pay("k", "7");
        assert_eq!(again.status().as_u16(), if is_kept { status } else { 201 });
        assert_eq!(payments.made.get(), if is_kept { 1 } else { 2 });
    }
    let own =
        Payments::with(|idempotency| idempotency.keep_if(|response| response.status() != 500));
    own.status.set(500);
    assert!(matches!(handled(&own.pay("k", "7")), Handled::NotKept));
}

#[test]
fn a_handler_that_fails_has_done_nothing() {
    let payments = Payments::new();
    let request = || {
        Request::post("/payments")
            .header("idempotency-key", "k")
            .body(Body::from("7"))
            .unwrap()
    };
    let failed = payments
        .edge
        .run(|| payments.idempotency.handle(request(), |_| Err("no money")));
    assert_eq!(failed.unwrap_err(), "no money");
    assert_eq!(payments.pay("k", "7").status(), 201);
}

#[test]
fn when_the_cache_fails_the_policy_answers() {
    for operation in [
        Operation::CacheGet,
        Operation::CacheIncr,
        Operation::CacheExists,
    ] {
        let closed = Payments::new();
        closed.edge.inject(Fault::on(operation));
        let refused = closed.pay("k", "7");
        assert_eq!(
            (refused.status(), closed.made.get()),
            (StatusCode::SERVICE_UNAVAILABLE, 0)
        );
        assert!(matches!(handled(&refused), Handled::FellBack(_)));
        let open = Payments::with(Idempotency::fail_open);
        open.edge.inject(Fault::on(operation));
        assert!(matches!(handled(&open.pay("k", "7")), Handled::FellBack(_)));
        assert_eq!(open.made.get(), 1);
    }
}

#[test]
fn an_answer_is_stored_as_soon_as_it_can_be() {
    let payments = Payments::new();
    for nth in 1..=4 {
        payments
            .edge
            .inject(Fault::on(Operation::CacheSet).nth(nth));
    }
    assert!(matches!(
        handled(&payments.pay("k", "7")),
        Handled::Completed
    ));
    assert_eq!(payments.edge.calls().count(Operation::CacheSet), 5);
    assert!(matches!(
        handled(&payments.pay("k", "7")),
        Handled::Replayed
    ));

    // If it cannot be at all, the client is answered, and a repetition has to wait.
    let payments = Payments::with(|idempotency| idempotency.lease(Duration::from_secs(2)).unwrap());
    payments.edge.inject(Fault::on(Operation::CacheSet));
    let before = payments.edge.clock().now();
    let paid = payments.pay("k", "7");
    assert!(paid.status() == 201 && matches!(handled(&paid), Handled::NotStored(_)));
    assert!(payments.edge.clock().now() - before <= Duration::from_secs(3));
    payments.edge.clear_faults();
    assert_eq!(payments.pay("k", "7").status(), 409);
    payments.edge.clock().advance(Duration::from_secs(4));
    assert_eq!(payments.pay("k", "7").headers()["x-payment"], "2");
}

#[test]
fn a_record_that_cannot_be_read_is_never_taken_for_none() {
    let mut random = fastrand::Rng::with_seed(4);
    for idempotency in [Idempotency::fail_open, Idempotency::fail_closed] {
        let payments = Payments::with(idempotency);
        for _ in 0..500 {
            payments.edge.cache().evict_all();
            payments.made.set(0);
            payments.pay("k", "7");
            let (_, entries) = payments.edge.cache().list(5);
            let mut record = entries[0].value.clone();
            let at = random.usize(..record.len());
            record[at] = random.u8(..);
            record.truncate(random.usize(..=record.len()));
            payments
                .edge
                .cache()
                .set(&entries[0].key, record, Some(MINUTE));
            let status = payments.pay("k", "7").status().as_u16();
            assert!(
                payments.made.get() == 1,
                "carried out again, and answered {status}"
            );
        }
    }
}

#[test]
fn forgotten_keys_are_new() {
    let payments = Payments::new();
    payments.pay("k", "7");
    payments
        .edge
        .run(|| payments.idempotency.forget("k"))
        .unwrap();
    assert_eq!(payments.pay("k", "8").headers()["x-payment"], "2");
}

#[test]
fn requests_for_two_hosts_are_two_requests() {
    let print = |uri: &str, headers: &[(&str, &str)]| {
        let request = headers
            .iter()
            .fold(Request::post(uri), |request, (name, value)| {
                request.header(*name, *value)
            });
        Fingerprint::of_request(&request.body(Body::from("7 EUR")).unwrap())
    };
    assert_eq!(
        print("/pay", &[("host", "A.example")]),
        print("http://a.example/pay", &[])
    );
    assert_ne!(
        print("/pay", &[("host", "a.example")]),
        print("/pay", &[("host", "b.example")])
    );
    // As WASI-HTTP apps see them.
    let at = |server| print("http://localhost/pay", &[("server_name", server)]);
    assert_ne!(at("a.example"), at("b.example"));
    assert_eq!(at("a.example"), at("a.example"));
}

#[test]
fn what_is_no_response_can_be_kept_as_well() {
    let edge = MockHost::new();
    let _installed = edge.install();
    let jobs = Idempotency::new("app:jobs");
    let print = Fingerprint::of([b"a".as_slice(), b"bc"]);
    assert_ne!(print, Fingerprint::of([b"ab".as_slice(), b"c"]));
    let Begin::Started(started) = jobs.begin("k", print).unwrap() else {
        panic!("it is new");
    };
    assert_eq!(started.left(), MINUTE);
    assert!(matches!(
        jobs.begin("k", print).unwrap(),
        Begin::Locked { .. }
    ));
    started.abandon().unwrap();
    let Begin::Started(started) = jobs.begin("k", print).unwrap() else {
        panic!("it was abandoned");
    };
    started.complete(b"done").unwrap();
    assert!(matches!(jobs.begin("k", print).unwrap(), Begin::Completed(with) if with == b"done"));
    assert!(matches!(
        jobs.begin("k", Fingerprint::of([])).unwrap(),
        Begin::OtherRequest
    ));
    // Long keys are kept apart.
    let (long, longer) = ("k".repeat(255), "k".repeat(254));
    assert!(matches!(
        jobs.begin(&long, print).unwrap(),
        Begin::Started(_)
    ));
    assert!(matches!(
        jobs.begin(&longer, print).unwrap(),
        Begin::Started(_)
    ));
    for entry in edge.cache().list(10).1 {
        assert!(entry.key.len() < 256);
    }
}
