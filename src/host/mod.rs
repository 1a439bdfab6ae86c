//! The only door to the outside.
//!
//! Each room of the crate calls the functions below and nothing else. In a component they are
//! static calls of the bindings that `wit-bindgen` makes from `wit/`; in a native build they ask
//! the host that a test has installed for its thread (`fastedge-host`). Both answer with the types
//! of `fastedge-host`, so that a room is written once.

#[cfg(target_arch = "wasm32")]
pub mod bindings;

#[cfg_attr(target_arch = "wasm32", path = "wasm.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "native.rs")]
mod target;

pub(crate) use target::{
    KeyValueFailure, Store, cache, clock, diagnostics, dictionary, explain_key_value, http_client,
    random, secrets,
};
