//! Lines with addresses: plain lists, FireHOL's netsets, ipsum, Spamhaus DROP, Tor's exits.

use std::net::IpAddr;

use super::json::member;
use super::{Line, LineOptions, Unusable};
use crate::rules::AddressRules;

pub(super) fn add(
    rules: &mut AddressRules,
    line: &str,
    options: &LineOptions,
) -> Result<Line, Unusable> {
    if line.starts_with('{') {
        return match member(
            line,
            &["cidr", "ip", "address", "network"],
            "a `cidr` or an `ip`",
        )? {
            Some(addresses) => {
                rules.add_effect(&addresses, options.effect(None)?)?;
                Ok(Line::Rules(1))
            }
            None => Ok(Line::Nothing),
        };
    }
    let content = line.split(['#', ';']).next().unwrap_or_default().trim();
    if content.is_empty() {
        return Ok(Line::Nothing);
    }
    // What Tor's exits come with.
    let mut words = content.split_whitespace();
    match (words.next(), words.next()) {
        (Some("ExitNode" | "Published" | "LastStatus"), Some(_)) => return Ok(Line::Nothing),
        (Some("ExitAddress"), Some(address)) => {
            rules.add_effect(address, options.effect(None)?)?;
            return Ok(Line::Rules(1));
        }
        _ => {}
    }
    // A range may have blanks around its `-`.
    let compact;
    let content = match content.split_once('-') {
        Some((first, last)) => {
            compact = format!("{}-{}", first.trim_end(), last.trim_start());
            &compact
        }
        None => content,
    };
    let mut columns = content.split(|letter: char| letter.is_whitespace() || letter == ',');
    let addresses = columns.next().unwrap_or_default();
    let column = columns.find(|column| !column.is_empty());
    // The other end of a range, a mask: more than a comment.
    let is_address = |column: &str| column.parse::<IpAddr>().is_ok() || column.contains('/');
    if column.is_some_and(is_address) {
        return Err(Unusable::SeveralWords);
    }
    rules.add_effect(addresses, options.effect(column)?)?;
    Ok(Line::Rules(1))
}
