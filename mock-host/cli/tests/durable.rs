//! What the API has acknowledged is on disk.
#![cfg(unix)]

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use common::server::{Server, folder_with, refused};
use serde_json::{Value, json};

const TOML: &str = "[stores.data.values]\ndeclared = \"by the file\"\n";

fn put(key: &str, value: &str) -> Value {
    json!({ "key": key, "datatype": "kv", "op": "add", "payload": { "value": value } })
}

#[test]
fn stores_of_all_types_survive_a_restart() {
    let folder = folder_with("hello", TOML);
    let start = || Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let everything = {
        let server = start();
        assert_eq!(
            server
                .api("POST", "", r#"{"name":"other","comment":"mine"}"#)
                .0,
            200
        );
        let changes = json!([
            put("plain", "1"),
            { "key": "expiring", "datatype": "kv", "op": "add",
              "payload": { "value": "/wA=", "encoding": "base64", "expiry": "2100-01-01T00:00:00Z" } },
            { "key": "scores", "datatype": "sorted_set", "op": "add",
              "payload": [{ "value": "ann", "score": 1 }, { "value": "bob", "score": 2.5 },
                          { "value": "zoe", "score": -0.0 }] },
            { "key": "blocked", "datatype": "bloom_filter", "op": "add",
              "payload": [{ "value": "x", "encoding": "masked" }] },
        ]);
        let (status, written) = server.api("PUT", "/1/data", &changes.to_string());
        assert_eq!((status, &written["write_count"]), (200, &json!(6)));
        let more = json!([
            { "key": "scores", "datatype": "sorted_set", "op": "add",
              "payload": [{ "value": "ann", "score": 3 }] },
            { "key": "scores", "datatype": "sorted_set", "op": "del_entries",
              "payload": [{ "value": "bob" }] },
            { "key": "blocked", "datatype": "bloom_filter", "op": "add", "payload": [{ "value": "y" }] },
        ]);
        assert_eq!(server.api("PUT", "/1/data", &more.to_string()).0, 200);
        let everything = ["", "/1", "/1/data", "/1/data/scores", "/1/data/blocked"];
        let everything = everything.map(|path| server.api("GET", path, ""));
        server.signal("-TERM");
        server.wait();
        everything
    };
    assert_eq!(everything[2].1["count"], 5, "{everything:?}");
    assert_eq!(everything[4].1["count"], 2, "{everything:?}");
    // A zero has no sign, before the restart as after it.
    let zero = &everything[3].1["payload"][0];
    assert_eq!(zero["score"].to_string(), "0.0", "{zero}");
    let blocked = &everything[4].1["payload"];
    assert_eq!(
        (&blocked[0]["encoding"], &blocked[1]["value"]),
        (&json!("sha256"), &json!("y"))
    );
    let server = start();
    let again = ["", "/1", "/1/data", "/1/data/scores", "/1/data/blocked"];
    assert_eq!(again.map(|path| server.api("GET", path, "")), everything);
}

/// A file that declares a key is heard when it changes; until then, what the API has written stays.
#[test]
fn a_declaration_does_not_undo_what_the_api_has_written() {
    let folder = folder_with("hello", TOML);
    let start = || Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let value =
        |server: &Server| server.api("GET", "/1/data/declared", "").1["payload"]["value"].clone();
    let server = start();
    assert_eq!(value(&server), "by the file");
    let changes = json!([put("declared", "by the API")]);
    assert_eq!(server.api("PUT", "/1/data", &changes.to_string()).0, 200);
    drop(server);
    assert_eq!(value(&start()), "by the API");
    let changed = TOML.replace("by the file", "by another file");
    std::fs::write(folder.path().join("fastedge.toml"), changed).unwrap();
    assert_eq!(value(&start()), "by another file");
    std::fs::write(folder.path().join("fastedge.toml"), "[stores.data]").unwrap();
    assert_eq!(start().api("GET", "/1/data/declared", "").0, 404);
}

/// Each of several apps declares a part of one store; what the API has written to another part stays.
#[test]
fn apps_declare_parts_of_one_store() {
    let toml = "[apps.a]\napp = \"app.wasm\"\n[apps.a.stores.data]\n\
                [apps.b]\napp = \"app.wasm\"\n[apps.b.stores.mine]\nstore = \"data\"\nvalues = { k = \"1\" }\n";
    let folder = folder_with("hello", toml);
    let value = |server: &Server| server.api("GET", "/1/data/k", "").1["payload"]["value"].clone();
    let server = Server::start(folder.path(), &["--port", "0"]);
    assert_eq!(value(&server), "1");
    let changes = json!([put("k", "99")]).to_string();
    assert_eq!(server.api("PUT", "/1/data", &changes).0, 200);
    std::fs::write(
        folder.path().join("fastedge.toml"),
        format!("{toml}# touched\n"),
    )
    .unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(value(&server), "99");
    drop(server);
    let server = Server::start(folder.path(), &["--port", "0"]);
    assert_eq!(value(&server), "99");
    // A store of the same name that is another one is filled anew.
    let renamed = json!({ "name": "old" }).to_string();
    assert_eq!(server.api("PUT", "/1", &renamed).0, 200);
    drop(server);
    let server = Server::start(folder.path(), &["--port", "0"]);
    assert_eq!(
        server.api("GET", "/2/data/k", "").1["payload"]["value"],
        "1"
    );
}

#[test]
fn a_database_is_one_servers() {
    let folder = folder_with("hello", TOML);
    let first = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    // Until something is written there is no database, and others can be served from here.
    let second = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let changes = json!([put("a", "1")]).to_string();
    assert_eq!(first.api("PUT", "/1/data", &changes).0, 200);
    let (status, body) = second.api("PUT", "/1/data", &changes);
    assert_eq!(status, 503);
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .contains("another fastedge-mock"),
        "{body}"
    );
    let says = refused(folder.path(), &["serve", "app.wasm", "--port", "0"]);
    assert!(says.contains("another fastedge-mock is using it"), "{says}");
    let elsewhere = ["app.wasm", "--port", "0", "--data", "elsewhere"];
    let third = Server::start(folder.path(), &elsewhere);
    assert_eq!(third.api("PUT", "/1/data", &changes).0, 200);
}

/// Writes until the server is killed: the numbers that were acknowledged, and the last that was
/// sent.
fn write_until_killed(address: SocketAddr, from: u64, acknowledged: &mpsc::Sender<u64>) {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return;
    };
    for number in from.. {
        // Two keys in one write, and a set that grows: torn, they would differ.
        let body = json!([
            put("left", &number.to_string()),
            { "key": "numbers", "datatype": "sorted_set", "op": "add",
              "payload": [{ "value": number.to_string(), "score": number }] },
            put("right", &number.to_string()),
        ])
        .to_string();
        let request = format!(
            "PUT /fastedge/v1/kv/1/data HTTP/1.1\r\nhost: localhost\r\nauthorization: apikey local\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = [0; 1024];
        if stream.write_all(request.as_bytes()).is_err() {
            return;
        }
        match stream.read(&mut answer) {
            Ok(read) if answer[..read].starts_with(b"HTTP/1.1 200 ") => {
                if acknowledged.send(number).is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_acknowledged_and_tear_nothing() {
    let folder = folder_with("hello", "[stores.data]");
    let mut random = fastrand::Rng::with_seed(1);
    let mut latest = 0;
    let mut writes = 0;
    for round in 0..100 {
        let mut server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
        if round > 0 {
            let value = |key: &str| {
                let (_, body) = server.api("GET", &format!("/1/data/{key}"), "");
                body["payload"]["value"]
                    .as_str()
                    .unwrap()
                    .parse::<u64>()
                    .unwrap()
            };
            let (left, right) = (value("left"), value("right"));
            assert_eq!(left, right, "a write was torn in round {round}");
            // One more may have been written whose acknowledgement was lost.
            assert!(
                (latest..=latest + 1).contains(&left),
                "{latest} was acknowledged, {left} is there"
            );
            let (_, set) = server.api("GET", "/1/data/numbers", "");
            assert_eq!(set["count"], left, "round {round}");
            latest = left;
        }
        let (sender, receiver) = mpsc::channel();
        let address = server.admin;
        let from = latest + 1;
        let writer = std::thread::spawn(move || write_until_killed(address, from, &sender));
        // Some writes first, so that there is something to lose.
        latest = receiver.recv_timeout(Duration::from_secs(60)).unwrap();
        std::thread::sleep(Duration::from_micros(random.u64(0..40_000)));
        server.process.kill().unwrap();
        server.process.wait().unwrap();
        writer.join().unwrap();
        if let Some(last) = receiver.try_iter().last() {
            latest = last;
        }
        writes += latest + 1 - from;
    }
    println!("{writes} writes were acknowledged");
    assert!(writes >= 100);
}

/// A database that somebody has broken is refused in words, and left alone.
#[test]
fn a_broken_database_is_told() {
    let folder = folder_with("hello", TOML);
    let database = folder.path().join(".fastedge/edge.db");
    std::fs::create_dir(folder.path().join(".fastedge")).unwrap();
    let garbage = "not a database, but some text that is long enough";
    std::fs::write(&database, garbage).unwrap();
    let says = refused(folder.path(), &["serve", "app.wasm", "--port", "0"]);
    assert!(
        says.contains(".fastedge/edge.db: file is not a database"),
        "{says}"
    );
    assert_eq!(std::fs::read_to_string(&database).unwrap(), garbage);
}
