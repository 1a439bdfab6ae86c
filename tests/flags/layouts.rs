//! A key for each flag resolves to what the document does.

use fastedge::KvStore;
use fastedge::flags::{self, ErrorCode, EvaluationContext, Flags, Metadata, PackError};
use fastedge_mock_host::{Fault, MockHost, Operation};
use serde_json::{Value, json};

fn document() -> Value {
    json!({
        "$schema": "https://flagd.dev/schema/v0/flags.json",
        "metadata": {"flagSetId": "shop"},
        "$evaluators": {
            "staff": {"ends_with": [{"var": "email"}, "@example.com"]},
            "unused": {"==": [1, 1]}
        },
        "flags": {
            "beta": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
                "targeting": {"if": [{"or": [{"$ref": "staff"}, {"!": {"!": {"$ref": "staff"}}}]}, "on"]}},
            "price": {"state": "ENABLED", "variants": {"low": 5, "high": 9.5}, "defaultVariant": "low",
                "metadata": {"owner": "billing"},
                "targeting": {"fractional": [["low", 50], ["high", 50]]}},
            "with \"quotes\": and  blanks": {"state": "ENABLED", "variants": {"v": " a  b "},
                "defaultVariant": "v"},
            "lost": {"state": "ENABLED", "variants": {"v": 1}, "defaultVariant": "v"},
            "off": {"state": "DISABLED", "variants": {"v": 1}, "defaultVariant": "v"}
        }
    })
}

#[test]
fn both_layouts_resolve_alike() {
    let text = serde_json::to_string_pretty(&document()).unwrap();
    let packed = flags::pack("flags", text.as_bytes()).unwrap();
    let edge = MockHost::new().kv("config", |kv| {
        packed.iter().fold(kv.set("flags", &*text), |kv, one| {
            kv.set(&one.key, &*one.value)
        })
    });
    let _installed = edge.install();
    let store = KvStore::open("config").unwrap();
    let whole = Flags::load(&store, "flags").unwrap();
    for context in [
        EvaluationContext::new(),
        EvaluationContext::new()
            .with_targeting_key("user-1")
            .with("email", "ann@example.com"),
        EvaluationContext::new()
            .with_targeting_key("user-2")
            .with("email", "ann@example.org"),
    ] {
        let each = Flags::per_key(&store, "flags");
        for key in document()["flags"].as_object().unwrap().keys() {
            assert_eq!(
                each.object_details(key, Value::Null, &context),
                whole.object_details(key, Value::Null, &context),
            );
            assert_eq!(
                each.float_details(key, 7.0, &context),
                whole.float_details(key, 7.0, &context)
            );
            assert_eq!(
                each.bool_details(key, true, &context),
                whole.bool_details(key, true, &context)
            );
            assert_eq!(
                each.string_details(key, "", &context),
                whole.string_details(key, "", &context)
            );
        }
        let mut sorted: Vec<_> = whole.all(&context).iter().cloned().collect();
        sorted.sort_by(|a, b| a.flag_key.cmp(&b.flag_key));
        let mut listed: Vec<_> = each.all(&context).iter().cloned().collect();
        listed.sort_by(|a, b| a.flag_key.cmp(&b.flag_key));
        assert_eq!(listed, sorted);
    }
    let each = Flags::per_key(&store, "flags");
    let details = each.int_details("no-such", 7, &EvaluationContext::new());
    assert_eq!(details.error_code, Some(ErrorCode::FlagNotFound));
    assert_eq!(details.flag_metadata, Metadata::default());
}

#[test]
fn each_value_is_a_document_with_what_its_flag_needs() {
    let text = serde_json::to_string_pretty(&document()).unwrap();
    let packed = flags::pack("p", text.as_bytes()).unwrap();
    assert_eq!(packed.len(), 5);
    let value = |key: &str| {
        let one = packed.iter().find(|one| one.key == key).unwrap();
        String::from_utf8(one.value.clone()).unwrap()
    };
    assert_eq!(
        value("p:lost"),
        r#"{"metadata":{"flagSetId":"shop"},"flags":{"lost":{"defaultVariant":"v","state":"ENABLED","variants":{"v":1}}}}"#
    );
    let beta: Value = serde_json::from_str(&value("p:beta")).unwrap();
    let rules: Vec<&String> = beta["$evaluators"].as_object().unwrap().keys().collect();
    assert_eq!(rules, ["staff"]);
    assert!(value("p:with \"quotes\": and  blanks").contains("\" a  b \""));
}

#[test]
fn what_cannot_be_stored_is_not_packed() {
    let flag = |key: &str, text: &str| {
        let definition =
            json!({"state": "ENABLED", "variants": {"v": text}, "defaultVariant": "v"});
        json!({"flags": {key: definition}}).to_string()
    };
    let error = |document: &str| flags::pack("flags", document.as_bytes()).unwrap_err();
    assert!(matches!(
        error(&flag(&"k".repeat(251), "")),
        PackError::Limit(_)
    ));
    assert!(matches!(
        error(&flag("k", &"x".repeat(1_048_576))),
        PackError::Limit(_)
    ));
    assert_eq!(error("{").to_string(), "not JSON at byte 1: expected a key");
    // What looks like a reference elsewhere is none.
    let document = r##"{"flags": {"f": {"variants": {"v": {"$ref": "#/x"}}, "targeting": {}}}}"##;
    assert!(flags::pack("flags", document.as_bytes()).is_ok());
    let document = r#"{"flags": {"f": {"targeting": {"$ref": "r"}}}}"#;
    assert_eq!(
        error(document).to_string(),
        "flag `f`: `$ref` to `r`, which is not in `$evaluators`"
    );
}

#[test]
fn a_store_that_fails_is_not_ready() {
    let edge = MockHost::new().kv("config", |kv| kv.set("flags:a", "{}"));
    let installed = edge.install();
    let store = KvStore::open("config").unwrap();
    drop(installed);
    let edge = edge
        .fault(Fault::on(Operation::KvGet))
        .fault(Fault::on(Operation::KvScan));
    let _installed = edge.install();
    let flags = Flags::per_key(&store, "flags");
    edge.clear_calls();
    for _ in 0..2 {
        let details = flags.bool_details("a", true, &EvaluationContext::new());
        assert!(details.value);
        assert_eq!(details.error_code, Some(ErrorCode::ProviderNotReady));
    }
    assert_eq!(
        edge.calls().len(),
        1,
        "what cannot be read is not asked for again"
    );
    assert!(flags.all(&EvaluationContext::new()).failure().is_some());
}
