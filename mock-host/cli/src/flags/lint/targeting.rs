//! Rules: what flagd's schema of targeting asks for.

use jsonc_parser::ast::{Array, Object, Value};

use super::problem::Report;

/// What an operator takes.
enum Takes {
    /// An array of so many.
    Array(usize, usize),
    /// That, or anything else as the only one.
    One,
    Var,
    Names,
    SomeNames,
    Texts,
    SemVer,
    Fractional,
}

const MANY: usize = usize::MAX;

fn takes(operator: &str) -> Option<Takes> {
    Some(match operator {
        "var" => Takes::Var,
        "missing" => Takes::Names,
        "missing_some" => Takes::SomeNames,
        "if" | "or" | "and" | "+" | "-" | "max" | "min" | "merge" | "cat" => Takes::Array(1, MANY),
        "==" | "===" | "!=" | "!==" | ">" | ">=" | "%" | "/" | "map" | "filter" | "all"
        | "none" | "some" | "in" => Takes::Array(2, 2),
        "<" | "<=" | "substr" => Takes::Array(2, 3),
        "*" => Takes::Array(2, MANY),
        "reduce" => Takes::Array(3, 3),
        "!" | "!!" => Takes::One,
        "starts_with" | "ends_with" => Takes::Texts,
        "sem_ver" => Takes::SemVer,
        "fractional" => Takes::Fractional,
        _ => return None,
    })
}

/// Targeting: a rule, or nothing.
pub(super) fn check_top(targeting: &Value<'_>, report: &mut Report<'_>) {
    let Value::Object(object) = targeting else {
        return report.error(targeting, "targeting is an object");
    };
    match object.properties.as_slice() {
        [] => {}
        [only] if only.name.as_str() == "$ref" => report.error(
            &only.name,
            "a reference by itself is no targeting for flagd's schema: write {\"if\": [{\"$ref\": …}]}",
        ),
        _ => check_rule(object, report),
    }
}

fn check_rule(rule: &Object<'_>, report: &mut Report<'_>) {
    let [property] = rule.properties.as_slice() else {
        return report.error(rule, "a rule has one operator");
    };
    let operator = property.name.as_str();
    let value = &property.value;
    match takes(operator) {
        None => {
            let message = match closest(operator) {
                Some(close) => format!("unknown operator `{operator}`: is it `{close}`?"),
                None => format!("unknown operator `{operator}`"),
            };
            report.error(&property.name, message);
        }
        Some(Takes::One) => check_argument(value, report),
        Some(Takes::Var) => check_var(value, report),
        Some(takes) => match value {
            Value::Array(array) => check_array(operator, &takes, array, report),
            _ => report.error(value, format!("`{operator}` takes an array")),
        },
    }
}

fn check_array(operator: &str, takes: &Takes, array: &Array<'_>, report: &mut Report<'_>) {
    let items = array.elements.as_slice();
    let counted = |least: usize, most: usize| (least..=most).contains(&items.len());
    match takes {
        Takes::Array(least, most) => {
            if !counted(*least, *most) {
                let needed = match (least, most) {
                    (least, most) if least == most => format!("{least}"),
                    (least, &MANY) => format!("{least} or more"),
                    (least, most) => format!("{least} to {most}"),
                };
                let message = format!("`{operator}` takes {needed} arguments, not {}", items.len());
                report.error(array, message);
            }
            items.iter().for_each(|item| check_argument(item, report));
        }
        Takes::Names => check_names(operator, items, report),
        Takes::SomeNames => match items {
            [Value::NumberLit(_), Value::Array(names)] => {
                check_names(operator, &names.elements, report);
            }
            _ => report.error(array, "`missing_some` takes a number and an array of names"),
        },
        Takes::Texts => {
            if !counted(2, 2) {
                let message = format!("`{operator}` takes 2 arguments, not {}", items.len());
                report.error(array, message);
            }
            for item in items {
                match item {
                    Value::StringLit(_) => {}
                    Value::Object(rule) if !is_reference(rule) => check_rule(rule, report),
                    other => report.error(other, format!("`{operator}` compares texts")),
                }
            }
        }
        Takes::SemVer => check_sem_ver(array, report),
        Takes::Fractional => check_fractional(array, report),
        Takes::One | Takes::Var => {}
    }
}

/// What may stand in a rule.
fn check_argument(argument: &Value<'_>, report: &mut Report<'_>) {
    match argument {
        Value::Object(object) if is_reference(object) => {}
        Value::Object(object) if object.properties.is_empty() => {
            report.error(object, "an object without an operator");
        }
        Value::Object(rule) => check_rule(rule, report),
        Value::Array(array) => array
            .elements
            .iter()
            .for_each(|item| check_argument(item, report)),
        _ => {}
    }
}

fn is_reference(object: &Object<'_>) -> bool {
    matches!(
        object.properties.as_slice(),
        [only] if only.name.as_str() == "$ref" && matches!(only.value, Value::StringLit(_))
    )
}

fn check_var(path: &Value<'_>, report: &mut Report<'_>) {
    let text = match path {
        Value::Array(array) => {
            array
                .elements
                .iter()
                .for_each(|item| check_argument(item, report));
            array.elements.first()
        }
        other => {
            check_argument(other, report);
            Some(other)
        }
    };
    if let Some(Value::StringLit(text)) = text
        && let Some(name) = text.value.strip_prefix("$flagd.")
        && !matches!(name, "timestamp" | "flagKey")
    {
        let message =
            format!("there is no `$flagd.{name}`, only `$flagd.timestamp` and `$flagd.flagKey`");
        // Flagd's schema looks at it only where it is no array.
        match path {
            Value::Array(_) => report.warning(text, message),
            _ => report.error(text, message),
        }
    }
}

fn check_names(operator: &str, names: &[Value<'_>], report: &mut Report<'_>) {
    for name in names {
        if !matches!(name, Value::StringLit(_)) {
            report.error(name, format!("`{operator}` takes names"));
        }
    }
}

fn check_sem_ver(array: &Array<'_>, report: &mut Report<'_>) {
    const RANGES: [&str; 8] = ["=", "!=", ">", "<", ">=", "<=", "~", "^"];
    let [version, range, reference] = array.elements.as_slice() else {
        return report.error(
            array,
            "`sem_ver` takes a version, a range specifier and a version",
        );
    };
    for version in [version, reference] {
        match version {
            Value::StringLit(text) if is_version(&text.value) => {}
            Value::Object(rule) if rule.properties.iter().any(|one| one.name.as_str() == "var") => {
                check_rule(rule, report);
            }
            other => report.error(
                other,
                "a version is `major.minor.patch` in full, or a `var`",
            ),
        }
    }
    if !matches!(range, Value::StringLit(text) if RANGES.contains(&&*text.value)) {
        report.error(
            range,
            format!("a range specifier is one of {}", RANGES.join(" ")),
        );
    }
}

/// Whether it is a version by Semantic Versioning 2.0.
fn is_version(text: &str) -> bool {
    let (text, build) = text.split_once('+').unwrap_or((text, "0"));
    let (core, pre_release) = text.split_once('-').unwrap_or((text, "0"));
    let is_identifier = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_padded = |part: &str| part.len() > 1 && part.starts_with('0') && is_digits(part);
    let is_number = |part: &str| !part.is_empty() && is_digits(part) && !is_padded(part);
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && pre_release
            .split('.')
            .all(|part| is_identifier(part) && !is_padded(part))
        && build.split('.').all(is_identifier)
}

fn check_fractional(array: &Array<'_>, report: &mut Report<'_>) {
    let mut shares = array.elements.as_slice();
    if let Some((Value::Object(rule), rest)) = shares.split_first() {
        match is_reference(rule) {
            true => report.error(
                rule,
                "what `fractional` goes by is a rule, and no reference",
            ),
            false => check_rule(rule, report),
        }
        shares = rest;
    }
    if shares.is_empty() {
        report.warning(array, "`fractional` has no shares: it gives null");
    }
    let mut total = 0_u64;
    let mut is_known = true;
    for share in shares {
        let Value::Array(share) = share else {
            report.error(share, "a share is an array of a variant and a weight");
            is_known = false;
            continue;
        };
        let (variant, weight) = match share.elements.as_slice() {
            [variant] => (variant, None),
            [variant, weight] => (variant, Some(weight)),
            _ => {
                report.error(share, "a share is an array of a variant and a weight");
                is_known = false;
                continue;
            }
        };
        check_argument(variant, report);
        match weight {
            None => total = total.saturating_add(1),
            Some(Value::NumberLit(number)) => match whole(number.value) {
                Some(weight) => total = total.saturating_add(weight),
                None => {
                    report.error(number, "a weight is a whole number, and not negative");
                    is_known = false;
                }
            },
            Some(Value::Object(rule)) if !is_reference(rule) => {
                check_rule(rule, report);
                is_known = false;
            }
            Some(other) => {
                report.error(other, "a weight is a whole number or a rule");
                is_known = false;
            }
        }
    }
    const MAX_TOTAL: u64 = i32::MAX as u64;
    if is_known && total > MAX_TOTAL {
        report.error(
            array,
            format!("the weights add up to {total}: at most {MAX_TOTAL} do"),
        );
    } else if is_known && total == 0 && !shares.is_empty() {
        report.warning(array, "all weights are 0: nobody has a share");
    }
}

/// 25 and 25.0 are.
fn whole(number: &str) -> Option<u64> {
    let float: f64 = number.parse().ok()?;
    (float >= 0.0 && float.fract() == 0.0).then_some(float as u64)
}

fn closest(operator: &str) -> Option<&'static str> {
    const KNOWN: [&str; 37] = [
        "var",
        "missing",
        "missing_some",
        "if",
        "or",
        "and",
        "+",
        "-",
        "max",
        "min",
        "merge",
        "cat",
        "==",
        "===",
        "!=",
        "!==",
        ">",
        ">=",
        "%",
        "/",
        "map",
        "filter",
        "all",
        "none",
        "some",
        "in",
        "<",
        "<=",
        "substr",
        "*",
        "reduce",
        "!",
        "!!",
        "starts_with",
        "ends_with",
        "sem_ver",
        "fractional",
    ];
    let near = KNOWN
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(known, operator), known));
    let (distance, known) = near.min()?;
    (distance <= 2 && distance < operator.len()).then_some(known)
}
