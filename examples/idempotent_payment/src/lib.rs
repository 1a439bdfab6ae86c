//! An app that takes payments, each of which is made once however often it is sent.
//!
//! `POST /payments` with an `Idempotency-Key` and `{"amount": 750}`. A client that got no answer sends the
//! same again, with the same key, and gets the answer that the first one had.
//!
//! The ledger is a counter in the cache here, so that the app runs by itself. A real one gets the key as
//! well: at the edge, a request that is killed in the middle, or repeated at another location, is carried
//! out again.

use fastedge::{
    Cache,
    cache::{Hashed, Idempotency},
    http::{self, Body, Error, Problem, Request, Response, StatusCode},
};

#[derive(serde::Deserialize)]
struct Payment {
    /// In cents.
    amount: u64,
}

#[derive(serde::Serialize)]
struct Receipt {
    number: i64,
    amount: u64,
}

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    if request.method() != "POST" || request.uri().path() != "/payments" {
        return Ok(Problem::new(StatusCode::NOT_FOUND).to_response());
    }
    let Some(account) = account(&request) else {
        return Ok(Problem::new(StatusCode::UNAUTHORIZED).to_response());
    };
    Idempotency::new("payments")
        .tenant(Hashed(account))
        .required()
        .handle(request, pay)
}

/// Whose payment it is. A real app verifies a token here: who can name another one's account can read
/// the answers to their payments. What tells accounts apart becomes part of keys, which others see: it is
/// hashed, since it is a secret here.
fn account(request: &Request<Body>) -> Option<String> {
    let token = request.headers().get("authorization")?.to_str().ok()?;
    token.strip_prefix("Bearer ").map(str::to_owned)
}

fn pay(request: Request<Body>) -> Result<Response<Body>, Error> {
    let payment: Payment = match request.body().read_json() {
        Ok(payment) => payment,
        Err(error) => {
            let problem = Problem::new(StatusCode::BAD_REQUEST).detail(error.to_string());
            return Ok(problem.to_response());
        }
    };
    match Cache::incr("payments:ledger", 1) {
        Ok(number) => http::json(
            StatusCode::CREATED,
            &Receipt {
                number,
                amount: payment.amount,
            },
        ),
        // Whether it was booked is not known: that is kept, and not tried again under this key.
        Err(error) if error.may_have_happened() => {
            println!("a payment whose fate is unknown: {error}");
            Ok(Problem::new(StatusCode::GATEWAY_TIMEOUT).to_response())
        }
        // It was not booked, so the same request may try again.
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, FaultError, MockHost, Operation};

    fn send(edge: &MockHost, account: &str, key: &str, body: &str) -> Response<Body> {
        let request = Request::post("/payments")
            .header("authorization", format!("Bearer {account}"))
            .header("idempotency-key", key);
        edge.run(|| main(request.body(Body::from(body)).unwrap()))
            .unwrap()
    }

    fn booked(edge: &MockHost) -> Option<String> {
        edge.cache().get_text("payments:ledger")
    }

    #[test]
    fn a_payment_is_made_once() {
        let edge = MockHost::new();
        let first = send(&edge, "ann", "k1", r#"{"amount": 750}"#);
        assert_eq!(first.status(), StatusCode::CREATED);
        assert_eq!(
            first.body().as_text().unwrap(),
            r#"{"number":1,"amount":750}"#
        );
        let again = send(&edge, "ann", "k1", r#"{"amount": 750}"#);
        assert_eq!(
            (again.status(), again.body()),
            (first.status(), first.body())
        );
        assert_eq!(again.headers()["idempotent-replayed"], "true");
        assert_eq!(booked(&edge).as_deref(), Some("1"));
    }

    #[test]
    fn another_amount_is_another_payment_and_needs_another_key() {
        let edge = MockHost::new();
        send(&edge, "ann", "k1", r#"{"amount": 750}"#);
        let other = send(&edge, "ann", "k1", r#"{"amount": 850}"#);
        assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            send(&edge, "ann", "k2", r#"{"amount": 850}"#).status(),
            StatusCode::CREATED
        );
        assert_eq!(
            send(&edge, "bob", "k1", r#"{"amount": 850}"#).status(),
            StatusCode::CREATED
        );
        assert_eq!(booked(&edge).as_deref(), Some("3"));
    }

    #[test]
    fn what_is_no_payment_is_refused() {
        let edge = MockHost::new();
        let ask = |request: fastedge::http::request::Builder| {
            let request = request.body(Body::from("{}")).unwrap();
            edge.run(|| main(request)).unwrap().status().as_u16()
        };
        assert_eq!(ask(Request::get("/payments")), 404);
        assert_eq!(ask(Request::post("/payments")), 401);
        assert_eq!(
            ask(Request::post("/payments").header("authorization", "Bearer ann")),
            400
        );
        assert_eq!(
            send(&edge, "ann", "k1", "{}").status(),
            StatusCode::BAD_REQUEST
        );
        assert_eq!(booked(&edge), None);
    }

    #[test]
    fn without_a_cache_nothing_is_paid() {
        for edge in [
            MockHost::new().without_cache(),
            MockHost::new().fault(Fault::on_cache()),
        ] {
            let refused = send(&edge, "ann", "k1", r#"{"amount": 750}"#);
            assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(refused.headers()["retry-after"], "1");
            assert_eq!(booked(&edge), None);
        }
    }

    #[test]
    fn a_payment_whose_fate_is_unknown_is_not_made_again() {
        // The second increment of a request is the ledger's.
        let fault = || Fault::on(Operation::CacheIncr).nth(2);
        let edge = MockHost::new().fault(fault().after_the_effect());
        for _ in 0..2 {
            let unknown = send(&edge, "ann", "k1", r#"{"amount": 750}"#);
            assert_eq!(unknown.status(), StatusCode::GATEWAY_TIMEOUT);
        }
        assert_eq!(booked(&edge).as_deref(), Some("1"));
        // One that was refused is tried again.
        let refusal = FaultError::Other("the ledger is closed".to_owned());
        let edge = MockHost::new().fault(fault().error(refusal));
        let pay = || {
            let request = Request::post("/payments").header("authorization", "Bearer ann");
            let request = request
                .header("idempotency-key", "k1")
                .body(Body::from(r#"{"amount": 7}"#));
            edge.run(|| main(request.unwrap()))
                .map(|response| response.status().as_u16())
        };
        assert!(pay().is_err());
        assert_eq!(pay().unwrap(), 201);
    }
}
