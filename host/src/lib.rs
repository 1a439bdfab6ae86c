//! The seam between the FastEdge SDK and the platform beneath it.
//!
//! In a component, the SDK (`fastedge-sdk`) calls the platform's interfaces directly. In a native
//! build, the platform is not there, and the SDK calls the [`Host`] that a test has installed for
//! its thread. This crate is what the two sides of such a test share: one trait per host interface
//! ([`KeyValue`], [`Cache`], [`Secrets`], [`Dictionary`], [`HttpClient`], [`Diagnostics`],
//! [`Clock`], [`Random`]) and the slot that [`Host::install`] fills; and [`glob`], the matching of
//! patterns, which both sides answer alike.
//!
//! Most tests never name this crate: they use `MockHost` of `fastedge-mock-host`, which implements
//! all of its traits. It is a package of its own so that the SDK's unit tests and the mock host
//! see the same slot. Two *versions* of it in one build are two slots: what is installed in one is
//! not seen by the other, which [`NoHostInstalled`] names as the likeliest cause.
//!
//! ```
//! use fastedge_host::{current, Host, StandardInterfaces};
//!
//! assert!(current().is_err());
//! let host = Host::new(StandardInterfaces);
//! {
//!     let _installed = host.install();
//!     assert!(current().is_ok());
//! }
//! assert!(current().is_err());
//! ```

mod cache;
mod clock;
mod diagnostics;
mod dictionary;
pub mod glob;
mod host;
mod http_client;
mod key_value;
mod random;
mod secrets;
mod slot;
mod standard;

pub use cache::{Cache, CacheError};
pub use clock::Clock;
pub use diagnostics::Diagnostics;
pub use dictionary::Dictionary;
pub use host::Host;
pub use http_client::{HttpClient, HttpError, Method, Request, Response};
pub use key_value::{KeyValue, KeyValueError, Store};
pub use random::Random;
pub use secrets::{SecretError, Secrets};
pub use slot::{Installed, NoHostInstalled, Scope, current};
pub use standard::StandardInterfaces;
