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
//! There can be several locations ([`MockHost::pops`]), with the platform's replication and read
//! caches; [`Settings`] say how the platform behaves, and [`Settings::strict`] is the worst that it
//! may do.
//!
//! The same tests run inside components: `cargo test --target wasm32-wasip2`, with `fastedge-mock run`
//! as cargo's runner for that target. The platform is in the runner then, and a [`MockHost`] controls
//! it from inside.
//!
//! The platform is the one that `fastedge-mock`, the command that runs components, uses as well:
//! see [`Edge`].

#[cfg_attr(
    target_arch = "wasm32",
    allow(
        dead_code,
        unreachable_pub,
        unused_imports,
        reason = "the edge is in the runner"
    )
)]
mod edge;
mod installed;
mod location;
mod mock_host;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod remote;
mod store_writer;
#[cfg_attr(
    target_arch = "wasm32",
    allow(dead_code, unreachable_pub, reason = "the edge is in the runner")
)]
mod view;

/// The platform of a test: in this process, or in the runner of a test that is a component.
#[cfg(not(target_arch = "wasm32"))]
mod platform {
    pub use crate::edge::Clock;
    pub(crate) use crate::edge::Edge;
    pub use crate::view::CacheView;
}
#[cfg(target_arch = "wasm32")]
mod platform {
    pub(crate) use crate::remote::Edge;
    pub use crate::remote::{CacheView, Clock};
}

pub use fastedge_host::{Host, HttpError, Method, Request, Response};

pub use crate::edge::{
    Answer, BloomOptions, CachedEntry, Call, Calls, Fault, FaultError, LOCAL_POP, Operation,
    Overflow, Replication, Scans, Settings, Unlinked,
};
#[cfg(not(target_arch = "wasm32"))]
pub use crate::edge::{Edge, OnItsWay, OpenStore, OwnAnswer, SentRequest, Session, StoreState};
pub use crate::installed::Installed;
pub use crate::location::Location;
pub use crate::mock_host::MockHost;
pub use crate::platform::{CacheView, Clock};
pub use crate::store_writer::StoreWriter;

/// The central side of Edge Storage, for whoever puts a database or an API in front of it.
#[cfg(not(target_arch = "wasm32"))]
pub mod central {
    pub use crate::edge::central::{
        Byod, Change, Database, Durable, EntryPage, EntrySummary, KeyWrite, ListQuery, StoreInfo,
        Stored, WriteError, Written,
    };
    pub use crate::edge::kv::{
        DataType, Entry, MAX_KEY_BYTES, MAX_VALUE_CHARS, is_text, value_chars,
    };
}
