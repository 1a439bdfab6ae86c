//! The FastEdge platform on a laptop: the parts of the command `fastedge-mock`.
//!
//! [`wasm`] runs components under wasmtime on the edge of `fastedge-mock-host`, [`config`] says
//! what is on that edge, [`serve`] puts it behind a port, and [`package`] builds apps.

pub mod api;
pub mod commands;
pub mod config;
pub mod database;
mod headers;
pub mod package;
pub mod redis;
pub mod serve;
pub mod stamp;
pub mod wasm;
