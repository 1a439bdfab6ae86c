//! An app that reads its settings with `serde_json`, and has no flags: what the others are compared with.
//!
//! The handler is bare, as those of the others are.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

#[path = "../../settings.rs"]
mod settings;

use exports::gcore::fastedge::http_handler::Guest;
use fastedge::KvStore;
use gcore::fastedge::http::{Request, Response};

struct App;

export!(App);

impl Guest for App {
    fn process(request: Request) -> Response {
        settings::response(answer(&request.uri))
    }
}

fn answer(uri: &str) -> Option<Vec<u8>> {
    let (what, words) = settings::parts(uri);
    match what {
        "echo" => Some(settings::joined(words)),
        _ => settings::rewritten(&KvStore::open("bench").ok()?),
    }
}
