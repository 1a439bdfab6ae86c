//! Fuzz targets for whatever reads bytes that somebody else has written.
//!
//! A target takes any bytes, and neither panics nor hangs; most also check what they have read, as that what
//! is written again is the same. They are ordinary functions: `fuzz/tests/corpora.rs` replays the corpora in
//! `fuzz/corpus` on stable, and `cargo fuzz` looks for more on nightly:
//!
//! ```sh
//! cargo install cargo-fuzz
//! cargo +nightly fuzz run --no-default-features --features libfuzzer flags
//! ```
//!
//! The last four targets need the command: `--features libfuzzer` alone, which builds wasmtime.

mod cache;
#[cfg(feature = "command")]
mod command;
mod flags;
mod http;
mod lists;
mod stores;

/// A target: its name, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("glob", stores::glob),
    ("pattern", stores::pattern),
    ("bloom_filter", stores::bloom_filter),
    ("keys", stores::keys),
    ("values", stores::values),
    ("cache_values", cache::values),
    ("sessions", cache::sessions),
    ("idempotency", cache::idempotency),
    ("response_cache", cache::response_cache),
    ("api_answers", stores::api_answers),
    ("writer", stores::writer),
    ("http_request", http::request),
    ("http_response", http::response),
    ("client_info", http::client_info),
    ("flags", flags::document),
    ("json_logic", flags::json_logic),
    ("flags_headers", flags::headers),
    ("kill_switch", flags::kill_switch),
    ("packed_list", lists::packed_list),
    ("canonical", lists::canonical),
    ("list_input", lists::input),
    ("packed_file", lists::file),
    #[cfg(feature = "command")]
    ("config", command::config),
    #[cfg(feature = "command")]
    ("dotenv", command::dotenv),
    #[cfg(feature = "command")]
    ("rest_api", command::rest_api),
    #[cfg(feature = "command")]
    ("flags_lint", command::flags_lint),
];

/// Runs a target.
///
/// # Panics
///
/// If there is none of this name, and if the target has found something.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(other, _)| *other == name);
    let Some((_, target)) = target else {
        panic!("there is no target {name}");
    };
    target(data);
}

/// The bytes in two parts, at the first line end.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}

/// The first byte, and the others.
fn headed(data: &[u8]) -> (u8, &[u8]) {
    data.split_first()
        .map_or((0, data), |(first, rest)| (*first, rest))
}

/// Headers, one a line, as far as they are some.
fn header_lines(data: &[u8]) -> ::http::HeaderMap {
    let mut headers = ::http::HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = ::http::HeaderName::from_bytes(&line[..colon]);
        let value = ::http::HeaderValue::from_bytes(&line[colon + 1..]);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}
