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
mod installed;
mod location;
mod mock_host;
mod native;
mod store_writer;
mod view;

pub use fastedge_host::{Host, HttpError, Method, Request, Response};

pub use crate::edge::{
    Answer, BloomOptions, CachedEntry, Call, Calls, Clock, Edge, Fault, FaultError, LOCAL_POP,
    OnItsWay, OpenStore, Operation, Overflow, Replication, Scans, Session, Settings, StoreState,
    Unlinked,
};
pub use crate::installed::Installed;
pub use crate::location::Location;
pub use crate::mock_host::MockHost;
pub use crate::store_writer::StoreWriter;
pub use crate::view::CacheView;

/// The central side of Edge Storage, for whoever puts a database or an API in front of it.
pub mod central {
    pub use crate::edge::central::{
        Byod, Change, Database, Durable, KeyWrite, StoreInfo, Stored, WriteError, Written,
    };
    pub use crate::edge::kv::{DataType, Entry, MAX_KEY_BYTES, MAX_VALUE_BYTES};
}
