//! Documents: their shapes, their metadata, and what is broken in them.

use fastedge::KvStore;
use fastedge::flags::{ErrorCode, EvaluationContext, Flags, Reason};
use fastedge_mock_host::{Fault, MockHost, Operation};
use serde_json::{Value, json};

fn on() -> Value {
    json!({"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"})
}

fn is_on(flags: &Flags, key: &str) -> bool {
    flags.bool(key, false, &EvaluationContext::new())
}

#[test]
fn flags_are_found_in_whichever_order_they_are_asked_for() {
    let keys: Vec<String> = (0..200).map(|number| format!("flag-{number}")).collect();
    let members: serde_json::Map<String, Value> =
        keys.iter().map(|key| (key.clone(), on())).collect();
    for document in [
        json!({"flags": members, "metadata": {"version": "1"}}).to_string(),
        serde_json::to_string_pretty(&json!({"$evaluators": {}, "flags": members})).unwrap(),
    ] {
        let flags = Flags::from_json(document);
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2000 {
            let key = &keys[random.usize(..keys.len())];
            assert!(is_on(&flags, key), "{key}");
            assert!(!is_on(&flags, &format!("{key}-")), "{key}");
        }
    }
}

#[test]
fn a_name_elsewhere_is_no_flag() {
    let flags = Flags::from_json(
        json!({
            "metadata": {"beta": true},
            "$evaluators": {"beta": on()},
            "flags": {
                "other": {"state": "ENABLED", "variants": {"beta": on(), "flags": {"beta": on()}},
                    "defaultVariant": "beta", "metadata": {"text": "\"beta\": {\"state\": \"ENABLED\"}"}}
            }
        })
        .to_string(),
    );
    let details = flags.bool_details("beta", false, &EvaluationContext::new());
    assert_eq!(details.error_code, Some(ErrorCode::FlagNotFound));
}

#[test]
fn flags_in_an_array_have_their_keys_in_them() {
    let mut first = on();
    first["key"] = json!("first");
    let mut second = on();
    second["key"] = json!("s\u{e9}cond");
    let flags = Flags::from_json(json!({"flags": [first, 7, second, {}]}).to_string());
    assert!(is_on(&flags, "first") && is_on(&flags, "sécond"));
    assert!(!is_on(&flags, "third"));
    assert_eq!(
        flags.all(&EvaluationContext::new()).to_script(),
        r#"{"first":true,"sécond":true}"#
    );
}

#[test]
fn metadata_of_the_set_and_of_the_flag_are_joined() {
    let mut flag = on();
    flag["metadata"] = json!({"owner": "billing", "n": 1.5, "wrong": {"a": 1}});
    let document = json!({
        "flags": {"plain": on(), "own": flag},
        "metadata": {"owner": "web", "version": "7", "list": [1], "half": "HALF"}
    });
    // A half of a surrogate pair is no text for `serde_json`.
    let flags = Flags::from_json(document.to_string().replace("HALF", "\\ud800"));
    let metadata = |key| {
        let details = flags.bool_details(key, false, &EvaluationContext::new());
        serde_json::to_value(&details.flag_metadata).unwrap()
    };
    assert_eq!(
        metadata("plain"),
        json!({"owner": "web", "version": "7", "half": "\u{fffd}"})
    );
    assert_eq!(
        metadata("own"),
        json!({"owner": "billing", "version": "7", "n": 1.5, "half": "\u{fffd}"})
    );
    assert_eq!(
        metadata("missing"),
        json!({"owner": "web", "version": "7", "half": "\u{fffd}"})
    );
}

#[test]
fn what_is_broken_in_one_flag_is_broken_in_that_one() {
    let flags = Flags::from_json(
        r#"{"flags": {
            "a": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"},
            "wild": {"state": [1,,2], "variants": {"on": tru}},
            "text": "not a flag",
            "deep": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on", "targeting": DEEP},
            "b": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}
        }, "$evaluators": 7}"#
            .replace("DEEP", &format!("{}1{}", "[".repeat(200), "]".repeat(200))),
    );
    assert!(is_on(&flags, "a") && is_on(&flags, "b"));
    for key in ["wild", "text", "deep"] {
        let details = flags.bool_details(key, false, &EvaluationContext::new());
        assert_eq!(details.error_code, Some(ErrorCode::ParseError), "{key}");
    }
}

#[test]
fn what_is_before_the_break_of_a_document_is_still_there() {
    let whole = json!({"flags": {"a": on(), "b": on()}}).to_string();
    let flags = Flags::from_json(whole[..whole.len() - 20].to_owned());
    assert!(is_on(&flags, "a"));
    let behind = flags.bool_details("b", false, &EvaluationContext::new());
    assert_eq!(behind.error_code, Some(ErrorCode::ParseError));
    assert!(is_on(&flags, "a"));
    assert!(
        flags
            .all(&EvaluationContext::new())
            .failure()
            .unwrap()
            .contains("broken at byte")
    );

    // Its own metadata are there, though the set's cannot be had.
    let mut own = on();
    own["metadata"] = json!({"owner": "web"});
    let cut = json!({"flags": {"a": own, "b": on()}}).to_string();
    let flags = Flags::from_json(cut[..cut.len() - 20].to_owned());
    let details = flags.bool_details("a", false, &EvaluationContext::new());
    assert_eq!(details.flag_metadata.get("owner"), Some(&json!("web")));

    // What is whole is there, however often it is asked for.
    let flags = Flags::from_json(whole[..whole.len() - 2].to_owned());
    assert!(is_on(&flags, "b") && is_on(&flags, "b"));

    for (document, code) in [
        ("", ErrorCode::ParseError),
        ("[]", ErrorCode::ParseError),
        ("{}", ErrorCode::FlagNotFound),
        (r#"{"flags": {}}"#, ErrorCode::FlagNotFound),
        (r#"{"flags": []}"#, ErrorCode::FlagNotFound),
        (r#"{"flags": 7}"#, ErrorCode::ParseError),
        (r#"{"flags": {}, "metadata": {}}"#, ErrorCode::FlagNotFound),
    ] {
        let details =
            Flags::from_json(document).bool_details("a", false, &EvaluationContext::new());
        assert_eq!(details.error_code, Some(code), "{document}");
    }
}

#[test]
fn without_a_document_each_flag_is_the_callers_default() {
    let edge = MockHost::new().kv("config", |kv| kv.set("other", "{}"));
    let _installed = edge.install();
    let store = KvStore::open("config").unwrap();
    let error = Flags::load(&store, "flags").err().unwrap();
    assert_eq!(
        error.to_string(),
        "there are no flags at key `flags` of store `config`: publish them with `fastedge-mock \
             flags publish`"
    );

    let flags = Flags::open("config", "flags");
    assert_eq!(
        flags.failure(),
        Some(
            "there are no flags at key `flags` of store `config`: publish them with `fastedge-mock \
             flags publish`"
        )
    );
    let details = flags.string_details("a", "mine", &EvaluationContext::new());
    assert_eq!(details.value, "mine");
    assert_eq!(details.reason, Reason::Error);
    assert_eq!(details.error_code, Some(ErrorCode::ProviderNotReady));
    assert_eq!(details.error_message.as_deref(), flags.failure());

    let edge = edge.fault(Fault::on(Operation::KvGet));
    let _installed = edge.install();
    assert!(Flags::load(&store, "other").is_err());
    assert!(Flags::open("config", "other").failure().is_some());
}

#[test]
fn all_flags_are_those_that_have_a_value() {
    let document = json!({"flags": {
        "a": on(),
        "off": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"},
        "text": {"state": "ENABLED", "variants": {"v": "<b>&\u{2028}"}, "defaultVariant": "v"},
        "bad": {"state": "ENABLED", "variants": {"v": 1}, "defaultVariant": "w"},
        "object": {"state": "ENABLED", "variants": {"v": {"n": [1, null]}}, "defaultVariant": "v"}
    }});
    let all = Flags::from_json(document.to_string()).all(&EvaluationContext::new());
    assert_eq!(all.failure(), None);
    assert_eq!(all.iter().count(), 5);
    let expected = json!({"a": true, "text": "<b>&\u{2028}", "object": {"n": [1, null]}});
    assert_eq!(serde_json::to_value(&all).unwrap(), expected);
    let script = all.to_script();
    assert!(!script.contains(['<', '>', '&', '\u{2028}']), "{script}");
    assert_eq!(serde_json::from_str::<Value>(&script).unwrap(), expected);
    let bad = all.iter().find(|flag| flag.flag_key == "bad").unwrap();
    assert_eq!(bad.error_code, Some(ErrorCode::General));
}
