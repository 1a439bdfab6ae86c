//! The FastEdge platform on a laptop: the parts of the command `fastedge-mock`.
//!
//! [`wasm`] runs components under wasmtime on the edge of `fastedge-mock-host`: in integration tests
//! it is all that is needed, see [`wasm::App`]. [`config`] says what is on that edge, [`serve`] puts it
//! behind a port, with the platform's [`api`] and a [`database`] behind that, [`redis`] is for data
//! that are elsewhere, [`package`] builds apps, [`flags`] is for documents of feature flags, and
//! [`storage`] for the entries of stores.

pub mod api;
pub mod commands;
pub mod config;
pub mod database;
pub mod flags;
mod headers;
mod pack;
pub mod package;
pub mod redis;
pub mod serve;
pub mod stamp;
pub mod storage;
mod suggestion;
pub mod wasm;
