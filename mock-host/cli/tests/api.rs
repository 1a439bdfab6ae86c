//! The platform's API, as its documentation describes it. Most tests call it in this process, the
//! others through a server.
#![cfg(unix)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::account::Account;
use common::redis::Redis;
use common::server::{Server, folder_with};
use fastedge_mock::api::{ApiRules, ConflictStatus, LargeValues, PATH, UnknownParameters};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn serve(toml: &str) -> (tempfile::TempDir, Server) {
    let folder = folder_with("probe", toml);
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    (folder, server)
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn put(key: &str, value: &str) -> Value {
    json!({ "key": key, "datatype": "kv", "op": "add", "payload": { "value": value } })
}

fn set(key: &str, members: &[(&str, f64)]) -> Value {
    let members = members.iter();
    let members = members.map(|(member, score)| json!({ "value": member, "score": score }));
    let payload: Vec<_> = members.collect();
    json!({ "key": key, "datatype": "sorted_set", "op": "add", "payload": payload })
}

fn filter(key: &str, items: &[&str]) -> Value {
    let payload: Vec<_> = items.iter().map(|item| json!({ "value": item })).collect();
    json!({ "key": key, "datatype": "bloom_filter", "op": "add", "payload": payload })
}

/// Returns one text of each element of an array.
fn texts<'a>(array: &'a Value, name: &str) -> Vec<&'a str> {
    let elements = array.as_array().unwrap().iter();
    elements
        .map(|element| element[name].as_str().unwrap())
        .collect()
}

#[test]
fn store_lives_from_creation_to_deletion() {
    let account = Account::with_store();
    let created = account.call("POST", "", r#"{"name":"Prices","comment":"nightly"}"#);
    let created = created.json;
    assert!(created["updated_at"].is_string(), "{created}");
    let mut wanted = json!({
        "name": "Prices", "comment": "nightly", "app_count": 0, "size": 0, "revision": 0,
        "updated_at": created["updated_at"],
    });
    // The number is in this response only.
    assert_eq!(account.get("/2"), wanted);
    wanted["id"] = json!(2);
    assert_eq!(created, wanted);
    let replaced = account.call("PUT", "/2", r#"{"name":"renamed"}"#).json;
    assert_eq!(replaced["name"], "renamed");
    assert_eq!(
        (&replaced["id"], &replaced["comment"]),
        (&Value::Null, &Value::Null)
    );
    let deleted = account.call("DELETE", "/2", "");
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(account.call("DELETE", "/2", "").status, 404);
    // Numbers are not reused.
    let next = account.call("POST", "", r#"{"name":"next"}"#);
    assert_eq!(next.json["id"], 3);
}

#[test]
fn list_of_stores_is_searched_and_paged() {
    let mut account = Account::new();
    for number in 1..=60 {
        let store = json!({ "name": format!("Store {number}") });
        account.call("POST", "", &store.to_string());
    }
    account.apps = vec![vec![7], vec![7, 9]];
    let list = account.get("");
    assert_eq!(
        (&list["count"], texts(&list["stores"], "name").len()),
        (&json!(60), 50)
    );
    let page = account.get("?search=sTORE%201&limit=2&offset=1");
    assert_eq!(page["count"], 11);
    assert_eq!(texts(&page["stores"], "name"), ["Store 10", "Store 11"]);
    let linked = account.get("?app_id=2");
    assert_eq!(texts(&linked["stores"], "name"), ["Store 7", "Store 9"]);
    assert_eq!(linked["stores"][0]["app_count"], 2);
    assert_eq!(account.get("?app_id=3")["count"], 0);
    let linked = account.call("DELETE", "/7", "");
    assert_eq!(
        (linked.status, &linked.json["conflicting_ids"]),
        (409, &json!([1, 2]))
    );
    for query in [
        "app_id=0",
        "app_id=x",
        "app_id=%2B1",
        "search=%C3",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "offset=-1",
        "search=",
        &format!("search={}", "x".repeat(256)),
    ] {
        let error = account.refused(400, "GET", &format!("?{query}"), "");
        let name = query.split('=').next().unwrap();
        assert!(error.contains(&format!("`{name}`")), "{query}: {error}");
    }
}

#[test]
fn list_of_entries_has_values_of_pairs_only() {
    let account = Account::with_store();
    account.write(json!([
        put("a:1", "one"),
        filter("a:2", &["x"]),
        set("a:3", &[("low", 1.0), ("high", 9.0)]),
        set("a:4", &[("low", 1.0)]),
        put("b", "two"),
    ]));
    let list = account.get("/1/data?search=a:");
    assert_eq!(
        list,
        json!({ "count": 4, "entries": [
            { "key": "a:1", "datatype": "kv", "payload": { "value": "one", "encoding": "plain" } },
            { "key": "a:2", "datatype": "bloom_filter" },
            { "key": "a:3", "datatype": "sorted_set" },
            { "key": "a:4", "datatype": "sorted_set" },
        ] })
    );
    let keys = |query: &str| {
        let list = account.get(&format!("/1/data?{query}"));
        let keys = texts(&list["entries"], "key").join(" ");
        (list["count"].as_u64().unwrap(), keys)
    };
    // A set without any member in the range is left out; other types have no scores.
    assert_eq!(keys("min_score=2"), (4, "a:1 a:2 a:3 b".to_owned()));
    assert_eq!(
        keys("data_type=sorted_set&max_score=1e0"),
        (2, "a:3 a:4".to_owned())
    );
    let two = "data_type=kv&data_type=bloom_filter";
    assert_eq!(keys(two), (3, "a:1 a:2 b".to_owned()));
    assert_eq!(keys("limit=2&offset=3"), (5, "a:4 b".to_owned()));
    assert_eq!(keys("search=b&prefix=a"), (1, "b".to_owned()));
    let many: Vec<_> = (0..60)
        .map(|number| put(&format!("many:{number}"), ""))
        .collect();
    account.write(json!(many));
    let list = account.get("/1/data?search=many:");
    assert_eq!(
        (&list["count"], texts(&list["entries"], "key").len()),
        (&json!(60), 50)
    );
    for query in [
        "search=",
        &format!("search={}", "x".repeat(1025)),
        "search=%FF",
        "search=a&search=a",
        "limit=1&limit=2",
        "limit=%2B5",
        "offset=%2B5",
        "offset=",
        "data_type=list",
        "data_type=kv,sorted_set",
        "min_score=nan",
        "max_score=inf",
        "max_score=",
        "limit=0",
        "limit=10001",
        "offset=x",
    ] {
        let error = account.refused(400, "GET", &format!("/1/data?{query}"), "");
        let name = query.split('=').next().unwrap();
        assert!(error.contains(&format!("`{name}`")), "{query}: {error}");
    }
}

#[test]
fn members_and_items_are_returned_by_selection_and_page() {
    let account = Account::with_store();
    let members: Vec<_> = (0..120).map(|n| format!("user:{n}")).collect();
    let members: Vec<_> = (0..)
        .zip(&members)
        .map(|(n, m)| (m.as_str(), f64::from(n)))
        .collect();
    let items: Vec<_> = (0..120).map(|n| format!("{n:03}")).collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    account.write(json!([
        set("set", &members),
        filter("filter", &items),
        put("pair", "text")
    ]));
    let of = |path: &str| {
        let entry = account.get(&format!("/1/data/{path}"));
        let parts = texts(&entry["payload"], "value").len();
        (entry["count"].as_u64().unwrap(), parts, entry)
    };
    // The platform's default page has 50 elements, whatever the total.
    assert!(matches!(of("set"), (120, 50, _)));
    assert!(matches!(of("filter"), (120, 50, _)));
    assert!(matches!(of("set?limit=10000"), (120, 120, _)));
    let (count, _, entry) = of("set?min_score=100&max_score=109.5&limit=2&offset=1");
    assert_eq!(count, 10);
    assert_eq!(
        entry["payload"],
        json!([
            { "value": "user:101", "encoding": "plain", "score": 101.0 },
            { "value": "user:102", "encoding": "plain", "score": 102.0 },
        ])
    );
    let (count, _, entry) = of("filter?search=11&limit=2&offset=9");
    assert_eq!(count, 10);
    assert_eq!(
        entry["payload"],
        json!([{ "value": "119", "encoding": "plain" }])
    );
    let hash = sha256("user:7").to_ascii_uppercase();
    let (count, _, entry) = of(&format!("set?hash={hash}"));
    assert_eq!((count, &entry["payload"][0]["score"]), (1, &json!(7.0)));

    let pair = json!({
        "key": "pair", "datatype": "kv", "count": 1,
        "payload": { "value": "text", "encoding": "plain" },
    });
    assert_eq!(account.get("/1/data/pair"), pair);
    assert_eq!(account.get("/1/data/pair?search=te"), pair);
    assert_eq!(
        account.get(&format!("/1/data/pair?hash={}", sha256("text"))),
        pair
    );
    let other = json!({ "key": "pair", "datatype": "kv", "count": 0 });
    assert_eq!(account.get("/1/data/pair?search=tx"), other);
    assert_eq!(account.get("/1/data/pair?hash=0"), other);
    account.refused(400, "GET", "/1/data/pair?limit=10001", "");
    account.refused(400, "GET", "/1/data/pair?hash=%FF", "");
    account.refused(400, "GET", "/1/data/pair?hash=a&hash=a", "");
    // Parameters that the call does not have are ignored, whatever they are.
    assert_eq!(account.get("/1/data/pair?x=%FF&x=%FF"), pair);
    account.refused(400, "GET", "/1/data/pair?search=", "");
}

#[test]
fn large_value_is_returned_as_its_hash() {
    let account = Account::with_store();
    let (fits, large) = ("x".repeat(1024), "ü".repeat(513));
    account.write(json!([
        put("fits", &fits),
        put("large", &large),
        set("set", &[(&large, 1.0)]),
        filter("filter", &[&large]),
    ]));
    let hashed = json!({ "value": sha256(&large), "encoding": "sha256" });
    assert_eq!(account.get("/1/data/fits")["payload"]["value"], fits);
    assert_eq!(account.get("/1/data/large")["payload"], hashed);
    assert_eq!(account.get("/1/data")["entries"][2]["payload"], hashed);
    assert_eq!(account.get("/1/data/filter")["payload"], json!([hashed]));
    let mut member = hashed.clone();
    member["score"] = json!(1.0);
    assert_eq!(account.get("/1/data/set")["payload"], json!([member]));
    assert_eq!(account.get("/1/data/set?search=%C3%BC")["count"], 1);
}

#[test]
fn form_of_large_values_follows_the_rules() {
    let bytes = [0xff; 800];
    let base64 = BASE64.encode(bytes);
    let mut account = Account::with_store();
    let payload = json!({ "value": base64, "encoding": "base64" });
    account.write(json!([
        { "key": "k", "datatype": "kv", "op": "add", "payload": payload },
    ]));
    // 800 bytes fit, and their text does not.
    assert_eq!(account.get("/1/data/k")["payload"], payload);
    account.rules = ApiRules::default().large_values(LargeValues::Sha256OfText);
    let hashed = json!({ "value": sha256(&base64), "encoding": "sha256" });
    assert_eq!(account.get("/1/data/k")["payload"], hashed);
    let by_hash = format!("/1/data/k?hash={}", sha256(&base64));
    assert_eq!(account.get(&by_hash)["count"], 1);
    account.rules = ApiRules::default().large_values(LargeValues::Clear);
    account.write(json!([put("large", &"x".repeat(2000))]));
    assert_eq!(
        account.get("/1/data/large")["payload"]["value"],
        "x".repeat(2000)
    );
}

#[test]
fn masked_value_is_never_shown() {
    let account = Account::with_store();
    let masked = |value: &str| json!({ "value": value, "encoding": "masked" });
    let mut member = masked("m1");
    member["score"] = json!(1);
    account.write(json!([
        { "key": "filter", "datatype": "bloom_filter", "op": "add",
          "payload": [masked("i1"), { "value": "i2" }] },
        { "key": "pair", "datatype": "kv", "op": "add", "payload": masked("s3cr3t") },
        { "key": "set", "datatype": "sorted_set", "op": "add",
          "payload": [member, { "value": "m2", "score": 2 }] },
    ]));
    let hashed = |value: &str| json!({ "value": sha256(value), "encoding": "sha256" });
    let pair = || account.get("/1/data/pair")["payload"].clone();
    assert_eq!(pair(), hashed("s3cr3t"));
    assert_eq!(
        account.get("/1/data?data_type=kv")["entries"][0]["payload"],
        hashed("s3cr3t")
    );
    let values = |key: &str| {
        let payload = account.get(&format!("/1/data/{key}"))["payload"].clone();
        texts(&payload, "value").join(" ")
    };
    assert_eq!(values("set"), format!("{} m2", sha256("m1")));
    assert_eq!(values("filter"), format!("{} i2", sha256("i1")));
    // A search would reveal the value character by character; its hash is known already.
    assert_eq!(account.get("/1/data/pair?search=s")["count"], 0);
    assert_eq!(account.get("/1/data/set?search=m")["count"], 1);
    let by_hash = format!("/1/data/pair?hash={}", sha256("s3cr3t"));
    assert_eq!(account.get(&by_hash)["count"], 1);
    // A value that is written without a mask has none.
    account.write(json!([
        put("pair", "s3cr3t"),
        set("set", &[("m1", 1.0)]),
        filter("filter", &["i1"])
    ]));
    assert_eq!(pair(), json!({ "value": "s3cr3t", "encoding": "plain" }));
    assert_eq!(
        (values("set"), values("filter")),
        ("m1 m2".to_owned(), "i1 i2".to_owned())
    );
}

#[test]
fn write_counts_values_and_deletions() {
    let account = Account::with_store();
    let counts = |written: &Value| {
        let count = |name: &str| written[name].as_u64().unwrap();
        (count("write_count"), count("del_count"))
    };
    let written = account.write(json!([
        put("k", "1"),
        set("s", &[("a", 1.0), ("b", 2.0), ("c", 3.0)]),
        filter("f", &["x", "y", "z"]),
    ]));
    assert_eq!(counts(&written), (7, 0));
    assert_eq!(written["revision"], 1);
    assert_eq!(written["write_size"], 1 + 3 * 9 + 3);
    let remove = |members: &[&str]| {
        let payload: Vec<_> = members.iter().map(|m| json!({ "value": m })).collect();
        json!({ "key": "s", "datatype": "sorted_set", "op": "del_entries", "payload": payload })
    };
    let written = account.write(json!([remove(&["a", "b", "missing"])]));
    assert_eq!(counts(&written), (0, 2));
    let delete =
        |key: &str, datatype: &str| json!({ "key": key, "datatype": datatype, "op": "del_key" });
    let written = account.write(json!([delete("s", "kv"), delete("missing", "kv")]));
    assert_eq!(counts(&written), (0, 0));
    assert_eq!(written["revision"], 3);
    let written = account.write(json!([
        delete("s", "sorted_set"),
        delete("f", "bloom_filter")
    ]));
    assert_eq!(counts(&written), (0, 2));
    assert_eq!(account.call("GET", "/1/data/s", "").status, 404);
    assert_eq!(counts(&account.write(json!([]))), (0, 0));
}

#[test]
fn type_conflict_needs_force() {
    let mut account = Account::with_store();
    account.write(json!([put("k", "1")]));
    let both = json!([put("other", "1"), set("k", &[("m", 1.0)])]).to_string();
    let error = account.refused(400, "PUT", "/1/data", &both);
    assert!(error.contains("force=true"), "{error}");
    assert_eq!(account.call("GET", "/1/data/other", "").status, 404);
    assert_eq!(
        account.call("PUT", "/1/data?force=false", &both).status,
        400
    );
    account.rules = ApiRules::default().conflict_status(ConflictStatus::Conflict);
    account.refused(409, "PUT", "/1/data", &both);
    account.refused(409, "POST", "", r#"{"name":"data"}"#);
    assert_eq!(account.call("PUT", "/1/data?force=true", &both).status, 200);
    assert_eq!(account.get("/1/data/k")["datatype"], "sorted_set");
    account.refused(400, "PUT", "/1/data?force=1", &both);
}

#[test]
fn invalid_change_is_refused_with_the_reason() {
    let account = Account::with_store();
    let kv = |payload: &str| {
        format!(r#"[{{"key":"k","datatype":"kv","op":"add","payload":{payload}}}]"#)
    };
    let change = |datatype: &str, op: &str, payload: &str| {
        format!(r#"[{{"key":"k","datatype":"{datatype}","op":"{op}","payload":{payload}}}]"#)
    };
    let long = "x".repeat(1_048_577);
    for (body, problem) in [
        ("{".to_owned(), "the body is not JSON"),
        ("{}".to_owned(), "the body is an object; send an array"),
        ("null".to_owned(), "the body is null; send an array"),
        ("[1]".to_owned(), "change 0: it is a number; send an object"),
        (r#"[{"key":""}]"#.to_owned(), "0 bytes; use 1 to 256"),
        (r#"[{"key":1}]"#.to_owned(), "`key` is a number"),
        (r#"[{"key":"k"}]"#.to_owned(), "`datatype` is missing"),
        (change("list", "add", "{}"), r#"`datatype` is "list""#),
        (change("kv", "set", "{}"), r#"`op` is "set""#),
        (
            r#"[{"key":"k","datatype":"kv","op":"add"}]"#.to_owned(),
            "`payload` is missing",
        ),
        (kv("null"), "`payload` is null; send an object"),
        (kv("[]"), "`payload` is an array; send an object"),
        (kv("{}"), "`value` is missing"),
        (kv(r#"{"\ud800":1}"#), "`payload` is not a valid object: "),
        (
            kv(r#"{"value":"x","expiry":"2030-12-31T23Z[UTC]"}"#),
            "a time of RFC 3339",
        ),
        (kv(r#"{"value":1}"#), "`value` is a number; send a string"),
        (kv(r#"{"value":"\ud800"}"#), "`value` is not a valid string"),
        (kv(r#"{"value":"?","encoding":"base64"}"#), "not base64"),
        (
            kv(r#"{"value":"x","encoding":"sha256"}"#),
            "for responses only",
        ),
        (
            kv(r#"{"value":"x","encoding":"hex"}"#),
            r#"`encoding` is "hex""#,
        ),
        (kv(r#"{"value":"x","encoding":null}"#), "`encoding` is null"),
        (kv(r#"{"value":"x","expiry":"soon"}"#), "a time of RFC 3339"),
        (
            kv(&format!(r#"{{"value":"{long}"}}"#)),
            "1048577 characters",
        ),
        (
            change("sorted_set", "add", r#"{"value":"m"}"#),
            "`payload` is an object",
        ),
        (
            change("sorted_set", "add", r#"[{"value":"m"}]"#),
            "`score` is missing",
        ),
        (
            change("sorted_set", "add", r#"[{"value":"m","score":"1"}]"#),
            "`score` is a string",
        ),
        (
            change("kv", "del_entries", r#"[{"value":"m"}]"#),
            "no entries that can be deleted",
        ),
        (
            change("bloom_filter", "del_entries", "[]"),
            "no entries that can be deleted",
        ),
        (change("kv", "del_key", "1"), "`payload` is a number"),
    ] {
        let error = account.refused(400, "PUT", "/1/data", &body);
        assert!(
            error.contains(problem),
            "{}: {error}",
            &body[..body.len().min(200)]
        );
    }
    assert_eq!(account.get("/1/data")["count"], 0);
}

#[test]
fn longest_values_and_keys_are_accepted() {
    let account = Account::with_store();
    let key = "k".repeat(256);
    // The limit is of characters, not of bytes.
    account.write(json!([put(&key, &"ü".repeat(1_048_576))]));
    let base64 = BASE64.encode(vec![0xff; 786_432]);
    let change = json!([{ "key": "k", "datatype": "kv", "op": "add",
        "payload": { "value": base64, "encoding": "base64" } }]);
    assert_eq!(account.write(change)["write_size"], 786_432);
    let hash = sha256(vec![0xff; 786_432]);
    assert_eq!(account.get("/1/data/k")["payload"]["value"], hash);
    let base64 = BASE64.encode(vec![0xff; 786_433]);
    let change = json!([{ "key": "k", "datatype": "kv", "op": "add",
        "payload": { "value": base64, "encoding": "base64" } }]);
    account.refused(400, "PUT", "/1/data", &change.to_string());
    let change = json!([put(&"k".repeat(257), "")]);
    account.refused(400, "PUT", "/1/data", &change.to_string());
}

#[test]
fn infinite_score_is_a_number_beyond_the_doubles() {
    let account = Account::with_store();
    let body = r#"[{"key":"s","datatype":"sorted_set","op":"add","payload":[
        {"value":"most","score":1e999},{"value":"least","score":-1e999},
        {"value":"ulp","score":1.0000000000000007},{"value":"tiny","score":5e-324}]}]"#;
    assert_eq!(account.call("PUT", "/1/data", body).status, 200);
    let reply = account.call("GET", "/1/data/s", "");
    let mut last = 0;
    for wanted in [
        r#""least","encoding":"plain","score":-1e999}"#,
        r#""tiny","encoding":"plain","score":5e-324}"#,
        r#""ulp","encoding":"plain","score":1.0000000000000007}"#,
        r#""most","encoding":"plain","score":1e999}"#,
    ] {
        let place = reply.text.find(wanted);
        assert!(
            place.is_some_and(|place| place > last),
            "{wanted}: {}",
            reply.text
        );
        last = place.unwrap();
    }
    assert_eq!(account.get("/1/data/s?min_score=1e999")["count"], 1);
    assert_eq!(account.get("/1/data/s?max_score=-1e999")["count"], 1);
}

#[test]
fn unknown_path_and_method_are_refused() {
    let account = Account::with_store();
    account.write(json!([put("a/b ü", "1")]));
    for path in [
        "/fastedge/v1/kv/",
        "/fastedge/v1/kvs",
        "/fastedge/v1/kv/1/",
        "/fastedge/v1/kv/1/else",
        "/fastedge/v1/kv/1/data/",
        "/fastedge/v1/kv/1/data/a/b%20%C3%BC",
        "/fastedge/v1/kv/7",
        "/fastedge/v1/kv/-7",
        "/fastedge/v1/kv/7/data",
        "/fastedge/v1/kv/1/data/missing",
        "/fastedge/v1/apps",
        "/",
    ] {
        let response = account.raw("GET", path, "");
        assert_eq!(response.status(), 404, "{path}");
        assert!(
            response.body().is_empty() && response.headers().is_empty(),
            "{path}"
        );
    }
    assert_eq!(account.get("/1/data/a%2Fb%20%C3%BC")["key"], "a/b ü");
    for (method, below, allowed) in [
        ("DELETE", "", "GET, POST"),
        ("PATCH", "/1", "GET, PUT, DELETE"),
        ("POST", "/1/data", "GET, PUT"),
        ("PUT", "/1/data/k", "GET"),
    ] {
        let error = account.refused(405, method, below, "{}");
        assert!(error.contains(allowed), "{error}");
        let response = account.raw(method, &format!("/fastedge/v1/kv{below}"), "");
        assert_eq!(response.headers()["allow"], allowed);
    }
    for path in ["/seven", "/+1", "/-"] {
        let error = account.refused(400, "GET", path, "");
        assert!(error.contains("not the number of a store"), "{error}");
    }
}

#[test]
fn unknown_parameter_is_refused_where_the_rules_say_so() {
    let account = Account::with_store();
    assert_eq!(account.get("/1/data?prefix=x")["count"], 0);
    let strict = ApiRules::default().unknown_parameters(UnknownParameters::Refuse);
    let account = account.rules(strict);
    let error = account.refused(400, "GET", "/1/data?prefix=x", "");
    assert!(
        error.contains("\"prefix\"") && error.contains("search"),
        "{error}"
    );
    for (method, below) in [
        ("GET", "?force=1"),
        ("GET", "/1?x"),
        ("PUT", "/1/data?search=x"),
    ] {
        account.refused(400, method, below, "[]");
    }
    assert_eq!(account.get("/1/data?search=x&limit=1")["count"], 0);
}

#[test]
fn invalid_store_is_refused_with_the_reason() {
    let account = Account::with_store();
    let byod = |byod: &str| format!(r#"{{"name":"own","byod":{byod}}}"#);
    for (body, problem) in [
        ("".to_owned(), "the body is not JSON"),
        ("[]".to_owned(), "the body is an array"),
        ("{}".to_owned(), "`name` is missing"),
        (r#"{"name":""}"#.to_owned(), "`name` is empty"),
        (
            r#"{"name":"x","comment":null}"#.to_owned(),
            "`comment` is null",
        ),
        (
            r#"{"name":"data"}"#.to_owned(),
            "a store named \"data\" already exists",
        ),
        (byod(r#""redis://h""#), "`byod` is a string"),
        (
            byod(r#"{"url":"redis://h"}"#),
            "in `byod`, `prefix` is missing",
        ),
        (byod(r#"{"prefix":""}"#), "in `byod`, `url` is missing"),
        (
            byod(r#"{"url":"h:6379","prefix":""}"#),
            "redis:// or rediss://",
        ),
        (
            byod(r#"{"url":"unix:///tmp/r","prefix":""}"#),
            "redis:// or rediss://",
        ),
        (
            byod(r#"{"url":"rediss://127.0.0.1","prefix":""}"#),
            "no TLS",
        ),
        (
            byod(r#"{"url":"redis://127.0.0.1:1","prefix":""}"#),
            "cannot reach the Redis",
        ),
    ] {
        let error = account.refused(400, "POST", "", &body);
        assert!(error.contains(problem), "{body}: {error}");
    }
    assert_eq!(account.get("")["count"], 1);
    let error = account.refused(
        400,
        "PUT",
        "/1",
        &byod(r#"{"url":"redis://h","prefix":""}"#),
    );
    assert!(error.contains("the store is hosted"), "{error}");
}

#[test]
fn store_of_ones_own_redis_is_connected_at_creation() {
    let Some(redis) = Redis::start() else { return };
    let account = Account::new();
    let own = |url: &str, prefix: &str| {
        json!({ "name": "own", "byod": { "url": url, "prefix": prefix } }).to_string()
    };
    let created = account.call("POST", "", &own(&redis.url(), "p:"));
    let mut wanted = json!({
        "id": 1, "name": "own", "app_count": 0, "size": 0,
        "byod": { "url": redis.url(), "prefix": "p:" },
    });
    assert_eq!((created.status, &created.json), (200, &wanted));
    let remove = json!({ "key": "s", "datatype": "sorted_set", "op": "del_entries",
        "payload": [{ "value": "a" }, { "value": "x" }] });
    let changes = json!([
        put("k", "1"),
        set("s", &[("a", 1.0), ("b", 2.0)]),
        filter("f", &["x"]),
        remove
    ]);
    let written = account.write(changes);
    assert_eq!(
        (&written["write_count"], &written["del_count"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(
        account.get("/1/data?search=k")["entries"][0]["payload"]["value"],
        "1"
    );
    // The items of its filters are not known.
    let filter = json!({ "key": "f", "datatype": "bloom_filter", "count": 1 });
    assert_eq!(account.get("/1/data/f"), filter);
    let masked = json!([{ "key": "k", "datatype": "kv", "op": "add",
        "payload": { "value": "1", "encoding": "masked" } }]);
    account.refused(400, "PUT", "/1/data", &masked.to_string());
    // The store keeps its kind, and another URL is connected, too.
    account.refused(400, "PUT", "/1", r#"{"name":"own"}"#);
    account.refused(400, "PUT", "/1", &own("redis://127.0.0.1:1", "p:"));
    assert_eq!(
        account.call("PUT", "/1", &own(&redis.url(), "q:")).status,
        200
    );
    wanted["byod"]["prefix"] = json!("q:");
    wanted.as_object_mut().unwrap().remove("id");
    assert_eq!(account.get("/1"), wanted);
    assert_eq!(account.get("/1/data")["count"], 0);
    drop(redis);
    let error = account.refused(503, "GET", "/1/data", "");
    assert!(error.contains("Redis"), "{error}");
}

/// An app reads values that the API has written, after the replication delay.
#[test]
fn write_through_the_api_reaches_the_app() {
    let toml = "[edge]\nreplication_ms = 300\nread_cache_ms = 0\n[stores.data]";
    let (_folder, server) = serve(toml);
    let body = json!([put("greeting", "hello")]);
    let (status, written) = server.api("PUT", "/1/data", &body.to_string());
    assert_eq!((status, &written["revision"]), (200, &json!(1)));
    server.wait_for("the greeting", |server| {
        server.get("/everything", "").contains(r#""get":"hello""#)
    });
    let (status, linked) = server.api("DELETE", "/1", "");
    assert_eq!((status, &linked["conflicting_ids"]), (409, &json!([1])));
}

#[test]
fn declared_sets_and_filters_are_returned_whole() {
    let toml = "[stores.data.sorted_sets]\ns = { members = { a = -inf, b = 2 } }\n\
                [stores.data.bloom_filters]\nf = { items = [\"x\", \"y\"] }";
    let (_folder, server) = serve(toml);
    let token = [("authorization", "apikey local")];
    let (_, set) = server.ask_admin("GET", "/fastedge/v1/kv/1/data/s", &token, "");
    assert!(
        set.contains(r#"{"value":"a","encoding":"plain","score":-1e999}"#),
        "{set}"
    );
    let (status, filter) = server.api("GET", "/1/data/f", "");
    assert_eq!(
        (status, texts(&filter["payload"], "value")),
        (200, vec!["x", "y"])
    );
    assert_eq!(filter["count"], 2);
}

#[test]
fn rules_are_read_from_the_configuration() {
    let toml = "[stores.data.values]\nk = \"v\"\n\
                [api]\nconflict_status = 409\nunknown_parameters = \"refuse\"\nlarge_values = \"clear\"";
    let (_folder, server) = serve(toml);
    assert_eq!(server.api("POST", "", r#"{"name":"data"}"#).0, 409);
    assert_eq!(server.api("GET", "/1/data?prefix=k", "").0, 400);
    let large = "x".repeat(2000);
    assert_eq!(
        server
            .api("PUT", "/1/data", &json!([put("k", &large)]).to_string())
            .0,
        200
    );
    assert_eq!(
        server.api("GET", "/1/data/k", "").1["payload"]["value"],
        large
    );
}

#[test]
fn request_without_the_token_is_refused() {
    let (_folder, server) = serve("[stores.data]\n[api]\ntoken = \"mine\"");
    let ask = |token: &str| {
        let headers = [("authorization", token)];
        server.ask_admin("GET", "/fastedge/v1/kv", &headers, "")
    };
    for (token, problem) in [
        ("", "the token is missing"),
        ("Bearer mine", "the token is missing"),
        ("apikey other", "not the one of this server"),
        ("apikey min", "not the one of this server"),
    ] {
        let (status, text) = ask(token);
        assert_eq!(status, 401, "{token}: {text}");
        assert!(
            text.starts_with("{\"error\":") && text.contains(problem),
            "{token}: {text}"
        );
    }
    assert_eq!(ask("APIKEY mine").0, 200);
}

/// The token that everybody knows is for programs on this machine, and a refused request does nothing.
#[test]
fn local_token_is_for_this_machine() {
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

#[test]
fn pair_that_has_expired_when_written_is_a_deletion() {
    let account = Account::with_store();
    let old = |key: &str, encoding: &str| {
        json!({ "key": key, "datatype": "kv", "op": "add", "payload": {
            "value": "x", "encoding": encoding, "expiry": "1999-12-31T23:59:59Z" } })
    };
    account.write(json!([put("k", "1"), put("other", "2")]));
    let written = account.write(json!([old("k", "plain"), old("new", "masked")]));
    assert_eq!(
        (&written["write_count"], &written["store_size"]),
        (&json!(2), &json!("other2".len()))
    );
    assert_eq!(account.get("/1")["size"], "other2".len());
    assert_eq!(account.call("GET", "/1/data/k", "").status, 404);
    // An expired pair has no type.
    account.write(json!([old("s", "plain"), set("s", &[("a", 1.0)])]));
    assert_eq!(account.get("/1/data/s")["datatype"], "sorted_set");
}

/// A store's description and the database behind it change together.
#[test]
fn concurrent_replacements_of_ones_own_redis_leave_one_of_them() {
    let Some(redis) = Redis::start() else { return };
    let account = Account::new();
    let own = |prefix: &str| {
        json!({ "name": "own", "byod": { "url": redis.url(), "prefix": prefix } }).to_string()
    };
    assert_eq!(account.call("POST", "", &own("p:")).status, 200);
    redis.run::<()>(&["MSET", "p:k", "p:", "q:k", "q:"]);
    for round in 0..100 {
        let replace = |prefixes: [&str; 2]| {
            for prefix in prefixes.repeat(5) {
                let response = account.raw("PUT", &format!("{PATH}/1"), &own(prefix));
                assert_eq!(response.status(), 200);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| replace(["p:", "q:"]));
            scope.spawn(|| replace(["q:", "p:"]));
            replace(["p:", "p:"]);
        });
        assert_eq!(
            account.get("/1")["byod"]["prefix"],
            account.get("/1/data/k")["payload"]["value"],
            "round {round}"
        );
    }
}

#[test]
fn list_of_ones_own_redis_is_selected_and_paged() {
    let Some(redis) = Redis::start() else { return };
    let account = Account::new();
    let body = json!({ "name": "own", "byod": { "url": redis.url(), "prefix": "p:" } });
    account.call("POST", "", &body.to_string());
    account.write(json!([
        put("a:1", "one"),
        filter("a:2", &["x"]),
        set("a:3", &[("low", 1.0), ("high", 9.0)]),
        set("a:4", &[("low", 1.0)]),
        put("b", "two"),
        { "key": "c", "datatype": "kv", "op": "add",
          "payload": { "value": "three", "expiry": "2100-01-01T00:00:00Z" } },
    ]));
    // Types and keys that the platform does not have.
    redis.run::<()>(&["RPUSH", "p:list", "x"]);
    redis.run::<()>(&[
        "MSET",
        "p:",
        "empty",
        &format!("p:{}", "k".repeat(257)),
        "long",
    ]);
    let longest = "k".repeat(256);
    redis.run::<()>(&["SET", &format!("p:{longest}"), "fits"]);
    let pair = |key: &str, value: &str| {
        let payload = json!({ "value": value, "encoding": "plain" });
        json!({ "key": key, "datatype": "kv", "payload": payload })
    };
    let mut expiring = pair("c", "three");
    expiring["payload"]["expiry"] = json!("2100-01-01T00:00:00Z");
    let all = json!([
        pair("a:1", "one"),
        { "key": "a:2", "datatype": "bloom_filter" },
        { "key": "a:3", "datatype": "sorted_set" },
        { "key": "a:4", "datatype": "sorted_set" },
        pair("b", "two"),
        expiring,
        pair(&longest, "fits"),
    ]);
    redis.run::<()>(&["CONFIG", "RESETSTAT"]);
    assert_eq!(
        account.get("/1/data"),
        json!({ "count": 7, "entries": all })
    );
    let keys = |query: &str| {
        let list = account.get(&format!("/1/data?{query}"));
        let keys = texts(&list["entries"], "key").join(" ");
        (list["count"].as_u64().unwrap(), keys)
    };
    assert_eq!(keys("limit=2&offset=3"), (7, "a:4 b".to_owned()));
    assert_eq!(keys("search=a:&min_score=2"), (3, "a:1 a:2 a:3".to_owned()));
    assert_eq!(
        keys("data_type=sorted_set&max_score=-1e999"),
        (0, String::new())
    );
    assert_eq!(keys("offset=7"), (7, String::new()));
    let calls = |command: &str| {
        let stats: String = redis.run(&["INFO", "commandstats"]);
        let line = stats.lines().find_map(|line| {
            let line = line.strip_prefix("cmdstat_")?.strip_prefix(command)?;
            line.strip_prefix(":calls=")
        });
        line.map_or(0, |line| {
            line.split(',').next().unwrap().parse::<u32>().unwrap()
        })
    };
    assert_eq!(
        calls("get"),
        4 + 1 + 1,
        "values of pairs outside the page were read"
    );
    assert_eq!((calls("zrange"), calls("zcount")), (0, 2 + 2));
}
