//! A counter of page views: read, add one, show.
//!
//! Edge Storage is read-only for apps: it is written through the platform's REST API, and its reads
//! may be some seconds old. The live count therefore is in the cache, where `incr` is atomic, on
//! top of the count that is stored. The cache is a location's own and may be evicted, so this
//! counts the views at one location since then: right for "popular here now", wrong for invoices.

use fastedge::{
    body::Body,
    cache::Cache,
    http::{Error, Request, Response, StatusCode},
    kv_store::{KvStore, StoreType},
};

#[fastedge::http]
fn main(_req: Request<Body>) -> Result<Response<Body>, Error> {
    // The store that is linked to the app under the name `default`.
    let store = KvStore::open(StoreType::Default)?;

    // A missing key, or one that holds no number, counts from 0.
    let stored: u64 = store
        .get("page_views")?
        .and_then(|views| views.parse().ok())
        .unwrap_or(0);

    // One host call, atomic: two requests at once are two views.
    let views = stored.saturating_add_signed(Cache::incr("page_views", 1)?);

    Ok(Response::builder()
        .status(StatusCode::OK)
        .header("content-type", "text/plain")
        .body(Body::from(format!("Page views: {views}\n")))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::{Fault, MockHost, Operation};

    fn view() -> Result<String, Error> {
        let response = main(Request::get("/").body(Body::empty())?)?;
        Ok(response.body().as_text()?.to_owned())
    }

    #[test]
    fn counts_on_from_what_is_stored() {
        let edge = MockHost::new().kv("default", |kv| kv.set("page_views", "41"));
        let _installed = edge.install();
        assert_eq!(view().unwrap(), "Page views: 42\n");
        assert_eq!(view().unwrap(), "Page views: 43\n");
        edge.cache().evict_all();
        assert_eq!(view().unwrap(), "Page views: 42\n");
    }

    #[test]
    fn counts_from_zero_where_nothing_is_stored() {
        let edge = MockHost::new().kv("default", |kv| kv.set("page_views", "many"));
        let _installed = edge.install();
        assert_eq!(view().unwrap(), "Page views: 1\n");
    }

    #[test]
    fn a_failing_store_is_not_an_empty_one() {
        let edge = MockHost::new()
            .kv("default", |kv| kv.set("page_views", "41"))
            .fault(Fault::on(Operation::KvGet));
        let _installed = edge.install();
        assert!(matches!(view(), Err(Error::KvStore(_))));
    }
}
