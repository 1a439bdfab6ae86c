//! Lines with one word: autonomous systems, countries.

use super::json::member;
use super::{Line, LineOptions, Unusable};
use crate::action::Effect;
use crate::error::RuleError;

pub(super) fn add(
    line: &str,
    options: &LineOptions,
    mut add: impl FnMut(&str, Effect) -> Result<(), RuleError>,
) -> Result<Line, Unusable> {
    if line.starts_with('{') {
        return match member(line, &["asn", "country", "code"], "an `asn` or a `country`")? {
            Some(word) => {
                add(&word, options.action.into())?;
                Ok(Line::Rules(1))
            }
            None => Ok(Line::Nothing),
        };
    }
    let content = line.split(['#', ';']).next().unwrap_or_default();
    let mut words = content.split(|letter: char| letter.is_whitespace() || letter == ',');
    let Some(word) = words.find(|word| !word.is_empty()) else {
        return Ok(Line::Nothing);
    };
    // What follows is a name, unless it is a tag.
    let column = words.find(|word| !word.is_empty());
    add(word, options.effect(column)?)?;
    Ok(Line::Rules(1))
}
