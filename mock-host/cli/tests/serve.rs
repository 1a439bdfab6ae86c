//! The command, as a person at a terminal meets it: served apps, mistakes, and Ctrl-C.
#![cfg(unix)]

mod common;

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use common::server::{Server, folder_with, read, refused};

#[test]
fn an_example_is_built_and_served_by_its_name() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let server = Server::start(here, &["gate", "--port", "0"]);
    let answer = server.get("/", "x-real-ip: 77.90.185.20\r\n");
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n77.90.185.20 is named by 10 threat lists\n"));
    let answer = server.get("/", "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn a_component_is_served_with_the_configuration_beside_it() {
    let folder = folder_with("probe", "[variables]\nREGION = \"eu\"\n[stores.data]");
    std::fs::write(folder.path().join(".env"), "REGION=us\n").unwrap();
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let answer = server.get("/everything", "");
    assert!(answer.contains(r#""variable":"us""#), "{answer}");
    let answer = server.get("/echo", "x-real-ip: 203.0.113.7\r\n");
    assert!(
        answer.contains(r#"["x-real-ip","203.0.113.7"]"#),
        "{answer}"
    );
    let answer = server.get("/echo", "");
    assert!(answer.contains(r#"["x-real-ip","127.0.0.1"]"#), "{answer}");
    assert!(
        answer.contains(r#"["server_name","shop.example.com"]"#),
        "{answer}"
    );
}

#[test]
fn configured_headers_play_a_client_unless_the_request_plays_another() {
    let toml = "[request_headers]\nx-real-ip = \"192.0.2.7\"\nserver_name = \"mine\"";
    let folder = folder_with("probe", toml);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let answer = server.get("/echo", "");
    assert!(answer.contains(r#"["x-real-ip","192.0.2.7"]"#), "{answer}");
    assert!(answer.contains(r#"["server_name","mine"]"#), "{answer}");
    let answer = server.get("/echo", "x-real-ip: 203.0.113.7\r\n");
    assert!(
        answer.contains(r#"["x-real-ip","203.0.113.7"]"#),
        "{answer}"
    );
}

#[test]
fn the_answer_to_head_has_no_body_whatever_the_app_says() {
    let folder = folder_with("probe", "");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    for path in ["/status?200", "/body?5", "/echo"] {
        let head = format!("HEAD {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = read(server.send(&head));
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n"),
            "{path}: {answer}"
        );
        assert!(answer.ends_with("\r\n\r\n"), "{path}: {answer}");
    }
}

#[test]
fn either_kind_is_told_by_what_it_exports() {
    for (package, kind, answer) in [
        ("hello", "reactor", "Hello from /tea!\n"),
        ("hello_wasi", "WASI-HTTP", "Hello from /tea!\n"),
    ] {
        let folder = folder_with(package, "");
        let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
        let got = server.get("/tea", "");
        assert!(got.ends_with(&format!("\r\n\r\n{answer}")), "{kind}: {got}");
    }
}

#[test]
fn what_the_app_prints_and_fails_with_is_told_with_the_request() {
    let folder = folder_with("probe", "");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    server.get("/print", "");
    let answer = server.get("/panic", "");
    assert!(answer.starts_with("HTTP/1.1 533 "), "{answer}");
    assert!(
        answer.contains("x-cdn-internal-status: 3003\r\n"),
        "{answer}"
    );
    server.signal("-TERM");
    let (success, stdout, stderr) = server.wait();
    assert!(success);
    assert_eq!(
        stdout,
        "[1 GET /print] one\n[1 GET /print] two\n[1 GET /print] no end\n"
    );
    assert!(
        stderr.contains("[1 GET /print, stderr] for nobody\n"),
        "{stderr}"
    );
    assert!(
        stderr.contains("[2 GET /panic] 533/3003: the app crashed"),
        "{stderr}"
    );
}

#[test]
fn a_body_above_the_limit_is_refused_before_the_app_sees_it() {
    let folder = folder_with("probe", "[limits]\nbody = \"1 KB\"");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let request = |bytes: usize| {
        let body = "x".repeat(bytes);
        let head = "POST /body?1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
        read(server.send(&format!("{head}content-length: {bytes}\r\n\r\n{body}")))
    };
    assert!(request(1024).starts_with("HTTP/1.1 200 OK\r\n"));
    let refused = request(1025);
    assert!(
        refused.starts_with("HTTP/1.1 413 Payload Too Large\r\n"),
        "{refused}"
    );
}

#[test]
fn ctrl_c_lets_the_request_at_hand_be_answered() {
    let folder = folder_with("probe_wasi", "[limits]\ntime_ms = 60000");
    let mut server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let stream = server.send("GET /sleep?500 HTTP/1.1\r\nhost: x\r\n\r\n");
    server.wait_for_line("[1 GET /sleep?500] sleeping\n");
    server.signal("-INT");
    let rest = read(stream);
    assert!(rest.ends_with("\r\n\r\nslept"), "{rest}");
    let (success, _, stderr) = server.wait();
    assert!(success, "{stderr}");
    assert!(stderr.contains("Stopping once the requests at hand are answered"));
}

#[test]
fn a_second_ctrl_c_does_not_wait() {
    let folder = folder_with("probe_wasi", "[limits]\ntime_ms = 600000");
    let mut server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let _waiting = server.send("GET /sleep?600000 HTTP/1.1\r\nhost: x\r\n\r\n");
    server.wait_for_line("[1 GET /sleep?600000] sleeping\n");
    server.signal("-INT");
    server.wait_for_stderr("Stopping");
    server.signal("-INT");
    let status = server.process.wait().unwrap();
    assert_eq!(status.code(), Some(130));
}

#[test]
fn two_apps_on_one_configuration_need_two_ports_and_share_no_state() {
    let folder = folder_with("page_views", "");
    // Some port that is free: a configuration cannot name the one that will be found free.
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let toml = format!("port = {port}\nadmin_port = 0\n[stores.default]");
    std::fs::write(folder.path().join("fastedge.toml"), toml).unwrap();
    let first = Server::start(folder.path(), &["app.wasm"]);
    assert_eq!(first.address.port(), port);
    let says = refused(folder.path(), &["serve", "app.wasm"]);
    assert!(
        says.contains(&format!("port {port} of 127.0.0.1 is in use")),
        "{says}"
    );
    let second = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    assert!(first.get("/", "").ends_with("Page views: 1\n"));
    assert!(first.get("/", "").ends_with("Page views: 2\n"));
    assert!(second.get("/", "").ends_with("Page views: 1\n"));
}

#[test]
fn mistakes_are_told_with_the_way_out() {
    let folder = folder_with("hello", "[stor]\n");
    let here = folder.path();
    std::fs::write(here.join("text.wasm"), "text").unwrap();

    let says = refused(here, &["serve", "missing.wasm"]);
    assert!(
        says.contains("missing.wasm: no such file. Has it been built?"),
        "{says}"
    );
    let says = refused(here, &["serve", "app.wasm"]);
    assert_eq!(
        says,
        "fastedge-mock: fastedge.toml:1: stor: unknown key; did you mean `stores`?\n"
    );
    let says = refused(here, &["serve", "app.wasm", "--config", "nowhere.toml"]);
    assert_eq!(says, "fastedge-mock: nowhere.toml: no such file\n");
    let says = refused(here, &["serve", "app.wasm", "--dotenv", "nowhere"]);
    assert_eq!(says, "fastedge-mock: nowhere: no such folder\n");
    std::fs::write(here.join("fastedge.toml"), "").unwrap();
    let says = refused(here, &["serve", "text.wasm"]);
    assert!(
        says.starts_with("fastedge-mock: text.wasm: not WebAssembly: "),
        "{says}"
    );
    let says = refused(here, &["serve", "gate"]);
    assert!(
        says.contains("\"gate\" is no file, and there is no package here"),
        "{says}"
    );
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let says = refused(&workspace, &["serve", "gaet"]);
    let meant = "\"gaet\" is neither a file nor an app here: did you mean `gate`?";
    assert!(says.contains(meant), "{says}");
    let says = refused(&workspace, &["serve", "zzz"]);
    assert!(
        says.contains("here: known are: ") && says.contains(", gate, "),
        "{says}"
    );
    let says = refused(here, &["serve", "app.wasm", "app.wasm"]);
    assert!(says.contains("unexpected argument 'app.wasm'"), "{says}");
}
