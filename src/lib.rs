//! Write apps for Gcore FastEdge.
//!
//! A FastEdge app is a WebAssembly component (`wasm32-wasip2`) that answers HTTP requests at the
//! edge: a fresh instance for each request, next to a replicated key-value store and a fast local
//! cache. This crate gives such an app types for all of it, and costs no more than the raw
//! bindings: what an app does not call is not in its component.
//!
//! ```
//! # mod app {
//! use fastedge::{
//!     KvStore,
//!     http::{self, Body, Error, Request, Response, StatusCode},
//! };
//!
//! #[fastedge::http]
//! fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
//!     let store = KvStore::open("pages")?;
//!     match store.get_text(request.uri().path())? {
//!         Some(page) => Ok(http::text(StatusCode::OK, page)),
//!         None => Ok(http::text(StatusCode::NOT_FOUND, "no such page\n")),
//!     }
//! }
//!
//! // The handler is an ordinary function, and this is a native unit test:
//! # pub(super) fn test() {
//! let edge = fastedge_mock_host::MockHost::new().kv("pages", |kv| kv.set("/", "home"));
//! let _installed = edge.install();
//! let response = main(Request::get("/").body(Body::empty()).unwrap()).unwrap();
//! assert_eq!(response.body().as_bytes(), b"home");
//! assert_eq!(edge.calls().kv_reads(), 1);
//! # }
//! # }
//! # fn main() { app::test(); }
//! ```
//!
//! # What is where
//!
//! | module | what |
//! |---|---|
//! | [`kv_store`] | Edge Storage: durable, replicated everywhere, read-only for apps; sorted sets, Bloom filters |
//! | [`key`], [`codec`], [`pattern`] | keys that know the type of their value, how values are written, what scans look for |
//! | [`blocklist`] | membership of addresses, domains, paths, tokens in lists of millions, and values by them |
//! | [`config`] | one typed document, its policies, and its memo |
//! | [`bloom`] | Bloom filters in one value, which the app answers from itself |
//! | [`edge_storage_api`] | the write path: the platform's REST API, from apps and tools |
//! | [`cache`] | the cache of one location: fast, strong, evictable, with atomic counters |
//! | [`cache::rate_limit`] | rate limits, several at once, with penalties and the headers |
//! | [`cache::memoize`], [`cache::response_cache`] | values and whole responses that are computed once |
//! | [`cache::idempotency`] | requests that are carried out once, however often they are sent |
//! | [`flags`] | feature flags: flagd's documents, OpenFeature's words |
//! | [`session`] | typed state of one visitor, under a signed cookie |
//! | [`secret`], [`dictionary`] | what is set for the app on the platform |
//! | [`http`](mod@http), [`body`] | handlers, answers, who the client is, outbound requests |
//! | [`clock`] | the time, as the host has it |
//! | [`diagnostics`], `log` (feature) | what is left behind about a request |
//! | [`guide`] | longer explanations |
//!
//! # Two kinds of app
//!
//! A function under [`#[fastedge::http]`](macro@http) makes a *reactor* app: synchronous, with
//! whole bodies. An app on [`wstd`](https://docs.rs/wstd) (`#[wstd::http_server]`) is a *WASI-HTTP*
//! app: asynchronous, with streams. Everything in this crate works in both, save the macro and what
//! sends requests by itself ([`http::send_request`], [`edge_storage_api::Call::send`],
//! [`kv_store::Writer`]): `wstd` has its own client, which sends a
//! [`Call`](edge_storage_api::Call)'s request as well.
//!
//! # Native tests
//!
//! In a native build, each call goes to the host that is installed for the thread: add
//! `fastedge-mock-host` to the dev-dependencies. Without one, calls fail with an error that says
//! so; they do not panic.
#![cfg_attr(docsrs, feature(doc_cfg))]

// The macro's expansion names the crate from outside.
extern crate self as fastedge;

mod absorb;
pub mod blocklist;
pub mod bloom;
pub mod body;
pub mod cache;
pub mod clock;
pub mod codec;
pub mod config;
pub mod diagnostics;
pub mod dictionary;
pub mod edge_storage_api;
mod error;
pub mod flags;
pub mod guide;
mod host;
pub mod http;
pub mod key;
pub mod kv_store;
#[cfg(feature = "log")]
pub mod log;
pub mod pattern;
pub mod secret;
pub mod session;
mod stdout;
mod value;

pub use fastedge_host::NoHostInstalled;
pub use fastedge_macros::http;

pub use crate::body::Body;
pub use crate::cache::{Cache, RateLimit};
pub use crate::flags::Flags;
pub use crate::key::{Key, KeyTemplate};
pub use crate::kv_store::KvStore;
pub use crate::pattern::Pattern;
pub use crate::value::{DecodeError, Value};

/// What the expansion of [`#[fastedge::http]`](macro@http) needs. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use crate::http::handler::{Handler, answer, assert_handler};

    #[cfg(target_arch = "wasm32")]
    pub use crate::{
        host::bindings::{
            self, export_http_handler,
            exports::gcore::fastedge::http_handler::Guest,
            gcore::fastedge::http::{Request, Response},
        },
        http::handler::export::process,
    };
}
