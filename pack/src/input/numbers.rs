//! Lines with one word: autonomous systems, countries.

use super::json::member;
use super::{Line, LineOptions, Unusable};
use crate::action::Effect;
use crate::error::RuleError;

pub(super) fn add(
    line: &str,
    options: &LineOptions,
    is_one: impl Fn(&str) -> bool,
    mut add: impl FnMut(&str, Effect) -> Result<(), RuleError>,
) -> Result<Line, Unusable> {
    if line.starts_with('{') {
        return match member(line, &["asn", "country", "code"], "an `asn` or a `country`")? {
            Some(word) => {
                add(&word, options.effect(None)?)?;
                Ok(Line::Rules(1))
            }
            None => Ok(Line::Nothing),
        };
    }
    let content = line.split(['#', ';']).next().unwrap_or_default();
    // A range may have blanks around its `-`.
    let compact;
    let content = match content.split_once(" - ") {
        Some((first, last)) => {
            compact = format!("{}-{}", first.trim_end(), last.trim_start());
            &compact
        }
        None => content,
    };
    let mut words = content.split(|letter: char| letter.is_whitespace() || letter == ',');
    let Some(word) = words.find(|word| !word.is_empty()) else {
        return Ok(Line::Nothing);
    };
    let column = words.find(|word| !word.is_empty());
    let effect = options.effect(column)?;
    // What follows is a name, and not another one of its kind.
    if let Some(column) = column.filter(|_| !options.tag_column)
        && is_one(column)
    {
        return Err(Unusable::SeveralWords);
    }
    add(word, effect)?;
    Ok(Line::Rules(1))
}
