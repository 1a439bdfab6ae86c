//! `sem_ver`: versions by Semantic Versioning 2.0.

use std::cmp::Ordering;

use semver::{BuildMetadata, Version};

use super::{Arguments, Evaluated, Value};

/// Two versions and what is between them: exactly three, else null.
pub(super) fn compare<'a>(arguments: &mut Arguments<'_, '_, 'a>) -> Evaluated<'a> {
    let (version, operator, other) = (
        arguments.next_or_null()?,
        arguments.next_or_null()?,
        arguments.next_or_null()?,
    );
    if arguments.has_more() {
        return Ok(Value::Null);
    }
    let holds = operator.as_text().and_then(|operator| {
        let (version, other) = (parse(&version)?, parse(&other)?);
        holds(operator, &version, &other)
    });
    Ok(holds.map_or(Value::Null, Value::Bool))
}

fn holds(operator: &str, version: &Version, other: &Version) -> Option<bool> {
    let ordering = version.cmp(other);
    Some(match operator {
        "=" => ordering == Ordering::Equal,
        "!=" => ordering != Ordering::Equal,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        "^" => version.major == other.major,
        "~" => (version.major, version.minor) == (other.major, other.minor),
        _ => return None,
    })
}

/// A version, of which minor and patch may be missing. Its build does not count.
fn parse(version: &Value<'_>) -> Option<Version> {
    let mut text = String::new();
    match version {
        Value::Text(version) => text.push_str(version),
        Value::Number(number) => number.write_to(&mut text),
        _ => return None,
    }
    let text = text.strip_prefix(['v', 'V']).unwrap_or(&text);
    let core_length = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at_checked(core_length)?;
    let missing = match core.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    let mut version = Version::parse(&[core, missing, rest].concat()).ok()?;
    version.build = BuildMetadata::EMPTY;
    Some(version)
}
