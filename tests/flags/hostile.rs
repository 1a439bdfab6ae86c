//! Documents and contexts that nobody would write: no panic, no hang.

use fastedge::flags::{self, EvaluationContext, Flags};
use serde_json::{Value, json};

/// Asks for whatever there is, in each way.
fn ask(document: &[u8], context: &EvaluationContext) {
    let flags = Flags::from_json(document);
    flags.bool("a", false, context);
    flags.int_details("b", 1, context);
    flags.object_details("c", json!({}), context);
    flags.all(context).to_script();
    let _packed = flags::pack("p", document);
    let _minified = flags::minify(document);
}

#[test]
fn any_bytes_are_a_document() {
    let context = EvaluationContext::new()
        .with_targeting_key("u")
        .with("a", json!({"b": [1]}));
    let pieces: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"flags\"",
        b"\"a\"",
        b"\"b\"",
        b"\"$evaluators\"",
        b"\"metadata\"",
        b"\"state\":\"ENABLED\"",
        b"\"variants\":{\"a\":true}",
        b"\"defaultVariant\":\"a\"",
        b"\"targeting\":",
        b"{\"var\":\"a\"}",
        b"{\"$ref\":\"a\"}",
        b"1",
        b"-",
        b"\"",
        b"\\",
        b"\xff",
        b" ",
        b"\"key\":\"a\"",
        b"{\"fractional\":[[\"a\",1]]}",
        b"null",
        b"\"\\ud800\"",
    ];
    let mut random = fastrand::Rng::with_seed(17);
    for _ in 0..100_000 {
        let mut document = Vec::new();
        if random.bool() {
            document.extend(b"{\"flags\":{\"a\":{");
        }
        for _ in 0..random.usize(0..20) {
            document.extend(pieces[random.usize(..pieces.len())]);
        }
        ask(&document, &context);
    }
}

/// Rules of any shape, some of which choose a variant, some nothing, and some are wrong.
#[test]
fn any_rule_is_targeting() {
    fn rule(random: &mut fastrand::Rng, depth: u32) -> Value {
        let operators = [
            "var",
            "if",
            "and",
            "or",
            "!",
            "==",
            "===",
            "<",
            ">=",
            "+",
            "*",
            "-",
            "/",
            "%",
            "min",
            "max",
            "map",
            "filter",
            "reduce",
            "all",
            "some",
            "none",
            "merge",
            "in",
            "cat",
            "substr",
            "starts_with",
            "ends_with",
            "sem_ver",
            "fractional",
            "missing",
            "missing_some",
            "$ref",
            "no-such",
        ];
        match random.u32(0..if depth == 0 { 9 } else { 14 }) {
            0 => Value::Null,
            1 => json!(random.bool()),
            2 => json!(random.i64(-3..9)),
            3 => json!(random.f64() * 10.0),
            4..=6 => {
                json!(["a", "b", "", "n", "list.0", "1.2.3", "$flagd.flagKey"][random.usize(..7)])
            }
            7 => json!({}),
            8 => json!([]),
            9 => json!([rule(random, depth - 1), rule(random, depth - 1)]),
            _ => {
                let operator = operators[random.usize(..operators.len())];
                let arguments: Vec<Value> = (0..random.u32(0..4))
                    .map(|_| rule(random, depth - 1))
                    .collect();
                json!({ operator: arguments })
            }
        }
    }
    let context = EvaluationContext::new()
        .with_targeting_key("u")
        .with("n", 7)
        .with("list", json!(["a", {"b": 1}]));
    let mut random = fastrand::Rng::with_seed(41);
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..100_000 {
        let document = json!({
            "$evaluators": {"a": rule(&mut random, 2)},
            "flags": {"f": {"state": "ENABLED", "variants": {"a": 1, "b": 2, "true": 3, "false": 4},
                "defaultVariant": "a", "targeting": rule(&mut random, 4)}}
        });
        let details = Flags::from_json(document.to_string()).int_details("f", 0, &context);
        let what = details
            .error_code
            .map_or(details.reason.as_str(), |code| code.as_str());
        *counts.entry(what).or_insert(0) += 1;
    }
    for what in [
        "STATIC",
        "DEFAULT",
        "TARGETING_MATCH",
        "GENERAL",
        "PARSE_ERROR",
    ] {
        assert!(
            counts.get(what).is_some_and(|count| *count > 1000),
            "{what}: {counts:?}"
        );
    }
}

#[test]
fn references_are_looked_up_once_and_counted() {
    let many = |count: usize| {
        let rules = (0..count).map(|number| (format!("r{number}"), json!({"==": [1, 1]})));
        rules.collect::<serde_json::Map<String, Value>>()
    };
    let flag = |targeting: Value| json!({"variants": {"true": true, "false": false}, "targeting": targeting});
    let twenty: Vec<Value> = (0..20)
        .map(|number| json!({"$ref": format!("r{number}")}))
        .collect();
    let list = json!((0..50_000).collect::<Vec<u32>>());
    let document = json!({
        "$evaluators": many(5000),
        "flags": {
            "and": flag(json!({"and": twenty})),
            "map": flag(json!({"!!": {"map": [list, {"$ref": "r4999"}]}}))
        }
    });
    let flags = Flags::from_json(document.to_string());
    let nobody = EvaluationContext::new();
    assert!(flags.bool("and", false, &nobody));
    let map = flags.bool_details("map", false, &nobody);
    assert_eq!(
        map.error_message.as_deref(),
        Some("the rule was given up: it takes too many steps, or its values are too deep")
    );
}

#[test]
fn a_good_document_with_bytes_changed_is_a_document() {
    let good = json!({
        "metadata": {"v": "1"},
        "$evaluators": {"r": {"in": [{"var": "a.b"}, ["x", "\u{fc}\n"]]}},
        "flags": {
            "a": {"state": "ENABLED", "variants": {"true": true, "false": false}, "defaultVariant": "true",
                "targeting": {"if": [{"$ref": "r"}, {"==": [{"var": "n"}, 1.5e3]}]}},
            "b": {"state": "ENABLED", "variants": {"x": 1, "y": 2}, "defaultVariant": null,
                "targeting": {"fractional": [{"cat": [{"var": "targetingKey"}, "s"]}, ["x", 1], ["y", 2]]}},
            "c": {"state": "DISABLED", "variants": {"o": {"p": [null, "\\"]}}, "defaultVariant": "o"}
        }
    })
    .to_string()
    .into_bytes();
    let context = EvaluationContext::new()
        .with_targeting_key("u")
        .with("n", 1500);
    let mut random = fastrand::Rng::with_seed(23);
    for _ in 0..30_000 {
        let mut bytes = good.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..bytes.len());
            match random.u8(0..3) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(8)),
            }
        }
        ask(&bytes, &context);
    }
}

#[test]
fn depth_and_size_are_bounded() {
    let context = EvaluationContext::new().with("deep", deep(1000));
    for document in [
        "{".repeat(1_000_000),
        "[".repeat(1_000_000),
        format!(r#"{{"flags":{}"#, "{\"a\":".repeat(300_000)),
        format!(r#"{{"flags":{{"a":{}"#, "[".repeat(1_000_000)),
        format!(
            r#"{{"flags":{{"a":{{"variants":{{}},"targeting":{}1{}}}}}}}"#,
            "{\"!\":".repeat(100_000),
            "}".repeat(100_000)
        ),
        format!(
            r#"{{"flags":{{"a":{{"variants":{{}},"targeting":{}1{}}}}}}}"#,
            "{\"!\":".repeat(120),
            "}".repeat(120)
        ),
        // As deep as it may be, twice.
        format!(
            r#"{{"$evaluators":{{"r":{0}1{1}}},"flags":{{"a":{{"variants":{{"true":1}},"targeting":{2}{{"$ref":"r"}}{3}}}}}}}"#,
            "{\"!\":".repeat(128),
            "}".repeat(128),
            "{\"!\":".repeat(126),
            "}".repeat(126),
        ),
        "\"".repeat(1_000_000),
        format!(r#"{{"flags":{{"a":"{}"}}}}"#, "\\\\".repeat(500_000)),
    ] {
        ask(document.as_bytes(), &context);
    }
    // What is deeper than any text of JSON in a context.
    for rule in [
        json!({"cat": [{"var": "deep"}]}),
        json!({"==": [{"var": "deep"}, {"merge": [{"var": "deep"}, []]}]}),
        json!({"fractional": [{"var": "wrapped"}, ["a", 1]]}),
    ] {
        let document = json!({"flags": {"a": {"variants": {"true": true, "false": false, "a": true},
            "targeting": rule}}});
        let context = context.clone().with("wrapped", json!({"d": deep(1000)}));
        ask(document.to_string().as_bytes(), &context);
    }
}

/// Lists within lists.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}
