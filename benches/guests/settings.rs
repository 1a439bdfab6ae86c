//! What the components with flags and the one without have in common: settings that are read, changed and
//! written as JSON.

use fastedge::KvStore;

use crate::gcore::fastedge::http::Response;

#[derive(serde::Serialize, serde::Deserialize)]
struct Settings {
    title: String,
    ratio: f64,
    sizes: Vec<u64>,
}

/// The parts of a URI: a word, and words with commas between them.
pub(crate) fn parts(uri: &str) -> (&str, impl Iterator<Item = &str>) {
    let mut parts = uri.split('/').skip(1);
    let first = parts.next().unwrap_or_default();
    (first, parts.next().unwrap_or_default().split(','))
}

/// Words with commas between them.
pub(crate) fn joined<'a>(words: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut all = Vec::new();
    for word in words {
        all.extend_from_slice(word.as_bytes());
        all.push(b',');
    }
    all
}

pub(crate) fn rewritten(store: &KvStore) -> Option<Vec<u8>> {
    let mut settings: Settings = store.get_json("settings").ok()??;
    settings.ratio *= 2.0;
    serde_json::to_vec(&settings).ok()
}

pub(crate) fn response(body: Option<Vec<u8>>) -> Response {
    Response {
        status: if body.is_some() { 200 } else { 500 },
        headers: None,
        body,
    }
}
