//! Packed lists and tables, as packed by `fastedge-pack` and read by `fastedge::blocklist`.

mod api;
mod hostile;
mod models;
mod publishing;
mod torn;
