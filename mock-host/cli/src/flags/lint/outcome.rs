//! What a rule can give, as far as that is written in it.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Object, Value};

use super::problem::Report;

/// Checks that what a rule gives is a variant.
pub(super) fn check(rule: &Value<'_>, variants: &BTreeSet<&str>, report: &mut Report<'_>) {
    match rule {
        Value::StringLit(name) if !variants.contains(&*name.value) => {
            let message = format!("there is no variant `{}`: {}", name.value, listed(variants));
            report.error(name, message);
        }
        Value::BooleanLit(bool)
            if !variants.contains(if bool.value { "true" } else { "false" }) =>
        {
            let message = format!("there is no variant `{}`: {}", bool.value, listed(variants));
            report.error(bool, message);
        }
        Value::NumberLit(number) => report.error(number, "a number names no variant"),
        Value::Array(array) => report.error(array, "a list names no variant"),
        Value::Object(rule) => check_rule(rule, variants, report),
        _ => {}
    }
}

fn check_rule(rule: &Object<'_>, variants: &BTreeSet<&str>, report: &mut Report<'_>) {
    let [property] = rule.properties.as_slice() else {
        return;
    };
    let arguments = match &property.value {
        Value::Array(arguments) => arguments.elements.as_slice(),
        only => std::slice::from_ref(only),
    };
    match property.name.as_str() {
        "if" => {
            // Conditions and results in turn; what is left over is a result.
            for pair in arguments.chunks(2) {
                if let [_, result] | [result] = pair
                    && (pair.len() == 2 || arguments.len() > 1)
                {
                    check(result, variants, report);
                }
            }
        }
        "fractional" => {
            for share in arguments {
                if let Value::Array(share) = share
                    && let Some(variant) = share.elements.first()
                {
                    check(variant, variants, report);
                }
            }
        }
        "==" | "!=" | "===" | "!==" | "<" | "<=" | ">" | ">=" | "in" | "all" | "some" | "none"
        | "starts_with" | "ends_with" | "sem_ver" | "!" | "!!"
            if !variants.contains("true") && !variants.contains("false") =>
        {
            let operator = property.name.as_str();
            let message = format!(
                "`{operator}` gives true or false, of which there are no variants: {}",
                listed(variants)
            );
            report.error(&property.name, message);
        }
        "+" | "-" | "*" | "/" | "%" | "min" | "max" | "map" | "filter" | "merge" | "missing"
        | "missing_some" => {
            let message = format!("`{}` gives what names no variant", property.name.as_str());
            report.error(&property.name, message);
        }
        _ => {}
    }
}

fn listed(variants: &BTreeSet<&str>) -> String {
    let names: Vec<_> = variants.iter().map(|name| format!("`{name}`")).collect();
    format!("there are {}", names.join(", "))
}
