//! The same with `serde_json::Value` and `datalogic-rs`: the document is parsed, the rule is compiled and
//! evaluated. It knows no `$ref`, no errors and no types but booleans.
//!
//! The URI is `/document/<keys of flags, with commas between them>`.
#![cfg(target_arch = "wasm32")]

wit_bindgen::generate!({
    path: "../../../wit",
    world: "reactor",
});

#[path = "../../settings.rs"]
mod settings;

use datalogic_rs::Engine;
use exports::gcore::fastedge::http_handler::Guest;
use fastedge::KvStore;
use gcore::fastedge::http::{Request, Response};
use serde_json::{Value, json};

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
    if layout != "document" {
        return settings::rewritten(&store);
    }
    let document: Value = store.get_json("flags").ok()??;
    let engine = Engine::new();
    let on = keys.filter(|key| is_on(&engine, &document, key) == Some(true));
    Some(settings::joined(on))
}

fn is_on(engine: &Engine, document: &Value, key: &str) -> Option<bool> {
    let flag = &document["flags"][key];
    let context = json!({
        "targetingKey": "user-1",
        "country": "AT",
        "$flagd": {"flagKey": key},
    });
    let variant = match flag.get("targeting") {
        Some(rule) => match engine.eval_into::<Value, _, _>(rule, &context).ok()? {
            Value::String(variant) => variant,
            Value::Bool(bool) => bool.to_string(),
            _ => flag["defaultVariant"].as_str()?.to_owned(),
        },
        None => flag["defaultVariant"].as_str()?.to_owned(),
    };
    flag["variants"][&variant].as_bool()
}
