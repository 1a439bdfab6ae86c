//! A configuration as a whole: the platform, and the apps on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fastedge_mock_host::Edge;

use super::Config;
use super::app::{self, AppSettings, SetUpError};
use super::declared::{Declarations, Declared};
use super::dotenv::{self, Setting};
use super::edge::EdgeSettings;
use super::error::{ConfigError, read_error};
use super::node::{Node, Source, Table};
use crate::redis::RedisCache;
use crate::stamp::Stamp;

/// What a configuration says, before anything of it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SiteConfig {
    /// The port of the apps.
    pub port: Option<u16>,
    /// The port of the API and the inspector.
    pub admin_port: Option<u16>,
    /// The platform.
    pub edge: EdgeSettings,
    /// The apps that the configuration names.
    pub apps: Vec<SiteApp>,
    /// What an app finds that it does not name.
    pub(crate) app: AppSettings,
}

/// One of several apps.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SiteApp {
    /// Its name.
    pub name: String,
    /// A package, or the file of a component.
    pub app: String,
    /// The host names that are its.
    pub hosts: Vec<String>,
    pub(crate) settings: AppSettings,
}

impl SiteConfig {
    /// Reads a configuration file, if one is given, and the dotenv files of a folder, if one is
    /// given, whose settings win over those at the top of the file, but for the stores there.
    ///
    /// # Errors
    ///
    /// If anything in them cannot be used.
    pub fn load(file: Option<&Path>, dotenv: Option<&Path>) -> Result<Self, ConfigError> {
        SiteConfig::load_noting(file, dotenv, &mut Vec::new())
    }

    /// Like [`load`](SiteConfig::load); and notes each file that it depends on, also if it fails.
    pub(crate) fn load_noting(
        file: Option<&Path>,
        dotenv: Option<&Path>,
        files: &mut Vec<Stamp>,
    ) -> Result<Self, ConfigError> {
        files.extend(file.map(Stamp::of));
        if let Some(folder) = dotenv {
            files.extend(dotenv::files(folder).map(|file| Stamp::of(&file)));
        }
        let settings = match dotenv {
            Some(folder) => dotenv::read(folder)?,
            None => Vec::new(),
        };
        let Some(path) = file else {
            return SiteConfig::read(None, &settings);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::of_file(path, read_error(&error)))?;
        let source = Source::new(path, text);
        let site = SiteConfig::read(Some(&source), &settings);
        files.extend(source.paths());
        site
    }

    fn read(source: Option<&Source>, settings: &[Setting]) -> Result<Self, ConfigError> {
        let mut site = SiteConfig::default();
        let document = source.map(Source::parse).transpose()?;
        let root = match (source, &document) {
            (Some(source), Some(document)) => Some(Table::root(source, document)),
            _ => None,
        };
        if let Some(root) = &root {
            site.read_platform(root)?;
            site.app = AppSettings::default().read(root)?;
        }
        site.app.apply(settings)?;
        if let Some(apps) = root.and_then(|root| root.get("apps")) {
            for (name, app) in apps.table()?.entries() {
                let app = site.read_app(name, &app)?;
                site.apps.push(app);
            }
        }
        Ok(site)
    }

    fn read_platform(&mut self, root: &Table<'_>) -> Result<(), ConfigError> {
        let mut known = vec!["port", "admin_port", "edge", "cache", "api", "apps"];
        known.extend(app::KEYS);
        root.only(&known)?;
        let port = |name| {
            let port = root.get(name);
            port.map(|port| port.integer("a port, from 0 (any that is free) to 65535,"))
                .transpose()
        };
        self.port = port("port")?;
        self.admin_port = port("admin_port")?;
        self.edge = EdgeSettings::read(root)?;
        Ok(())
    }

    fn read_app(&self, name: &str, node: &Node<'_>) -> Result<SiteApp, ConfigError> {
        let table = node.table()?;
        let mut known = vec!["app", "hosts"];
        known.extend(app::KEYS);
        table.only(&known)?;
        let app = match table.get("app") {
            Some(app) => app,
            None => return Err(node.error("`app` is missing: a package, or a component's file")),
        };
        let path = app.path()?;
        let app = match path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            true => path.display().to_string(),
            false => app.text()?.to_owned(),
        };
        let hosts = match table.get("hosts") {
            Some(hosts) => {
                let hosts = hosts.list()?.into_iter();
                let hosts = hosts.map(|host| self.free_host(&host, host.text()?));
                hosts.collect::<Result<_, _>>()?
            }
            None => vec![self.free_host(node, &format!("{name}.localhost"))?],
        };
        Ok(SiteApp {
            name: name.to_owned(),
            app,
            hosts,
            settings: self.app.clone().read(&table)?,
        })
    }

    /// A host name that is no other app's.
    fn free_host(&self, node: &Node<'_>, host: &str) -> Result<String, ConfigError> {
        let host = host.to_ascii_lowercase();
        match self.apps.iter().find(|other| other.hosts.contains(&host)) {
            Some(other) => Err(node.error(format!(
                "{host:?} is already a host name of the app {:?}",
                other.name
            ))),
            None => Ok(host),
        }
    }

    /// A platform as it is configured, without apps and data, in real time.
    pub fn new_edge(&self) -> Edge {
        let pops: Vec<&str> = self.edge.pops.iter().map(String::as_str).collect();
        let edge = Edge::for_serving(&pops, self.edge.settings.clone());
        self.set_cache(&edge);
        edge
    }

    /// A platform as it is configured, without apps and data, whose clock stands still.
    pub fn new_test_edge(&self) -> Edge {
        let pops: Vec<&str> = self.edge.pops.iter().map(String::as_str).collect();
        let edge = Edge::for_tests(&pops, self.edge.settings.clone());
        self.set_cache(&edge);
        edge
    }

    /// Sets up an app that the configuration does not name.
    ///
    /// # Errors
    ///
    /// If what the configuration says cannot be had.
    pub fn set_up(&self, edge: Edge) -> Result<Config, SetUpError> {
        self.set_up_app(&self.app, edge)
    }

    /// Sets up the app that the configuration names so, or whose component this is; if there is
    /// none, one that it does not name.
    ///
    /// # Errors
    ///
    /// If what the configuration says cannot be had.
    pub fn set_up_named(&self, app: &str, edge: Edge) -> Result<Config, SetUpError> {
        self.set_up_app(self.settings_of(app), edge)
    }

    /// What an app finds: that of its name or of its component, or of one that is not named.
    pub(crate) fn settings_of(&self, app: &str) -> &AppSettings {
        let mut named = self.apps.iter();
        let named = named.find(|one| one.name == app || one.app == app);
        named.map_or(&self.app, |named| &named.settings)
    }

    fn set_up_app(&self, app: &AppSettings, edge: Edge) -> Result<Config, SetUpError> {
        let mut declarations = Declarations::default();
        let config = app.set_up(edge, &mut declarations)?;
        let applied = Declared::default().apply(&config.edge, &declarations, true);
        applied.map_err(|error| SetUpError(error.to_string()))?;
        Ok(config)
    }

    /// Puts the configured Redis, if there is one, in the place of the caches.
    pub(crate) fn set_cache(&self, edge: &Edge) {
        let ceiling = self.edge.settings.longest_cache_ttl();
        for pop in edge.pops() {
            let Some(edge) = edge.at(&pop) else { continue };
            let configured = self.edge.cache.as_ref();
            let has_cache = self.edge.settings.has_cache();
            let cache = configured.filter(|_| has_cache).and_then(|redis| {
                // Each location has a cache of its own; it was read as a URL before.
                let prefix = match edge.pops().len() {
                    1 => redis.prefix.clone(),
                    _ => format!("{}{pop}:", redis.prefix),
                };
                RedisCache::at(&redis.url, &prefix, ceiling).ok()
            });
            edge.set_foreign_cache(cache.map(|cache| Arc::new(cache) as _));
        }
    }

    /// The folder of the database, relative to where the command runs.
    pub fn data_folder(&self, file: Option<&Path>) -> PathBuf {
        match (&self.edge.data, file.and_then(Path::parent)) {
            (Some(folder), _) => folder.clone(),
            (None, Some(beside)) => beside.join(".fastedge"),
            (None, None) => PathBuf::from(".fastedge"),
        }
    }
}
