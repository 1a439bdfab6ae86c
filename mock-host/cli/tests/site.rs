//! What a server does beside answering for one app: several apps, locations, reloads, protocols, a
//! log, and clients that are up to no good.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::component;
use common::server::{Server, folder_with, read};
use serde_json::Value;

#[test]
fn several_apps_are_told_by_the_host_name() {
    let toml = "[stores.data.values]\ngreeting = \"hello\"\n[variables]\nREGION = \"eu\"\n\
                [apps.probe]\napp = \"app.wasm\"\n\
                [apps.probe.variables]\nREGION = \"us\"\n\
                [apps.wasi]\napp = \"wasi.wasm\"\nhosts = [\"Wasi.example\"]\n";
    let folder = folder_with("probe", toml);
    std::fs::write(folder.path().join("wasi.wasm"), component("hello_wasi")).unwrap();
    let server = Server::start(folder.path(), &["--port", "0"]);
    let get = |host: &str, path: &str| server.ask("GET", path, &[("host", host)], "");
    let (status, text) = get("probe.localhost:8080", "/everything");
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains(r#""variable":"us""#) && text.contains(r#""get":"hello""#),
        "{text}"
    );
    assert_eq!(
        get("wasi.example", "/tea"),
        (200, "Hello from /tea!\n".to_owned())
    );
    let (status, text) = get("127.0.0.1", "/tea");
    assert_eq!(status, 404);
    assert!(
        text.contains("these are answered: probe.localhost, wasi.example"),
        "{text}"
    );
    drop(server);
    // One that is named on the command line answers every other host name, as itself.
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let (_, text) = server.ask("GET", "/everything", &[], "");
    assert!(text.contains(r#""variable":"us""#), "{text}");
}

#[test]
fn locations_have_caches_of_their_own_and_a_request_names_one() {
    let folder = folder_with(
        "page_views",
        "[edge]\npops = [\"lon\", \"syd\"]\n[stores.default]",
    );
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0", "--pop", "syd"]);
    assert!(server.get("/", "").ends_with("Page views: 1\n"));
    assert!(
        server
            .get("/", "x-fastedge-pop: syd\r\n")
            .ends_with("Page views: 2\n")
    );
    assert!(
        server
            .get("/", "x-fastedge-pop: lon\r\n")
            .ends_with("Page views: 1\n")
    );
    let answer = server.get("/", "x-fastedge-pop: par\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.ends_with("there is no location \"par\"; there are: lon, syd\n"));
    let says = common::server::refused(
        folder.path(),
        &["serve", "app.wasm", "--port", "0", "--pop", "par"],
    );
    assert!(
        says.contains("there is no location \"par\"; there are: lon, syd"),
        "{says}"
    );
}

/// An app that writes through the platform's API writes through this server's.
#[test]
fn the_example_that_writes_to_its_store_does_so_here() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let example = "../../examples/page_views_kv/fastedge.toml";
    let toml =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(example)).unwrap();
    let folder = folder_with("page_views_kv", &toml.replace("8081", &port));
    let arguments = ["app.wasm", "--port", "0", "--admin-port", &port];
    let server = Server::start(folder.path(), &arguments);
    for views in [42, 43, 44] {
        let answer = server.get("/", "");
        assert!(
            answer.ends_with(&format!("Page views: {views}\n")),
            "{answer}"
        );
    }
    assert_eq!(
        server.api("GET", "/1/data/page_views", "").1["payload"]["value"],
        "44"
    );
}

#[test]
fn what_changes_is_served_anew_and_what_is_broken_is_not() {
    let folder = folder_with(
        "probe",
        "[variables]\nREGION = \"eu\"\n[stores.data.files]\ngreeting = \"greeting.txt\"",
    );
    let write = |file: &str, bytes: &[u8]| std::fs::write(folder.path().join(file), bytes).unwrap();
    // The configuration names it.
    write("greeting.txt", b"hello");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let everything = |server: &Server| -> Value {
        serde_json::from_str(&server.ask("GET", "/everything", &[], "").1).unwrap_or_default()
    };
    assert_eq!(everything(&server)["get"], "hello");
    assert_eq!(everything(&server)["incr"], 2);

    let toml = "[variables]\nREGION = \"us\"\n[stores.data.files]\ngreeting = \"greeting.txt\"";
    write("fastedge.toml", toml.as_bytes());
    server.wait_for("the new region", |server| {
        everything(server)["variable"] == "us"
    });
    // The cache is that of before.
    assert!(everything(&server)["incr"].as_i64().unwrap() > 3);

    write("fastedge.toml", b"[variabels]\n");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(everything(&server)["variable"], "us");
    write("fastedge.toml", toml.as_bytes());
    write(".env", b"REGION=dotenv\n");
    server.wait_for("the dotenv file", |server| {
        everything(server)["variable"] == "dotenv"
    });

    write("app.wasm", b"\0asm, but not really");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(everything(&server)["variable"], "dotenv");
    write("app.wasm", &component("hello"));
    server.wait_for("the new app", |server| {
        server.ask("GET", "/tea", &[], "").1 == "Hello from /tea!\n"
    });
    server.signal("-TERM");
    let (_, _, stderr) = server.wait();
    for line in [
        "fastedge.toml has changed: serving it\n",
        "fastedge.toml has changed, but what was served before still is: fastedge.toml:1: variabels: \
         unknown key; did you mean `variables`?\n",
        "app.wasm has changed, but what was served before still is: app.wasm: ",
        "app.wasm has changed: serving it\n",
    ] {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
}

/// What was missing is looked for, and what takes a restart is said.
#[test]
fn a_file_that_was_missing_is_served_when_it_is_there() {
    let folder = folder_with("hello", "");
    let write = |file: &str, bytes: &[u8]| std::fs::write(folder.path().join(file), bytes).unwrap();
    let toml = "[apps.probe]\napp = \"probe.wasm\"\n";
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    write("fastedge.toml", toml.as_bytes());
    std::thread::sleep(Duration::from_secs(1));
    write("probe.wasm", &component("probe"));
    server.wait_for("the second app", |server| {
        let host = [("host", "probe.localhost")];
        server.ask("GET", "/body?3", &host, "").1 == "xxx"
    });
    write("fastedge.toml", b"[edge]\npops = [\"lon\", \"syd\"]\n");
    std::thread::sleep(Duration::from_secs(1));
    server.signal("-TERM");
    let (_, _, stderr) = server.wait();
    let line = "what was served before still is: edge.pops has changed: that takes a restart\n";
    assert!(stderr.contains(line), "{stderr}");
}

/// A value that a file declares changes with the file, and is seen once replication has brought it
/// and the node has forgotten the former one.
#[test]
fn a_changed_value_is_one_that_is_written() {
    let folder = folder_with(
        "probe",
        "[edge]\npreset = \"prompt\"\n[stores.data.files]\ngreeting = \"greeting.txt\"",
    );
    std::fs::write(folder.path().join("greeting.txt"), "hello").unwrap();
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    std::fs::write(folder.path().join("greeting.txt"), "hello again").unwrap();
    server.wait_for("the new greeting", |server| {
        server
            .get("/everything", "")
            .contains(r#""get":"hello again""#)
    });
}

#[test]
fn both_protocols_are_spoken_and_connections_are_kept() {
    let folder = folder_with("hello", "");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let mut stream = server.send("GET /one HTTP/1.1\r\nhost: x\r\n\r\n");
    stream
        .write_all(b"GET /two HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let answers = read(stream);
    assert!(
        answers.contains("Hello from /one!") && answers.contains("Hello from /two!"),
        "{answers}"
    );

    let folder = folder_with("probe", "");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let url = format!("http://{}/echo?a=b", server.address);
    let curl = Command::new("curl")
        .args([
            "--silent",
            "--http2-prior-knowledge",
            "--write-out",
            " %{http_version}",
            &url,
        ])
        .output();
    let Ok(curl) = curl else {
        println!("skipped: curl is not installed");
        return;
    };
    let answer = String::from_utf8(curl.stdout).unwrap();
    assert!(answer.ends_with(" 2"), "{answer}");
    // As in HTTP/1.1: the path, and the host in a header.
    assert!(answer.contains(r#""uri":"/echo?a=b""#), "{answer}");
    let host = format!(r#"["host","{}"]"#, server.address);
    assert!(answer.contains(&host), "{answer}");

    let http2 = |address: SocketAddr, path: &str, arguments: &[&str]| {
        let url = format!("http://{address}{path}");
        let curl = Command::new("curl")
            .args(["--silent", "--http2-prior-knowledge", &url])
            .args(arguments)
            .output()
            .unwrap();
        let answer = String::from_utf8(curl.stdout).unwrap();
        assert!(curl.status.success(), "{path}: {:?} {answer}", curl.status);
        answer
    };
    // Cookies can come one by one there, and reach the app in one header.
    let crumbs = ["--header", "cookie: a=1", "--header", "cookie: b=2"];
    let answer = http2(server.address, "/echo", &crumbs);
    assert!(answer.contains(r#"["cookie","a=1; b=2"]"#), "{answer}");
    // Whoever answers HEAD, the app or the server, there is no body behind it: curl would complain.
    for (address, path, status) in [
        (server.address, "/body?5", 200),
        (server.address, "/panic", 533),
        (server.admin, "/_edge/", 200),
        (server.admin, "/_edge/none", 404),
        (server.admin, "/fastedge/v1/kv", 401),
    ] {
        let answer = http2(address, path, &["--head"]);
        assert!(answer.starts_with(&format!("HTTP/2 {status}")), "{answer}");
    }
}

#[test]
fn each_request_is_a_line_of_the_access_log() {
    let folder = folder_with("probe", "[stores.data.values]\ngreeting = \"hello\"");
    let arguments = ["app.wasm", "--port", "0", "--access-log", "access.jsonl"];
    let server = Server::start(folder.path(), &arguments);
    server.get("/everything?a=b", "");
    server.get("/panic", "x-real-ip: 203.0.113.7\r\n");
    let text = std::fs::read_to_string(folder.path().join("access.jsonl")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [everything, panic] = lines.as_slice() else {
        panic!("{text}");
    };
    for (name, value) in [
        ("method", Value::from("GET")),
        ("uri", Value::from("/everything?a=b")),
        ("host", Value::from("shop.example.com")),
        ("client", Value::from("127.0.0.1")),
        ("pop", Value::from("local")),
        ("status", Value::from(200)),
        ("internal_status", Value::Null),
        ("kv_reads", Value::from(10)),
        ("cache_calls", Value::from(2)),
    ] {
        assert_eq!(everything[name], value, "{name}");
    }
    assert_eq!(
        (&panic["status"], &panic["internal_status"]),
        (&533.into(), &3003.into())
    );
    assert!(panic["failure"].as_str().unwrap().contains("it panicked"));
}

#[test]
fn the_command_line_allows_a_destination() {
    let other = folder_with("hello", "");
    let other = Server::start(other.path(), &["app.wasm", "--port", "0"]);
    let address = other.address.to_string();
    let url = format!("http://{address}/tea");
    let folder = folder_with("probe", "");
    let send = |arguments: &[&str]| {
        let arguments = [&["app.wasm", "--port", "0"], arguments].concat();
        let server = Server::start(folder.path(), &arguments);
        server.ask("GET", "/send", &[("x-url", &url)], "").1
    };
    assert!(send(&[]).contains("does not let the app talk to this destination"));
    assert!(send(&["--allow-outbound", &address]).contains("200 Hello from /tea!"));
    let arguments = [
        "serve",
        "app.wasm",
        "--port",
        "0",
        "--allow-outbound",
        "http://x",
    ];
    let says = common::server::refused(folder.path(), &arguments);
    assert!(
        says.contains("--allow-outbound: \"http://x\": `host` or `host:port`"),
        "{says}"
    );
}

/// The requests that hurt, all at once; others are answered meanwhile, and with the right statuses.
#[test]
fn apps_that_run_wild_do_not_keep_others_from_being_answered() {
    let folder = folder_with("probe", "[limits]\ntime_ms = 2000\nmemory = \"64 MB\"");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let wild = ["/spin", "/allocate?1000", "/panic", "/recurse"];
    let sent: Vec<_> = wild
        .iter()
        .cycle()
        .take(40)
        .map(|path| {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            (path, server.send(&request))
        })
        .collect();
    let began = Instant::now();
    for _ in 0..20 {
        assert!(server.get("/body?3", "").ends_with("xxx"));
    }
    println!(
        "20 answers beside 40 wild requests took {:?}",
        began.elapsed()
    );
    for (path, stream) in sent {
        let answer = read(stream);
        let status = match *path {
            "/spin" => "532",
            "/allocate?1000" => "531",
            _ => "533",
        };
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
    }
}

/// Ten thousand connections that say nothing, and one that begins and does not go on: the server
/// answers others, and gives the places of the silent to those who speak.
#[test]
fn connections_that_say_nothing_do_not_keep_others_from_being_answered() {
    let limit = rlimit::increase_nofile_limit(12_000).unwrap_or(0);
    let silent = 10_000.min(limit.saturating_sub(500)) as usize;
    let folder = folder_with("hello", "");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let _begun = server.send("GET / HT");
    let _preface = server.send("PRI * HTTP/2.0\r\n");
    let connections: Vec<TcpStream> = (0..silent)
        .map(|_| TcpStream::connect(server.address).unwrap())
        .collect();
    for _ in 0..20 {
        assert!(server.get("/tea", "").ends_with("Hello from /tea!\n"));
        assert_eq!(server.ask_admin("GET", "/_edge/state", &[], "").0, 200);
    }
    let resident = resident_bytes(server.process.id());
    println!(
        "{} silent connections, {} MB",
        connections.len(),
        resident >> 20
    );
    assert!(resident < 1 << 30, "{resident}");
    // Ctrl-C does not wait for those who have not said anything.
    let began = Instant::now();
    server.signal("-TERM");
    let (success, _, _) = server.wait();
    assert!(success);
    assert!(
        began.elapsed() < Duration::from_secs(25),
        "{:?}",
        began.elapsed()
    );
}

fn resident_bytes(pid: u32) -> u64 {
    let mut status = String::new();
    let file = std::fs::File::open(format!("/proc/{pid}/status"));
    let Ok(mut file) = file else { return 0 };
    file.read_to_string(&mut status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.unwrap_or(0_u64) * 1024
}
