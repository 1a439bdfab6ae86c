//! An app that computes what is expensive once, and keeps it for a time.
//!
//! `/primes/<n>` answers how many primes there are up to `n`: a value, memoised for an hour, of which each
//! location computes one at a time. `/report` is a page that says by its headers how long it is good for:
//! it is memoised as HTTP says, with conditional requests.

use std::time::Duration;

use fastedge::{
    cache::{Memoize, ResponseCache, Ttl},
    clock,
    http::{self, Body, Error, HeaderValue, Request, Response, StatusCode, header},
};

/// What takes longer than the app may run cannot be memoised either.
const LARGEST: u64 = 200_000;

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let path = request.uri().path();
    if let Some(number) = path.strip_prefix("/primes/") {
        return match number.parse() {
            Ok(number) if number <= LARGEST => primes(number),
            _ => Ok(http::text(
                StatusCode::BAD_REQUEST,
                format!("a number up to {LARGEST} is wanted\n"),
            )),
        };
    }
    match path {
        "/report" => ResponseCache::new("memoize:pages").fetch(&request, report),
        _ => Ok(http::text(StatusCode::NOT_FOUND, "no such page\n")),
    }
}

fn primes(number: u64) -> Result<Response<Body>, Error> {
    let counts = Memoize::<u64>::new("memoize:primes", Ttl::secs(3600)?)
        .stale_while_revalidate(Duration::from_secs(600));
    let count = counts.get(number, || Ok::<_, Error>(count_primes(number)))?;
    if let Some(error) = count.fell_back() {
        println!("the count is computed and not kept: {error}");
    }
    let mut response = http::text(StatusCode::OK, format!("{}\n", *count));
    let source = HeaderValue::try_from(format!("{:?}", count.source())).map_err(Error::other)?;
    response.headers_mut().insert("x-source", source);
    Ok(response)
}

fn count_primes(number: u64) -> u64 {
    let is_prime = |n: &u64| {
        (2..)
            .take_while(|d| d * d <= *n)
            .all(|d| !n.is_multiple_of(d))
    };
    (2..=number).filter(is_prime).count() as u64
}

/// A page that is good for a minute, for another one while it is refreshed, and for an hour if that fails.
fn report() -> Result<Response<Body>, Error> {
    let now = clock::now()?
        .duration_since(std::time::UNIX_EPOCH)
        .map_err(Error::other)?;
    let minute = now.as_secs() / 60;
    let mut response = http::text(StatusCode::OK, format!("the report of minute {minute}\n"));
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("max-age=60, stale-while-revalidate=60, stale-if-error=3600"),
    );
    let tag = HeaderValue::try_from(format!("\"{minute}\"")).map_err(Error::other)?;
    headers.insert(header::ETAG, tag);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, MockHost, Operation};

    fn get(edge: &MockHost, path: &str, tag: Option<&str>) -> Response<Body> {
        let mut request = Request::get(path);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        edge.run(|| main(request.body(Body::empty()).unwrap()))
            .unwrap()
    }

    fn count(edge: &MockHost, path: &str) -> (String, String) {
        let response = get(edge, path, None);
        let source = response.headers()["x-source"].to_str().unwrap().to_owned();
        (response.body().as_text().unwrap().to_owned(), source)
    }

    #[test]
    fn a_count_is_computed_once() {
        let edge = MockHost::new();
        let is = |count: &str, source: &str| (format!("{count}\n"), source.to_owned());
        assert_eq!(count(&edge, "/primes/1000"), is("168", "Computed"));
        assert_eq!(count(&edge, "/primes/1000"), is("168", "Fresh"));
        assert_eq!(count(&edge, "/primes/10"), is("4", "Computed"));
        edge.clock().advance(Duration::from_secs(3600));
        assert_eq!(count(&edge, "/primes/1000"), is("168", "Computed"));
    }

    #[test]
    fn without_a_cache_it_is_computed_each_time() {
        for edge in [
            MockHost::new().without_cache(),
            MockHost::new().fault(Fault::on_cache()),
        ] {
            for _ in 0..2 {
                assert_eq!(
                    count(&edge, "/primes/10"),
                    ("4\n".to_owned(), "NotStored".to_owned())
                );
            }
        }
    }

    #[test]
    fn numbers_that_are_none_or_too_large_are_refused() {
        let edge = MockHost::new();
        for path in ["/primes/", "/primes/x", "/primes/-1", "/primes/200001"] {
            assert_eq!(
                get(&edge, path, None).status(),
                StatusCode::BAD_REQUEST,
                "{path}"
            );
        }
        assert_eq!(get(&edge, "/", None).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_report_is_kept_for_a_minute() {
        let edge = MockHost::new();
        let first = get(&edge, "/report", None);
        edge.clock().advance(Duration::from_secs(59));
        edge.clear_calls();
        let second = get(&edge, "/report", None);
        assert_eq!(
            (first.body(), &second.headers()["age"]),
            (second.body(), &"59".parse().unwrap())
        );
        assert_eq!(edge.calls().cache_calls(), 1);
        let tag = first.headers()["etag"].to_str().unwrap();
        assert_eq!(
            get(&edge, "/report", Some(tag)).status(),
            StatusCode::NOT_MODIFIED
        );
        edge.clock().advance(Duration::from_secs(1));
        assert_ne!(get(&edge, "/report", None).body(), first.body());
        // The counter that the claim needs fails: the stale one is served.
        edge.clock().advance(Duration::from_secs(90));
        edge.inject(Fault::on(Operation::CacheIncr));
        assert!(
            get(&edge, "/report", None).headers()["cache-status"]
                .to_str()
                .unwrap()
                .contains("hit")
        );
    }
}
