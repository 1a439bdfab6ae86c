//! The evaluator's features of flagd's test bed, where they are at hand.

use std::path::PathBuf;

use fastedge::flags::{EvaluationContext, Flags, FractionalVersion};
use serde_json::{Value, json};

use crate::gherkin::{Scenario, Step, scenarios};

/// What the steps of a scenario have said so far, and what was answered.
#[derive(Default)]
struct World {
    flag: Option<(String, String, Value)>,
    context: serde_json::Map<String, Value>,
    details: Option<Value>,
}

impl World {
    fn step(&mut self, flags: &Flags, step: &Step) {
        let parts: Vec<&str> = step.text.split('"').collect();
        match parts.as_slice() {
            ["an evaluator"] => {}
            [
                kind,
                key,
                " and a fallback value " | " and a default value ",
                ..,
            ] if kind.ends_with("-flag with key ") => {
                let kind = kind
                    .trim_start_matches("a ")
                    .trim_end_matches("-flag with key ");
                // The value can have quotes in it.
                let value = step.text.split_once("value \"").unwrap().1;
                let default = typed(kind, value.strip_suffix('"').unwrap());
                self.flag = Some((kind.to_owned(), (*key).to_owned(), default));
            }
            [
                "a context containing a targeting key with value ",
                value,
                "",
            ] => {
                self.context.insert("targetingKey".into(), json!(value));
            }
            [
                "a context containing a key ",
                key,
                ", with type ",
                kind,
                " and with value ",
                value,
                "",
            ] => {
                self.context.insert((*key).into(), typed(kind, value));
            }
            [
                "a context containing a nested property with outer key ",
                outer,
                " and inner key ",
                inner,
                ", with value ",
                value,
                "",
            ] => {
                self.context
                    .insert((*outer).into(), json!({ *inner: value }));
            }
            ["the flag was evaluated with details"] => self.evaluate(flags),
            ["the resolved details value should be ", ..] => {
                let value = step.text.split_once("be \"").unwrap().1;
                let kind = &self.flag.as_ref().unwrap().0;
                assert_eq!(
                    self.details()["value"],
                    typed(kind, value.strip_suffix('"').unwrap())
                );
            }
            ["the reason should be ", reason, ""] => assert_eq!(self.details()["reason"], *reason),
            ["the error-code should be ", code, ""] => {
                assert_eq!(self.details()["errorCode"], *code);
            }
            ["the resolved metadata should contain"] => {
                let metadata = &self.details()["flagMetadata"];
                for row in &step.table[1..] {
                    assert_eq!(metadata[&row[0]], typed(&row[1], &row[2]));
                }
            }
            ["the resolved metadata is empty"] => {
                assert_eq!(self.details().get("flagMetadata"), None);
            }
            _ => panic!("what is {:?}?", step.text),
        }
    }

    fn evaluate(&mut self, flags: &Flags) {
        let (kind, key, default) = self.flag.clone().unwrap();
        let context = EvaluationContext::from_json(Value::Object(self.context.clone())).unwrap();
        let details = match kind.as_str() {
            "Boolean" => {
                let default = default.as_bool().unwrap();
                serde_json::to_value(flags.bool_details(&key, default, &context))
            }
            "String" => {
                let default = default.as_str().unwrap();
                serde_json::to_value(flags.string_details(&key, default, &context))
            }
            "Integer" => {
                let default = default.as_i64().unwrap();
                serde_json::to_value(flags.int_details(&key, default, &context))
            }
            "Float" => {
                let default = default.as_f64().unwrap();
                serde_json::to_value(flags.float_details(&key, default, &context))
            }
            "Object" => serde_json::to_value(flags.object_details(&key, default, &context)),
            other => panic!("what is {other:?}?"),
        };
        self.details = Some(details.unwrap());
    }

    fn details(&self) -> &Value {
        self.details.as_ref().expect("the flag was evaluated")
    }
}

fn typed(kind: &str, text: &str) -> Value {
    match kind {
        "String" => json!(text),
        "Boolean" => json!(text.parse::<bool>().unwrap()),
        "Integer" => json!(text.parse::<i64>().unwrap()),
        "Float" => json!(text.parse::<f64>().unwrap()),
        "Object" => serde_json::from_str(text).unwrap(),
        other => panic!("what is {other:?}?"),
    }
}

fn check(flags: &Flags, scenario: &Scenario) {
    println!("{}", scenario.name);
    let mut world = World::default();
    for step in &scenario.steps {
        world.step(flags, step);
    }
}

#[test]
fn features_of_the_test_bed_hold() {
    let Ok(data) = std::env::var("FASTEDGE_TEST_DATA") else {
        println!("skipped: FASTEDGE_TEST_DATA is not set");
        return;
    };
    let folder = PathBuf::from(data).join("flagd");
    let document = std::fs::read(folder.join("testkit-flags.json")).unwrap();
    let latest = Flags::from_json(document.clone());
    let second = Flags::from_json(document).with_fractional(FractionalVersion::V2);
    let mut checked = 0;
    for entry in std::fs::read_dir(folder.join("gherkin")).unwrap() {
        let feature = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for scenario in scenarios(&feature) {
            // The first version of `fractional` is gone; what is said of the second, is of that alone.
            let is_of = |tag: &str| scenario.tags.iter().any(|other| other == tag);
            match (is_of("@fractional-v1"), is_of("@fractional")) {
                (true, _) => continue,
                (false, true) => check(&second, &scenario),
                (false, false) => check(&latest, &scenario),
            }
            checked += 1;
        }
    }
    assert!(checked >= 49, "{checked}");
}
