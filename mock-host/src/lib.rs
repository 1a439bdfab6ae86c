//! A FastEdge platform for unit tests.
//!
//! An app built with the SDK (`fastedge-sdk`) is ordinary Rust, and so are its tests. What the app
//! finds on the platform (stores, cache, secrets, variables, destinations that answer) a test
//! sets up as a [`MockHost`]; time stands still until the test moves it, calls fail when the test
//! says so, and afterwards the log says which calls there were.
//!
//! ```toml
//! [dev-dependencies]
//! fastedge-mock-host = "0.1"
//! ```
//!
//! ```
//! # mod app {
//! use fastedge::{
//!     KvStore,
//!     http::{self, Body, Error, Request, Response, StatusCode},
//! };
//! use fastedge_mock_host::{Fault, MockHost, Operation};
//!
//! #[fastedge::http]
//! fn main(_request: Request<Body>) -> Result<Response<Body>, Error> {
//!     let greeting = KvStore::open("texts")?.get_text("greeting")?;
//!     Ok(http::text(StatusCode::OK, greeting.unwrap_or("hi".to_owned())))
//! }
//!
//! # pub(super) fn test() {
//! let edge = MockHost::new().kv("texts", |kv| kv.set("greeting", "hello"));
//! let _installed = edge.install();
//! let get = || main(Request::get("/").body(Body::empty()).unwrap());
//!
//! assert_eq!(get().unwrap().body().as_bytes(), b"hello");
//! edge.write("texts", |kv| kv.delete("greeting"));
//! assert_eq!(get().unwrap().body().as_bytes(), b"hi");
//! edge.inject(Fault::on(Operation::KvGet));
//! assert!(get().is_err());
//! assert_eq!(edge.calls().kv_reads(), 3);
//! # }
//! # }
//! # fn main() { app::test(); }
//! ```
//!
//! The platform is the one that `fastedge-mock`, the command that runs components, uses as well:
//! see [`Edge`].

mod edge;
mod mock_host;
mod native;
mod view;

pub use fastedge_host::{Host, HttpError, Installed, Method, Request, Response};

pub use crate::edge::{
    Answer, BloomOptions, Call, Calls, Clock, Edge, Fault, FaultError, OpenStore, Operation,
};
pub use crate::mock_host::MockHost;
pub use crate::view::{CacheView, StoreWriter};
