//! The API for Edge Storage: requests and answers of the shapes that the platform documents.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use fastedge::edge_storage_api::{
    Api, Byod, Call, DataType, Entry, EntryQuery, Error, ErrorKind, Page, StoreSettings, Stored,
    Token, TokenError,
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

/// The call's request is the recorded one; its answer is read as the recorded one is.
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
    let body = match pair["answer"].get("body") {
        Some(body) => Body::json(body).unwrap(),
        None => Body::empty(),
    };
    let mut answer = Response::builder().status(pair["answer"]["status"].as_u64().unwrap() as u16);
    if let Some(seconds) = pair["answer"]["retry_after"].as_str() {
        answer = answer.header("retry-after", seconds);
    }
    call.parse(&answer.body(body).unwrap())
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
    assert_eq!((store.id, store.revision), (11, Some(1)));
    assert_eq!(store.byod.unwrap().prefix, "prices:");
    assert_eq!(store.updated_at.as_deref(), Some("2026-01-02T03:04:05Z"));

    let store = exchange("get_store", api().get_store(11)).unwrap();
    assert_eq!((store.size, store.byod), (77, None));
    let settings = StoreSettings::new("prices");
    let store = exchange("replace_store", api().replace_store(11, &settings)).unwrap();
    assert_eq!(store.revision, Some(6));
    exchange("delete_store", api().delete_store(11)).unwrap();
}

#[test]
fn entries_of_all_types_are_read() {
    let query = EntryQuery::new()
        .data_type(DataType::SortedSet)
        .prefix("a b/")
        .min_score(1.5)
        .max_score(10.0)
        .page(Page::first(50));
    let list = exchange("list_entries", api().list_entries(11, &query)).unwrap();
    assert_eq!(list.count, 4);
    let stored: Vec<&Stored> = list.entries.iter().map(|entry| &entry.stored).collect();
    assert_eq!(
        *stored[0],
        Stored::Plain {
            value: b"Home".to_vec().into(),
            expiry: Some("2027-01-15T08:00:00Z".to_owned()),
        }
    );
    assert!(matches!(stored[1], Stored::Plain { value, .. } if value.as_bytes() == [0xff, 0]));
    assert_eq!(
        *stored[2],
        Stored::SortedSet(vec![
            (b"ann".to_vec().into(), 10.0),
            (vec![0xff].into(), -0.5)
        ])
    );
    assert_eq!(*stored[3], Stored::BloomFilter(Vec::new()));
    assert!(matches!(stored[4], Stored::Other { datatype, .. } if datatype == "stream"));

    let entry = exchange("get_entry", api().get_entry(11, "a/b ü?")).unwrap();
    assert_eq!((entry.key.as_str(), entry.count), ("a/b ü?", Some(1)));
}

#[test]
fn every_change_is_written() {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let entries = [
        Entry::plain("title", "Home \"1\"").unwrap(),
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
    assert_eq!((summary.write_count, summary.write_size), (5, 44));
    assert_eq!((summary.del_count, summary.store_size), (1, 121));
    assert_eq!(summary.revision, 12);
}

#[test]
fn a_refusal_carries_status_message_and_the_time_to_wait() {
    let entry = Entry::plain("scores", "").unwrap();
    let error = exchange("force_write", api().force_write(11, &[entry])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "PUT /fastedge/v1/kv/11/data: 409 Conflict: the store is being replaced"
    );
    let ErrorKind::Refused { retry_after, .. } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(*retry_after, Some(Duration::from_secs(7)));
    assert!(!error.may_have_happened());
}

#[test]
fn whatever_a_server_says_becomes_an_error_of_one_line() {
    let call = api().get_store(1).unwrap();
    let parse = |status: u16, body: &str| {
        let response = Response::builder().status(status).body(body).unwrap();
        call.parse(&response).unwrap_err().to_string()
    };
    let start = "GET /fastedge/v1/kv/1: 400 Bad Request: ";
    for (body, message) in [
        (r#"{"error": "no such store"}"#, "no such store"),
        (r#"{"message": "no such store"}"#, "no such store"),
        (r#"{"detail": {"message": "deep"}}"#, "deep"),
        (r#"{"errors": [{"message": "a"}, "b"]}"#, "a; b"),
        (r#"{"code": 4}"#, r#"{"code":4}"#),
        ("<h1>Bad\r\nGateway</h1>", "<h1>Bad  Gateway</h1>"),
        ("", ""),
    ] {
        assert_eq!(parse(400, body), format!("{start}{message}"));
    }
    // A server that echoes the token does not get it into a log.
    assert_eq!(
        parse(400, "apikey t0ken is bad"),
        format!("{start}apikey … is bad")
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
    let body = recorded("list_entries")["answer"]["body"].to_string();
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
    let error = Entry::plain("k", vec![0; 1_000_001]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a value of 1000001 bytes for key `k`: the platform takes at most 1000000"
    );
    assert!(Entry::plain("k", vec![0; 1_000_000]).is_ok());
    assert!(Entry::plain("ü".repeat(128), "").is_ok());
    let error = Entry::delete("ü".repeat(129), DataType::Plain).unwrap_err();
    assert!(
        error.to_string().starts_with("a key of 258 bytes"),
        "{error}"
    );
    for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Entry::sorted_set("k", [(score, "m")]).is_err());
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
