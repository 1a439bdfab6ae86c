//! The write path: the platform's REST API for Edge Storage.
//!
//! Apps only read stores. They are written through the API, which keeps the data in a central
//! database, from which it is replicated to every location, key by key, typically within 1-2 s. This
//! module builds the API's requests and reads its answers, and does no I/O of its own: a [`Call`] is
//! a request of the `http` crate and a parser for its answer, so it works with any client.
//!
//! | to | use |
//! |---|---|
//! | list, create, read, replace, delete stores | [`Api::list_stores`], [`create_store`](Api::create_store), [`get_store`](Api::get_store), [`replace_store`](Api::replace_store), [`delete_store`](Api::delete_store) |
//! | list and read what is in a store | [`Api::list_entries`], [`get_entry`](Api::get_entry) |
//! | write to a store | [`Api::write`], with [`Entry`] |
//! | write much | [`Upload`]: in batches, paced, resumed after a failure |
//! | write from an app | [`Call::send`], or [`kv_store::Writer`](crate::kv_store::Writer), which also reads its own writes |
//! | write from a tool | `BlockingClient` (feature `blocking-client`), or a client of one's own |
//!
//! ```
//! use fastedge::edge_storage_api::{Api, Entry, Token};
//!
//! let api = Api::new(Token::new("secret-token")?);
//! let call = api.write(7, &[
//!     Entry::plain("site:title", "Home")?,
//!     Entry::sorted_set("scores", [(10.0, "ann"), (30.0, "bob")])?,
//!     Entry::bloom_filter("blocked", ["203.0.113.7"])?,
//! ])?;
//! assert_eq!(call.request().method(), "PUT");
//! assert_eq!(call.request().uri(), "https://api.gcore.com/fastedge/v1/kv/7/data");
//! // The token is in the request, and in nothing that is printed.
//! assert!(!format!("{call:?}").contains("secret-token"));
//!
//! // Whichever client sends it, the call reads the answer.
//! # use fastedge::http::Response;
//! # let response = Response::new(
//! #     r#"{"write_count": 3, "write_size": 19, "del_count": 0, "store_size": 19, "revision": 12}"#,
//! # );
//! let summary = call.parse(&response)?;
//! assert_eq!(summary.revision, 12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod api;
#[cfg(all(feature = "blocking-client", not(target_arch = "wasm32")))]
mod blocking;
mod call;
mod entry;
mod error;
mod store;
mod stored;
mod token;
mod transport;
mod upload;
mod wire;

pub use self::api::{Api, DEFAULT_BASE_URL, EntryQuery, Page, WriteSummary};
#[cfg(all(feature = "blocking-client", not(target_arch = "wasm32")))]
pub use self::blocking::BlockingClient;
pub use self::call::Call;
pub(crate) use self::entry::POINTER_MEMBER;
pub use self::entry::{DataType, Entry, EntryError};
pub use self::error::{Error, ErrorKind};
pub use self::store::{Byod, Store, StoreList, StoreSettings};
pub use self::stored::{EntryList, Stored, StoredEntry};
pub use self::token::{Token, TokenError};
pub use self::transport::{Outbound, Transport, TransportError};
pub use self::upload::{BatchLimits, Progress, Retry, Upload};
