//! Lines that are texts as they are: paths, tokens.

use super::{Line, LineOptions, Unusable};
use crate::action::Effect;
use crate::error::RuleError;

pub(super) fn add(
    line: &str,
    options: &LineOptions,
    mut add: impl FnMut(&str, Effect) -> Result<(), RuleError>,
) -> Result<Line, Unusable> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(Line::Nothing);
    }
    let (text, column) = match line.split_once('\t') {
        Some((text, column)) if options.tag_column => (text, Some(column)),
        _ => (line, None),
    };
    add(text.trim(), options.effect(column)?)?;
    Ok(Line::Rules(1))
}
