//! Lines with domains: plain lists, hosts files, rules of ad blockers.

use std::net::IpAddr;

use fastedge::blocklist::canonical::DomainKey;

use super::{Line, LineOptions, Unusable};
use crate::action::Effect;
use crate::error::RuleError;
use crate::rules::DomainRules;

/// Names that hosts files have for the machine itself.
const OWN_NAMES: [&str; 13] = [
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
    "ip6-allhosts",
];

pub(super) fn add(
    rules: &mut DomainRules,
    line: &str,
    options: &LineOptions,
) -> Result<Line, Unusable> {
    if hides_elements(line) {
        return Err(Unusable::AdBlock("parts of pages"));
    }
    let is_heading =
        line.starts_with('[') && line.ends_with(']') && !line.contains(['#', ':', '$']);
    if line.is_empty() || line.starts_with(['#', ';', '!']) || is_heading {
        return Ok(Line::Nothing);
    }
    if let Some(rule) = line.strip_prefix("@@") {
        let domain = anchored(rule)?.ok_or(Unusable::AdBlock("more than a domain"))?;
        rules.add_effect(domain, Effect::Except)?;
        return Ok(Line::Rules(1));
    }
    if let Some(domain) = anchored(line)? {
        rules.add_effect(domain, options.effect(None)?)?;
        return Ok(Line::Rules(1));
    }
    let words = line.split_whitespace();
    let mut words = words.take_while(|word| !word.starts_with(['#', ';']));
    let Some(first) = words.next() else {
        return Ok(Line::Nothing);
    };
    // Without the zone of `fe80::1%lo0`.
    let address = first.split('%').next().unwrap_or_default();
    if address.parse::<IpAddr>().is_ok() {
        return add_hosts(rules, first, words, options);
    }
    let second = words.next();
    if second.is_some() && !options.tag_column {
        return Err(Unusable::SeveralWords);
    }
    rules.add_effect(first, options.effect(second)?)?;
    Ok(Line::Rules(1))
}

/// The names of a line of a hosts file, each without those below it: all of them, or none.
fn add_hosts<'l>(
    rules: &mut DomainRules,
    address: &str,
    names: impl Iterator<Item = &'l str>,
    options: &LineOptions,
) -> Result<Line, Unusable> {
    let mut hosts = Vec::new();
    let mut is_bare = true;
    for name in names {
        // A number is a count, of a list of addresses.
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Unusable::IsAddress(address.to_owned()));
        }
        is_bare = false;
        let is_own = OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(name));
        if !is_own && name != address {
            DomainKey::new(name).map_err(|reason| RuleError::Domain {
                domain: name.to_owned(),
                reason,
            })?;
            hosts.push(name);
        }
    }
    if is_bare {
        return Err(Unusable::IsAddress(address.to_owned()));
    }
    if hosts.is_empty() {
        return Ok(Line::Nothing);
    }
    let effect = options.effect(None)?;
    for host in &hosts {
        rules.add_exact_effect(host, effect)?;
    }
    Ok(Line::Rules(hosts.len() as u64))
}

/// Rules of ad blockers for parts of pages, which begin like comments: `##.banner`, `###banner`, and not `## Banners` or `####`.
fn hides_elements(line: &str) -> bool {
    let begins = ["#@#", "#?#", "#$#"]
        .iter()
        .any(|mark| line.starts_with(mark));
    let mut rest = line.strip_prefix("##").unwrap_or_default().chars();
    let is_selector = match (rest.next(), rest.next()) {
        (Some('.' | '['), Some(_)) => true,
        (Some('#'), Some(letter)) => letter.is_alphabetic(),
        _ => false,
    };
    begins || is_selector
}

/// The domain of `||example.com^`; `None` for what is not such a rule.
fn anchored(line: &str) -> Result<Option<&str>, Unusable> {
    let Some(rule) = line.strip_prefix("||") else {
        return match line {
            _ if line.contains("##") || line.contains("#@#") || line.contains("#?#") => {
                Err(Unusable::AdBlock("parts of pages"))
            }
            _ if line.starts_with(['|', '/']) || line.contains('^') => {
                Err(Unusable::AdBlock("more than a domain"))
            }
            _ => Ok(None),
        };
    };
    match rule.split_once('^') {
        Some((domain, "" | "|")) if !domain.contains(['/', '*']) => Ok(Some(domain)),
        Some((_, options)) if options.starts_with('$') => {
            Err(Unusable::AdBlock("some requests only"))
        }
        _ => Err(Unusable::AdBlock("more than a domain")),
    }
}
