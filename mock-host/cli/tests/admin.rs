//! The two ports of the local server: the apps' own, and the admin port, which the pages of apps
//! cannot read.
#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use common::server::{Response, Server, exchange, folder_with, read, refused};
use tempfile::TempDir;

const TOKEN: (&str, &str) = ("authorization", "apikey local");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Serves an app that responds to every path with the path.
fn serve(toml: &str, arguments: &[&str]) -> (TempDir, Server) {
    let folder = folder_with("hello", toml);
    let arguments = [&["app.wasm", "--port", "0"], arguments].concat();
    let server = Server::start(folder.path(), &arguments);
    (folder, server)
}

fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Response {
    exchange(address, "GET", path, headers, "")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn app_port_passes_every_path_to_the_app() {
    let (_folder, server) = serve("", &[]);
    for path in [
        "/",
        "/fastedge/v1",
        "/fastedge/v1/kv",
        "/fastedge/v1/apps",
        "/_edge",
        "/_edge/",
        "/_edge/state",
    ] {
        let response = get(server.address, path, &[TOKEN]);
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(response.body, format!("Hello from {path}!\n"));
    }
    let response = exchange(server.address, "POST", "/_edge/clock", &[JSON], "{}");
    assert_eq!(response.body, "Hello from /_edge/clock!\n");
}

#[test]
fn admin_port_never_calls_the_app() {
    let (_folder, server) = serve("", &[]);
    let apps = format!("apps are on http://{}/\n", server.address);
    for path in [
        "/tea",
        "/_edges",
        "/fastedge",
        "/fastedge/v10/kv",
        "//_edge/",
    ] {
        let response = get(server.admin, path, &[TOKEN]);
        assert_eq!(response.status, 404, "{path}");
        assert!(response.body.ends_with(&apps), "{path}: {}", response.body);
        assert!(
            response.head.contains("content-type: text/plain"),
            "{path}: {}",
            response.head
        );
    }
    let response = get(server.admin, "/", &[]);
    assert_eq!(response.status, 302);
    assert!(
        response.head.contains("location: /_edge/"),
        "{}",
        response.head
    );
    let response = exchange(server.admin, "POST", "/", &[JSON], "{}");
    assert_eq!(response.status, 404);
    let (_, state) = server.ask_admin("GET", "/_edge/state", &[], "");
    assert!(state.contains(r#""requests":[]"#), "{state}");
}

#[test]
fn unknown_api_path_with_the_token_is_not_found() {
    let (_folder, server) = serve("", &[]);
    for path in [
        "/fastedge/v1",
        "/fastedge/v1/",
        "/fastedge/v1/apps",
        "/fastedge/v1/kvs",
    ] {
        let response = get(server.admin, path, &[]);
        assert_eq!(response.status, 401, "{path}");
        let response = get(server.admin, path, &[("authorization", "apikey other")]);
        assert_eq!(response.status, 401, "{path}");
        let response = get(server.admin, path, &[TOKEN]);
        assert_eq!((response.status, &*response.body), (404, ""), "{path}");
    }
    assert_eq!(get(server.admin, "/fastedge/v1/kv", &[TOKEN]).status, 200);
}

#[test]
fn disabled_api_is_not_found_on_the_admin_port() {
    let (_folder, server) = serve("[api]\nenabled = false\ntoken = \"local\"", &[]);
    for path in ["/fastedge/v1/kv", "/fastedge/v1/apps"] {
        let response = get(server.admin, path, &[TOKEN]);
        assert_eq!(response.status, 404, "{path}");
        let reason = "the API is disabled: set `enabled = true` under [api]";
        assert!(response.body.contains(reason), "{}", response.body);
    }
    assert_eq!(get(server.admin, "/_edge/state", &[]).status, 200);
}

#[test]
fn public_address_without_a_token_has_no_api() {
    let (_folder, server) = serve("", &["--address", "0.0.0.0"]);
    let response = get(server.admin, "/fastedge/v1/kv", &[TOKEN]);
    assert_eq!(response.status, 404);
    let reason = "this address is public and no token is set: set `token` under [api]";
    assert!(response.body.contains(reason), "{}", response.body);
    let response = get(server.admin, "/tea", &[]);
    let apps = format!("apps are on http://{}/\n", server.address);
    assert!(response.body.ends_with(&apps), "{}", response.body);
}

#[test]
fn cross_origin_request_is_rejected() {
    let (_folder, server) = serve("", &[]);
    let host = server.admin.to_string();
    let of_app = format!("http://{}", server.address);
    let own = format!("http://{host}");
    let paths = [
        "/fastedge/v1/kv",
        "/_edge/state",
        "/_edge/page.js",
        "/_edge/",
    ];
    let status = |path: &str, headers: &[(&str, &str)]| {
        let headers = [&[("host", &*host), TOKEN], headers].concat();
        let response = get(server.admin, path, &headers);
        assert!(
            !response.head.contains("access-control-"),
            "{}",
            response.head
        );
        response.status
    };
    for path in paths {
        for headers in [
            [("origin", &*of_app)],
            [("origin", "null")],
            [("origin", "")],
            [("origin", "https://evil.example")],
            [("origin", "http://127.0.0.1")],
            [("sec-fetch-site", "same-site")],
            [("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(status(path, &headers), 403, "{path} {headers:?}");
        }
        for headers in [
            [("origin", &*own)],
            [("sec-fetch-site", "same-origin")],
            [("sec-fetch-site", "none")],
        ] {
            assert_eq!(status(path, &headers), 200, "{path} {headers:?}");
        }
        let both = [("origin", &*own), ("origin", &*of_app)];
        assert_eq!(status(path, &both), 403, "{path}");
    }
    let headers = [("host", &*host), ("origin", &*of_app), JSON];
    let body = r#"{"advance_ms":1}"#;
    let response = exchange(server.admin, "POST", "/_edge/clock", &headers, body);
    assert_eq!(response.status, 403);
    let headers = [("host", &*host), ("origin", &*own), JSON];
    let response = exchange(server.admin, "POST", "/_edge/clock", &headers, body);
    assert_eq!(response.status, 200, "{}", response.body);
    // A preflight gets no permission either.
    let preflight = [
        ("host", &*host),
        ("origin", &*of_app),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ];
    let response = exchange(server.admin, "OPTIONS", "/fastedge/v1/kv", &preflight, "");
    assert_eq!(response.status, 403);
    assert!(!response.head.contains("access-control-"));
}

#[test]
fn inspector_for_all_rejects_cross_origin_requests() {
    let (_folder, server) = serve("", &["--inspector-for-all"]);
    let status = |origin| {
        let headers = [("host", "laptop.example:81"), ("origin", origin)];
        get(server.admin, "/_edge/state", &headers).status
    };
    assert_eq!(status("http://laptop.example:81"), 200);
    assert_eq!(status("http://LAPTOP.example:81"), 200);
    assert_eq!(status("http://laptop.example"), 403);
}

#[test]
fn link_of_another_site_opens_the_page_only() {
    let (_folder, server) = serve("", &[]);
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        TOKEN,
    ];
    let page = get(server.admin, "/_edge/", &link);
    assert_eq!(page.status, 200);
    assert!(page.head.contains("x-frame-options: DENY"), "{}", page.head);
    assert!(
        page.head.contains("frame-ancestors 'none'"),
        "{}",
        page.head
    );
    assert_eq!(get(server.admin, "/_edge", &link).status, 308);
    assert_eq!(get(server.admin, "/", &link).status, 302);
    for path in ["/_edge/state", "/_edge/page.js", "/fastedge/v1/kv"] {
        assert_eq!(get(server.admin, path, &link).status, 403, "{path}");
    }
    let response = exchange(
        server.admin,
        "POST",
        "/_edge/",
        &[link[0], link[1], JSON],
        "{}",
    );
    assert_eq!(response.status, 403);
    let frame = [link[0], link[1], ("sec-fetch-dest", "iframe")];
    assert_eq!(get(server.admin, "/_edge/", &frame).status, 403);
    let with_origin = [link[0], link[1], ("origin", "https://evil.example")];
    assert_eq!(get(server.admin, "/_edge/", &with_origin).status, 403);
}

#[test]
fn port_in_use_is_reported_with_its_flag() {
    let folder = folder_with("hello", "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let expected = |name: &str, flag: &str| {
        format!(
            "fastedge-mock: {name} {port} of 127.0.0.1 is in use, perhaps by another \
             fastedge-mock: stop that one, or choose another port with `{flag}` (`{flag} 0` takes \
             one that is free)\n"
        )
    };
    let free = ["serve", "app.wasm", "--admin-port", "0", "--port", &port];
    assert_eq!(refused(folder.path(), &free), expected("port", "--port"));
    let admin = ["serve", "app.wasm", "--port", "0", "--admin-port", &port];
    let expected = expected("admin port", "--admin-port");
    assert_eq!(refused(folder.path(), &admin), expected);
}

#[test]
fn same_port_for_apps_and_admin_is_an_error() {
    let folder = folder_with("hello", "");
    let port = free_port().to_string();
    let arguments = ["serve", "app.wasm", "--port", &port, "--admin-port", &port];
    let printed = refused(folder.path(), &arguments);
    assert_eq!(
        printed,
        format!(
            "fastedge-mock: apps and the API cannot share port {port}: choose another port for the \
             apps with `--port`, or for the API and the inspector with `--admin-port`\n"
        )
    );
    // The default of the admin port counts as well.
    let printed = refused(folder.path(), &["serve", "app.wasm", "--port", "8081"]);
    assert!(printed.contains("cannot share port 8081"), "{printed}");
}

#[test]
fn configured_admin_port_is_used_unless_the_flag_is_set() {
    let port = free_port();
    let toml = format!("admin_port = {port}\n");
    let (folder, server) = serve(&toml, &[]);
    assert_eq!(server.admin.port(), port);
    // The first one keeps it.
    let (_other, second) = serve(&toml, &["--admin-port", "0"]);
    assert_ne!(second.admin.port(), port);
    let changed = format!("admin_port = {}\n", second.admin.port());
    std::fs::write(folder.path().join("fastedge.toml"), changed).unwrap();
    server.wait_for_stderr("fastedge.toml has changed");
    assert_eq!(get(server.admin, "/_edge/state", &[]).status, 200);
    server.signal("-TERM");
    let (_, _, stderr) = server.wait();
    let line = "admin_port has changed: that takes a restart\n";
    assert!(stderr.contains(line), "{stderr}");
}

#[test]
fn start_prints_where_the_api_is() {
    for (toml, arguments, api) in [
        ("", &[][..], "API: {}, with `Authorization: apikey local`\n"),
        ("[api]\ntoken = \"mine\"", &[], "API: {}\n"),
        (
            "[api]\nenabled = false",
            &[],
            "API: disabled by `enabled` under [api] in fastedge.toml\n",
        ),
        (
            "",
            &["--address", "0.0.0.0"],
            "API: disabled, because this address is public; set `token` under [api] in \
             fastedge.toml\n",
        ),
    ] {
        let (_folder, server) = serve(toml, arguments);
        let admin = server.admin;
        let api = api.replace("{}", &format!("http://{admin}/fastedge/v1"));
        server.signal("-TERM");
        let (_, _, stderr) = server.wait();
        let line = format!("Inspector: http://{admin}/_edge/; {api}");
        assert!(stderr.contains(&line), "{line}: {stderr}");
    }
}

#[test]
fn stop_waits_for_requests_on_both_ports() {
    let folder = folder_with("probe_wasi", "[limits]\ntime_ms = 60000");
    let mut server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let app = server.send("GET /sleep?1000 HTTP/1.1\r\nhost: x\r\n\r\n");
    server.wait_for_line("[1 GET /sleep?1000] sleeping\n");
    let body = r#"{"name":"late"}"#;
    let mut admin = TcpStream::connect(server.admin).unwrap();
    let head = format!(
        "POST /fastedge/v1/kv HTTP/1.1\r\nhost: localhost\r\nauthorization: apikey local\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    admin.write_all(head.as_bytes()).unwrap();
    // The server sends it when it begins to read the body.
    let mut reader = BufReader::new(admin.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 100 "), "{line}");
    server.signal("-TERM");
    server.wait_for_stderr("Stopping");
    wait_until_refused(server.address);
    wait_until_refused(server.admin);
    admin.write_all(body.as_bytes()).unwrap();
    let mut response = String::new();
    reader.read_to_string(&mut response).unwrap();
    assert!(response.contains("HTTP/1.1 200 OK\r\n"), "{response}");
    let response = read(app);
    assert!(response.ends_with("\r\n\r\nslept"), "{response}");
    let (success, _, stderr) = server.wait();
    assert!(success, "{stderr}");
}

fn wait_until_refused(address: SocketAddr) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "{address} still accepts");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn unreadable_body_is_an_error_of_the_api() {
    let (_folder, server) = serve("", &[]);
    let send = |path: &str, body: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n{}: {}\r\n",
            TOKEN.0, TOKEN.1
        );
        let head = format!("{head}{}: {}\r\nconnection: close\r\n", JSON.0, JSON.1);
        let mut stream = TcpStream::connect(server.admin).unwrap();
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        read(stream)
    };
    for (body, status, problem) in [
        (
            "content-length: 100000000\r\n\r\n",
            413,
            "the body is larger than the limit",
        ),
        (
            "transfer-encoding: chunked\r\n\r\nx\r\n",
            400,
            "the body cannot be read",
        ),
    ] {
        let response = send("/fastedge/v1/kv", body);
        let start = format!("HTTP/1.1 {status} ");
        assert!(response.starts_with(&start), "{response}");
        assert!(
            response.contains("content-type: application/json\r\n"),
            "{response}"
        );
        let json = format!("{{\"error\":\"{problem}");
        assert!(response.contains(&json), "{response}");
        // The inspector is not the API.
        let response = send("/_edge/clock", body);
        assert!(response.starts_with(&start), "{response}");
        assert!(response.contains("content-type: text/plain"), "{response}");
    }
}
