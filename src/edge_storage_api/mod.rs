//! The management API for Edge Storage, through which tools write stores.
//!
//! Apps only read stores. Tools write them through this REST API, which keeps the data in a central
//! database. From there, each key is replicated to every location, typically within 1-2 s.
//!
//! The module builds requests and reads responses, and does no I/O of its own: a [`Call`] is a
//! request of the `http` crate and a parser for its response, so it works with any client.
//!
//! | task | function |
//! |---|---|
//! | list stores | [`Api::stores`], or one page with [`list_stores`](Api::list_stores) |
//! | create, describe, replace, delete a store | [`create_store`](Api::create_store), [`get_store`](Api::get_store), [`replace_store`](Api::replace_store), [`delete_store`](Api::delete_store) |
//! | list the entries of a store | [`entries`](Api::entries), or one page with [`list_entries`](Api::list_entries) |
//! | read a key | [`entry`](Api::entry), or one page with [`get_entry_page`](Api::get_entry_page) |
//! | write to a store | [`Api::write`], with [`Entry`] |
//! | write many entries | [`Upload`]: in batches, paced, resumed after a failure |
//! | write from an app | [`Call::send`], or [`kv_store::Writer`](crate::kv_store::Writer), which also reads its own writes |
//! | write from a tool | `BlockingClient` (feature `blocking-client`), or another HTTP client |
//!
//! # Values that the API does not return
//!
//! The API returns a value of more than 1,024 bytes, and a masked one, as its SHA-256
//! ([`StoredValue::Sha256`]). Only apps can read such a value. A tool can compare it with a value
//! that it knows ([`StoredValue::is`]). Listings leave out the members of sorted sets and the items of
//! Bloom filters, which have to be read by key. An entry that cannot be read does not make its page
//! fail: [`StoredEntry::check_readable`] names it.
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
//! // Whichever client sends it, the call reads the response.
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
mod paging;
mod refusal;
mod store;
mod stored;
mod token;
mod transport;
mod upload;
mod value;
mod wire;

pub use self::api::{Api, DEFAULT_BASE_URL, EntryQuery, Page, ValueQuery, WriteSummary};
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
pub use self::value::{MAX_READABLE_BYTES, StoredValue};
