//! What the command reads.

use bytes::Bytes;
use fastedge_mock::api::{Api, ApiRules, PATH};
use fastedge_mock::config::SiteConfig;
use fastedge_mock::flags::lint;
use fastedge_mock_host::{Edge, Settings};
use http::{Method, Request};

use crate::{halves, headed};

/// A `fastedge.toml`, unless it names files, which are not to be read here.
pub(crate) fn config(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let names = ["file", "directory", "packed", "data"];
    if names.iter().any(|name| text.contains(name)) || text.contains('\\') {
        return;
    }
    let Ok(folder) = tempfile::tempdir() else {
        return;
    };
    let file = folder.path().join("fastedge.toml");
    if std::fs::write(&file, text).is_err() {
        return;
    }
    if let Ok(site) = SiteConfig::load(Some(&file), None) {
        let _set_up = site.set_up(site.new_test_edge());
    }
}

/// Dotenv files.
pub(crate) fn dotenv(data: &[u8]) {
    let Ok(folder) = tempfile::tempdir() else {
        return;
    };
    let (first, rest) = headed(data);
    let names = [
        ".env",
        ".env.variables",
        ".env.secrets",
        ".env.req_headers",
        ".env.rsp_headers",
    ];
    let file = folder.path().join(names[usize::from(first) % names.len()]);
    if std::fs::write(&file, rest).is_err() {
        return;
    }
    if let Ok(site) = SiteConfig::load(None, Some(folder.path())) {
        let _set_up = site.set_up(site.new_test_edge());
    }
}

/// A request to the API: whatever is acknowledged can be read.
pub(crate) fn rest_api(data: &[u8]) {
    let (first, rest) = headed(data);
    let (path, body) = halves(rest);
    let edge = Edge::for_tests(&[], Settings::prompt());
    if edge.create_store("s", None, None).is_err() {
        return;
    }
    let api = Api {
        edge: &edge,
        apps: &[],
        settings: ApiRules::default(),
    };
    let methods = [Method::GET, Method::PUT, Method::POST, Method::DELETE];
    let method = &methods[usize::from(first) % methods.len()];
    let path = String::from_utf8_lossy(path);
    for uri in [format!("{PATH}/1/data"), format!("{PATH}{path}")] {
        let request = Request::builder().method(method).uri(uri);
        let Ok(request) = request.body(Bytes::copy_from_slice(body)) else {
            continue;
        };
        let response = api.answer(&request);
        assert_ne!(response.status(), 500, "{request:?}");
    }
    let listing = Request::get(format!("{PATH}/1/data")).body(Bytes::new());
    if let Ok(listing) = listing {
        // Unless the store has been deleted, all of it can be listed.
        assert!(matches!(api.answer(&listing).status().as_u16(), 200 | 404));
    }
}

/// A document of flags, judged.
pub(crate) fn flags_lint(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        let _problems = lint::document(text);
    }
}
