//! The commands beside `serve`: `kv`, `test`, `inspect`, `completions`.
#![cfg(unix)]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use common::component;
use common::server::{Server, command, folder_with};
use serde_json::{Value, json};

/// Whether the command has succeeded, what it says on stdout, and what on stderr.
fn run(folder: &Path, arguments: &[&str], stdin: &str) -> (bool, String, String) {
    let mut process = command(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended already, without reading.
    let _unread = process.stdin.take().unwrap().write_all(stdin.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = process.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

#[test]
fn stores_are_read_and_written() {
    let folder = folder_with("hello", "[stores.data]\n[stores.other]");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let url = server.api_url();
    let kv = |arguments: &[&str], stdin: &str| {
        let arguments: Vec<_> = ["kv", "--url", &url]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        run(folder.path(), &arguments, stdin)
    };
    let good = |arguments: &[&str], stdin: &str| {
        let (success, stdout, stderr) = kv(arguments, stdin);
        assert!(success, "{arguments:?}: {stderr}");
        stdout
    };
    assert_eq!(good(&["put", "data", "a", "one"], ""), "");
    assert_eq!(good(&["put", "1", "b"], "two\n"), "");
    assert_eq!(good(&["get", "data", "b"], ""), "two\n");
    let lines = "{\"key\":\"c\",\"value\":\"three\"}\n\n\
        {\"key\":\"raw\",\"datatype\":\"kv\",\"payload\":{\"value\":\"/wA=\",\"encoding\":\"base64\",\
        \"expiry\":\"2100-01-01T00:00:00Z\"}}\n\
        {\"key\":\"scores\",\"datatype\":\"sorted_set\",\"payload\":[{\"value\":\"ann\",\"score\":10},{\"value\":\"bob\",\"score\":2.5}]}\n\
        {\"key\":\"blocked\",\"datatype\":\"bloom_filter\",\"payload\":[{\"value\":\"x\"}]}\n";
    let said = good(&["import", "data", "-"], lines);
    assert!(said.ends_with(" entries are written\n"), "{said}");
    assert_eq!(good(&["get", "data", "scores"], ""), "2.5\tbob\n10\tann\n");
    assert_eq!(good(&["scan", "data", "[ab]"], ""), "a\nb\n");
    assert_eq!(
        good(&["scan", "data"], ""),
        "a\nb\nblocked\nc\nraw\nscores\n"
    );
    let entry: Value = serde_json::from_str(&good(&["get", "data", "raw", "--json"], "")).unwrap();
    assert_eq!(entry["payload"]["value"], "/wA=");
    let stores = good(&["stores", "--json"], "");
    let first: Value = serde_json::from_str(stores.lines().next().unwrap()).unwrap();
    assert_eq!((&first["id"], &first["name"]), (&json!(1), &json!("data")));

    // An export has all types in full, and can be imported.
    let exported = good(&["export", "data"], "");
    assert_eq!(exported.lines().count(), 6);
    assert!(
        exported.contains("\"bob\"") && exported.contains("\"x\""),
        "{exported}"
    );
    std::fs::write(folder.path().join("export.jsonl"), &exported).unwrap();
    assert_eq!(
        good(&["import", "other", "export.jsonl"], ""),
        "8 entries are written\n"
    );
    assert_eq!(good(&["export", "other"], ""), exported);
    let with_b = good(&["export", "data", "--prefix", "b"], "");
    assert_eq!(with_b.lines().count(), 2, "{with_b}");

    good(&["put", "data", "soon", "gone", "--expires-after", "1"], "");
    server.wait_for("the expiry", |_| {
        kv(&["get", "data", "soon"], "")
            .2
            .contains("the store has no key `soon`")
    });
    good(&["delete", "data", "scores"], "");
    for (arguments, stdin, problem) in [
        (
            &["get", "data", "scores"][..],
            "",
            "the store has no key `scores`",
        ),
        (
            &["get", "nowhere", "k"],
            "",
            "there is no store \"nowhere\"; there are: data, other",
        ),
        (
            &["put", "data", "blocked", "v"],
            "",
            "holds the type bloom_filter",
        ),
        (
            &["put", "data", "k", "--file", "none.txt"],
            "",
            "none.txt: No such file",
        ),
        (
            &["import", "data", "-"],
            "{\"key\":\"new\",\"value\":\"\"}\nnot JSON",
            "-:2: not JSON",
        ),
        (
            &["import", "data", "-"],
            "{\"value\":\"\"}",
            "-:1: `key` is missing",
        ),
        (&["scan", "data", "["], "", "["),
        (&["stores", "--token", "wrong-token"], "", "401"),
        (
            &["stores", "--url", "http://127.0.0.1:1"],
            "",
            "Is `fastedge-mock serve` running there?",
        ),
    ] {
        let (success, _, stderr) = kv(arguments, stdin);
        assert!(!success, "{arguments:?}");
        assert!(stderr.contains(problem), "{arguments:?}: {stderr}");
    }
    // A file with a mistake in it is not imported in part.
    assert_eq!(good(&["scan", "data", "new"], ""), "");
}

const REQUESTS: &str = r#"
[[request]]
name = "the first view"
uri = "/"
headers = { x-real-ip = "203.0.113.7" }
expect = { body = "Page views: 1\n", kv_reads = 1, cache_calls = 1 }

[[request]]
uri = "/"
expect = { status = 200, contains = ["views: 2"], max_instructions = 10_000_000 }

[[request]]
name = "the cache is down"
uri = "/"
fail = ["cache-sync.incr"]
expect = { status = 500 }

[[request]]
name = "and up again"
uri = "/"
fail = []
expect.headers = { content-type = "text/plain" }
"#;

#[test]
fn request_files_are_sent_and_checked() {
    let folder = folder_with("page_views", "[stores.default]");
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("requests.toml", REQUESTS);
    let (success, stdout, stderr) = run(folder.path(), &["test", "app.wasm"], "");
    assert!(success, "{stdout}{stderr}");
    assert!(
        stdout.contains("requests.toml: the first view ... ok\n"),
        "{stdout}"
    );
    assert!(stdout.ends_with("\n4 passed, 0 failed\n"), "{stdout}");

    write("wrong.toml", &REQUESTS.replace("views: 1", "views: 7"));
    let (success, stdout, _) = run(folder.path(), &["test", "app.wasm", "wrong.toml"], "");
    assert!(!success);
    let told = "wrong.toml: the first view ... FAILED\n    \
                body: \"Page views: 1\\n\" instead of \"Page views: 7\\n\"\n    key-value.open";
    assert!(stdout.contains(told), "{stdout}");
    assert!(stdout.ends_with("\n3 passed, 1 failed\n"), "{stdout}");
    let (_, stdout, _) = run(
        folder.path(),
        &["test", "app.wasm", "wrong.toml", "--json"],
        "",
    );
    let first: Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["name"], &first["passed"]),
        (&json!("the first view"), &json!(false))
    );

    for (text, problem) in [
        (
            "[[requests]]",
            "bad.toml:1: requests: unknown key; did you mean `request`?",
        ),
        ("", "bad.toml:1: there is no [[request]] in it"),
        (
            "[[request]]\nuri = \"/\"\nfail = [\"cache.incr\"]",
            "bad.toml:3: request[0].fail[0]: no call that can fail",
        ),
        (
            "[[request]]\nname = \"x\"",
            "bad.toml:1: request[0]: `uri` is missing",
        ),
        (
            "[[request]]\nuri = \"tea\"",
            "bad.toml:2: request[0].uri: the path of a request is wanted, as in \"/a?b=c\"",
        ),
        (
            "[[request]]\nuri = \"http://other.example/x\"",
            "bad.toml:2: request[0].uri: the path of a request is wanted",
        ),
        (
            "[[request]]\nuri = \"/\"\nexpect = { statsu = 1 }",
            "did you mean `status`?",
        ),
    ] {
        write("bad.toml", text);
        let (success, _, stderr) = run(folder.path(), &["test", "app.wasm", "bad.toml"], "");
        assert!(!success && stderr.contains(problem), "{text}: {stderr}");
    }
}

#[test]
fn the_examples_requests_pass() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (example, requests) in [
        ("page_views", 3),
        ("rate_limit", 4),
        ("memoize", 3),
        ("idempotent_payment", 3),
        ("session", 3),
    ] {
        let (success, stdout, stderr) = run(here, &["test", example], "");
        let all = format!("\n{requests} passed, 0 failed\n");
        assert!(
            success && stdout.ends_with(&all),
            "{example}: {stdout}{stderr}"
        );
    }
}

#[test]
fn a_component_is_described() {
    let folder = folder_with("probe", "");
    let (success, stdout, _) = run(folder.path(), &["inspect", "app.wasm"], "");
    assert!(success);
    for line in [
        "app.wasm: a reactor app, a component, ",
        "gcore:fastedge/cache-sync                    get, incr\n",
        "Edge Storage: link each store to the app",
    ] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    assert!(!stdout.contains("problems"), "{stdout}");
    let (_, stdout, _) = run(folder.path(), &["inspect", "app.wasm", "--json"], "");
    let portrait: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&portrait["kind"], &portrait["problems"]),
        (&json!("reactor"), &json!([]))
    );

    std::fs::write(folder.path().join("text.wasm"), "text").unwrap();
    let (success, _, stderr) = run(folder.path(), &["inspect", "text.wasm"], "");
    assert!(
        !success && stderr.contains("text.wasm: not WebAssembly"),
        "{stderr}"
    );
}

/// A token that everybody knows goes to this machine only.
#[test]
fn another_machines_api_takes_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["kv", "--url", "https://api.example", "stores"];
    let (success, _, stderr) = run(folder.path(), &arguments, "");
    let wanted = "https://api.example takes a token: give it with --token";
    assert!(!success && stderr.contains(wanted), "{stderr}");
}

#[test]
fn what_requests_cost_is_measured_app_by_app() {
    let toml = "[stores.bench.values]\nkey = \"a value\"";
    let folder = folder_with("sdk_calls", toml);
    std::fs::write(folder.path().join("raw.wasm"), component("raw_calls")).unwrap();
    let bench = |arguments: &[&str]| {
        let arguments = [&["bench", "--uri", "/get/3", "--times", "5"], arguments].concat();
        run(folder.path(), &arguments, "")
    };
    let (success, stdout, stderr) = bench(&["raw.wasm", "app.wasm"]);
    assert!(success, "{stderr}");
    for line in [
        "instructions  ",
        "calls of the host",
        "requests a second",
        "ratio\n",
    ] {
        assert!(stdout.contains(line), "{line}: {stdout}");
    }
    let (success, stdout, stderr) = bench(&["app.wasm", "--json"]);
    assert!(success, "{stderr}");
    let cost: Value = serde_json::from_str(&stdout).unwrap();
    // It opens the store, and reads its one value three times.
    assert_eq!(
        (&cost["status"], &cost["host_calls"]),
        (&json!(200), &json!(4))
    );
    assert_eq!(cost["host_bytes"], 21);
    assert!(cost["least_us"].as_f64().unwrap() > 0.0);
    let (success, _, stderr) = bench(&["app.wasm", "--uri", "tea"]);
    assert!(!success, "{stderr}");
    let (success, _, stderr) = bench(&["app.wasm", "--header", "nonsense"]);
    assert!(
        !success && stderr.contains("`name: value` is wanted"),
        "{stderr}"
    );
    let (success, _, stderr) = bench(&[]);
    assert!(!success && stderr.contains("name an app"), "{stderr}");
}

#[test]
fn shells_complete_the_command() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (success, stdout, _) = run(folder.path(), &["completions", shell], "");
        assert!(
            success && stdout.contains("fastedge-mock") && stdout.contains("inspect"),
            "{shell}"
        );
    }
}
