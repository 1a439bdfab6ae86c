//! Packed lists, packed and read in WebAssembly, beside the same models as natively.
#![cfg(target_arch = "wasm32")]

#[path = "../../../blocklist/models/mod.rs"]
mod models;
