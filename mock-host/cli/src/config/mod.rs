//! The configuration: `fastedge.toml`, and the dotenv files beside it.
//!
//! ```toml
//! port = 8080
//!
//! [limits]
//! plan = "basic"              # or "pro", which is the default
//! time_ms = 50                # single limits of another size
//! memory = "128 MB"
//! body = "1 MB"
//! outbound_requests = 5
//!
//! [stores.config]             # what the app opens as "config"
//! directory = "data"          # each file below it, under its path
//! files = { "home" = "pages/home.html" }
//!
//! [stores.config.values]
//! title = "Home"
//! banner = { text = "Sale!", expires_after_secs = 3600 }
//! icon = { base64 = "AAEC" }
//!
//! [stores.config.sorted_sets]
//! scores = { members = { ann = 10, bob = 20 } }
//! addresses = { file = "scores.tsv" }     # lines of a score, a tab or a space, and a member
//!
//! [stores.config.bloom_filters]
//! blocked = { file = "blocked.txt", error_rate = 0.001 }      # lines of an item
//! seen = { items = ["a", "b"] }
//!
//! [variables]                 # the app's dictionary and environment
//! REGION = "eu"
//!
//! [secrets]
//! TOKEN = "s3cr3t"
//! KEY = [
//!     { value = "old", from = 2026-01-01T00:00:00Z },
//!     { value = "new", from = 2026-02-01T00:00:00Z },
//! ]
//!
//! [request_headers]           # where a request does not bring them itself
//! pop-country-code = "LU"
//!
//! [response_headers]          # added to each response
//! x-served-by = "fastedge-mock"
//!
//! [outbound]
//! allow = ["127.0.0.1:9000"]  # private and loopback addresses that apps may talk to
//! ```

mod dotenv;
mod error;
mod limits;
mod node;
mod outbound;
mod stores;

use std::path::Path;
use std::sync::Arc;

use fastedge_mock_host::Edge;
use http::{HeaderMap, HeaderName, HeaderValue};

use self::dotenv::{Kind, Setting};
pub use self::error::ConfigError;
use self::error::read_error;
pub use self::limits::Limits;
use self::node::{Node, Source, Table};
pub use self::outbound::OutboundRules;
use crate::headers::{is_about_the_connection, set_default};

/// A host to run an app on: its state, and how it treats requests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The platform's state, filled.
    pub edge: Arc<Edge>,
    /// The app's environment.
    pub environment: Vec<(String, String)>,
    /// What a request may use.
    pub limits: Limits,
    /// Headers for requests that do not bring them.
    pub request_headers: Vec<(HeaderName, HeaderValue)>,
    /// Headers that responses get.
    pub response_headers: Vec<(HeaderName, HeaderValue)>,
    /// Where an app may send requests.
    pub outbound: OutboundRules,
    /// The port to serve on.
    pub port: Option<u16>,
}

impl Default for Config {
    /// An empty platform.
    fn default() -> Self {
        Config {
            edge: Arc::new(Edge::for_serving()),
            environment: Vec::new(),
            limits: Limits::default(),
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            outbound: OutboundRules::default(),
            port: None,
        }
    }
}

impl Config {
    /// Reads a configuration file, if one is given, and the dotenv files of a folder, if one is
    /// given, whose settings win over the file's.
    ///
    /// # Errors
    ///
    /// If anything in them cannot be used; then nothing of them is.
    pub fn load(file: Option<&Path>, dotenv: Option<&Path>) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| ConfigError::of_file(path, read_error(&error)))?;
            config.read(&Source {
                path: path.to_owned(),
                text,
            })?;
        }
        if let Some(folder) = dotenv {
            for setting in dotenv::read(folder)? {
                config.apply(&setting)?;
            }
        }
        Ok(config)
    }

    /// Gives a request the configured headers that it does not bring itself.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.request_headers {
            set_default(headers, name, || Some(value.clone()));
        }
    }

    fn read(&mut self, source: &Source) -> Result<(), ConfigError> {
        let document = source.parse()?;
        let root = Table::root(source, &document);
        root.only(&[
            "port",
            "limits",
            "stores",
            "variables",
            "secrets",
            "request_headers",
            "response_headers",
            "outbound",
        ])?;
        if let Some(port) = root.get("port") {
            self.port = Some(port.integer("a port, from 0 (any that is free) to 65535,")?);
        }
        if let Some(limits) = root.get("limits") {
            self.limits = Limits::read(&limits.table()?)?;
        }
        if let Some(stores) = root.get("stores") {
            stores::read(&stores.table()?, &self.edge)?;
        }
        if let Some(variables) = root.get("variables") {
            for (name, value) in variables.table()?.entries() {
                self.set_variable(name, value.scalar()?);
            }
        }
        if let Some(secrets) = root.get("secrets") {
            for (name, value) in secrets.table()?.entries() {
                self.read_secret(name, &value)?;
            }
        }
        if let Some(headers) = root.get("request_headers") {
            read_headers(&headers, &mut self.request_headers)?;
        }
        if let Some(headers) = root.get("response_headers") {
            read_headers(&headers, &mut self.response_headers)?;
        }
        if let Some(outbound) = root.get("outbound") {
            self.outbound = OutboundRules::read(&outbound.table()?)?;
        }
        Ok(())
    }

    /// A text, or a list of values with the moments from which they are in effect.
    fn read_secret(&self, name: &str, secret: &Node<'_>) -> Result<(), ConfigError> {
        let Ok(values) = secret.list() else {
            self.edge.set_secret(name, 0, secret.scalar()?);
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
            self.edge.set_secret(name, from, text.scalar()?);
        }
        Ok(())
    }

    fn set_variable(&mut self, name: &str, value: String) {
        self.edge.set_variable(name, value.clone());
        self.environment.retain(|(former, _)| former != name);
        self.environment.push((name.to_owned(), value));
    }

    fn apply(&mut self, setting: &Setting) -> Result<(), ConfigError> {
        let Setting { name, value, .. } = setting;
        let header = || parse_header(name, value).map_err(|problem| setting.error(problem));
        match setting.kind {
            Kind::Variable => self.set_variable(name, value.clone()),
            Kind::Secret => {
                self.edge.remove_secret(name);
                self.edge.set_secret(name, 0, value.clone());
            }
            Kind::RequestHeader => set_header(&mut self.request_headers, header()?),
            Kind::ResponseHeader => set_header(&mut self.response_headers, header()?),
            Kind::KvStore => {
                if !self.edge.has_store(name) {
                    return Err(setting.error(format!(
                        "this host has no Redis behind it: say in fastedge.toml what is in the \
                         store, under [stores.{name}], and it takes precedence over {value}"
                    )));
                }
            }
        }
        Ok(())
    }
}

type Header = (HeaderName, HeaderValue);

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
