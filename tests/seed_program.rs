//! The platform's introductory program, as near to the letter as honest types allow. The
//! deviations and their reasons are in `fastedge::guide::page_views`.

use fastedge::{
    body::Body,
    cache::Cache,
    http::{Error, Request, Response, StatusCode},
    kv_store::{KvStore, StoreType},
};
use fastedge_mock_host::{Fault, MockHost, Operation};

#[fastedge::http]
fn main(_req: Request<Body>) -> Result<Response<Body>, Error> {
    // Open the default KV store
    let store = KvStore::open(StoreType::Default)?;
    // Read a value
    let counter: u64 = store
        .get("page_views")?
        .and_then(|v| v.parse().ok())
        .unwrap_or(0);
    // Count this view
    let new_count = counter.saturating_add_signed(Cache::incr("page_views", 1)?);
    let body = format!("Page views: {}", new_count);
    Ok(Response::builder()
        .status(StatusCode::OK)
        .header("content-type", "text/plain")
        .body(Body::from(body))?)
}

fn request() -> Request<Body> {
    Request::get("/").body(Body::empty()).unwrap()
}

#[test]
fn it_counts() {
    let edge = MockHost::new().kv("default", |kv| kv.set("page_views", "41"));
    let _installed = edge.install();
    for expected in ["Page views: 42", "Page views: 43"] {
        let response = main(request()).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/plain");
        assert_eq!(response.body().as_text().unwrap(), expected);
    }
}

#[test]
fn it_fails_in_the_words_of_the_room_that_failed() {
    let without_store = MockHost::new();
    let error = without_store.run(|| main(request()).unwrap_err());
    assert!(
        error
            .to_string()
            .starts_with("store `default` is not available")
    );

    let edge = MockHost::new()
        .kv("default", |kv| kv)
        .fault(Fault::on(Operation::CacheIncr));
    let error = edge.run(|| main(request()).unwrap_err());
    assert!(matches!(error, Error::Cache(_)), "{error}");
}
