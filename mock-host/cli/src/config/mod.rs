//! The configuration: `fastedge.toml`, and the dotenv files beside it.
//!
//! ```toml
//! port = 8080                 # of the apps
//! admin_port = 8081           # of the API and the inspector
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
//! seen = { items = ["a", "b"], capacity = 100, expansion = 2 }    # 0: it does not scale
//!
//! [stores.config.packed]      # block lists and tables, packed: see `fastedge-mock pack`
//! threats = { addresses = ["threats.txt", "lists/"], tag_column = true, allow = "office.txt" }
//! hosts = { domains = "hosts", strict = false }               # packs the lines that can be used
//! office = { tokens = "badges.txt", except = "lost.txt", tag = 7 }    # or `paths`, `asns`, `countries`
//! redirects = { table = "redirects.tsv", by = "text" }        # or "address", "domain", "path"
//! prices = { table = "prices.csv", by = "text", separator = "," }
//!
//! [stores.orders]
//! store = "orders-2026"       # the account's store of another name
//!
//! [stores.ours]
//! redis = "redis://127.0.0.1:6379/0"          # a Redis of the customer's own
//! prefix = "ours:"
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
//! # only = ["api.example.com"]                # and nowhere else
//!
//! [edge]                      # how the platform behaves
//! preset = "platform"         # as it is; "prompt": what is written is seen at once; "strict": the
//!                             # worst that is allowed
//! pops = ["lon", "syd"]       # the locations; a request chooses one with `x-fastedge-pop`
//! replication_ms = [1000, 2000]               # or a number, or "held"
//! read_cache_ms = 30000       # how long a node keeps what it has read; 0 is not at all
//! nodes = 1                   # of each location
//! scans = "ordered"           # or "shuffled"
//! unlinked = "access-denied"  # or "no-such-store"
//! seed = 0                    # of whatever is left to chance
//! data = ".fastedge"          # the folder of the database, which the first write to the API makes
//!
//! [cache]
//! enabled = true
//! max_bytes = "256 MB"
//! ttl_ceiling_secs = 345600
//! overflow = "wraps"          # or "fails", as Redis does
//! # redis = "redis://127.0.0.1:6379/0"        # a cache that several hosts share: `max_bytes` and `overflow` are
//! #                                           # that Redis's own affair then
//! # prefix = "cache:"                         # "fastedge-cache:", if nothing is said
//!
//! [api]                       # the platform's API for Edge Storage
//! enabled = true
//! token = "local"
//! # The platform's documentation leaves these open. The first value is its usual reading.
//! large_values = "sha256-of-value"            # values of more than 1,024 bytes, and their hashes;
//!                             # "sha256-of-text": both are of the encoded text, as base64;
//!                             # "clear": they are returned as they were written
//! conflict_status = 400       # a name that is taken, a key of another type; or 409
//! unknown_parameters = "ignore"               # or "refuse": 400 for a query parameter that the
//!                             # call does not have
//!
//! [apps.shop]                 # one of several apps, told by the host name of a request
//! app = "shop"                # a package, or the file of a component
//! hosts = ["shop.localhost"]  # which it is, if nothing is said
//!
//! [apps.shop.variables]       # and all else that can be said at the top, for this app only
//! NAME = "The Shop"
//! ```
//!
//! What an app says goes over what is said at the top, name by name: of `limits` each that it sets, or all with a
//! `plan`; of `outbound` each of the two lists whole.

mod app;
mod declared;
mod dotenv;
mod edge;
mod error;
mod limits;
mod node;
mod outbound;
mod packed;
mod site;
mod stores;

use std::path::Path;

use fastedge_mock_host::{Edge, Settings};
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) use self::app::AppSettings;
pub use self::app::SetUpError;
pub(crate) use self::declared::{Declarations, Declared};
pub use self::edge::{ApiSettings, EdgeSettings, LOCAL_TOKEN};
pub use self::error::ConfigError;
pub(crate) use self::error::read_error;
pub use self::limits::Limits;
pub(crate) use self::node::{Node, Source, Table};
pub use self::outbound::OutboundRules;
pub use self::site::{SiteApp, SiteConfig};
pub use self::stores::RedisUrl;
use crate::headers::set_default;

/// A host to run an app on: its state, and how it treats requests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The platform, as the app meets it.
    pub edge: Edge,
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
    /// The port of the apps.
    pub port: Option<u16>,
    /// The port of the API and the inspector.
    pub admin_port: Option<u16>,
}

impl Default for Config {
    /// An empty platform, in real time.
    fn default() -> Self {
        Config::on(Edge::for_serving(&[], Settings::platform()))
    }
}

impl Config {
    /// An app on a platform, with the limits of the pro plan.
    pub fn on(edge: Edge) -> Self {
        Config {
            environment: edge.variables(),
            edge,
            limits: Limits::default(),
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            outbound: OutboundRules::default(),
            port: None,
            admin_port: None,
        }
    }

    /// Reads a configuration file, if one is given, and the dotenv files of a folder, if one is
    /// given, whose settings win over those at the top of the file, but for the stores there. The platform is one
    /// of its own, in real time.
    ///
    /// # Errors
    ///
    /// If anything in them cannot be used; then nothing of them is.
    pub fn load(file: Option<&Path>, dotenv: Option<&Path>) -> Result<Config, ConfigError> {
        let site = SiteConfig::load(file, dotenv)?;
        let edge = site.new_edge();
        let mut config = site.set_up(edge).map_err(|error| {
            let file = file.or(dotenv).unwrap_or(Path::new(""));
            ConfigError::of_file(file, error.to_string())
        })?;
        config.port = site.port;
        config.admin_port = site.admin_port;
        Ok(config)
    }

    /// Gives a request the configured headers that it does not bring itself.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.request_headers {
            set_default(headers, name, || Some(value.clone()));
        }
    }
}
