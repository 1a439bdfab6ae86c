//! The platform's introductory program, a counter of page views, and how it differs here.
//!
//! ```
//! # mod app {
//! use fastedge::{
//!     body::Body,
//!     cache::Cache,
//!     http::{Error, Request, Response, StatusCode},
//!     kv_store::{KvStore, StoreType},
//! };
//!
//! #[fastedge::http]
//! fn main(_req: Request<Body>) -> Result<Response<Body>, Error> {
//!     // Open the default KV store
//!     let store = KvStore::open(StoreType::Default)?;
//!     // Read a value
//!     let counter: u64 = store
//!         .get("page_views")?
//!         .and_then(|v| v.parse().ok())
//!         .unwrap_or(0);
//!     // Count this view
//!     let new_count = counter.saturating_add_signed(Cache::incr("page_views", 1)?);
//!     let body = format!("Page views: {}", new_count);
//!     Ok(Response::builder()
//!         .status(StatusCode::OK)
//!         .header("content-type", "text/plain")
//!         .body(Body::from(body))?)
//! }
//! # pub(super) fn test() {
//! # let edge = fastedge_mock_host::MockHost::new().kv("default", |kv| kv.set("page_views", "41"));
//! # let _installed = edge.install();
//! # let request = || Request::get("/").body(Body::empty()).unwrap();
//! # assert_eq!(main(request()).unwrap().body().as_bytes(), b"Page views: 42");
//! # assert_eq!(main(request()).unwrap().body().as_bytes(), b"Page views: 43");
//! # }
//! # }
//! # fn main() { app::test(); }
//! ```
//!
//! | the original | here | why |
//! |---|---|---|
//! | `store.get("page_views").and_then(…)` | `store.get("page_views")?.and_then(…)` | A read can fail (another data type, a backend that is down), and a failure is not a missing key: an app that cannot tell the two apart resets its counter whenever the store hiccups. |
//! | `store.put("page_views", …)?` | `Cache::incr("page_views", 1)?` | Edge Storage is read-only for apps: it is written through the platform's REST API, for which `put` takes a writer (below). Reading, adding one and writing back also loses views whenever two requests overlap; `incr` is atomic. |
//! | a count for the whole world | a count for one location, on top of the stored one | The cache is a location's own, and may be evicted: what must last is collected from it, or written through the API. |
//! | `Response::builder()….body(…)` | `Ok(Response::builder()….body(…)?)` | The builder fails with the `http` crate's error, the store with its own: `fastedge::http::Error` holds either, and `?` converts. |
//! | `req` | `_req` | It is not used. |
//!
//! # With a writer
//!
//! A [`Writer`](crate::kv_store::Writer), which is the store's number and a token of the platform's
//! API, gives the store `put`, and the original's own line works. What it costs, and what it loses,
//! is shown by the example `page_views_kv` and its tests.
//!
//! ```
//! # mod app {
//! use fastedge::{
//!     body::Body,
//!     http::{Error, Request, Response, StatusCode},
//!     kv_store::{KvStore, StoreType, Writer},
//! };
//!
//! #[fastedge::http]
//! fn main(_req: Request<Body>) -> Result<Response<Body>, Error> {
//!     // Open the default KV store
//!     let store = KvStore::open(StoreType::Default)?
//!         .with_writer(Writer::from_secret(7, "API_TOKEN")?);
//!     // Read a value
//!     let counter: u64 = store
//!         .get("page_views")?
//!         .and_then(|v| v.parse().ok())
//!         .unwrap_or(0);
//!     // Increment and write back
//!     let new_count = counter + 1;
//!     store.put("page_views", &new_count.to_string())?;
//!     let body = format!("Page views: {}", new_count);
//!     Ok(Response::builder()
//!         .status(StatusCode::OK)
//!         .header("content-type", "text/plain")
//!         .body(Body::from(body))?)
//! }
//! # pub(super) fn test() {
//! # let url = "https://api.gcore.com/fastedge/v1/kv/7/data";
//! # let edge = fastedge_mock_host::MockHost::new()
//! #     .kv("default", |kv| kv.set("page_views", "41"))
//! #     .secret("API_TOKEN", "t0ken")
//! #     .answer(url, fastedge_mock_host::Answer::text(r#"{"write_count": 1, "revision": 1}"#));
//! # let _installed = edge.install();
//! # let request = || Request::get("/").body(Body::empty()).unwrap();
//! # assert_eq!(main(request()).unwrap().body().as_bytes(), b"Page views: 42");
//! # assert_eq!(main(request()).unwrap().body().as_bytes(), b"Page views: 43");
//! # }
//! # }
//! # fn main() { app::test(); }
//! ```
