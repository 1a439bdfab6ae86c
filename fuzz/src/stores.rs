//! Edge Storage: patterns, values, the API.

use fastedge::bloom::Filter;
use fastedge::codec::{Json, Postcard};
use fastedge::edge_storage_api::{Api, Entry, EntryQuery, Page, Stored, Token};
use fastedge::http::Response;
use fastedge::kv_store::Writer;
use fastedge::{Body, Key, KeyTemplate, KvStore, Pattern};
use fastedge_host::glob::matches;
use fastedge_mock_host::{Answer, MockHost};

use crate::{halves, headed};

/// A pattern and a text: the matcher ends, and agrees with a matcher of a few lines.
pub(crate) fn glob(data: &[u8]) {
    let (pattern, text) = halves(data);
    let (pattern, text) = (
        &pattern[..pattern.len().min(64)],
        &text[..text.len().min(64)],
    );
    let matched = matches(pattern, text);
    // The few lines take exponential time: not for what has many stars.
    if pattern.iter().filter(|byte| **byte == b'*').count() <= 3 {
        // A scan for `*` asks for no pattern at all.
        let wanted = pattern == b"*" || simple(pattern, text);
        assert_eq!(matched, wanted, "{pattern:?} {text:?}");
    }
}

/// Redis's `stringmatchlen`, case by case, without what makes it fast. Nothing but the empty pattern matches the
/// empty text there.
fn simple(pattern: &[u8], text: &[u8]) -> bool {
    let (Some((first, rest)), Some((byte, left))) = (pattern.split_first(), text.split_first())
    else {
        return pattern.is_empty() && text.is_empty();
    };
    match first {
        b'*' => {
            let rest = without_stars(rest);
            rest.is_empty() || (0..text.len()).any(|from| simple(rest, &text[from..]))
        }
        b'?' => goes_on(rest, left),
        b'[' => {
            let (is_in, rest) = class(rest, *byte);
            is_in && goes_on(rest, left)
        }
        b'\\' if !rest.is_empty() => rest[0] == *byte && goes_on(&rest[1..], left),
        other => other == byte && goes_on(rest, left),
    }
}

/// Whether the rest matches: at the text's end stars do.
fn goes_on(pattern: &[u8], text: &[u8]) -> bool {
    match text.is_empty() {
        true => without_stars(pattern).is_empty(),
        false => simple(pattern, text),
    }
}

fn without_stars(pattern: &[u8]) -> &[u8] {
    let stars = pattern.iter().take_while(|byte| **byte == b'*');
    &pattern[stars.count()..]
}

/// Whether a class has a byte, and what follows the class, which need not be closed.
fn class(mut pattern: &[u8], byte: u8) -> (bool, &[u8]) {
    let is_negated = pattern.first() == Some(&b'^');
    if is_negated {
        pattern = &pattern[1..];
    }
    let mut is_in = false;
    loop {
        match pattern {
            [] => break,
            [b'\\', escaped, ..] => {
                is_in |= *escaped == byte;
                pattern = &pattern[2..];
            }
            [b']', ..] => {
                pattern = &pattern[1..];
                break;
            }
            [one, b'-', other, ..] => {
                // As C's signed chars, which Redis compares.
                let [one, other, byte] = [*one, *other, byte].map(u8::cast_signed);
                is_in |= (one.min(other)..=one.max(other)).contains(&byte);
                pattern = &pattern[3..];
            }
            [one, ..] => {
                is_in |= *one == byte;
                pattern = &pattern[1..];
            }
        }
    }
    (is_in != is_negated, pattern)
}

/// What parses is what it was parsed from, and matches as the host does; a literal matches itself.
pub(crate) fn pattern(data: &[u8]) {
    let (glob, text) = halves(data);
    let Ok(glob) = str::from_utf8(glob) else {
        return;
    };
    if let Ok(pattern) = Pattern::parse(glob) {
        let again = Pattern::parse(pattern.as_str());
        assert!(again.is_ok_and(|again| again.as_str() == pattern.as_str()));
        assert_eq!(
            pattern.matches(text),
            matches(pattern.as_str().as_bytes(), text)
        );
    }
    let exact = Pattern::exact(glob);
    assert!(exact.matches(glob), "{glob:?}");
    assert!(matches(exact.as_str().as_bytes(), glob.as_bytes()));
}

/// What is a filter is written as it was read.
pub(crate) fn bloom_filter(data: &[u8]) {
    if let Ok(filter) = Filter::<str>::from_bytes(data) {
        filter.contains("item");
        assert_eq!(filter.to_bytes(), data);
    }
}

/// Parts of keys: those that differ make names that differ.
pub(crate) fn keys(data: &[u8]) {
    static TWO: KeyTemplate<2, String> = KeyTemplate::new("a:{}:{}");
    let (first, second) = halves(data);
    let (Ok(first), Ok(second)) = (str::from_utf8(first), str::from_utf8(second)) else {
        return;
    };
    let key = TWO.of(first, second);
    assert!(TWO.pattern().matches(key.name()));
    if let Some((head, tail)) = second.split_once(':') {
        let moved = format!("{first}:{head}");
        assert_ne!(TWO.of(&*moved, tail).name(), key.name());
    }
}

/// A value as whatever it is asked to be.
pub(crate) fn values(data: &[u8]) {
    static JSON: Key<Json<serde_json::Value>> = Key::new("k");
    static COMPACT: Key<Postcard<Vec<(String, u32)>>> = Key::new("k");
    let edge = MockHost::new().kv("data", |kv| {
        kv.set("k", data)
            .sorted_set("s", [(1.0, data), (2.0, b"2".as_slice())])
    });
    let _installed = edge.install();
    let Ok(store) = KvStore::open("data") else {
        panic!("the store is linked");
    };
    assert!(
        store
            .get_bytes("k")
            .is_ok_and(|value| value.as_deref() == Some(data))
    );
    let _text = store.get_text("k");
    let _number = store.get_parsed::<f64>("k");
    let _json = store.read(&JSON);
    if let Ok(Some(value)) = store.read(&COMPACT) {
        // What is read is written in one way; what was read may have been another one of the same.
        let written = COMPACT.encode(&value);
        assert!(written.is_ok_and(|bytes| COMPACT.decode(bytes).is_ok_and(|again| again == value)));
    }
    let set = store.sorted_set("s");
    let _members = set.range(..).members::<u64>();
    let _score = set.score(data);
}

/// The API's answers, of any status and any content.
pub(crate) fn api_answers(data: &[u8]) {
    let (status, body) = headed(data);
    let status = match status {
        0..=199 => 200,
        other => u16::from(other) * 2,
    };
    let Ok(mut response) = Response::builder().status(status).body(Body::from(body)) else {
        return;
    };
    if status == 429
        && let Ok(value) = ::http::HeaderValue::from_bytes(&body[..body.len().min(20)])
    {
        response.headers_mut().insert("retry-after", value);
    }
    let Ok(token) = Token::new("token") else {
        return;
    };
    let api = Api::new(token);
    if let Ok(call) = api.list_stores(None, Page::first(1)) {
        let _answer = call.parse(&response);
    }
    if let Ok(call) = api.get_store(1) {
        let _answer = call.parse(&response);
    }
    let query = EntryQuery::new().prefix("a");
    if let Ok(call) = api.list_entries(1, &query)
        && let Ok(list) = call.parse(&response)
    {
        assert!(list.entries.len() <= list.returned);
        for entry in list.entries {
            assert!(entry.key.starts_with('a'));
            let _either = entry.check_readable();
        }
    }
    if let Ok(call) = api.get_entry(1, "k")
        && let Ok(entry) = call.parse(&response)
    {
        let _either = entry.check_readable();
        if let Stored::SortedSet(members) = entry.stored {
            assert!(members.iter().all(|(_, score)| !score.is_nan()));
        }
    }
    if let Ok(entry) = Entry::plain("k", "v")
        && let Ok(call) = api.write(1, &[entry])
    {
        let _answer = call.parse(&response);
    }
}

/// What a writer remembers, spoilt.
pub(crate) fn writer(data: &[u8]) {
    let edge = MockHost::new()
        .kv("data", |kv| kv.sorted_set("s", [(1.0, "a")]))
        .answer(
            "https://api.gcore.com/fastedge/v1/kv/7/data",
            Answer::text(r#"{"write_count": 1, "revision": 2}"#),
        );
    let _installed = edge.install();
    let read_and_write = || {
        let Ok(token) = Token::new("token") else {
            return;
        };
        let Ok(store) = KvStore::open("data") else {
            return;
        };
        let store = store.with_writer(Writer::new(7, token));
        let _value = store.get_bytes("k");
        let _members = store.sorted_set("s").range(..).members::<String>();
        let _may_contain = store.bloom_filter("f").contains("x");
        let _written = store.put("k", "v");
        let _added = store.sorted_set("s").add([(1.0, "b")]);
    };
    crate::cache::twice(&edge, data, read_and_write);
}
