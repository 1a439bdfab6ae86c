//! The document: flags, evaluators, metadata.

use std::collections::{BTreeMap, BTreeSet};

use fastedge::key::MAX_TEXT_CHARS;
use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::problem::Report;
use super::{outcome, targeting};

/// References by their names, with the places of the first ones.
type References<'a> = BTreeMap<&'a str, &'a Value<'a>>;

pub(super) fn check<'a>(root: &'a Value<'a>, chars: usize, report: &mut Report<'_>) {
    let Value::Object(document) = root else {
        return report.error(root, "the document is an object");
    };
    if chars > MAX_TEXT_CHARS {
        let message = format!(
            "the document has {chars} characters, and a value has at most {MAX_TEXT_CHARS}: minify it, or publish a key for each flag"
        );
        report.warning(document, message);
    }
    check_keys(document, report);
    if let Some(metadata) = member(document, "metadata") {
        check_metadata(&metadata.value, true, report);
    }
    let mut used = References::new();
    let evaluators = check_evaluators(document, &mut used, report);

    // Flagd itself takes an array as well, where the schema says that it is its own.
    let schema = member(document, "$schema").and_then(|schema| schema.value.as_string_lit());
    let is_flagds = schema.is_some_and(|schema| schema.value.ends_with("flagd.json"));
    match member(document, "flags").map(|flags| &flags.value) {
        None => report.error(document, "there are no `flags`"),
        Some(Value::Object(flags)) => {
            check_keys(flags, report);
            for flag in &flags.properties {
                check_flag(flag.name.as_str(), &flag.value, &mut used, report);
            }
        }
        Some(Value::Array(flags)) if is_flagds => {
            let mut seen = BTreeSet::new();
            for flag in &flags.elements {
                let key = flag.as_object().and_then(|flag| member(flag, "key"));
                match key.and_then(|key| key.value.as_string_lit()) {
                    Some(key) if !key.value.is_empty() => {
                        if !seen.insert(&*key.value) {
                            let message = format!("flag `{}` is there twice: the first counts", key.value);
                            report.error(key, message);
                        }
                        check_flag(&key.value, flag, &mut used, report);
                    }
                    _ => report.error(flag, "a flag in an array has a `key`"),
                }
            }
        }
        Some(Value::Array(flags)) => report.error(
            flags,
            "`flags` is an object; flagd itself takes an array, where `$schema` is its own flagd.json",
        ),
        Some(other) => report.error(other, "`flags` is an object"),
    }
    check_references(&evaluators, &used, report);
}

/// Keys are not empty, and not there twice.
fn check_keys(object: &Object<'_>, report: &mut Report<'_>) {
    let mut seen = BTreeSet::new();
    for property in &object.properties {
        let key = property.name.as_str();
        if key.is_empty() {
            report.error(&property.name, "a key is not empty");
        }
        if !seen.insert(key) {
            let message =
                format!("`{key}` is there twice: which one counts, depends on who reads it");
            report.error(&property.name, message);
        }
    }
}

fn check_evaluators<'a>(
    document: &'a Object<'a>,
    used: &mut References<'a>,
    report: &mut Report<'_>,
) -> Vec<&'a ObjectProp<'a>> {
    let Some(evaluators) = member(document, "$evaluators") else {
        return Vec::new();
    };
    let Value::Object(evaluators) = &evaluators.value else {
        report.error(&evaluators.value, "`$evaluators` is an object of rules");
        return Vec::new();
    };
    check_keys(evaluators, report);
    for rule in &evaluators.properties {
        targeting::check_top(&rule.value, report);
        let mut nested = References::new();
        collect(&rule.value, &mut nested);
        for (name, place) in nested {
            let message =
                format!("`$ref` to `{name}` within `$evaluators`: they do not refer to each other");
            report.error(place, message);
            used.insert(name, place);
        }
    }
    evaluators.properties.iter().collect()
}

fn check_references(
    evaluators: &[&ObjectProp<'_>],
    used: &References<'_>,
    report: &mut Report<'_>,
) {
    for (name, place) in used {
        if !evaluators.iter().any(|rule| rule.name.as_str() == *name) {
            report.error(
                *place,
                format!("`$ref` to `{name}`, which is not in `$evaluators`"),
            );
        }
    }
    for rule in evaluators {
        let name = rule.name.as_str();
        if !used.contains_key(name) {
            report.warning(&rule.name, format!("no flag refers to `{name}`"));
        }
    }
}

fn check_flag<'a>(
    key: &str,
    flag: &'a Value<'a>,
    used: &mut References<'a>,
    report: &mut Report<'_>,
) {
    let Value::Object(flag) = flag else {
        return report.error(flag, format!("flag `{key}` is an object"));
    };
    check_keys(flag, report);
    match member(flag, "state").map(|state| &state.value) {
        None => report.error(flag, format!("flag `{key}` has no `state`")),
        Some(Value::StringLit(state)) if matches!(&*state.value, "ENABLED" | "DISABLED") => {}
        Some(other) => report.error(other, "a state is ENABLED or DISABLED"),
    }
    if let Some(metadata) = member(flag, "metadata") {
        check_metadata(&metadata.value, false, report);
    }
    let variants = match member(flag, "variants").map(|variants| &variants.value) {
        None => {
            report.error(flag, format!("flag `{key}` has no `variants`"));
            None
        }
        Some(Value::Object(variants)) => {
            check_variants(variants, report);
            Some(
                variants
                    .properties
                    .iter()
                    .map(|variant| variant.name.as_str())
                    .collect(),
            )
        }
        Some(other) => {
            report.error(other, "`variants` is an object");
            None
        }
    };
    let targeting = member(flag, "targeting").map(|targeting| &targeting.value);
    if let Some(targeting) = targeting {
        targeting::check_top(targeting, report);
        collect(targeting, used);
    }
    match member(flag, "defaultVariant").map(|variant| &variant.value) {
        None | Some(Value::NullKeyword(_)) => {
            if targeting.is_none() {
                let message = format!(
                    "flag `{key}` has neither a `defaultVariant` nor `targeting`: it is what each caller says"
                );
                report.warning(flag, message);
            }
        }
        Some(default @ Value::StringLit(_)) => {
            if let Some(variants) = &variants {
                outcome::check(default, variants, report);
            }
        }
        Some(other) => report.error(other, "`defaultVariant` is the name of a variant, or null"),
    }
    if let (Some(targeting), Some(variants)) = (targeting, &variants) {
        outcome::check(targeting, variants, report);
    }
}

/// At least one, and all of one type.
fn check_variants(variants: &Object<'_>, report: &mut Report<'_>) {
    check_keys(variants, report);
    let mut first = None;
    for variant in &variants.properties {
        let type_name = match &variant.value {
            Value::BooleanLit(_) => "a boolean",
            Value::StringLit(_) => "a string",
            Value::NumberLit(_) => "a number",
            Value::Object(_) => "an object",
            other => {
                report.error(
                    other,
                    "a variant is a boolean, a string, a number or an object",
                );
                continue;
            }
        };
        match first {
            None => first = Some((type_name, variant.name.as_str())),
            Some((expected, name)) if expected != type_name => {
                let message = format!("`{name}` is {expected}, and this is {type_name}");
                report.error(&variant.value, message);
            }
            Some(_) => {}
        }
    }
    if variants.properties.is_empty() {
        report.error(variants, "a flag has at least one variant");
    }
}

fn check_metadata(metadata: &Value<'_>, is_of_set: bool, report: &mut Report<'_>) {
    let Value::Object(metadata) = metadata else {
        return report.error(metadata, "`metadata` is an object");
    };
    for one in &metadata.properties {
        match &one.value {
            Value::StringLit(_) => {}
            Value::BooleanLit(_) | Value::NumberLit(_) => {
                let name = one.name.as_str();
                if is_of_set && matches!(name, "flagSetId" | "version") {
                    report.warning(&one.value, format!("`{name}` is a string"));
                }
            }
            other => report.error(other, "metadata are strings, numbers and booleans"),
        }
    }
}

/// The references in a value.
fn collect<'a>(value: &'a Value<'a>, references: &mut References<'a>) {
    match value {
        Value::Object(object) => {
            for property in &object.properties {
                match &property.value {
                    Value::StringLit(name) if property.name.as_str() == "$ref" => {
                        references.entry(&name.value).or_insert(&property.value);
                    }
                    value => collect(value, references),
                }
            }
        }
        Value::Array(array) => array
            .elements
            .iter()
            .for_each(|item| collect(item, references)),
        _ => {}
    }
}

fn member<'a>(object: &'a Object<'a>, name: &str) -> Option<&'a ObjectProp<'a>> {
    object
        .properties
        .iter()
        .find(|property| property.name.as_str() == name)
}
