//! Rules of any kind.

use fastedge::blocklist::format::country_number;

use super::{Line, LineOptions, Unusable, addresses, domains, numbers, table, texts};
use crate::action::Effect;
use crate::error::PackError;
use crate::packed::Packed;
use crate::rules::{
    AddressRules, AsnRules, CountryRules, DomainRules, PathRules, TableRules, TokenRules,
};

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// IP addresses, networks, ranges.
    Addresses,
    /// Domains.
    Domains,
    /// Paths.
    Paths,
    /// Texts.
    Tokens,
    /// Autonomous systems.
    Asns,
    /// Countries.
    Countries,
    /// Values by texts.
    TableByText,
    /// Values by addresses, networks, ranges.
    TableByAddress,
    /// Values by domains.
    TableByDomain,
    /// Values by paths.
    TableByPath,
}

/// The rules of a list, or the rows of a table, of any kind: what is read from files.
#[derive(Clone, Debug)]
pub enum ListRules {
    /// Of an [`IpList`](fastedge::blocklist::IpList).
    Addresses(AddressRules),
    /// Of a [`DomainList`](fastedge::blocklist::DomainList).
    Domains(DomainRules),
    /// Of a [`PathList`](fastedge::blocklist::PathList).
    Paths(PathRules),
    /// Of a [`TokenSet`](fastedge::blocklist::TokenSet).
    Tokens(TokenRules),
    /// Of an [`AsnList`](fastedge::blocklist::AsnList).
    Asns(AsnRules),
    /// Of a [`CountryList`](fastedge::blocklist::CountryList).
    Countries(CountryRules),
    /// Of a [`LookupTable`](fastedge::blocklist::LookupTable).
    Table(TableRules),
}

impl ListRules {
    /// No rules, or rows.
    pub fn new(subject: Subject) -> Self {
        match subject {
            Subject::Addresses => ListRules::Addresses(AddressRules::new()),
            Subject::Domains => ListRules::Domains(DomainRules::new()),
            Subject::Paths => ListRules::Paths(PathRules::new()),
            Subject::Tokens => ListRules::Tokens(TokenRules::new()),
            Subject::Asns => ListRules::Asns(AsnRules::new()),
            Subject::Countries => ListRules::Countries(CountryRules::new()),
            Subject::TableByText => ListRules::Table(TableRules::by_text()),
            Subject::TableByAddress => ListRules::Table(TableRules::by_address()),
            Subject::TableByDomain => ListRules::Table(TableRules::by_domain()),
            Subject::TableByPath => ListRules::Table(TableRules::by_path()),
        }
    }

    /// Packs them.
    ///
    /// # Errors
    ///
    /// See [`PackError`].
    pub fn pack(self) -> Result<Packed, PackError> {
        match self {
            ListRules::Addresses(rules) => rules.pack(),
            ListRules::Domains(rules) => rules.pack(),
            ListRules::Paths(rules) => rules.pack(),
            ListRules::Tokens(rules) => rules.pack(),
            ListRules::Asns(rules) => rules.pack(),
            ListRules::Countries(rules) => rules.pack(),
            ListRules::Table(rows) => rows.pack(),
        }
    }

    pub(super) fn add_line(&mut self, line: &str, options: &LineOptions) -> Result<Line, Unusable> {
        // A file whose lines end with a carriage return alone is one line.
        if line.contains('\r') {
            return Err(Unusable::CarriageReturn);
        }
        match self {
            ListRules::Addresses(rules) => addresses::add(rules, line, options),
            ListRules::Domains(rules) => domains::add(rules, line, options),
            ListRules::Paths(rules) => {
                let line = line.split(" #").next().unwrap_or_default().trim_end();
                texts::add(line, options, |path, effect| rules.add_effect(path, effect))
            }
            ListRules::Tokens(rules) => texts::add(line, options, |token, effect| {
                rules.add_effect(token.as_bytes(), effect).map(drop)
            }),
            ListRules::Asns(rules) => {
                let is_one = |word: &str| AsnRules::new().add_effect(word, Effect::Allow).is_ok();
                numbers::add(line, options, is_one, |asn, effect| {
                    rules.add_effect(asn, effect)
                })
            }
            ListRules::Countries(rules) => {
                let is_one = |word: &str| country_number(word).is_some();
                numbers::add(line, options, is_one, |code, effect| {
                    rules.add_effect(code, effect)
                })
            }
            ListRules::Table(rows) => table::add(rows, line, options),
        }
    }
}
