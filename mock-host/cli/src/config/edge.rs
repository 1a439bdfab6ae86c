//! `[edge]`, `[cache]` and `[api]`: how the platform behaves, and what is behind it.

use std::path::PathBuf;
use std::time::Duration;

use fastedge_mock_host::{Overflow, Replication, Scans, Settings, Unlinked};

use super::error::ConfigError;
use super::node::{Node, Table};
use super::stores::RedisUrl;
use crate::api::{ApiRules, ConflictStatus, LargeValues, UnknownParameters};
use crate::redis::RedisCache;
use crate::suggestion::did_you_mean;

/// The token of the API where none is configured. It is for this machine only.
pub const LOCAL_TOKEN: &str = "local";

/// What the keys of a cache in a Redis begin with where nothing is said.
const CACHE_PREFIX: &str = "fastedge-cache:";

/// The platform that apps share: its locations, how it behaves, and where it keeps its data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EdgeSettings {
    /// The locations; the first one answers where none is named.
    pub pops: Vec<String>,
    /// How it behaves.
    pub settings: Settings,
    /// The folder in which the database is.
    pub data: Option<PathBuf>,
    /// The Redis that is the cache.
    pub cache: Option<RedisUrl>,
    /// The API.
    pub api: ApiSettings,
}

/// The API for Edge Storage.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiSettings {
    /// True if the server has the API. Otherwise, its paths are not found.
    pub is_enabled: bool,
    /// What a request has to bring.
    pub token: Option<String>,
    /// The rules that the platform's documentation leaves open.
    pub rules: ApiRules,
}

impl Default for EdgeSettings {
    /// One location, which behaves as the platform's do.
    fn default() -> Self {
        EdgeSettings {
            pops: vec![fastedge_mock_host::LOCAL_POP.to_owned()],
            settings: Settings::platform(),
            data: None,
            cache: None,
            api: ApiSettings {
                is_enabled: true,
                token: None,
                rules: ApiRules::default(),
            },
        }
    }
}

impl EdgeSettings {
    pub(super) fn read(root: &Table<'_>) -> Result<Self, ConfigError> {
        let mut edge = EdgeSettings::default();
        if let Some(table) = root.get("edge") {
            edge.read_edge(&table.table()?)?;
        }
        if let Some(table) = root.get("cache") {
            edge.read_cache(&table.table()?)?;
        }
        if let Some(table) = root.get("api") {
            edge.api = read_api(&table.table()?)?;
        }
        Ok(edge)
    }

    fn read_edge(&mut self, table: &Table<'_>) -> Result<(), ConfigError> {
        table.only(&[
            "preset",
            "seed",
            "pops",
            "replication_ms",
            "read_cache_ms",
            "nodes",
            "scans",
            "unlinked",
            "data",
        ])?;
        let seed = match table.get("seed") {
            Some(seed) => seed.integer("a seed, which is a number from 0,")?,
            None => 0,
        };
        let mut settings = match table.get("preset") {
            Some(preset) => choose(
                &preset,
                "preset",
                &[
                    ("platform", Settings::platform()),
                    ("prompt", Settings::prompt()),
                    ("strict", Settings::strict(seed)),
                ],
            )?,
            None => Settings::platform(),
        };
        if let Some(lag) = table.get("replication_ms") {
            settings = settings.replication(read_replication(&lag, seed)?);
        }
        if let Some(keep) = table.get("read_cache_ms") {
            let keep: u64 = keep.integer("a number of milliseconds, or 0 for no read cache,")?;
            settings = settings.read_cache((keep > 0).then(|| Duration::from_millis(keep)));
        }
        if let Some(nodes) = table.get("nodes") {
            settings = settings.nodes(nodes.integer("a number of nodes")?);
        }
        if let Some(scans) = table.get("scans") {
            let orders = [
                ("ordered", Scans::Ordered),
                ("shuffled", Scans::Shuffled { seed }),
            ];
            settings = settings.scans(choose(&scans, "order of scans", &orders)?);
        }
        if let Some(unlinked) = table.get("unlinked") {
            let errors = [
                ("access-denied", Unlinked::AccessDenied),
                ("no-such-store", Unlinked::NoSuchStore),
            ];
            settings = settings.unlinked(choose(&unlinked, "error", &errors)?);
        }
        self.settings = settings;
        if let Some(pops) = table.get("pops") {
            self.pops = read_pops(&pops)?;
        }
        if let Some(data) = table.get("data") {
            self.data = Some(data.path()?);
        }
        Ok(())
    }

    fn read_cache(&mut self, table: &Table<'_>) -> Result<(), ConfigError> {
        table.only(&[
            "enabled",
            "max_bytes",
            "ttl_ceiling_secs",
            "overflow",
            "redis",
            "prefix",
        ])?;
        let mut settings = self.settings.clone();
        if let Some(enabled) = table.get("enabled") {
            settings = settings.cache(enabled.truth()?);
        }
        if let Some(bytes) = table.get("max_bytes") {
            settings = settings.cache_bytes(super::limits::read_bytes(&bytes)?);
        }
        let mut ceiling = Duration::from_secs(4 * 24 * 60 * 60);
        if let Some(secs) = table.get("ttl_ceiling_secs") {
            ceiling = Duration::from_secs(secs.integer("a number of seconds")?);
            settings = settings.ttl_ceiling(ceiling);
        }
        if let Some(overflow) = table.get("overflow") {
            let behaviours = [("wraps", Overflow::Wraps), ("fails", Overflow::Fails)];
            settings = settings.overflow(choose(&overflow, "overflow", &behaviours)?);
        }
        self.settings = settings;
        self.cache = RedisUrl::read(table)?;
        if let Some(redis) = &mut self.cache
            && redis.prefix.is_empty()
        {
            // A purge of the cache is not to take along what else is in the Redis.
            redis.prefix = CACHE_PREFIX.to_owned();
        }
        if let (Some(redis), Some(node)) = (&self.cache, table.get("redis")) {
            RedisCache::at(&redis.url, &redis.prefix, ceiling)
                .map_err(|problem| node.error(problem.to_string()))?;
        }
        Ok(())
    }
}

fn read_api(table: &Table<'_>) -> Result<ApiSettings, ConfigError> {
    table.only(&[
        "enabled",
        "token",
        "large_values",
        "conflict_status",
        "unknown_parameters",
    ])?;
    let mut api = EdgeSettings::default().api;
    if let Some(enabled) = table.get("enabled") {
        api.is_enabled = enabled.truth()?;
    }
    if let Some(token) = table.get("token") {
        let text = token.text()?;
        if text.is_empty() {
            return Err(token.error("a token that is empty lets everybody in"));
        }
        // No request can send a token that a header cannot carry as it is.
        let is_visible = |c: char| c == ' ' || c.is_ascii_graphic();
        if text.trim() != text || !text.chars().all(is_visible) {
            let problem = "the token has characters that a header cannot carry: use visible ASCII \
                           characters, and no spaces around them";
            return Err(token.error(problem));
        }
        api.token = Some(text.to_owned());
    }
    api.rules = read_rules(table)?;
    Ok(api)
}

fn read_rules(table: &Table<'_>) -> Result<ApiRules, ConfigError> {
    let mut rules = ApiRules::default();
    if let Some(large) = table.get("large_values") {
        let forms = [
            ("sha256-of-value", LargeValues::Sha256OfValue),
            ("sha256-of-text", LargeValues::Sha256OfText),
            ("clear", LargeValues::Clear),
        ];
        rules = rules.large_values(choose(&large, "form of large values", &forms)?);
    }
    if let Some(status) = table.get("conflict_status") {
        let what = "a status, 400 or 409,";
        rules = rules.conflict_status(match status.integer(what)? {
            400_u16 => ConflictStatus::BadRequest,
            409 => ConflictStatus::Conflict,
            other => return Err(status.error(format!("{what} is wanted, not {other}"))),
        });
    }
    if let Some(unknown) = table.get("unknown_parameters") {
        let treatments = [
            ("ignore", UnknownParameters::Ignore),
            ("refuse", UnknownParameters::Refuse),
        ];
        let treatment = choose(&unknown, "treatment of unknown parameters", &treatments)?;
        rules = rules.unknown_parameters(treatment);
    }
    Ok(rules)
}

/// Milliseconds, the least and the most of them, or `"held"`.
fn read_replication(lag: &Node<'_>, seed: u64) -> Result<Replication, ConfigError> {
    let what = "a number of milliseconds, the least and the most of them as in [1000, 2000], or \
                \"held\"";
    let millis = |node: &Node<'_>| Ok(Duration::from_millis(node.integer(what)?));
    if let Ok(text) = lag.text() {
        return match text {
            "held" => Ok(Replication::held()),
            other => Err(lag.error(format!("{what} is wanted, not {other:?}"))),
        };
    }
    let Ok(range) = lag.list() else {
        return Ok(Replication::after(millis(lag)?));
    };
    match range.as_slice() {
        [least, most] => Ok(Replication::between(millis(least)?..=millis(most)?, seed)),
        _ => Err(lag.error(format!("{what} is wanted"))),
    }
}

fn read_pops(pops: &Node<'_>) -> Result<Vec<String>, ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for pop in pops.list()? {
        let name = pop.text()?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(pop.error("the name of a location is of letters, digits, - and _"));
        }
        if names.iter().any(|other| other == name) {
            return Err(pop.error(format!("there is a location {name:?} already")));
        }
        names.push(name.to_owned());
    }
    match names.is_empty() {
        true => Err(pops.error("there is at least one location")),
        false => Ok(names),
    }
}

/// One of several words.
fn choose<T: Clone>(node: &Node<'_>, what: &str, words: &[(&str, T)]) -> Result<T, ConfigError> {
    let text = node.text()?;
    match words.iter().find(|(word, _)| *word == text) {
        Some((_, meaning)) => Ok(meaning.clone()),
        None => {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let hint = did_you_mean(text, &known);
            Err(node.error(format!("no {what} is called {text:?}; {hint}")))
        }
    }
}
