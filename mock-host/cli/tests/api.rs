//! The platform's API on the local server: for `curl`, for the SDK's own client, and for those who
//! get it wrong.
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::server::{Server, folder_with};
use fastedge::edge_storage_api::{
    Api, BlockingClient, Byod, DataType, Entry, EntryQuery, Page, StoreSettings, Stored, Token,
    Upload,
};
use serde_json::json;

fn serve(toml: &str) -> (tempfile::TempDir, Server) {
    let folder = folder_with("probe", toml);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    (folder, server)
}

fn client(server: &Server) -> (Api, BlockingClient) {
    let api = Api::new(Token::new("local").unwrap());
    let api = api.at(&server.api_url()).unwrap();
    (api, BlockingClient::new())
}

#[test]
fn the_sdks_client_does_all_that_it_can() {
    let (_folder, server) = serve("[stores.data.values]\ngreeting = \"hello\"");
    let (api, client) = client(&server);
    let settings = StoreSettings::new("prices").comment("nightly");
    let store = api
        .create_store(&settings)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!((store.name.as_str(), store.app_count), ("prices", 0));
    assert_eq!(store.revision, Some(0));

    let entries = [
        Entry::plain("a/b ü?", "text").unwrap(),
        Entry::plain("raw", [0xff, 0]).unwrap(),
        Entry::sorted_set("scores", [(10.0, "ann"), (-0.5, "bob")]).unwrap(),
        Entry::bloom_filter("blocked", ["x"]).unwrap(),
    ];
    let written = api
        .write(store.id, &entries)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(
        (written.write_count, written.del_count, written.revision),
        (4, 0, 1)
    );

    let get = |key: &str| api.get_entry(store.id, key).unwrap().send_with(&client);
    let Stored::Plain { value, expiry } = get("a/b ü?").unwrap().stored else {
        panic!("another type");
    };
    assert_eq!((value.as_bytes(), expiry), (&b"text"[..], None));
    let scores = get("scores").unwrap();
    assert_eq!(scores.count, Some(2));
    let Stored::SortedSet(members) = scores.stored else {
        panic!("another type");
    };
    let members: Vec<_> = members
        .iter()
        .map(|(m, s)| (m.as_bytes().to_vec(), *s))
        .collect();
    assert_eq!(members, [(b"bob".to_vec(), -0.5), (b"ann".to_vec(), 10.0)]);
    assert!(
        get("missing")
            .unwrap_err()
            .to_string()
            .contains("there is no key \"missing\" in this store")
    );

    let query = EntryQuery::new()
        .data_type(DataType::SortedSet)
        .min_score(1.0);
    let list = api
        .list_entries(store.id, &query)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!((list.count, list.entries.len()), (1, 1));
    let Stored::SortedSet(members) = &list.entries[0].stored else {
        panic!("another type");
    };
    assert_eq!(members.len(), 1);
    let page = EntryQuery::new().page(Page::first(1).after(1));
    let list = api
        .list_entries(store.id, &page)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!((list.count, list.entries[0].key.as_str()), (4, "blocked"));

    // The type scopes a deletion; without force no type is written over.
    let wrong = Entry::delete("scores", DataType::Plain).unwrap();
    let written = api
        .write(store.id, &[wrong])
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(written.del_count, 0);
    let plain = [
        Entry::plain("scores", "").unwrap(),
        Entry::plain("other", "").unwrap(),
    ];
    assert!(
        api.write(store.id, &plain)
            .unwrap()
            .send_with(&client)
            .is_err()
    );
    assert!(get("other").is_err(), "half of a write was carried out");
    api.force_write(store.id, &plain)
        .unwrap()
        .send_with(&client)
        .unwrap();
    // Members cannot be taken out of a pair, and force does not make it none.
    let members = Entry::remove_members("scores", ["ann"]).unwrap();
    api.force_write(store.id, &[members])
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert!(get("scores").is_ok(), "the pair is gone");
    let delete = Entry::delete("scores", DataType::Plain).unwrap();
    let written = api
        .write(store.id, &[delete])
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(written.del_count, 1);

    let renamed = StoreSettings::new("renamed");
    let replaced = api
        .replace_store(store.id, &renamed)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(replaced.name, "renamed");
    let list = api
        .list_stores(None, Page::first(10))
        .unwrap()
        .send_with(&client)
        .unwrap();
    let names: Vec<_> = list
        .stores
        .iter()
        .map(|store| store.name.as_str())
        .collect();
    assert_eq!(names, ["data", "renamed"]);
    let linked = api
        .list_stores(Some(1), Page::first(10))
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!((linked.count, linked.stores[0].app_count), (1, 1));
    // A store that an app has linked stays.
    assert!(
        api.delete_store(linked.stores[0].id)
            .unwrap()
            .send_with(&client)
            .is_err()
    );
    api.delete_store(store.id)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert!(get("raw").is_err());
    // Its number is not given again.
    let store = api
        .create_store(&settings)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(store.id, 3);
}

#[test]
fn an_upload_of_many_entries_arrives_whole() {
    let (_folder, server) = serve("[stores.data]");
    let (api, client) = client(&server);
    let entries = (0..3_000).map(|i| Entry::plain(format!("user:{i:04}"), "on").unwrap());
    let mut upload = Upload::new(api.clone(), 1, entries).entries_per_second(0.0);
    assert_eq!(upload.run(&client).unwrap().confirmed, 3_000);
    let query = EntryQuery::new().prefix("user:29");
    let list = api
        .list_entries(1, &query)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(list.count, 100);
}

/// A score that is written is the one that is read; those that JSON has no number for are texts.
#[test]
fn scores_come_back_as_they_are() {
    let scores = "members = { most = inf, least = -inf, ulp = 1.0000000000000007, tiny = 5e-324 }";
    let (_folder, server) = serve(&format!(
        "[stores.data.sorted_sets]\nscores = {{ {scores} }}"
    ));
    let (api, client) = client(&server);
    let written = [
        1.000_000_000_000_000_7,
        0.1 + 0.2,
        123_456.789_012_345_67,
        -7.105_427_357_601_002e-15,
    ];
    let members = written.map(|score| (score, score.to_string()));
    let entries = [Entry::sorted_set("written", members).unwrap()];
    api.write(1, &entries).unwrap().send_with(&client).unwrap();
    let read = |key: &str| {
        let entry = api.get_entry(1, key).unwrap().send_with(&client).unwrap();
        match entry.stored {
            Stored::SortedSet(members) => members,
            other => panic!("{other:?}"),
        }
    };
    for (member, score) in read("written") {
        assert_eq!(member.as_text().unwrap(), score.to_string());
    }
    let read: Vec<f64> = read("scores").into_iter().map(|(_, score)| score).collect();
    let wanted = [f64::NEG_INFINITY, 5e-324, written[0], f64::INFINITY];
    assert_eq!(read, wanted);
    let list = api.list_entries(1, &EntryQuery::new()).unwrap();
    assert_eq!(list.send_with(&client).unwrap().count, 2);
}

/// What the API has written an app reads, after the time that replication takes.
#[test]
fn a_write_travels_to_the_app() {
    let toml = "[edge]\nreplication_ms = 300\nread_cache_ms = 0\n[stores.data]";
    let (_folder, server) = serve(toml);
    let body = json!([{
        "key": "greeting", "datatype": "kv", "op": "add",
        "payload": { "value": "hello", "encoding": "plain" },
    }]);
    let (status, written) = server.api("PUT", "/1/data", &body.to_string());
    assert_eq!((status, &written["revision"]), (200, &json!(1)));
    server.wait_for("the greeting", |server| {
        server.get("/everything", "").contains(r#""get":"hello""#)
    });
}

#[test]
fn what_is_wrong_with_a_request_is_said() {
    let (_folder, server) = serve("[stores.data]\n[api]\ntoken = \"mine\"");
    let ask = |method: &str, path: &str, token: &str, body: &str| {
        let path = format!("/fastedge/v1/kv{path}");
        server.ask_admin(method, &path, &[("authorization", token)], body)
    };
    let mine = "apikey mine";
    for (token, problem) in [
        ("", "send the header"),
        ("Bearer mine", "send the header"),
        ("apikey other", "not the one of this server"),
        ("apikey min", "not the one of this server"),
    ] {
        let (status, text) = ask("GET", "", token, "");
        assert_eq!(status, 401, "{token}: {text}");
        assert!(text.contains(problem), "{token}: {text}");
    }
    assert_eq!(ask("GET", "", "APIKEY mine", "").0, 200);
    let change = |payload: &str| {
        format!(r#"[{{"key":"k","datatype":"kv","op":"add","payload":{payload}}}]"#)
    };
    let large = change(&format!(r#"{{"value":"{}"}}"#, "x".repeat(1_000_001)));
    for (method, path, body, status, problem) in [
        ("GET", "/7", "", 404, "there is no such store"),
        (
            "GET",
            "/seven",
            "",
            400,
            "the number of a store is wanted, not \\\"seven\\\"",
        ),
        (
            "GET",
            "/1/else",
            "",
            404,
            "there is no /fastedge/v1/kv/1/else",
        ),
        (
            "GET",
            "/1/data/missing",
            "",
            404,
            "there is no key \\\"missing\\\" in this store",
        ),
        (
            "GET",
            "/1/data?limit=many",
            "",
            400,
            "`limit` is a number from 0",
        ),
        (
            "GET",
            "/1/data?data_type=list",
            "",
            400,
            "`data_type` is kv, sorted_set",
        ),
        (
            "GET",
            "/1/data?min_score=nan",
            "",
            400,
            "`min_score` is a number",
        ),
        ("PATCH", "/1", "{}", 405, "PATCH"),
        ("DELETE", "/1/data", "", 405, "DELETE"),
        ("POST", "", "{}", 400, "missing field `name`"),
        ("POST", "", r#"{"name":""}"#, 400, "a store has a name"),
        (
            "POST",
            "",
            r#"{"name":"data"}"#,
            409,
            "a store called \\\"data\\\" already",
        ),
        (
            "POST",
            "",
            r#"{"name":"x","byod":{"url":"localhost"}}"#,
            400,
            "`byod.url`: not the URL",
        ),
        ("PUT", "/1/data", "{", 400, "a JSON array of changes"),
        (
            "PUT",
            "/1/data?force=yes",
            "[]",
            400,
            "`force` is true or false",
        ),
        (
            "PUT",
            "/1/data",
            &large,
            400,
            "at most 1000000 bytes, and this one has 1000001",
        ),
    ] {
        let (got, text) = ask(method, path, mine, body);
        assert_eq!(got, status, "{method} {path}: {text}");
        assert!(text.contains(problem), "{method} {path}: {text}");
    }
}

/// The token that everybody knows is for programs on this machine, and a refused request does nothing.
#[test]
fn the_local_token_is_for_this_machine() {
    let (folder, server) = serve("[stores.data]");
    let ask = |host: &str, token: &str| {
        let headers = [("host", host), ("authorization", token)];
        let body = r#"{"name":"x"}"#;
        server
            .ask_admin("POST", "/fastedge/v1/kv", &headers, body)
            .0
    };
    assert_eq!(ask("evil.example", "apikey local"), 403);
    assert_eq!(ask("localhost", "apikey wrong"), 401);
    assert!(
        !folder.path().join(".fastedge").exists(),
        "a refused request has made a database"
    );
    assert_eq!(ask("localhost:8080", "apikey local"), 200);
    assert!(folder.path().join(".fastedge/edge.db").exists());
}

/// A store whose data are a Redis that is not there answers as the platform's do.
#[test]
fn a_store_of_the_customers_own_that_is_down_is_unavailable() {
    let (_folder, server) = serve("");
    let (api, client) = client(&server);
    let settings = StoreSettings::new("ours").byod(Byod::new("redis://127.0.0.1:1", "ours:"));
    let store = api
        .create_store(&settings)
        .unwrap()
        .send_with(&client)
        .unwrap();
    assert_eq!(store.byod.unwrap().prefix, "ours:");
    let began = std::time::Instant::now();
    let (status, body) = server.api("GET", &format!("/{}/data", store.id), "");
    assert_eq!(status, 503, "{body}");
    assert!(began.elapsed() < Duration::from_secs(30));
}
