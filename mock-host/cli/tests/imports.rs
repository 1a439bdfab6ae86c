//! What the built examples import and export: what they call, and nothing else.

mod common;

use wasmparser::{Parser, Payload};

/// The names of a component's imports and exports.
fn interfaces(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(section.into_iter().map(|i| i.unwrap().name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(section.into_iter().map(|e| e.unwrap().name.name.to_owned()));
            }
            _ => {}
        }
    }
    (imports, exports)
}

/// Checks what an example imports of `gcore:fastedge`, and that all else is WASI.
fn check(example: &str, wanted: &[&str], handler: &str) {
    let (imports, exports) = interfaces(&common::component(example));
    let (mut gcore, others): (Vec<_>, Vec<_>) = imports
        .iter()
        .map(String::as_str)
        .partition(|name| name.starts_with("gcore:fastedge/"));
    gcore.sort_unstable();
    let wanted: Vec<_> = wanted
        .iter()
        .map(|interface| format!("gcore:fastedge/{interface}"))
        .collect();
    assert_eq!(gcore, wanted, "{example} imports");
    for import in others {
        assert!(import.starts_with("wasi:"), "{example} imports {import}");
    }
    match exports.as_slice() {
        [export] => assert!(export.starts_with(handler), "{example} exports {export}"),
        exports => panic!("{example} exports {exports:?}"),
    }
}

const REACTOR: &str = "gcore:fastedge/http-handler";

#[test]
fn hello_imports_only_the_types_of_its_handler() {
    check("hello", &["http"], REACTOR);
}

#[test]
fn hello_wasi_imports_nothing_of_the_platform_and_exports_no_reactor_handler() {
    check("hello_wasi", &[], "wasi:http/incoming-handler@0.2.");
}

#[test]
fn config_imports_the_store() {
    check("config", &["http", "key-value"], REACTOR);
}

#[test]
fn page_views_imports_the_store_and_the_cache() {
    let wanted = ["cache-sync", "cache-types", "http", "key-value"];
    check("page_views", &wanted, REACTOR);
}

#[test]
fn gate_imports_store_cache_and_dictionary() {
    let wanted = [
        "cache-sync",
        "cache-types",
        "dictionary",
        "http",
        "key-value",
    ];
    check("gate", &wanted, REACTOR);
}

#[test]
fn packed_lists_import_the_store() {
    check("blocklist", &["dictionary", "http", "key-value"], REACTOR);
    check("redirects", &["http", "key-value"], REACTOR);
}

#[test]
fn leaderboard_and_time_series_import_the_store() {
    for example in ["leaderboard", "time_series"] {
        check(example, &["http", "key-value"], REACTOR);
    }
}

#[test]
fn values_imports_the_store_and_the_secrets() {
    check("values", &["http", "key-value", "secret"], REACTOR);
}

/// What a writer needs is only in the app that has one.
#[test]
fn page_views_kv_imports_what_its_writer_needs() {
    let wanted = [
        "cache-sync",
        "cache-types",
        "dictionary",
        "http",
        "http-client",
        "key-value",
        "secret",
    ];
    check("page_views_kv", &wanted, REACTOR);
}

#[test]
fn s3_upload_imports_no_storage_of_the_platform() {
    let wanted = ["dictionary", "http", "http-client", "secret"];
    check("s3_upload", &wanted, REACTOR);
}

#[test]
fn the_patterns_import_the_cache_and_what_they_are_made_of() {
    for (example, others) in [
        ("rate_limit", &[][..]),
        ("memoize", &[]),
        ("idempotent_payment", &[]),
        ("session", &["secret"]),
    ] {
        let wanted = [&["cache-sync", "cache-types", "http"], others].concat();
        check(example, &wanted, REACTOR);
    }
}
