//! What one app finds: at the top of the file for every app, below `[apps.NAME]` for one.

use fastedge_mock_host::Edge;
use http::{HeaderName, HeaderValue};

use super::declared::Declarations;
use super::dotenv::{Kind, Setting};
use super::error::ConfigError;
use super::node::{Node, Table};
use super::stores::{Contents, RedisUrl, StoreDeclaration};
use super::{Config, Limits, OutboundRules};
use crate::headers::is_about_the_connection;
use crate::redis::RedisStore;

/// The keys that [`AppSettings::read`] takes.
pub(super) const KEYS: [&str; 7] = [
    "limits",
    "stores",
    "variables",
    "secrets",
    "request_headers",
    "response_headers",
    "outbound",
];

/// What one app finds, before any of it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppSettings {
    pub(super) limits: Limits,
    pub(super) stores: Vec<StoreDeclaration>,
    pub(super) variables: Vec<(String, String)>,
    /// Names, the moments from which they are in effect, and values.
    pub(super) secrets: Vec<(String, u64, String)>,
    pub(super) request_headers: Vec<Header>,
    pub(super) response_headers: Vec<Header>,
    pub(super) outbound: OutboundRules,
}

type Header = (HeaderName, HeaderValue);

impl AppSettings {
    /// These settings, and those of a table over them.
    pub(super) fn read(mut self, table: &Table<'_>) -> Result<Self, ConfigError> {
        if let Some(limits) = table.get("limits") {
            self.limits = self.limits.read(&limits.table()?)?;
        }
        if let Some(stores) = table.get("stores") {
            for (name, store) in stores.table()?.entries() {
                self.stores.retain(|other| other.name != name);
                let store = StoreDeclaration::read(name, &store.table()?)?;
                self.stores.push(store);
            }
        }
        if let Some(variables) = table.get("variables") {
            for (name, value) in variables.table()?.entries() {
                self.set_variable(name, value.scalar()?);
            }
        }
        if let Some(secrets) = table.get("secrets") {
            for (name, value) in secrets.table()?.entries() {
                self.secrets.retain(|(other, ..)| other != name);
                self.read_secret(name, &value)?;
            }
        }
        if let Some(headers) = table.get("request_headers") {
            read_headers(&headers, &mut self.request_headers)?;
        }
        if let Some(headers) = table.get("response_headers") {
            read_headers(&headers, &mut self.response_headers)?;
        }
        if let Some(outbound) = table.get("outbound") {
            self.outbound = self.outbound.read(&outbound.table()?)?;
        }
        Ok(self)
    }

    /// A text, or a list of values with the moments from which they are in effect.
    fn read_secret(&mut self, name: &str, secret: &Node<'_>) -> Result<(), ConfigError> {
        let Ok(values) = secret.list() else {
            self.secrets.push((name.to_owned(), 0, secret.scalar()?));
            return Ok(());
        };
        for value in values {
            let table = value.table()?;
            table.only(&["value", "from"])?;
            let text = table
                .get("value")
                .ok_or_else(|| value.error("`value` is missing"))?;
            let from = match table.get("from") {
                Some(from) => from.moment()?,
                None => 0,
            };
            self.secrets.push((name.to_owned(), from, text.scalar()?));
        }
        Ok(())
    }

    fn set_variable(&mut self, name: &str, value: String) {
        self.variables.retain(|(former, _)| former != name);
        self.variables.push((name.to_owned(), value));
    }

    /// Lines of dotenv files, which win over the configuration, except for stores; and later ones over earlier ones.
    pub(super) fn apply(&mut self, settings: &[Setting]) -> Result<(), ConfigError> {
        let stores = self.stores.iter().map(|store| store.name.clone());
        let declared: Vec<String> = stores.collect();
        settings
            .iter()
            .filter(|setting| setting.kind != Kind::KvStore || !declared.contains(&setting.name))
            .try_for_each(|setting| self.apply_one(setting))
    }

    fn apply_one(&mut self, setting: &Setting) -> Result<(), ConfigError> {
        let Setting { name, value, .. } = setting;
        let header = || parse_header(name, value).map_err(|problem| setting.error(problem));
        match setting.kind {
            Kind::Variable => self.set_variable(name, value.clone()),
            Kind::Secret => {
                self.secrets.retain(|(other, ..)| other != name);
                self.secrets.push((name.clone(), 0, value.clone()));
            }
            Kind::RequestHeader => set_header(&mut self.request_headers, header()?),
            Kind::ResponseHeader => set_header(&mut self.response_headers, header()?),
            Kind::KvStore => {
                RedisStore::at(value, "").map_err(|problem| setting.error(problem.to_string()))?;
                let redis = RedisUrl {
                    url: value.clone(),
                    prefix: String::new(),
                };
                self.stores.retain(|other| other.name != *name);
                self.stores.push(StoreDeclaration {
                    name: name.clone(),
                    contents: Contents::Redis(redis),
                });
            }
        }
        Ok(())
    }

    /// Sets an app up on the platform, to which nothing of it is linked yet, and adds what it
    /// declares of its stores, which is still to be applied.
    pub(crate) fn set_up<'a>(
        &'a self,
        edge: Edge,
        declarations: &mut Declarations<'a>,
    ) -> Result<Config, SetUpError> {
        for store in &self.stores {
            match &store.contents {
                Contents::Redis(redis) => {
                    let redis = RedisStore::at(&redis.url, &redis.prefix);
                    let redis = redis.map_err(|error| SetUpError(error.to_string()))?;
                    edge.link_foreign_store(&store.name, std::sync::Arc::new(redis));
                }
                Contents::Platform {
                    store: named,
                    entries,
                } => {
                    let id = edge
                        .link_store(&store.name, named)
                        .map_err(|error| SetUpError(format!("store {named:?}: {error}")))?;
                    declarations.add(id, entries);
                }
            }
        }
        for (name, value) in &self.variables {
            edge.set_variable(name, value);
        }
        for (name, from, value) in &self.secrets {
            edge.set_secret(name, *from, value);
        }
        Ok(Config {
            edge,
            environment: self.variables.clone(),
            limits: self.limits,
            request_headers: self.request_headers.clone(),
            response_headers: self.response_headers.clone(),
            outbound: self.outbound.clone(),
            port: None,
            admin_port: None,
        })
    }
}

/// Why an app could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SetUpError(pub(crate) String);

fn read_headers(node: &Node<'_>, headers: &mut Vec<Header>) -> Result<(), ConfigError> {
    for (name, value) in node.table()?.entries() {
        let header = parse_header(name, &value.scalar()?).map_err(|error| value.error(error))?;
        set_header(headers, header);
    }
    Ok(())
}

fn parse_header(name: &str, value: &str) -> Result<Header, String> {
    let name: HeaderName = name
        .parse()
        .map_err(|_| format!("{name:?} cannot be the name of a header"))?;
    if is_about_the_connection(&name) {
        return Err(format!(
            "{name} is the server's to say, and follows from the message"
        ));
    }
    let value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| format!("{value:?} cannot be the value of a header"))?;
    Ok((name, value))
}

fn set_header(headers: &mut Vec<Header>, header: Header) {
    headers.retain(|(former, _)| *former != header.0);
    headers.push(header);
}
