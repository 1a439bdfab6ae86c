//! What a flag resolves to, and which type its value has.

use fastedge::flags::{ErrorCode, EvaluationContext, Flags, FractionalVersion, Reason};
use serde_json::{Value, json};

/// A set of one flag, `f`, of the variants `a`, `b`, `true` and `false`.
fn flag(members: Value) -> Flags {
    let mut definition = json!({
        "state": "ENABLED",
        "variants": {"a": "A", "b": "B", "true": "T", "false": "F"},
        "defaultVariant": "a"
    });
    for (name, member) in members.as_object().unwrap() {
        definition[name] = member.clone();
    }
    Flags::from_json(json!({"flags": {"f": definition}}).to_string())
}

fn resolved(flags: &Flags) -> (String, Option<String>, Reason, Option<ErrorCode>) {
    let details = flags.string_details("f", "mine", &EvaluationContext::new().with("n", 1));
    (
        details.value,
        details.variant,
        details.reason,
        details.error_code,
    )
}

#[test]
fn flags_resolve_in_the_order_of_flagd() {
    let default = |reason, code| ("mine".to_owned(), None, reason, code);
    let of = |variant: &str, value: &str, reason| {
        (value.to_owned(), Some(variant.to_owned()), reason, None)
    };
    for (members, expected) in [
        (
            json!({"state": "DISABLED"}),
            default(Reason::Disabled, None),
        ),
        (
            json!({"state": "DISABLED", "targeting": {"foo": 1}}),
            default(Reason::Disabled, None),
        ),
        (
            json!({"state": "DISABLED", "variants": 7}),
            default(Reason::Disabled, None),
        ),
        (
            json!({"state": "DISABLED", "defaultVariant": 7}),
            default(Reason::Disabled, None),
        ),
        (json!({}), of("a", "A", Reason::Static)),
        (json!({"targeting": {}}), of("a", "A", Reason::Static)),
        (json!({"targeting": null}), of("a", "A", Reason::Static)),
        (
            json!({"defaultVariant": null}),
            default(Reason::Default, None),
        ),
        (
            json!({"defaultVariant": null, "targeting": {"if": [true, "b"]}}),
            of("b", "B", Reason::TargetingMatch),
        ),
        (
            json!({"defaultVariant": "c"}),
            default(Reason::Error, Some(ErrorCode::General)),
        ),
        (
            json!({"defaultVariant": 1}),
            default(Reason::Error, Some(ErrorCode::ParseError)),
        ),
        (
            json!({"targeting": {"if": [false, "b"]}}),
            of("a", "A", Reason::Default),
        ),
        (
            json!({"targeting": {"if": [true, "b"]}}),
            of("b", "B", Reason::TargetingMatch),
        ),
        (
            json!({"targeting": {"==": [{"var": "n"}, 1]}}),
            of("true", "T", Reason::TargetingMatch),
        ),
        (
            json!({"targeting": {"==": [{"var": "n"}, 2]}}),
            of("false", "F", Reason::TargetingMatch),
        ),
        (
            json!({"targeting": {"if": [true, "c"]}}),
            default(Reason::Error, Some(ErrorCode::General)),
        ),
        (
            json!({"targeting": {"+": [1, 1]}}),
            default(Reason::Error, Some(ErrorCode::General)),
        ),
        (
            json!({"targeting": {"merge": ["a"]}}),
            default(Reason::Error, Some(ErrorCode::General)),
        ),
        (
            json!({"targeting": {"foo": ["a"]}}),
            default(Reason::Error, Some(ErrorCode::ParseError)),
        ),
        (
            json!({"targeting": {"$ref": "r"}}),
            default(Reason::Error, Some(ErrorCode::ParseError)),
        ),
        (
            json!({"targeting": {"$ref": 1}}),
            default(Reason::Error, Some(ErrorCode::ParseError)),
        ),
        (
            json!({"variants": null}),
            default(Reason::Error, Some(ErrorCode::ParseError)),
        ),
        (
            json!({"variants": {}}),
            default(Reason::Error, Some(ErrorCode::General)),
        ),
        (
            json!({"variants": {"a": 1}}),
            default(Reason::Error, Some(ErrorCode::TypeMismatch)),
        ),
    ] {
        assert_eq!(resolved(&flag(members.clone())), expected, "{members}");
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let message = |flags: Flags| {
        let details = flags.string_details("f", "mine", &EvaluationContext::new());
        details.error_message.unwrap()
    };
    for (members, expected) in [
        (
            json!({"targeting": {"if": [true, "c"]}}),
            "targeting chose `c`, which is no variant",
        ),
        (
            json!({"defaultVariant": "c"}),
            "`defaultVariant` is `c`, which is no variant",
        ),
        (json!({"targeting": {"foo": 1}}), "unknown operator `foo`"),
        (
            json!({"targeting": {"$ref": "r"}}),
            "`$ref` to `r`, which is not in `$evaluators`",
        ),
        (json!({"variants": {"a": 1}}), "the value is not a string"),
        (json!({"variants": 7}), "the definition has no `variants`"),
    ] {
        assert_eq!(message(flag(members)), expected);
    }
    assert_eq!(
        message(Flags::from_json(r#"{"flags": {}}"#)),
        "there is no flag `f`"
    );
    assert_eq!(message(Flags::unavailable("no store")), "no store");
    assert_eq!(
        message(Flags::from_json(r#"{"flags": {"e": {"#)),
        "the document is broken at byte 16: a value does not end"
    );
    assert_eq!(
        message(Flags::from_json(r#"{"flags": {"f": {"state": nope}}}"#)),
        "not JSON at byte 26: expected a value"
    );
}

#[test]
fn references_are_to_rules_without_references() {
    let flags = Flags::from_json(
        json!({
            "$evaluators": {
                "one": {"==": [{"var": "n"}, 1]},
                "nested": {"!": {"$ref": "one"}},
                "escaped \"name\"": true
            },
            "flags": {
                "good": {"state": "ENABLED", "variants": {"true": 1, "false": 0},
                    "targeting": {"$ref": "one"}},
                "nested": {"state": "ENABLED", "variants": {"true": 1, "false": 0},
                    "targeting": {"$ref": "nested"}},
                "escaped": {"state": "ENABLED", "variants": {"true": 1, "false": 0},
                    "targeting": {"$ref": "escaped \"name\""}}
            }
        })
        .to_string(),
    );
    let context = EvaluationContext::new().with("n", 1);
    assert_eq!(flags.int("good", 7, &context), 1);
    assert_eq!(flags.int("good", 7, &EvaluationContext::new()), 0);
    assert_eq!(flags.int("escaped", 7, &context), 1);
    let nested = flags.int_details("nested", 7, &context);
    assert_eq!(
        (nested.value, nested.error_code),
        (7, Some(ErrorCode::ParseError))
    );
}

#[test]
fn numbers_pass_for_each_other_where_nothing_is_lost() {
    let flags = |value: &str| {
        Flags::from_json(format!(
            r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{"v": {value}}}, "defaultVariant": "v"}}}}}}"#
        ))
    };
    let nobody = EvaluationContext::new();
    let int = |value| flags(value).int_details("f", -7, &nobody);
    let float = |value| flags(value).float_details("f", -7.5, &nobody);

    for (value, expected) in [
        ("10", 10),
        ("10.0", 10),
        ("1e3", 1000),
        ("-0", 0),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("9007199254740993", 9_007_199_254_740_993),
    ] {
        assert_eq!(int(value).value, expected, "{value}");
    }
    for value in [
        "10.5",
        "9223372036854775808",
        "1e300",
        "\"10\"",
        "true",
        "null",
        "{}",
        "[1]",
    ] {
        let details = int(value);
        assert_eq!(
            (details.value, details.error_code),
            (-7, Some(ErrorCode::TypeMismatch)),
            "{value}"
        );
        assert_eq!((details.variant, details.reason), (None, Reason::Error));
    }
    for (value, expected) in [
        ("10", 10.0),
        ("0.1", 0.1),
        ("9007199254740992", 9_007_199_254_740_992.0),
    ] {
        assert_eq!(float(value).value, expected, "{value}");
    }
    for value in ["9007199254740993", "1e999", "\"0.1\"", "false"] {
        assert_eq!(
            float(value).error_code,
            Some(ErrorCode::TypeMismatch),
            "{value}"
        );
    }
    let object = flags("[1]").object_details::<Value>("f", json!({}), &nobody);
    assert_eq!(object.error_code, Some(ErrorCode::TypeMismatch));
}

#[test]
fn texts_and_objects_come_as_they_were_written() {
    let flags = Flags::from_json(
        r#"{"flags": {
            "text": {"state": "ENABLED", "variants": {"v": "\"\u00fc\ud83d\ude00\n"}, "defaultVariant": "v"},
            "object": {"state": "ENABLED", "variants": {"v": {"n": 18446744073709551615, "f": 10.0}},
                "defaultVariant": "v"},
            "k\u00e9y": {"state": "ENABLED", "variants": {"\u0076": 1}, "defaultVariant": "v"}
        }}"#,
    );
    let nobody = EvaluationContext::new();
    assert_eq!(flags.string("text", "", &nobody), "\"ü😀\n");
    let object: Value = flags.object("object", Value::Null, &nobody);
    assert_eq!(object.to_string(), r#"{"f":10.0,"n":18446744073709551615}"#);
    assert_eq!(flags.int("kéy", 0, &nobody), 1);
    assert_eq!(flags.int("k\\u00e9y", 7, &nobody), 7);
}

#[test]
fn flagds_own_data_are_flagds() {
    let flags = Flags::from_json(
        json!({"flags": {
            "key": {"state": "ENABLED", "variants": {"key": 1, "x": 2}, "defaultVariant": "x",
                "targeting": {"var": "$flagd.flagKey"}},
            "time": {"state": "ENABLED", "variants": {"true": 1, "false": 0},
                "targeting": {">=": [{"var": "$flagd.timestamp"}, 1_000_000]}},
            "other": {"state": "ENABLED", "variants": {"x": 1},
                "targeting": {"var": ["$flagd.other", "x"]}}
        }})
        .to_string(),
    );
    // What a context says of itself does not count.
    let context = EvaluationContext::new().with("$flagd", json!({"flagKey": "x", "timestamp": 1}));
    assert_eq!(flags.int("key", 0, &context), 1);
    assert_eq!(flags.int("other", 0, &context), 1);

    let edge = fastedge_mock_host::MockHost::new();
    let _installed = edge.install();
    assert_eq!(flags.int("time", 7, &context), 1);
    let then = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(999_999);
    assert_eq!(flags.at(then).int("time", 7, &context), 0);
}

#[test]
fn both_versions_of_fractional_are_flagds() {
    // Which of a hundred variants somebody is in, tells the bucket.
    let shares: Vec<Value> = (0..100)
        .map(|bucket| json!([format!("{bucket}"), 1]))
        .collect();
    let variants: serde_json::Map<String, Value> = (0..100)
        .map(|bucket| (bucket.to_string(), json!(bucket)))
        .collect();
    let document = |key: &str, first: Option<Value>| {
        let shares: Vec<Value> = first.into_iter().chain(shares.clone()).collect();
        let definition =
            json!({"state": "ENABLED", "variants": variants, "targeting": {"fractional": shares}});
        json!({"flags": {key: definition}}).to_string()
    };
    let bucket = |document: &str, version, context: &EvaluationContext| {
        Flags::from_json(document)
            .with_fractional(version)
            .int("new-checkout", -1, context)
    };
    let user = EvaluationContext::new().with_targeting_key("user-1");

    let implicit = document("new-checkout", None);
    assert_eq!(bucket(&implicit, FractionalVersion::V2, &user), 45);
    assert_eq!(bucket(&implicit, FractionalVersion::V3, &user), 49);
    for nobody in [
        EvaluationContext::new(),
        EvaluationContext::new().with_targeting_key(""),
        EvaluationContext::new().with("targetingKey", 7),
    ] {
        assert_eq!(bucket(&implicit, FractionalVersion::V2, &nobody), -1);
        assert_eq!(bucket(&implicit, FractionalVersion::V3, &nobody), -1);
    }

    let explicit = document("new-checkout", Some(json!({"var": "by"})));
    let by = |value: Value| user.clone().with("by", value);
    assert_eq!(
        bucket(
            &explicit,
            FractionalVersion::V2,
            &by(json!("new-checkoutuser-1"))
        ),
        45
    );
    // In the second version, what is no text is as if it were not there; in the third, null is nothing.
    assert_eq!(bucket(&explicit, FractionalVersion::V2, &user), 45);
    assert_eq!(bucket(&explicit, FractionalVersion::V2, &by(json!(7))), 45);
    assert_eq!(bucket(&explicit, FractionalVersion::V3, &user), -1);
    let of_number = bucket(&explicit, FractionalVersion::V3, &by(json!(7)));
    assert_eq!(
        bucket(&explicit, FractionalVersion::V3, &by(json!(7.0))),
        of_number
    );
    assert_ne!(
        bucket(&explicit, FractionalVersion::V3, &by(json!("7"))),
        of_number
    );
    let by_own = document("new-checkout", Some(json!({"var": "$flagd"})));
    let at = |seconds| {
        let moment = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        Flags::from_json(&*by_own)
            .at(moment)
            .int("new-checkout", -1, &user)
    };
    assert_ne!(at(1), at(2));
    let a = by(json!({"a": 1, "bb": [true, null]}));
    let b = by(json!({"bb": [true, null], "a": 1.0}));
    assert_eq!(
        bucket(&explicit, FractionalVersion::V3, &a),
        bucket(&explicit, FractionalVersion::V3, &b)
    );
}

#[test]
fn shares_that_are_none_choose_nothing() {
    let context = EvaluationContext::new()
        .with_targeting_key("user-1")
        .with("w", 3);
    for (shares, expected) in [
        (json!([["b", 1]]), "B"),
        (json!([["b"], ["b"]]), "B"),
        (json!([["b", 0], ["a", -5], ["b", 1]]), "B"),
        (json!([["a", 0], ["b", {"var": "w"}]]), "B"),
        (json!([[true, 1.0]]), "T"),
        (json!([[{"cat": ["", "b"]}, i32::MAX]]), "B"),
        (json!([["b", 2.5]]), "A"),
        (json!([["b", "1"]]), "A"),
        (json!([["b", null]]), "A"),
        (json!([["b", 0], ["b", -1]]), "A"),
        (json!([["b", i32::MAX], ["b", 1]]), "A"),
        (json!([["b", u64::MAX], ["b", u64::MAX]]), "A"),
        (json!([["b", 1], "b"]), "A"),
        (json!([["b", 1], []]), "A"),
        (json!([[null, 1]]), "A"),
        (json!(["key"]), "A"),
        (json!([]), "A"),
    ] {
        let flags = flag(json!({"targeting": {"fractional": shares}}));
        assert_eq!(flags.string("f", "mine", &context), expected, "{shares}");
    }
}
