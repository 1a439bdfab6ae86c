//! An app that shows pages of a store, and counts who looks at them.

use fastedge::cache::{Cache, Ttl};
use fastedge::http::{self, Body, Error, Request, Response, StatusCode};
use fastedge::{KvStore, dictionary};

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let path = request.uri().path();
    let Some(page) = KvStore::open("pages")?.get_text(path)? else {
        return Ok(http::text(StatusCode::NOT_FOUND, "no such page\n"));
    };
    let region = dictionary::get("REGION")?.unwrap_or("somewhere".to_owned());
    // The views are a nicety: a cache that fails does not take the page away.
    let text = match count(path) {
        Ok(views) => format!("{page} ({views} views {region} within the hour)\n"),
        Err(error) => {
            println!("a view is not counted: {error}");
            format!("{page}\n")
        }
    };
    Ok(http::text(StatusCode::OK, text))
}

/// Counts a view of this location, and answers how many there were within the hour.
fn count(path: &str) -> Result<i64, Error> {
    let views = Cache::counter(format!("{{project-name}}:views:{path}"));
    Ok(views.expires_after(Ttl::secs(3600)?).incr()?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fastedge_mock_host::{Fault, MockHost, Operation};

    use super::*;

    fn edge() -> MockHost {
        MockHost::new()
            .kv("pages", |kv| kv.set("/tea", "Tea"))
            .variable("REGION", "in Luxembourg")
    }

    fn get(path: &str) -> Response<Body> {
        main(Request::get(path).body(Body::empty()).unwrap()).unwrap()
    }

    #[test]
    fn a_page_is_shown_with_the_views_of_the_hour() {
        let edge = edge();
        let _installed = edge.install();
        let tea = |views| format!("Tea ({views} views in Luxembourg within the hour)\n");
        assert_eq!(get("/tea").body().as_bytes(), tea(1).as_bytes());
        assert_eq!(get("/tea").body().as_bytes(), tea(2).as_bytes());
        edge.clock().advance(Duration::from_secs(3600));
        assert_eq!(get("/tea").body().as_bytes(), tea(1).as_bytes());
    }

    #[test]
    fn a_page_that_is_not_there_is_a_404_and_not_counted() {
        let edge = edge();
        let _installed = edge.install();
        assert_eq!(get("/milk").status(), StatusCode::NOT_FOUND);
        assert_eq!(edge.calls().cache_calls(), 0);
    }

    #[test]
    fn a_cache_that_fails_does_not_take_the_page_away() {
        let edge = edge().fault(Fault::on(Operation::CacheIncr));
        let _installed = edge.install();
        assert_eq!(get("/tea").body().as_bytes(), b"Tea\n");
    }
}
