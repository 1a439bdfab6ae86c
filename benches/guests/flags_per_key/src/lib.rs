//! The same with flags of the SDK, under keys of their own.
//!
//! The URI is `/per-key/<keys of flags, with commas between them>`.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

#[path = "../../settings.rs"]
mod settings;

use exports::gcore::fastedge::http_handler::Guest;
use fastedge::KvStore;
use fastedge::flags::{EvaluationContext, Flags};
use gcore::fastedge::http::{Request, Response};

struct App;

export!(App);

impl Guest for App {
    fn process(request: Request) -> Response {
        settings::response(answer(&request.uri))
    }
}

fn answer(uri: &str) -> Option<Vec<u8>> {
    let (layout, keys) = settings::parts(uri);
    let store = KvStore::open("bench").ok()?;
    let context = EvaluationContext::new()
        .with_targeting_key("user-1")
        .with("country", "AT");
    match layout {
        "per-key" => {
            let flags = Flags::per_key(&store, "flags");
            Some(settings::joined(
                keys.filter(|key| flags.bool(key, false, &context)),
            ))
        }
        _ => settings::rewritten(&store),
    }
}
