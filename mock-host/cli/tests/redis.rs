//! A real Redis behind stores and cache.
#![cfg(unix)]

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use common::redis::{Redis, free_port};
use common::server::{Server, folder_with};
use fastedge_host::{Cache, CacheError, KeyValueError, Store};
use fastedge_mock::redis::RedisStore;
use fastedge_mock_host::central::{Change, DataType, Database, ListQuery, WriteError};
use fastedge_mock_host::{BloomOptions, Edge, Settings};
use serde_json::json;

fn put(key: &str, value: &str) -> Change {
    Change::Put {
        key: key.to_owned(),
        value: value.into(),
        expires_at_ms: None,
    }
}

fn add(key: &str, members: &[(f64, &str)]) -> Change {
    Change::AddMembers {
        key: key.to_owned(),
        members: members
            .iter()
            .map(|(s, m)| (*s, m.as_bytes().to_vec()))
            .collect(),
    }
}

fn items(key: &str, items: &[&str]) -> Change {
    Change::AddItems {
        key: key.to_owned(),
        options: BloomOptions::default(),
        items: items.iter().map(|item| item.as_bytes().to_vec()).collect(),
    }
}

/// The simulated store and the one in Redis answer alike.
#[test]
fn a_store_in_redis_answers_as_the_simulated_one() {
    let Some(redis) = Redis::start() else { return };
    let edge = Edge::for_tests(&[], Settings::prompt());
    let changes = [
        put("title", "Home"),
        put("empty", ""),
        put("a[b]*", "glob"),
        add(
            "scores",
            &[
                (2.0, "bob"),
                (1.0, "cid"),
                (1.0, "ann"),
                (f64::INFINITY, "max"),
            ],
        ),
        items("blocked", &["x", "y"]),
    ];
    edge.fill("s", &changes).unwrap();
    let in_redis = redis.store("p[1]*:");
    in_redis.write(&changes, false).unwrap();
    // What is another store's is not seen.
    redis.run::<()>(&["SET", "other:title", "other"]);
    let session = edge.session();
    let simulated = session.kv_open("s").unwrap();
    for key in ["title", "empty", "missing", "scores", "blocked", "a[b]*"] {
        assert_eq!(in_redis.get(key), session.kv_get(&simulated, key), "{key}");
        for (min, max) in [
            (f64::NEG_INFINITY, f64::INFINITY),
            (1.0, 1.0),
            (1.5, 9.0),
            (2.0, 1.0),
            (f64::NAN, 1.0),
        ] {
            assert_eq!(
                in_redis.zrange_by_score(key, min, max),
                session.kv_zrange_by_score(&simulated, key, min, max),
                "{key} {min} {max}"
            );
        }
        let sorted = |scanned: Result<Vec<(Vec<u8>, f64)>, KeyValueError>| {
            scanned.map(|mut members| {
                members.sort_by(|a, b| a.0.cmp(&b.0));
                members
            })
        };
        assert_eq!(
            sorted(in_redis.zscan(key, "*")),
            sorted(session.kv_zscan(&simulated, key, "*")),
            "{key}"
        );
        for item in ["x", "z"] {
            assert_eq!(
                in_redis.bf_exists(key, item),
                session.kv_bf_exists(&simulated, key, item),
                "{key} {item}"
            );
        }
    }
    for pattern in ["*", "?itle", "t*", "[", "", "a\\[b\\]\\*", "nothing*"] {
        let set = |keys: Vec<String>| keys.into_iter().collect::<BTreeSet<_>>();
        assert_eq!(
            set(in_redis.scan(pattern).unwrap()),
            set(session.kv_scan(&simulated, pattern).unwrap()),
            "{pattern}"
        );
    }
}

#[test]
fn writes_to_a_store_in_redis_keep_to_their_types() {
    let Some(redis) = Redis::start() else { return };
    let store = redis.store("w:");
    let written = store
        .write(&[put("k", "v"), items("f", &["x"])], false)
        .unwrap();
    assert_eq!((written.write_count, written.del_count), (2, 0));
    let refused = store.write(&[add("k", &[(1.0, "m")])], false).unwrap_err();
    let holds = DataType::Plain;
    assert_eq!(
        refused,
        WriteError::OtherType {
            key: "k".into(),
            holds
        }
    );
    assert!(store.write(&[put("f", "v")], false).is_err());
    store.write(&[add("k", &[(1.0, "m")])], true).unwrap();
    assert_eq!(
        store.zrange_by_score("k", 0.0, 9.0).unwrap(),
        [(b"m".to_vec(), 1.0)]
    );
    let delete = |data_type| Change::Delete {
        key: "k".into(),
        data_type,
    };
    let written = store
        .write(&[delete(Some(DataType::Plain))], false)
        .unwrap();
    assert_eq!(written.del_count, 0);
    assert_eq!(store.write(&[delete(None)], false).unwrap().del_count, 1);
    assert_eq!(store.entry("k").unwrap().map(|entry| entry.count()), None);
    assert_eq!(
        store.entry("f").unwrap().map(|entry| entry.count()),
        Some(1)
    );
    assert_eq!(store.keys("").unwrap(), ["f"]);
    // The filter is where every host finds it.
    assert!(redis.store("w:").bf_exists("f", "x").unwrap());
    // One that somebody has broken is an error, and no answer.
    redis.run::<()>(&["SET", "fastedge:bloom:w:f", "garbage"]);
    assert_eq!(store.bf_exists("f", "x"), Err(KeyValueError::InternalError));
}

/// Before Redis 7 nobody says when a key expires, but how long it has left.
#[test]
fn an_older_redis_will_do() {
    let arguments = ["--rename-command", "PEXPIRETIME", ""];
    let Some(redis) = Redis::start_with(free_port(), &arguments) else {
        return;
    };
    let store = redis.store("old:");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let in_a_minute = now.unwrap().as_millis() as u64 + 60_000;
    let fleeting = Change::Put {
        key: "fleeting".to_owned(),
        value: "v".into(),
        expires_at_ms: Some(in_a_minute),
    };
    store.write(&[put("k", "v"), fleeting], false).unwrap();
    let expiry = |key: &str| store.entry(key).unwrap().unwrap().expires_at_ms();
    assert_eq!(expiry("k"), None);
    assert!(expiry("fleeting").unwrap().abs_diff(in_a_minute) < 10_000);
    let query = ListQuery {
        prefix: "",
        data_types: &[DataType::Plain],
        scores: None,
        offset: 0,
        limit: 10,
    };
    let page = store.list(&query).unwrap();
    let listed = page.entries.iter();
    let listed: Vec<_> = listed
        .map(|entry| entry.pair.as_ref().unwrap().expires_at_ms())
        .collect();
    assert!(matches!(listed[..], [Some(_), None]), "{listed:?}");
    assert!(listed[0].unwrap().abs_diff(in_a_minute) < 10_000);
}

/// A user who may touch a store's keys, and no others.
#[test]
fn a_store_needs_no_keys_but_its_own() {
    let Some(redis) = Redis::start() else { return };
    let rules = ["ACL", "SETUSER", "ann", "on", ">pw", "~ours:*", "+@all"];
    redis.run::<()>(&rules);
    let url = redis.url().replace("redis://", "redis://ann:pw@");
    let store = RedisStore::at(&url, "ours:").unwrap();
    assert_eq!(store.get("missing"), Ok(None));
    assert_eq!(store.zrange_by_score("missing", 0.0, 1.0), Ok(Vec::new()));
    assert_eq!(store.zscan("missing", "*"), Ok(Vec::new()));
    assert_eq!(store.bf_exists("missing", "x"), Ok(false));
    store
        .write(&[put("k", "v"), add("set", &[(1.0, "m")])], false)
        .unwrap();
    assert_eq!(store.get("k"), Ok(Some(b"v".to_vec())));
    let delete = Change::Delete {
        key: "k".to_owned(),
        data_type: None,
    };
    assert_eq!(store.write(&[delete], false).unwrap().del_count, 1);
    assert_eq!(store.get("k"), Ok(None));
    // Without the Bloom module a filter is a key beside the store's.
    let refused = store.write(&[items("f", &["x"])], false).unwrap_err();
    assert!(matches!(refused, WriteError::Unavailable(_)), "{refused}");
}

/// A Redis with the Bloom module, as far as it is asked here: its filters are there, and do not say what is in them.
fn redis_with_a_filter() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            std::thread::spawn(move || {
                while let Some(command) = read_command(&mut stream) {
                    let answer = match command[0].as_str() {
                        "TYPE" => "+MBbloom--\r\n",
                        "BF.CARD" => ":3\r\n",
                        "BF.EXISTS" => ":1\r\n",
                        "GET" => "$-1\r\n",
                        _ => "+OK\r\n",
                    };
                    stream.get_mut().write_all(answer.as_bytes()).unwrap();
                }
            });
        }
    });
    format!("redis://{address}/")
}

/// An array of texts, in Redis's protocol.
fn read_command(stream: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let mut line = || {
        let mut line = String::new();
        let read = stream.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let parts: usize = line()?.strip_prefix('*')?.parse().ok()?;
    let texts = (0..parts).map(|_| {
        let _length = line()?;
        line()
    });
    texts.collect()
}

#[test]
fn a_filter_of_the_bloom_module_is_an_entry_without_its_bits() {
    let store = RedisStore::at(&redis_with_a_filter(), "s:").unwrap();
    let entry = store.entry("filter").unwrap().unwrap();
    assert_eq!(
        (entry.data_type(), entry.count()),
        (DataType::BloomFilter, 3)
    );
    assert_eq!(entry.filter_bytes(), None);
    assert_eq!(store.bf_exists("filter", "x"), Ok(true));
}

#[test]
fn a_cache_in_redis_answers_as_the_simulated_one() {
    let Some(redis) = Redis::start() else { return };
    let cache = redis.cache("c:");
    assert_eq!(cache.get("k"), Ok(None));
    cache.set("k", b"v", None).unwrap();
    assert_eq!(cache.get("k"), Ok(Some(b"v".to_vec())));
    let ttl: i64 = redis.run(&["PTTL", "c:k"]);
    assert!((345_000_000..=345_600_000).contains(&ttl), "{ttl}");
    cache.set("k", b"v", Some(u64::MAX)).unwrap();
    assert!(redis.run::<i64>(&["PTTL", "c:k"]) <= 345_600_000);
    cache.set("gone", b"v", Some(0)).unwrap();
    assert_eq!(cache.exists("gone"), Ok(false));

    assert_eq!((cache.incr("n", 5), cache.incr("n", -7)), (Ok(5), Ok(-2)));
    assert_eq!(redis.run::<i64>(&["PTTL", "c:n"]), -1);
    let not_an_integer = CacheError::Other("value is not an integer".to_owned());
    assert_eq!(cache.incr("k", 1), Err(not_an_integer));
    cache
        .set("n", i64::MAX.to_string().as_bytes(), None)
        .unwrap();
    let overflow = CacheError::Other("increment or decrement would overflow".to_owned());
    assert_eq!(cache.incr("n", 1), Err(overflow));

    assert_eq!(
        (cache.expire("k", 60_000), cache.expire("missing", 1)),
        (Ok(true), Ok(false))
    );
    assert!(redis.run::<i64>(&["PTTL", "c:k"]) <= 60_000);
    assert_eq!(cache.expire("k", 0), Ok(true));
    assert_eq!(cache.exists("k"), Ok(false));

    // A counter is not indexed; what `set` has made is; another cache's is not touched.
    for key in ["a:1", "a:2", "b:1", "a*"] {
        cache.set(key, b"", None).unwrap();
    }
    cache.incr("a:counter", 1).unwrap();
    redis.cache("other:").set("a:1", b"", None).unwrap();
    assert_eq!(cache.purge_prefix("a:"), Ok(2));
    assert_eq!(cache.exists("a:counter"), Ok(true));
    assert_eq!(cache.purge_prefix("a*"), Ok(1));
    assert_eq!(cache.purge(), Ok(3));
    assert_eq!(redis.cache("other:").exists("a:1"), Ok(true));
    assert_eq!(cache.delete("missing"), Ok(()));
}

/// An `incr` whose answer is lost is not repeated; what is safe to repeat is, when Redis was started
/// anew.
#[test]
fn connections_are_used_again_and_replaced_when_they_break() {
    let Some(redis) = Redis::start() else { return };
    let (store, cache) = (redis.store(""), redis.cache("c:"));
    store.write(&[put("k", "v")], false).unwrap();
    for _ in 0..100 {
        store.get("k").unwrap();
    }
    let info: String = redis.run(&["INFO", "stats"]);
    let received = info
        .lines()
        .find_map(|line| line.strip_prefix("total_connections_received:"));
    let received: u32 = received.unwrap().trim().parse().unwrap();
    assert!(received < 12, "{received} connections");
    cache.incr("n", 1).unwrap();

    // Slower than 100 ms is an error, and the late answer is nobody's.
    let sleeping = redis.connect().unwrap();
    let sleeper = std::thread::spawn(move || {
        let mut sleeping = sleeping;
        redis::cmd("DEBUG")
            .arg("SLEEP")
            .arg("0.5")
            .query::<()>(&mut sleeping)
            .unwrap();
    });
    std::thread::sleep(Duration::from_millis(100));
    let began = Instant::now();
    assert_eq!(store.get("k"), Err(KeyValueError::InternalError));
    assert_eq!(cache.incr("n", 1), Err(CacheError::InternalError));
    println!(
        "two calls of a Redis that sleeps took {:?}",
        began.elapsed()
    );
    sleeper.join().unwrap();
    assert_eq!(store.get("missing"), Ok(None));
    assert_eq!(store.get("k"), Ok(Some(b"v".to_vec())));

    let port = redis.port;
    drop(redis);
    assert_eq!(store.get("k"), Err(KeyValueError::InternalError));
    let redis = Redis::start_on(port).unwrap();
    redis.run::<()>(&["SET", "k", "again"]);
    assert_eq!(store.get("k"), Ok(Some(b"again".to_vec())));
    assert_eq!(cache.incr("n", 1), Ok(1));
}

/// Two servers that name one Redis share one state, the API's writes too.
#[test]
fn local_hosts_share_one_state() {
    let Some(redis) = Redis::start() else { return };
    let url = redis.url();
    let toml = format!(
        "[stores.data]\nredis = \"{url}\"\nprefix = \"data:\"\n[cache]\nredis = \"{url}\"\nprefix = \"cache:\""
    );
    let first = folder_with("probe", &toml);
    let second = folder_with("probe", &toml);
    let one = Server::start(first.path(), &["app.wasm", "--port", "0"]);
    let other = Server::start(second.path(), &["app.wasm", "--port", "0"]);
    redis.run::<()>(&["SET", "data:greeting", "hello"]);
    for (server, visits) in [(&one, 1), (&other, 2), (&one, 3)] {
        let answer = server.get("/everything", "");
        assert!(answer.contains(r#""get":"hello""#), "{answer}");
        assert!(answer.contains(&format!(r#""incr":{visits}"#)), "{answer}");
    }
    let byod = json!({ "name": "ours", "byod": { "url": url, "prefix": "data:" } });
    assert_eq!(one.api("POST", "", &byod.to_string()).0, 200);
    let change = json!([{ "key": "greeting", "datatype": "kv", "op": "add",
                          "payload": { "value": "from the API" } }]);
    assert_eq!(one.api("PUT", "/1/data", &change.to_string()).0, 200);
    assert!(
        other
            .get("/everything", "")
            .contains(r#""get":"from the API""#)
    );
    assert_eq!(
        one.api("GET", "/1/data/greeting", "").1["payload"]["value"],
        "from the API"
    );
    // A Redis that is down fails calls, and not the server.
    drop(redis);
    let answer = one.get("/everything", "");
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    assert!(one.get("/body?3", "").ends_with("xxx"));
}
