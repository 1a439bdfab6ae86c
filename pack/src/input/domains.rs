//! Lines with domains: plain lists, hosts files, rules of ad blockers.

use std::net::IpAddr;

use super::{Line, LineOptions, Unusable};
use crate::action::{Action, Effect};
use crate::rules::DomainRules;

/// Names that hosts files have for the machine itself.
const OWN_NAMES: [&str; 12] = [
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
];

pub(super) fn add(
    rules: &mut DomainRules,
    line: &str,
    options: &LineOptions,
) -> Result<Line, Unusable> {
    if ["##.", "##[", "#@#", "#?#"]
        .iter()
        .any(|mark| line.starts_with(mark))
    {
        return Err(Unusable::AdBlock("parts of pages"));
    }
    if line.is_empty() || line.starts_with(['#', ';', '!', '[']) {
        return Ok(Line::Nothing);
    }
    if let Some(rule) = line.strip_prefix("@@") {
        let domain = anchored(rule)?.ok_or(Unusable::AdBlock("more than a domain"))?;
        rules.add_effect(domain, Effect::Except)?;
        return Ok(Line::Rules(1));
    }
    if let Some(domain) = anchored(line)? {
        rules.add_effect(domain, options.action.into())?;
        return Ok(Line::Rules(1));
    }
    let content = line.split(" #").next().unwrap_or_default();
    let content = content.split(['\t', ';']).collect::<Vec<_>>().join(" ");
    let mut words = content
        .split_whitespace()
        .take_while(|word| !word.starts_with('#'));
    let Some(first) = words.next() else {
        return Ok(Line::Nothing);
    };
    if first.parse::<IpAddr>().is_ok() {
        return add_hosts(rules, first, words, options.action);
    }
    let second = words.next();
    if second.is_some() && !options.tag_column {
        return Err(Unusable::SeveralWords);
    }
    rules.add_effect(first, options.effect(second)?)?;
    Ok(Line::Rules(1))
}

/// The names of a line of a hosts file, each without those below it.
fn add_hosts<'l>(
    rules: &mut DomainRules,
    address: &str,
    names: impl Iterator<Item = &'l str>,
    action: Action,
) -> Result<Line, Unusable> {
    let mut count = 0;
    let mut is_bare = true;
    for name in names {
        is_bare = false;
        let is_own = OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(name));
        if !is_own && name != address {
            rules.add_exact(name, action)?;
            count += 1;
        }
    }
    match (is_bare, count) {
        (true, _) => Err(Unusable::IsAddress(address.to_owned())),
        (_, 0) => Ok(Line::Nothing),
        (_, count) => Ok(Line::Rules(count)),
    }
}

/// The domain of `||example.com^`; `None` for what is not such a rule.
fn anchored(line: &str) -> Result<Option<&str>, Unusable> {
    let Some(rule) = line.strip_prefix("||") else {
        return match line {
            _ if line.contains("##") || line.contains("#@#") => {
                Err(Unusable::AdBlock("parts of pages"))
            }
            _ if line.starts_with(['|', '/']) || line.contains('^') => {
                Err(Unusable::AdBlock("more than a domain"))
            }
            _ => Ok(None),
        };
    };
    match rule.split_once('^') {
        Some((domain, "" | "|" | "$important")) if !domain.contains(['/', '*']) => Ok(Some(domain)),
        Some((_, options)) if options.starts_with('$') => {
            Err(Unusable::AdBlock("some requests only"))
        }
        _ => Err(Unusable::AdBlock("more than a domain")),
    }
}
