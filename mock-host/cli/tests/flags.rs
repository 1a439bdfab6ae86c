//! `fastedge-mock flags`: documents are checked, tried, compared and published.
#![cfg(unix)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Output;

use common::server::{Server, command, folder_with};
use fastedge_mock::flags::lint::{self, Level, Problem};
use serde_json::{Value, json};

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command(folder)
        .arg("flags")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn errors(problems: &[Problem]) -> Vec<String> {
    let errors = problems
        .iter()
        .filter(|problem| problem.level == Level::Error);
    errors.map(Problem::to_string).collect()
}

#[test]
fn cases_of_the_schemas_are_accepted_and_refused() {
    let Ok(data) = std::env::var("FASTEDGE_TEST_DATA") else {
        println!("skipped: FASTEDGE_TEST_DATA is not set");
        return;
    };
    let cases = PathBuf::from(data).join("flagd/schema-cases");
    let mut checked = 0;
    for (kind, is_good) in [
        ("flags/positive", true),
        ("flags/negative", false),
        ("targeting/positive", true),
        ("targeting/negative", false),
    ] {
        for file in std::fs::read_dir(cases.join(kind)).unwrap() {
            let file = file.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            let problems = match kind.starts_with("flags") {
                true => lint::document(&text),
                false => lint::targeting(&text),
            };
            let errors = errors(&problems);
            assert_eq!(errors.is_empty(), is_good, "{}: {errors:?}", file.display());
            checked += 1;
        }
    }
    assert_eq!(checked, 34);
}

fn document(targeting: &str) -> String {
    format!(
        r#"{{
  "flags": {{
    "beta": {{
      "state": "ENABLED",
      "variants": {{ "on": true, "off": false }},
      "defaultVariant": "off",
      "targeting": {targeting}
    }}
  }},
  "$evaluators": {{ "staff": {{ "==": [{{ "var": "role" }}, "staff"] }} }}
}}"#
    )
}

#[test]
fn problems_say_where_they_are_and_what_to_do() {
    let first = |text: &str| lint::document(text).first().map(Problem::to_string);
    for (text, expected) in [
        ("{", "1:1: error: not JSON: EOF while parsing an object"),
        ("{\"ü\": tru}", "1:10: error: not JSON: expected ident"),
        (
            "{\n  \"ü\": 1,\n  \"flags\": []\n}",
            "3:12: error: `flags` is an object; flagd itself takes an array, where `$schema` is its own flagd.json",
        ),
        (
            "{\"flags\": {\"ü\": {\"state\": \"ON\", \"variants\": {\"a\": 1}, \"defaultVariant\": \"a\"}}}",
            "1:27: error: a state is ENABLED or DISABLED",
        ),
    ] {
        assert_eq!(first(text).as_deref(), Some(expected), "{text}");
    }
    for (targeting, expected) in [
        (
            r#"{"if": [{"$ref": "staff"}, "onn"]}"#,
            "7:47: error: there is no variant `onn`: there are `off`, `on`",
        ),
        (
            r#"{"if": [{"$ref": "staf"}, "on"]}"#,
            "7:37: error: `$ref` to `staf`, which is not in `$evaluators`",
        ),
        (
            r#"{"if": [{"$ref": "staff"}, {"fractionl": []}]}"#,
            "7:48: error: unknown operator `fractionl`: is it `fractional`?",
        ),
        (
            r#"{"if": [{"$ref": "staff"}, {"fractional": [["on", 1.5], ["off", 1]]}]}"#,
            "7:70: error: a weight is a whole number, and not negative",
        ),
        (
            r#"{"if": [{"$ref": "staff"}, {"fractional": [["on", 2147483647], ["off", 1]]}]}"#,
            "7:62: error: the weights add up to 2147483648: at most 2147483647 do",
        ),
        (
            r#"{"if": [{"==": [{"var": "$flagd.now"}, 1]}, {"$ref": "staff"}]}"#,
            "7:44: error: there is no `$flagd.now`, only `$flagd.timestamp` and `$flagd.flagKey`",
        ),
        (
            r#"{"and": [{"$ref": "staff"}, {"==": [1]}]}"#,
            "7:55: error: `==` takes 2 arguments, not 1",
        ),
        (
            r#"{"in": ["a", "b"]}"#,
            "7:21: error: `in` gives true or false, of which there are no variants: there are `off`, `on`",
        ),
    ] {
        let problems = lint::document(&document(targeting));
        let errors = errors(&problems);
        assert!(
            errors.contains(&expected.to_owned()),
            "{targeting}: {errors:?}"
        );
    }
    assert_eq!(
        errors(&lint::document(&document(
            r#"{"if": [{"$ref": "staff"}, "on"]}"#
        ))),
        [""; 0]
    );
    let total = r#"{"if": [{"$ref": "staff"}, {"fractional": [["on", 1e20], ["off"]]}]}"#;
    assert!(errors(&lint::document(&document(total)))[0].contains("the weights add up to"));
    let deep = (0..70).fold("\"on\"".to_owned(), |rule, _| {
        format!(r#"{{"if": [{{"$ref": "staff"}}, {rule}]}}"#)
    });
    assert!(errors(&lint::document(&document(&deep)))[0].contains("too deep"));
    let twice = document("{}").replace("\"defaultVariant\": \"off\"", "\"state\": \"DISABLED\"");
    assert!(errors(&lint::document(&twice))[0].contains("`state` is there twice"));
}

#[test]
fn files_are_linted_and_flags_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "good.json",
        &document(r#"{"if": [{"$ref": "staff"}, "on"]}"#),
    );
    write("bad.json", &document(r#"{"if": [{"$ref": "staff"}, 1]}"#));
    let flags = |arguments: &[&str]| run(folder.path(), arguments);

    assert_eq!(
        flags(&["lint", "good.json"]),
        (Some(0), String::new(), String::new())
    );
    let (status, stdout, _) = flags(&["lint", "good.json", "bad.json"]);
    assert_eq!(
        (status, stdout.as_str()),
        (Some(1), "bad.json:7:47: error: a number names no variant\n")
    );
    let (_, stdout, _) = flags(&["lint", "--json", "bad.json"]);
    let problem: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&problem["line"], &problem["level"]),
        (&json!(7), &json!("error"))
    );
    let (status, _, stderr) = flags(&["lint", "none.json"]);
    assert_eq!(status, Some(1));
    assert!(stderr.contains("none.json: No such file"), "{stderr}");

    let eval = |arguments: &[&str]| {
        let (status, stdout, stderr) = flags(&[&["eval", "good.json"], arguments].concat());
        let answer = serde_json::from_str::<Value>(&stdout);
        (status, answer.unwrap_or_else(|_| json!(stderr)))
    };
    let (status, details) = eval(&["beta", "--context", r#"{"role": "staff"}"#]);
    assert_eq!(status, Some(0));
    assert_eq!(
        details,
        json!({"flagKey": "beta", "value": true, "variant": "on", "reason": "TARGETING_MATCH"})
    );
    let (_, details) = eval(&["beta"]);
    assert_eq!(
        (&details["variant"], &details["reason"]),
        (&json!("off"), &json!("DEFAULT"))
    );
    let (status, details) = eval(&["gamma", "--type", "int", "--default", "7"]);
    assert_eq!(status, Some(1));
    assert_eq!(
        (&details["value"], &details["errorCode"]),
        (&json!(7), &json!("FLAG_NOT_FOUND"))
    );
    let (_, details) = eval(&["beta", "--type", "string"]);
    assert_eq!(details["errorCode"], "TYPE_MISMATCH");
    let (_, details) = eval(&[]);
    assert_eq!(details["flagKey"], "beta");
    assert!(
        eval(&["beta", "--context", "{"])
            .1
            .to_string()
            .contains("--context: EOF")
    );
    assert!(
        eval(&["beta", "--at", "soon"])
            .1
            .to_string()
            .contains("--at")
    );
}

#[test]
fn a_change_says_whom_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let share = |percent: u32| {
        let rest = 100 - percent;
        document(&format!(
            r#"{{"fractional": [["on", {percent}], ["off", {rest}]]}}"#
        ))
    };
    std::fs::write(folder.path().join("before.json"), share(10)).unwrap();
    std::fs::write(folder.path().join("after.json"), share(20)).unwrap();
    let diff = |arguments: &[&str]| run(folder.path(), &[&["diff"], arguments].concat());

    let (status, stdout, _) = diff(&["before.json", "after.json", "--json"]);
    assert_eq!(status, Some(0));
    let moves: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&moves["flag"], moves["moves"].as_array().unwrap().len()),
        (&json!("beta"), 1)
    );
    assert_eq!(
        (&moves["moves"][0]["from"], &moves["moves"][0]["to"]),
        (&json!("off"), &json!("on"))
    );
    let moved = moves["moved"].as_u64().unwrap();
    assert!((900..1100).contains(&moved), "{moved}");

    let values = share(10).replace("\"on\": true", "\"on\": false");
    std::fs::write(folder.path().join("values.json"), values).unwrap();
    let (_, stdout, _) = diff(&["before.json", "values.json"]);
    assert!(
        stdout.contains("  on -> on, with another value: "),
        "{stdout}"
    );
    for (broken, why) in [
        ("{", "EOF"),
        ("{\"flgas\": {}}", "there are no flags in it"),
    ] {
        std::fs::write(folder.path().join("broken.json"), broken).unwrap();
        let (status, _, stderr) = diff(&["broken.json", "broken.json"]);
        assert_eq!(status, Some(1));
        assert!(
            stderr.contains("the document before: ") && stderr.contains(why),
            "{stderr}"
        );
    }
    let (_, stdout, _) = diff(&["before.json", "before.json"]);
    assert_eq!(stdout, "nobody of 10000 has another variant\n");
    std::fs::write(
        folder.path().join("users.jsonl"),
        "{\"targetingKey\": \"user-1\"}\n[]\n",
    )
    .unwrap();
    let (status, _, stderr) = diff(&["before.json", "after.json", "--sample", "users.jsonl"]);
    assert_eq!(status, Some(1));
    assert!(
        stderr.contains("users.jsonl:2: a context is an object"),
        "{stderr}"
    );
}

#[test]
fn documents_are_published_and_flags_killed() {
    let folder = folder_with("hello", "[stores.config]");
    let server = Server::start(folder.path(), &["app.wasm", "--port", "0"]);
    let url = server.api_url();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "flags.json",
        &document(r#"{"if": [{"$ref": "staff"}, "on"]}"#),
    );
    write("bad.json", &document(r#"{"if": [{"$ref": "none"}, "on"]}"#));
    let flags = |arguments: &[&str]| run(folder.path(), &[arguments, &["--url", &url]].concat());
    let get = |key: &str| {
        let output = command(folder.path())
            .args(["kv", "get", "config", key, "--url", &url])
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };

    let (status, _, stderr) = flags(&["publish", "bad.json", "config"]);
    assert_eq!(status, Some(1));
    assert!(
        stderr.contains("`$ref` to `none`") && stderr.contains("nothing is published"),
        "{stderr}"
    );
    assert!(!get("flags").0);

    let (status, stdout, stderr) = flags(&["publish", "flags.json", "config"]);
    assert_eq!(status, Some(0), "{stderr}");
    let (_, document) = get("flags");
    assert_eq!(
        stdout,
        format!("flags is published: {} bytes\n", document.len())
    );
    assert!(
        document.starts_with(r#"{"flags":{"beta":{"state":"ENABLED","#),
        "{document}"
    );

    // A flag that is no more is deleted; what else is there, is not.
    let old = r#"{"flags":{"old":{}}}"#;
    let kill = ["kill", "config", "x", "--key", "each:set"];
    assert_eq!(flags(&kill).1, "killed, at each:set: x\n");
    for (key, value) in [
        ("each:old", old),
        ("each:team:old", old),
        ("eachother", "x"),
    ] {
        let put = ["kv", "put", "config", key, value, "--url", &url];
        assert!(
            command(folder.path())
                .args(put)
                .output()
                .unwrap()
                .status
                .success()
        );
    }
    let (_, stdout, _) = flags(&["publish", "flags.json", "config", "--per-key", "each"]);
    assert_eq!(
        stdout,
        "1 flags are published at each:…\neach:old is deleted: its flag is no longer in the document\n"
    );
    assert!(get("each:beta").1.contains("$evaluators"));
    assert!(!get("each:old").0 && get("eachother").0);
    assert!(get("each:team:old").0 && get("each:set").0);
    write("empty.json", r#"{"flags": {}}"#);
    let (status, _, stderr) = flags(&["publish", "empty.json", "config", "--per-key", "each"]);
    assert_eq!(status, Some(1));
    assert!(stderr.contains("there are no flags"), "{stderr}");
    assert!(get("each:beta").0);

    assert_eq!(flags(&["kill", "config", "beta", "gamma"]).0, Some(0));
    assert_eq!(get("flags-killed").1, "1\tbeta\n1\tgamma\n");
    assert_eq!(flags(&["revive", "config", "beta"]).0, Some(0));
    assert_eq!(get("flags-killed").1, "1\tgamma\n");

    let flags = |arguments: &[&str]| run(folder.path(), arguments);
    let (_, stdout, _) = flags(&["override", "beta=on", "--secret", "0123456789abcdef"]);
    assert!(
        stdout.starts_with("x-flags: beta=on.")
            && stdout.contains("\ncookie: __Host-flags=beta=on.")
    );
    let (status, _, stderr) = flags(&["override", "beta", "--secret", "0123456789abcdef"]);
    assert_eq!(status, Some(1));
    assert!(stderr.contains("`beta` is not FLAG=VARIANT"), "{stderr}");
}
