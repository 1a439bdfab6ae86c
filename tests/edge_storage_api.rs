//! The management API's client: requests and responses of the shapes that the platform documents.
//!
//! The responses in `data/edge_storage_api.json` are written by hand after the published contract, and
//! a test of the local server checks them against the OpenAPI document.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use fastedge::edge_storage_api::{
    Api, Byod, Call, DataType, Entry, EntryQuery, Error, ErrorKind, Page, StoreSettings, Stored,
    StoredValue, Token, TokenError, ValueQuery,
};
use fastedge::http::{Body, Response};
use fastedge_mock_host::{Answer, Fault, HttpError, MockHost, Operation};
use serde_json::Value;

fn api() -> Api {
    Api::new(Token::new("t0ken").unwrap())
}

fn recorded(name: &str) -> Value {
    let pairs: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("data/edge_storage_api.json")).unwrap();
    pairs[name].clone()
}

/// Checks the call's request against the fixture's, and reads the fixture's response.
fn exchange<A>(name: &str, call: Result<Call<A>, Error>) -> Result<A, Error> {
    let call = call.unwrap();
    let pair = recorded(name);
    let request = call.request();
    assert_eq!(request.method().as_str(), pair["request"]["method"]);
    assert_eq!(request.uri().to_string(), pair["request"]["uri"]);
    assert_eq!(request.headers()["authorization"], "apikey t0ken");
    assert_eq!(request.headers()["accept"], "application/json");
    match pair["request"].get("body") {
        Some(body) => {
            assert_eq!(request.headers()["content-type"], "application/json");
            assert_eq!(&request.body().read_json::<Value>().unwrap(), body);
        }
        None => assert!(request.body().is_empty()),
    }
    let recorded = &pair["response"];
    let body = match (recorded.get("body"), recorded["text"].as_str()) {
        (Some(body), _) => Body::json(body).unwrap(),
        (None, Some(text)) => Body::from(text),
        (None, None) => Body::empty(),
    };
    let mut response = Response::builder().status(recorded["status"].as_u64().unwrap() as u16);
    if let Some(seconds) = recorded["retry_after"].as_str() {
        response = response.header("retry-after", seconds);
    }
    call.parse(&response.body(body).unwrap())
}

#[test]
fn stores_are_listed_created_read_replaced_and_deleted() {
    let page = Page::first(2).after(4);
    let list = exchange("list_stores", api().list_stores(Some(12), page)).unwrap();
    assert_eq!((list.count, list.stores.len()), (6, 2));
    assert_eq!(list.stores[0].comment.as_deref(), Some("for the shop"));
    assert_eq!((list.stores[1].id, list.stores[1].size), (9, 0));

    let settings = StoreSettings::new("prices")
        .comment("nightly")
        .byod(Byod::new("redis://redis.example.com:6379", "prices:"));
    let store = exchange("create_store", api().create_store(&settings)).unwrap();
    assert_eq!((store.id, store.revision), (11, None));
    assert_eq!(store.byod.unwrap().prefix, "prices:");

    // The response has no number, so the number of the request is used.
    let store = exchange("get_store", api().get_store(11)).unwrap();
    assert_eq!((store.id, store.size, store.byod), (11, 77, None));
    assert_eq!(store.updated_at.as_deref(), Some("2026-01-02T03:04:05Z"));
    let store = exchange("get_store_of_the_customer", api().get_store(12)).unwrap();
    assert_eq!((store.id, store.revision, store.app_count), (12, None, 0));
    let settings = StoreSettings::new("prices");
    let store = exchange("replace_store", api().replace_store(11, &settings)).unwrap();
    assert_eq!((store.id, store.revision), (11, Some(6)));
    exchange("delete_store", api().delete_store(11)).unwrap();
    let error = exchange("delete_linked_store", api().delete_store(7)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "DELETE /fastedge/v1/kv/7: 409 Conflict: store is in use (conflicting ids: 12, 31)"
    );
}

fn bytes(text: &str) -> StoredValue {
    StoredValue::Bytes(text.as_bytes().to_vec().into())
}

#[test]
fn page_with_hashed_and_omitted_contents_is_read_and_other_keys_are_dropped() {
    let query = EntryQuery::new()
        .data_type(DataType::Plain)
        .data_type(DataType::SortedSet)
        .prefix("a b/")
        .min_score(1.5)
        .max_score(10.0)
        .page(Page::first(50));
    let list = exchange("list_entries", api().list_entries(11, &query)).unwrap();
    assert_eq!((list.count, list.returned, list.entries.len()), (7, 7, 6));
    let stored: Vec<&Stored> = list.entries.iter().map(|entry| &entry.stored).collect();
    assert_eq!(
        *stored[0],
        Stored::Plain {
            value: bytes("Home"),
            expiry: Some("2027-01-15T08:00:00Z".to_owned()),
        }
    );
    assert!(matches!(stored[1], Stored::Plain { value, .. } if value.is(&[0xff, 0])));
    assert!(matches!(stored[2], Stored::Plain { value, .. } if value.is(b"no encoding")));
    let Stored::Plain { value, .. } = stored[3] else {
        panic!("{stored:?}");
    };
    assert!(value.is(b"hello") && !value.is(b"hullo") && value.bytes().is_none());
    assert_eq!(*stored[4], Stored::Omitted(DataType::Plain));
    assert_eq!(*stored[5], Stored::Omitted(DataType::SortedSet));
    let problems: Vec<String> = list
        .entries
        .iter()
        .filter_map(|entry| entry.check_readable().err())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(problems.len(), 3);
    assert_eq!(
        problems[0],
        "cannot read back key `a b/page`: the API returns only the SHA-256 of values that are \
         masked or have more than 1024 bytes"
    );
}

#[test]
fn keys_of_all_types_are_read_in_pages() {
    let entry = exchange("get_entry", api().get_entry(11, "a/b ü?")).unwrap();
    assert_eq!((entry.key.as_str(), entry.count), ("a/b ü?", Some(3)));
    let raw = StoredValue::Bytes(vec![0xff].into());
    // A score of zero may be left out.
    let members = vec![(bytes("ann"), 10.0), (raw, -0.5), (bytes("zero"), 0.0)];
    assert_eq!(entry.stored, Stored::SortedSet(members));
    assert!(entry.check_readable().is_ok());

    let query = ValueQuery::new()
        .search("x")
        .hash("ab")
        .min_score(0.0)
        .max_score(1.0)
        .page(Page::first(2).after(4));
    let call = api().get_entry_page(11, "blocked", &query);
    let entry = exchange("get_filter", call).unwrap();
    let items = Stored::BloomFilter(vec![bytes("x1"), bytes("x2")]);
    assert_eq!((&entry.stored, entry.count), (&items, Some(6)));
    let error = entry.check_readable().unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read back key `blocked`: 2 of its 6 values were returned"
    );
    let entry = exchange("get_pair", api().get_entry(11, "title")).unwrap();
    assert!(matches!(entry.stored, Stored::Plain { value, .. } if value.is(b"Home")));

    let error = exchange("get_missing", api().get_entry(11, "missing")).unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(
        error.to_string(),
        "GET /fastedge/v1/kv/11/data/missing: 404 Not Found"
    );
}

/// One entry that cannot be read does not make the others of its page unreadable.
#[test]
fn unreadable_entry_does_not_lose_its_page() {
    let call = api().list_entries(1, &EntryQuery::new()).unwrap();
    for (unreadable, reason) in [
        (
            r#"{"key":"x","datatype":"stream","payload":{"any":1}}"#,
            "does not know the data type",
        ),
        (
            r#"{"key":"x","datatype":"kv","payload":[]}"#,
            "not the expected payload",
        ),
        (
            r#"{"key":"x","datatype":"kv","payload":{}}"#,
            "missing field `value`",
        ),
        (
            r#"{"key":"x","datatype":"kv","payload":{"value":"?","encoding":"base64"}}"#,
            "not base64",
        ),
        (
            r#"{"key":"x","datatype":"kv","payload":{"value":"v","encoding":"rot13"}}"#,
            "the unknown encoding `rot13`",
        ),
        (
            r#"{"key":"x","datatype":"kv","payload":{"value":"00","encoding":"sha256"}}"#,
            "not 64 hexadecimal digits",
        ),
        (
            r#"{"key":"x","datatype":"sorted_set","payload":[{"value":"m","score":"many"}]}"#,
            "a score is not a number",
        ),
        // An encoder without infinite numbers may write `null`.
        (
            r#"{"key":"x","datatype":"sorted_set","payload":[{"value":"m","score":null}]}"#,
            "a score is not a number",
        ),
        (r#"{"key":"x"}"#, "not the JSON of an entry"),
        (
            r#"{"key":"x","datatype":"kv","count":-1}"#,
            "not the JSON of an entry",
        ),
        (r#"{"datatype":"kv","key":7}"#, "not the JSON of an entry"),
        ("[1e999]", "not the JSON of an entry"),
    ] {
        let good = r#"{"key":"good","datatype":"kv","payload":{"value":"v"}}"#;
        let body = format!(r#"{{"count":3,"entries":[{good},{unreadable},{good}]}}"#);
        let list = call.parse(&Response::new(body)).unwrap();
        assert_eq!(list.entries.len(), 3, "{unreadable}");
        for good in [&list.entries[0], &list.entries[2]] {
            assert!(good.check_readable().is_ok(), "{unreadable}");
        }
        let error = list.entries[1].check_readable().unwrap_err().to_string();
        assert!(error.contains(reason), "{unreadable}: {error}");
    }
}

#[test]
fn infinite_scores_are_read_and_written() {
    let call = api().get_entry(1, "k").unwrap();
    for (json, score) in [
        ("1e999", f64::INFINITY),
        ("-1e999", f64::NEG_INFINITY),
        (r#""inf""#, f64::INFINITY),
        (r#""-Infinity""#, f64::NEG_INFINITY),
        ("1.0000000000000007", 1.000_000_000_000_000_7),
    ] {
        let body = format!(
            r#"{{"key":"k","datatype":"sorted_set","count":1,"payload":[{{"value":"m","score":{json}}}]}}"#
        );
        let entry = call.parse(&Response::new(body)).unwrap();
        assert_eq!(
            entry.stored,
            Stored::SortedSet(vec![(bytes("m"), score)]),
            "{json}"
        );
    }
    let members = [(f64::INFINITY, "most"), (f64::NEG_INFINITY, "least")];
    let entry = Entry::sorted_set("k", members).unwrap();
    let call = api().write(1, &[entry]).unwrap();
    let body = String::from_utf8(call.request().body().as_bytes().to_vec()).unwrap();
    assert!(body.contains(r#""score":1e999}"#), "{body}");
    assert!(body.contains(r#""score":-1e999}"#), "{body}");
}

#[test]
fn every_change_is_written() {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let entries = [
        Entry::plain("title", "Home \"1\"").unwrap(),
        Entry::plain("secret", "s3cr3t").unwrap().masked().unwrap(),
        Entry::plain("raw", [0xff, 0])
            .unwrap()
            .expiring_at(moment)
            .unwrap(),
        Entry::sorted_set("scores", [(10.0, "ann"), (-0.5, "bob")]).unwrap(),
        Entry::remove_members("scores", ["cid"]).unwrap(),
        Entry::bloom_filter("blocked", ["203.0.113.7"]).unwrap(),
        Entry::delete("old", DataType::Plain).unwrap(),
    ];
    let summary = exchange("write", api().write(11, &entries)).unwrap();
    assert_eq!((summary.write_count, summary.write_size), (7, 50));
    assert_eq!((summary.del_count, summary.store_size), (2, 121));
    assert_eq!(summary.revision, 12);
}

#[test]
fn a_refusal_carries_status_message_and_the_time_to_wait() {
    let entry = Entry::plain("scores", "").unwrap();
    let error = exchange("force_write", api().force_write(11, &[entry])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "PUT /fastedge/v1/kv/11/data: 503 Service Unavailable: the store is being replaced"
    );
    let ErrorKind::Refused { retry_after, .. } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(*retry_after, Some(Duration::from_secs(7)));
    assert!(error.may_have_happened());

    let entry = Entry::plain("k", "v").unwrap();
    let error = exchange("write_behind_a_gateway", api().write(11, &[entry])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "PUT /fastedge/v1/kv/11/data: 504 Gateway Timeout: upstream request timeout"
    );
}

#[test]
fn whatever_a_server_says_becomes_an_error_of_one_line() {
    let call = api().get_store(1).unwrap();
    let parse = |status: u16, body: &str| {
        let response = Response::builder().status(status).body(body).unwrap();
        call.parse(&response).unwrap_err().to_string()
    };
    let start = "GET /fastedge/v1/kv/1: 400 Bad Request";
    for (body, message) in [
        (r#"{"error": "no such store"}"#, ": no such store"),
        (r#"{"message": "no such store"}"#, ": no such store"),
        (r#"{"detail": {"message": "deep"}}"#, ": deep"),
        (r#"{"errors": [{"message": "a"}, "b"]}"#, ": a; b"),
        (r#"{"code": 4}"#, r#": {"code": 4}"#),
        ("<h1>Bad\r\nGateway</h1>", ": <h1>Bad  Gateway</h1>"),
        ("", ""),
    ] {
        assert_eq!(parse(400, body), format!("{start}{message}"));
    }
    // A server that echoes the token does not get it into a log.
    assert_eq!(
        parse(400, "apikey t0ken is bad"),
        format!("{start}: apikey … is bad")
    );
    assert!(parse(400, &"x".repeat(10_000)).len() < 600);
    // Not even a part of it, where the text is cut.
    for padding in 470..500 {
        let echo = format!("{}apikey t0ken", "x".repeat(padding));
        assert!(!parse(400, &echo).contains("t0"), "{padding}");
    }

    for body in ["", "<html>", "[]", "null", r#"{"id": "seven"}"#] {
        let error = parse(200, body);
        assert!(
            error.contains("cannot be read: not the expected JSON"),
            "{error}"
        );
    }
}

#[test]
fn garbled_answers_are_errors() {
    let body = recorded("list_entries")["response"]["body"].to_string();
    let call = api().list_entries(1, &EntryQuery::new()).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut read = 0;
    for _ in 0..20_000 {
        let mut bytes = body.clone().into_bytes();
        for _ in 0..random.usize(1..4) {
            let Some(last) = bytes.len().checked_sub(1) else {
                break;
            };
            let at = random.usize(..=last);
            match random.u8(0..3) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at + 1),
            }
        }
        read += usize::from(call.parse(&Response::new(bytes)).is_ok());
    }
    assert!(read > 0 && read < 20_000, "{read}");
}

#[test]
fn the_token_is_never_printed() {
    assert_eq!(Token::new("a\nb").unwrap_err(), TokenError::Malformed);
    assert_eq!(Token::new("  ").unwrap_err(), TokenError::Malformed);
    assert_eq!(Token::new("tök€n").unwrap_err(), TokenError::Malformed);
    assert_eq!(Token::new("two words").unwrap_err(), TokenError::Malformed);
    let token = Token::new(" t0ken\n").unwrap();
    let api = Api::new(token.clone());
    let call = api.write(1, &[Entry::plain("k", "v").unwrap()]).unwrap();
    for text in [
        format!("{token:?}"),
        format!("{api:#?}"),
        format!("{call:#?}"),
        format!("{:#?}", call.request()),
    ] {
        assert!(!text.contains("t0ken"), "{text}");
    }
    assert_eq!(call.request().headers()["authorization"], "apikey t0ken");

    let edge = MockHost::new();
    let error = edge.run(|| Token::from_secret("API_TOKEN").unwrap_err());
    assert_eq!(
        error.to_string(),
        "secret `API_TOKEN`, which holds the API token, is not set: set it, and link it to the app"
    );
    let edge = MockHost::new().fault(Fault::on(Operation::SecretGet));
    let error = edge.run(|| Token::from_secret("API_TOKEN").unwrap_err());
    assert!(matches!(error, TokenError::Secret(_)), "{error}");
}

#[test]
fn what_cannot_be_written_or_named_is_refused_before_it_is_sent() {
    for key in ["", ".", ".."] {
        let error = api().get_entry(1, key).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Key { .. }), "{error}");
    }
    let too_long = [
        vec![0xff; 786_433],
        "x".repeat(1_048_577).into_bytes(),
        "ü".repeat(1_048_577).into_bytes(),
        // U+0000 is sent as base64.
        vec![0; 786_433],
    ];
    for value in too_long {
        let bytes = value.len();
        let error = Entry::plain("k", value.clone()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "a value of {bytes} bytes for key `k`: the platform takes at most 1048576 \
                 characters of text, or 786432 bytes of other data"
            )
        );
        assert!(Entry::sorted_set("k", [(1.0, value.clone())]).is_err());
        assert!(Entry::bloom_filter_items("k", [value]).is_err());
    }
    let longest = [
        vec![0xff; 786_432],
        vec![0; 786_432],
        "x".repeat(1_048_576).into_bytes(),
        "😀".repeat(1_048_576).into_bytes(),
        // Other control characters fit as they are.
        "\u{1b}".repeat(1_048_576).into_bytes(),
    ];
    for value in longest {
        let call = api()
            .write(1, &[Entry::plain("k", value.clone()).unwrap()])
            .unwrap();
        let json: Value = call.request().body().read_json().unwrap();
        let sent = json[0]["payload"]["value"].as_str().unwrap();
        assert!(sent.chars().count() <= 1_048_576);
    }
    assert!(Entry::plain("ü".repeat(128), "").is_ok());
    let error = Entry::delete("ü".repeat(129), DataType::Plain).unwrap_err();
    assert!(
        error.to_string().starts_with("a key of 258 bytes"),
        "{error}"
    );
    assert!(Entry::sorted_set("k", [(f64::NAN, "m")]).is_err());
    for entry in [
        Entry::plain("k", [0xff]),
        Entry::delete("k", DataType::Plain),
        Entry::remove_members("k", ["m"]),
    ] {
        assert!(entry.unwrap().masked().is_err());
    }
    let set = Entry::sorted_set("k", [(1.0, "m")]).unwrap();
    assert!(set.expiring_at(SystemTime::UNIX_EPOCH).is_err());
    let plain = Entry::plain("k", "v").unwrap();
    let long_ago = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(plain.expiring_at(long_ago).is_err());

    for base in [
        "",
        "api.gcore.com",
        "ftp://x",
        "https://",
        "https://x/?a=b",
        "/kv",
    ] {
        let error = api().at(base).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Url { .. }),
            "{base}: {error}"
        );
    }
    let local = api().at("http://127.0.0.1:8080/api/").unwrap();
    assert_eq!(
        local.get_store(1).unwrap().request().uri(),
        "http://127.0.0.1:8080/api/fastedge/v1/kv/1"
    );
}

#[test]
fn an_app_sends_calls_with_its_outbound_requests() {
    let url = "https://api.gcore.com/fastedge/v1/kv/1";
    let edge = MockHost::new().answer(url, Answer::text(r#"{"id": 1, "name": "config"}"#));
    let store = edge.run(|| api().get_store(1).unwrap().send().unwrap());
    assert_eq!(store.name, "config");
    assert_eq!(edge.calls().requests_sent(), 1);

    let error = edge.run(|| api().get_store(2).unwrap().send().unwrap_err());
    assert!(error.may_have_happened());
    let refusing = MockHost::new().answer_with(|_| Err(HttpError::TooManyRequests));
    let error = refusing.run(|| api().get_store(2).unwrap().send().unwrap_err());
    assert!(!error.may_have_happened(), "{error}");
    let error = api().get_store(1).unwrap().send().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoHostInstalled(_)));
}

#[test]
fn a_url_that_is_refused_is_told_without_its_password() {
    let api = || Api::new(Token::new("t0ken").unwrap());
    for url in [
        "https://ann:hunter2@api.example",
        "ann:hunter2@api.example",
        "https://api.example/?key=hunter2",
    ] {
        let error = api().at(url).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(error.contains("api.example"), "{error}");
    }
}
