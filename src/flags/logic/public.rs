//! Rules by themselves, without flags.

use bumpalo::Bump;

use super::{Budget, ErrorCode, Fault, FractionalVersion, Root, Surroundings, Value};
use crate::flags::json::{Number, validated};

/// Evaluates a rule of JsonLogic with flagd's operators: `rule` and `data` are JSON.
///
/// It is what [targeting](super::super) is evaluated with, for rules of one's own: whom to redirect, what
/// to block. It follows JsonLogic's reference implementation, JavaScript's conversions included, but for
/// this:
///
/// - integers are exact to 64 bits;
/// - lists and objects are equal if what is in them is;
/// - texts are in the order of their code points, and `substr` counts those;
/// - `var` finds members of objects and items of lists, and nothing in texts;
/// - what is not given is null;
/// - an object with several members is no value but an error, and so is an unknown operator, `log` included.
///
/// # Errors
///
/// [`RuleError`]: if the rule is not JSON, or deeper than 128 levels; if it has an unknown operator, an object
/// with several members, or a `$ref`; if it does more than 200,000 steps, or values get deeper than 260
/// levels.
///
/// ```
/// use fastedge::flags::json_logic;
/// use serde_json::json;
///
/// let rule = r#"{"and": [{"<": [{"var": "age"}, 30]}, {"in": [{"var": "country"}, ["DE", "AT"]]}]}"#;
/// let data = json!({"age": 27, "country": "AT"});
/// assert_eq!(json_logic::apply(rule, &data)?, json!(true));
///
/// let error = json_logic::apply(r#"{"foo": 1}"#, &data).unwrap_err();
/// assert_eq!(error.to_string(), "unknown operator `foo`");
/// # Ok::<(), json_logic::RuleError>(())
/// ```
pub fn apply(rule: &str, data: &serde_json::Value) -> Result<serde_json::Value, RuleError> {
    let arena = Bump::new();
    let flag_key = data.get("$flagd").and_then(|flagd| flagd.get("flagKey"));
    let surroundings = Surroundings {
        root: Root::Json(data),
        flag_key: flag_key.and_then(serde_json::Value::as_str),
        moment: None,
        fractional: FractionalVersion::default(),
        references: &|name| {
            let around = ["`$ref` to `", "`: there are no `$evaluators` here"];
            Err(Fault::named(ErrorCode::ParseError, around, name))
        },
        arena: &arena,
    };
    let rule = validated(rule.as_bytes()).map_err(Fault::from)?;
    let value = surroundings.apply(rule)?;
    Ok(to_json(value, &mut Budget::new())?)
}

/// Why a rule has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    message: String,
}

impl From<Fault> for RuleError {
    fn from(fault: Fault) -> Self {
        RuleError {
            message: fault.into_message(),
        }
    }
}

fn to_json(value: Value<'_>, budget: &mut Budget) -> Result<serde_json::Value, Fault> {
    Ok(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(bool) => serde_json::Value::Bool(bool),
        Value::Number(number) => number_to_json(number),
        Value::Text(text) => {
            budget.spend_on_bytes(text.len())?;
            serde_json::Value::String(text.to_owned())
        }
        Value::Json(serde_json::Value::Object(members)) => {
            let mut object = serde_json::Map::new();
            budget.step_into(members.len())?;
            for (name, member) in members {
                object.insert(name.clone(), to_json(Value::of(member), budget)?);
            }
            budget.step_out();
            serde_json::Value::Object(object)
        }
        Value::Reduction((current, accumulator)) => {
            let mut object = serde_json::Map::new();
            budget.step_into(2)?;
            object.insert("current".to_owned(), to_json(*current, budget)?);
            object.insert("accumulator".to_owned(), to_json(*accumulator, budget)?);
            budget.step_out();
            serde_json::Value::Object(object)
        }
        list => match list.length() {
            Some(length) => {
                budget.step_into(length)?;
                let items = (0..length).map(|place| to_json(list.item(place), budget));
                let items = items.collect::<Result<_, _>>()?;
                budget.step_out();
                serde_json::Value::Array(items)
            }
            None => serde_json::Value::Object(serde_json::Map::new()),
        },
    })
}

/// What is not a number is null, as in JavaScript; what is whole has no point.
fn number_to_json(number: Number) -> serde_json::Value {
    match number.to_integer() {
        Some(integer) => match i64::try_from(integer) {
            Ok(integer) => integer.into(),
            Err(_) => u64::try_from(integer).map_or(serde_json::Value::Null, Into::into),
        },
        None => number.to_f64().into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The cases are not the project's: without them, the test says so.
    #[test]
    fn compatible_cases_have_their_results() {
        let Ok(data) = std::env::var("FASTEDGE_TEST_DATA") else {
            println!("skipped: FASTEDGE_TEST_DATA is not set");
            return;
        };
        let text = std::fs::read_to_string(format!("{data}/jsonlogic/compatible.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        let cases: Vec<&Value> = cases.iter().filter(|case| case.is_object()).collect();
        assert_eq!(cases.len(), 278);
        for case in cases {
            let rule = case["rule"].to_string();
            let result =
                apply(&rule, &case["data"]).unwrap_or_else(|error| panic!("{case}: {error}"));
            let is_same = match (result.as_f64(), case["result"].as_f64()) {
                (Some(a), Some(b)) => a == b,
                _ => result == case["result"],
            };
            assert!(is_same, "{case}: {result}");
        }
    }

    fn result(rule: &Value, data: &Value) -> Value {
        apply(&rule.to_string(), data).unwrap_or_else(|error| panic!("{rule}: {error}"))
    }

    #[test]
    fn conversions_are_javascripts() {
        let data = json!({"list": [1, 2], "none": null, "user": {"name": "Ann"}, "big": u64::MAX});
        for (rule, expected) in [
            (json!({"==": [null, 0]}), json!(false)),
            (json!({"==": [true, "1"]}), json!(true)),
            (json!({"==": [[1, 2], "1,2"]}), json!(true)),
            (json!({"==": [{"var": "list"}, [1, 2]]}), json!(true)),
            (json!({"===": [1, 1.0]}), json!(true)),
            (json!({"<": [{"var": "missing"}, 5]}), json!(true)),
            (json!({"<": ["10", "9"]}), json!(true)),
            (json!({"<": ["10", 9]}), json!(false)),
            (json!({"<": ["x", 9]}), json!(false)),
            (json!({">=": ["b", "a"]}), json!(true)),
            (json!({"+": ["3.14abc", 1]}), json!(4.140000000000001)),
            (json!({"+": [{"var": "big"}, -1]}), json!(u64::MAX - 1)),
            (json!({"-": ["x"]}), json!(null)),
            (json!({"/": [1, 0]}), json!(null)),
            (json!({"%": [-7, 3]}), json!(-1)),
            (json!({"max": []}), json!(null)),
            (json!({"min": ["3", 1.5]}), json!(1.5)),
            (
                json!({"cat": ["a", null, 1.0, [1, [2, null]], true, {"var": "user"}]}),
                json!("a11,2,true[object Object]"),
            ),
            (json!({"cat": []}), json!("")),
            (json!({"substr": ["äöü", 1, 1]}), json!("ö")),
            (json!({"substr": ["abc", -9, -9]}), json!("")),
            (json!({"var": "user.name"}), json!("Ann")),
            (json!({"var": ["none", 1]}), json!(null)),
            (json!({"var": ["user.age", 1]}), json!(1)),
            (json!({"var": "list.1"}), json!(2)),
            (json!({"var": ["list.01", "no"]}), json!("no")),
            (json!({"var": ["list.+1", "no"]}), json!("no")),
            (json!({"==": ["0x10", 16]}), json!(true)),
            (json!({"in": [2, {"var": "list"}]}), json!(true)),
            (json!({"in": ["2", {"var": "list"}]}), json!(false)),
            (json!({"in": ["a", null]}), json!(false)),
            (json!({"in": ["", ""]}), json!(false)),
            (json!({"in": ["", "a"]}), json!(true)),
            (json!({"substr": ["abc", 1, null]}), json!("")),
            (
                json!({"reduce": [[1, 2, 3], {"max": [{"var": "current"}, {"var": "accumulator"}]}, 0]}),
                json!(3),
            ),
            (json!({"all": [[], true]}), json!(false)),
            (json!({"none": [null, true]}), json!(true)),
            (json!({"missing": [["none", "user.name"]]}), json!(["none"])),
            (json!({"!": []}), json!(true)),
            (json!({"if": [{}, "yes", "no"]}), json!("yes")),
        ] {
            assert_eq!(result(&rule, &data), expected, "{rule}");
        }
    }

    #[test]
    fn versions_are_compared() {
        for (rule, expected) in [
            (json!(["1.2.3", "=", "v1.2.3+build"]), json!(true)),
            (json!(["V2", ">", "1.9.9"]), json!(true)),
            (json!(["1.0.0-alpha.2", "<", "1.0.0-alpha.10"]), json!(true)),
            (json!(["1.0.0-alpha", "<", "1"]), json!(true)),
            (json!([1, "=", "1.0.0"]), json!(true)),
            (json!([1.2, "~", "1.2.9"]), json!(true)),
            (json!(["1.3.0", "~", "1.2.9"]), json!(false)),
            (json!(["1.3.0", "^", "1.9"]), json!(true)),
            (json!(["1.3.0", "!=", "1.3"]), json!(false)),
            (json!(["1.3.0", "<=", "1.3"]), json!(true)),
            (json!(["1.3.0", ">=", "1.3.1"]), json!(false)),
            (json!(["1.2.3.4", "=", "1.2.3"]), json!(null)),
            (json!(["01.2.3", "=", "1.2.3"]), json!(null)),
            (json!(["", "=", "1.2.3"]), json!(null)),
            (json!([null, "=", "1.2.3"]), json!(null)),
            (json!(["1.2.3", "==", "1.2.3"]), json!(null)),
            (json!(["1.2.3", "="]), json!(null)),
            (json!(["1.2.3", "=", "1.2.3", 4]), json!(null)),
        ] {
            assert_eq!(
                result(&json!({"sem_ver": rule}), &json!({})),
                expected,
                "{rule}"
            );
        }
    }

    #[test]
    fn affixes_are_of_two_texts() {
        for (rule, expected) in [
            (json!({"starts_with": ["abc", "ab"]}), json!(true)),
            (json!({"ends_with": ["abc", "ab"]}), json!(false)),
            (json!({"starts_with": ["abc"]}), json!(null)),
            (json!({"starts_with": ["abc", "a", "b"]}), json!(null)),
            (json!({"ends_with": [123, "3"]}), json!(null)),
        ] {
            assert_eq!(result(&rule, &json!({})), expected, "{rule}");
        }
    }

    #[test]
    fn rules_that_are_none_are_errors() {
        for (rule, message) in [
            (r#"{"foo": []}"#, "unknown operator `foo`"),
            (
                r#"{"==": [1, 1], "!=": [1, 1]}"#,
                "a rule has one operator, and this one has several",
            ),
            (
                r#"{"$ref": "a"}"#,
                "`$ref` to `a`: there are no `$evaluators` here",
            ),
            (
                r#"{"==": [1, 1]"#,
                "not JSON at byte 13: expected `,` or `}`",
            ),
            ("", "not JSON at byte 0: expected a value"),
        ] {
            assert_eq!(
                apply(rule, &json!({})).unwrap_err().to_string(),
                message,
                "{rule}"
            );
        }
    }

    /// Rules that are small, and would take for ever, or all memory, or all of the stack.
    #[test]
    fn rules_that_do_too_much_are_given_up() {
        let list = |length: u32| json!((0..length).collect::<Vec<u32>>());
        let accumulator = || json!({"var": "accumulator"});
        let reduce = |rule: Value, start: Value| json!({"reduce": [list(15_000), rule, start]});
        let digits = || json!("1".repeat(900_000));
        for rule in [
            json!({"map": [list(1000), {"map": [list(1000), {"map": [list(1000), 1]}]}]}),
            reduce(json!({"cat": [accumulator(), accumulator()]}), json!("x")),
            reduce(json!({"merge": [accumulator(), accumulator()]}), json!("x")),
            reduce(
                json!({"cat": [[[accumulator()]]]}),
                json!("x".repeat(10_000)),
            ),
            // What is not evaluated is read again and again.
            json!({"map": [list(15_000), {"if": [1, 1, digits()]}]}),
            // What is done with long texts.
            reduce(
                json!({"if": [{"-": [accumulator()]}, accumulator()]}),
                digits(),
            ),
            reduce(
                json!({"if": [{"in": ["2", accumulator()]}, 1, accumulator()]}),
                digits(),
            ),
            reduce(
                json!({"if": [{"<": [accumulator(), "0"]}, 1, accumulator()]}),
                digits(),
            ),
            reduce(
                json!({"if": [{"missing": [accumulator()]}, accumulator()]}),
                digits(),
            ),
            reduce(
                json!({"if": [{"sem_ver": [accumulator(), "=", "1"]}, 1, accumulator()]}),
                digits(),
            ),
            reduce(
                json!({"if": [{"fractional": [accumulator(), ["a"]]}, accumulator()]}),
                digits(),
            ),
            reduce(
                json!({"if": [{"missing": accumulator()}, accumulator()]}),
                json!(vec![Value::Null; 50_000]),
            ),
        ] {
            let error = apply(&rule.to_string(), &json!({})).unwrap_err();
            assert_eq!(
                error.to_string(),
                "the rule was given up: it takes too many steps, or its values are too deep"
            );
        }
        // Lists of lists of lists are made, and not looked into.
        let deep = reduce(json!([accumulator(), accumulator()]), json!("x"));
        assert!(apply(&json!({"!!": deep}).to_string(), &json!({})).is_ok());
        for looked_into in [
            json!({"cat": deep}),
            json!({"==": [deep, deep]}),
            deep.clone(),
        ] {
            assert!(apply(&looked_into.to_string(), &json!({})).is_err());
        }
    }

    #[test]
    fn any_text_is_a_rule_or_an_error() {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"var\"",
            "\"if\"",
            "\"fractional\"",
            "\"a\"",
            "1",
            "-2.5",
            "true",
            "null",
            "\"reduce\"",
            "\"cat\"",
            "\"sem_ver\"",
            "\"in\"",
            "\"substr\"",
            "\"\"",
            "{\"var\":\"\"}",
            "[1,[2]]",
            "\"%\"",
            "\"/\"",
            "\"<\"",
            "\"missing_some\"",
            "\"$ref\"",
        ];
        let mut random = fastrand::Rng::with_seed(5);
        let data = json!({"a": [1, {"a": "b"}], "b": "c"});
        let mut rules = 0;
        for _ in 0..300_000 {
            let mut text = String::new();
            for _ in 0..random.usize(1..12) {
                text.push_str(pieces[random.usize(..pieces.len())]);
            }
            rules += usize::from(apply(&text, &data).is_ok());
        }
        assert!(rules > 1_000, "{rules}");
    }
}
