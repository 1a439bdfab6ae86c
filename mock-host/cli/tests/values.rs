//! Values that the management API returns only as a hash, read through the app that serves them.
#![cfg(unix)]

mod common;

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use common::server::{Server, command, folder_with};
use serde_json::{Value, json};

const TOML: &str = r#"
[secrets]
VALUES_TOKEN = "t0ken"
[edge]
preset = "prompt"
[stores.default]
[stores.again]
"#;

struct Outcome {
    is_success: bool,
    stdout: Vec<u8>,
    stderr: String,
}

/// Runs the command against the server's API.
fn run(server: &Server, folder: &Path, arguments: &[&str], stdin: &[u8]) -> Outcome {
    let mut child = command(folder)
        .args(arguments)
        .env("FASTEDGE_API_URL", server.api_url())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    let writing = std::thread::spawn(move || pipe.write_all(&stdin));
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let _unread = writing.join().unwrap();
    Outcome {
        is_success: status.success(),
        stdout,
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

fn through_app(server: &Server) -> [String; 4] {
    let url = format!("http://{}", server.address);
    [
        "--values-url".into(),
        url,
        "--values-token".into(),
        "t0ken".into(),
    ]
}

/// An export has everything that a store may hold, and an import restores it.
#[test]
fn store_with_the_longest_values_makes_the_round_trip() {
    let folder = folder_with("values", TOML);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let long_member = "m".repeat(3_000);
    let members = |count: usize| -> Value {
        let members = (0..count).map(|i| json!({ "value": format!("m{i}"), "score": i }));
        members.collect()
    };
    let line = |key: &str, datatype: &str, payload: Value| json!({ "key": key, "datatype": datatype, "payload": payload });
    let binary: Vec<u8> = (0..786_432_u32).map(|i| (i % 251) as u8 | 0x80).collect();
    std::fs::write(folder.path().join("binary"), &binary).unwrap();
    let lines = [
        line("text", "kv", json!({ "value": "ü".repeat(1_048_576 / 2) })),
        line("longest", "kv", json!({ "value": "x".repeat(1_048_576) })),
        line(
            "short",
            "kv",
            json!({ "value": "x", "expiry": "2090-01-02T03:04:05Z" }),
        ),
        line(
            "masked",
            "kv",
            json!({ "value": "s3cr3t", "encoding": "masked" }),
        ),
        line("one", "sorted_set", members(1)),
        line("fifty-one", "sorted_set", members(51)),
        line("many", "sorted_set", members(10_000)),
        line(
            "mixed",
            "sorted_set",
            json!([
                { "value": long_member, "score": "inf" },
                { "value": "least", "score": "-inf" },
                { "value": "hidden", "score": 2, "encoding": "masked" },
            ]),
        ),
        line(
            "filter",
            "bloom_filter",
            json!([{ "value": "a" }, { "value": "b" }]),
        ),
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let import = |store: &str, lines: &[u8]| {
        let outcome = run(&server, folder.path(), &["kv", "import", store, "-"], lines);
        assert!(outcome.is_success, "{}", outcome.stderr);
    };
    import("default", lines.as_bytes());
    let put = ["kv", "put", "default", "binary", "--file", "binary"];
    let outcome = run(&server, folder.path(), &put, b"");
    assert!(outcome.is_success, "{}", outcome.stderr);

    // Without the app, entries that cannot be read back are named.
    let outcome = run(&server, folder.path(), &["kv", "export", "default"], b"");
    assert!(!outcome.is_success);
    for key in ["text", "longest", "masked", "binary", "mixed"] {
        let name = format!("cannot read back key `{key}`: ");
        assert!(outcome.stderr.contains(&name), "{key}: {}", outcome.stderr);
    }
    assert!(
        outcome
            .stderr
            .contains("5 entries are missing from the export")
    );
    let exported = String::from_utf8(outcome.stdout).unwrap();
    assert_eq!(exported.lines().count(), 5);
    let outcome = run(
        &server,
        folder.path(),
        &["kv", "get", "default", "text"],
        b"",
    );
    assert!(!outcome.is_success && outcome.stdout.is_empty());
    assert!(
        outcome.stderr.contains("cannot read back key `text`"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("--values-url"),
        "{}",
        outcome.stderr
    );

    let app = through_app(&server);
    let with_app = |arguments: &[&str]| {
        let app = app.iter().map(String::as_str);
        let arguments: Vec<&str> = arguments.iter().copied().chain(app).collect();
        run(&server, folder.path(), &arguments, b"")
    };
    let outcome = with_app(&["kv", "get", "default", "binary"]);
    assert!(
        outcome.is_success && outcome.stdout == binary,
        "{}",
        outcome.stderr
    );
    let export = with_app(&["kv", "export", "default"]);
    assert!(export.is_success, "{}", export.stderr);
    import("again", &export.stdout);
    // The API shows both stores alike, hashes included.
    for key in [
        "text",
        "longest",
        "short",
        "masked",
        "one",
        "fifty-one",
        "many",
        "mixed",
        "filter",
        "binary",
    ] {
        let get = |store: u32| server.api("GET", &format!("/{store}/data/{key}?limit=10000"), "");
        let (here, there) = (get(1), get(2));
        assert_eq!(here.0, 200, "{key}");
        assert!(here == there, "{key}");
    }
}

#[test]
fn value_of_another_store_and_wrong_token_are_refused() {
    let folder = folder_with("values", TOML);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let long = "x".repeat(2_000);
    let put = ["kv", "put", "default", "k", &long];
    assert!(run(&server, folder.path(), &put, b"").is_success);
    let url = format!("http://{}", server.address);
    let get = |url: &str, token: &[&str]| {
        let arguments = ["kv", "get", "default", "k", "--values-url", url];
        let arguments: Vec<&str> = arguments.iter().chain(token).copied().collect();
        run(&server, folder.path(), &arguments, b"")
    };
    let outcome = get(&url, &["--values-token", "other"]);
    assert!(!outcome.is_success);
    assert!(
        outcome.stderr.contains("401 Unauthorized"),
        "{}",
        outcome.stderr
    );
    let outcome = get(&url, &[]);
    assert!(
        outcome.stderr.contains("--values-token"),
        "{}",
        outcome.stderr
    );
    let outcome = get("ftp://x", &["--values-token", "t0ken"]);
    assert!(
        outcome.stderr.contains("begins with http://"),
        "{}",
        outcome.stderr
    );
    let outcome = get(&url, &["--values-token", "t0ken"]);
    assert!(outcome.is_success && outcome.stdout == long.as_bytes());
}

#[test]
fn list_is_downloaded_through_the_app_and_otherwise_refused() {
    let folder = folder_with("values", TOML);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let addresses: String = (0..40_000_u32)
        .map(|i| {
            format!(
                "{}\n",
                std::net::Ipv4Addr::from(i.wrapping_mul(2_654_435_761))
            )
        })
        .collect();
    std::fs::write(folder.path().join("list.txt"), addresses).unwrap();
    let pack = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["pack"].iter().chain(arguments).copied().collect();
        run(&server, folder.path(), &arguments, b"")
    };
    let packed = pack(&["addresses", "list.txt", "-o", "list.packed"]);
    assert!(packed.is_success, "{}", packed.stderr);
    for _ in 0..2 {
        let published = pack(&["publish", "list.packed", "default", "list", "--pause", "0"]);
        assert!(published.is_success, "{}", published.stderr);
    }
    let download = ["download", "default", "list", "-o", "copy.packed"];
    let refused = pack(&download);
    assert!(!refused.is_success && !folder.path().join("copy.packed").exists());
    assert!(
        refused
            .stderr
            .contains("use the packed file that was published, or an app"),
        "{}",
        refused.stderr
    );
    let app = through_app(&server);
    let download: Vec<&str> = download
        .into_iter()
        .chain(app.iter().map(String::as_str))
        .collect();
    let downloaded = pack(&download);
    assert!(downloaded.is_success, "{}", downloaded.stderr);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("copy.packed") == read("list.packed"));
}

/// Likely mistakes have errors of their own.
#[test]
fn likely_mistakes_have_errors_of_their_own() {
    let folder = folder_with("values", TOML);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let long = "x".repeat(2_000);
    let put = ["kv", "put", "default", "k", &long];
    assert!(run(&server, folder.path(), &put, b"").is_success);
    let refused = |arguments: &[&str], stdin: &str| {
        let outcome = run(&server, folder.path(), arguments, stdin.as_bytes());
        assert!(!outcome.is_success, "{arguments:?}");
        outcome.stderr
    };
    // The admin port serves no values.
    let get = [
        "kv",
        "get",
        "default",
        "k",
        "--values-token",
        "t0ken",
        "--values-url",
    ];
    let stderr = refused(&[&get[..], &[&server.api_url()]].concat(), "");
    assert!(
        stderr.contains("no app that serves values is at"),
        "{stderr}"
    );
    // The app's port has no API.
    let url = format!("http://{}", server.address);
    let stderr = refused(&["kv", "stores", "--url", &url], "");
    assert!(
        stderr.contains("401") || stderr.contains("admin port"),
        "{stderr}"
    );
    let with_path = format!("{}/fastedge/v1/", server.api_url());
    let stores = run(
        &server,
        folder.path(),
        &["kv", "stores", "--url", &with_path],
        b"",
    );
    assert!(stores.is_success, "{}", stores.stderr);
    // A misspelled field is not lost.
    let line = r#"{"key":"k2","value":"v","masked":true}"#;
    let stderr = refused(&["kv", "import", "default", "-"], line);
    assert!(stderr.contains("-:1: unknown field `masked`"), "{stderr}");
    let line =
        r#"{"key":"k2","datatype":"kv","payload":{"value":"v","expires":"2090-01-01T00:00:00Z"}}"#;
    let stderr = refused(&["kv", "import", "default", "-"], line);
    assert!(stderr.contains("unknown field `expires`"), "{stderr}");
    std::fs::write(folder.path().join("flags.json"), r#"{"flags": {}}"#).unwrap();
    let stderr = refused(
        &["flags", "publish", "flags.json", "default", "--per-key", ""],
        "",
    );
    assert!(stderr.contains("the prefix is empty"), "{stderr}");
}
