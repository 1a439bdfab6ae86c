//! An app that allows each client so many requests per second and per day.
//!
//! The limit of a second slides, so that nobody gets twice as much around its end; that of a day is the
//! cheapest one. Who goes on asking nevertheless is blocked for a while, at the cost of one call. `/search`
//! costs as much as five other requests.
//!
//! When the cache fails, requests are allowed: the limit protects from abuse, and an app that answers
//! nobody for want of a counter would be the larger damage.

use std::time::Duration;

use fastedge::{
    RateLimit,
    cache::{RateLimits, rate_limit::Penalty},
    http::{self, Body, ClientInfo, Error, Request, Response, StatusCode},
};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let cost = match request.uri().path() {
        "/search" => 5,
        _ => 1,
    };
    // A client that the platform does not name shares its limits with all others like it.
    let client = ClientInfo::new(request.headers()).address().ok().flatten();
    // One client is one, whether it comes as 192.0.2.1 or as ::ffff:192.0.2.1.
    let client = client.map(|address| address.to_canonical());
    let verdict = limits()?.check_cost(client, cost);
    if verdict.is_denied() {
        return Ok(verdict.to_response());
    }
    if let Some(error) = verdict.fell_back() {
        println!("a request is allowed uncounted: {error}");
    }
    let mut response = http::text(StatusCode::OK, "Here you are.\n");
    verdict.write_headers(response.headers_mut());
    Ok(response)
}

fn limits() -> Result<RateLimits, Error> {
    let blocked = Penalty::after(20, SECOND * 10, SECOND * 60)?;
    Ok(RateLimits::new([
        RateLimit::sliding_window("rate_limit:second", 10, SECOND)?.penalty(blocked),
        RateLimit::fixed_window("rate_limit:day", 1000, DAY)?,
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, MockHost};

    fn ask(edge: &MockHost, address: &str, path: &str) -> Response<Body> {
        let request = Request::get(path).header("x-real-ip", address);
        edge.run(|| main(request.body(Body::empty()).unwrap()))
            .unwrap()
    }

    #[test]
    fn ten_requests_a_second_are_allowed_to_each_client() {
        let edge = MockHost::new();
        for left in (0..10).rev() {
            let response = ask(&edge, "192.0.2.1", "/");
            assert_eq!(response.status(), StatusCode::OK);
            let limits = response.headers()["ratelimit"].to_str().unwrap();
            assert!(
                limits.starts_with(&format!("\"rate_limit:second\";r={left};")),
                "{limits}"
            );
        }
        let denied = ask(&edge, "192.0.2.1", "/");
        assert_eq!(denied.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(denied.headers()["retry-after"], "2");
        assert_eq!(
            ask(&edge, "::ffff:192.0.2.1", "/").status(),
            StatusCode::TOO_MANY_REQUESTS
        );
        assert_eq!(ask(&edge, "2001:db8::1", "/").status(), StatusCode::OK);
        edge.clock().advance(SECOND * 2);
        assert_eq!(ask(&edge, "192.0.2.1", "/").status(), StatusCode::OK);
    }

    #[test]
    fn a_search_costs_five() {
        let edge = MockHost::new();
        let search = || ask(&edge, "192.0.2.1", "/search").status().as_u16();
        assert_eq!([search(), search(), search()], [200, 200, 429]);
    }

    #[test]
    fn a_thousand_requests_a_day_are_allowed() {
        let edge = MockHost::new();
        for _ in 0..200 {
            assert_eq!(ask(&edge, "192.0.2.1", "/search").status(), StatusCode::OK);
            edge.clock().advance(SECOND * 2);
        }
        let denied = ask(&edge, "192.0.2.1", "/search");
        assert_eq!(denied.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(denied.headers()["retry-after"], "86000");
    }

    #[test]
    fn who_goes_on_asking_is_blocked_for_a_minute_at_one_call_each() {
        let edge = MockHost::new();
        for _ in 0..31 {
            ask(&edge, "192.0.2.1", "/");
        }
        edge.clear_calls();
        let blocked = ask(&edge, "192.0.2.1", "/");
        assert_eq!(blocked.headers()["retry-after"], "60");
        assert_eq!(edge.calls().cache_calls(), 1);
        edge.clock().advance(SECOND * 60);
        assert_eq!(ask(&edge, "192.0.2.1", "/").status(), StatusCode::OK);
    }

    #[test]
    fn without_a_cache_everybody_is_served() {
        for edge in [
            MockHost::new().without_cache(),
            MockHost::new().fault(Fault::on_cache()),
        ] {
            for _ in 0..20 {
                assert_eq!(ask(&edge, "192.0.2.1", "/").status(), StatusCode::OK);
            }
        }
    }
}
