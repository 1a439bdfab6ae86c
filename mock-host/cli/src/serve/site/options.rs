//! What is to be served, and how it comes to be.

use std::path::{Path, PathBuf};

use fastedge_mock_host::Edge;

use super::binary::Binary;
use super::durability::Durability;
use super::served::{ApiAccess, Served, ServedApp};
use crate::config::{AppSettings, ConfigError, Declarations, LOCAL_TOKEN, SiteConfig};
use crate::package::AppPackage;
use crate::serve::LoadError;
use crate::stamp::Stamp;
use crate::wasm::Guest;

/// What to serve, and how.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SiteOptions {
    /// A component, or the name or folder of a package, that answers every host name that is no
    /// other app's.
    pub app: Option<String>,
    /// The configuration.
    pub config: Option<PathBuf>,
    /// The folder of the dotenv files.
    pub dotenv: Option<PathBuf>,
    /// The location that answers where a request names none; the first one, if nothing is said.
    pub pop: Option<String>,
    /// The folder of the database, in place of the configured one.
    pub data: Option<PathBuf>,
    /// Further destinations, as `host` or `host:port`, that apps may talk to.
    pub allow: Vec<String>,
    /// Whether others than this machine reach the server. Then the API needs a token of one's own.
    pub is_public: bool,
    /// Whether the inspector is for others than this machine, too.
    pub inspector_for_all: bool,
}

/// An app of a configuration, its component loaded, before it is set up.
pub(super) struct LoadedApp<'a> {
    name: String,
    hosts: Option<Vec<String>>,
    settings: &'a AppSettings,
    guest: Guest,
    binary: Binary,
}

impl SiteOptions {
    pub(super) fn read_config(&self, files: &mut Vec<Stamp>) -> Result<SiteConfig, LoadError> {
        let (file, dotenv) = (self.config.as_deref(), self.dotenv.as_deref());
        let config = SiteConfig::load_noting(file, dotenv, files)?;
        if self.app.is_none() && config.apps.is_empty() {
            return Err(LoadError::NothingToServe);
        }
        Ok(config)
    }

    pub(super) fn data_folder(&self, config: &SiteConfig) -> PathBuf {
        match &self.data {
            Some(folder) => folder.clone(),
            None => config.data_folder(self.config.as_deref()),
        }
    }

    /// Loads the component of each app.
    pub(super) fn load_apps<'a>(
        &self,
        config: &'a SiteConfig,
        files: &mut Vec<Stamp>,
        load: impl Fn(&str, &mut Vec<Stamp>) -> Result<(Guest, Binary), LoadError>,
    ) -> Result<Vec<LoadedApp<'a>>, LoadError> {
        let first = self.app.iter();
        let first = first.map(|app| (app, app, None, config.settings_of(app)));
        let others = config.apps.iter().map(|app| {
            let hosts = Some(app.hosts.clone());
            (&app.name, &app.app, hosts, &app.settings)
        });
        let mut loaded = Vec::new();
        for (name, app, hosts, settings) in first.chain(others) {
            let (guest, binary) = load(app, files)?;
            loaded.push(LoadedApp {
                name: name.clone(),
                hosts,
                settings,
                guest,
                binary,
            });
        }
        Ok(loaded)
    }

    /// Sets all apps up, and then makes the stores as they are declared.
    pub(super) fn serve(
        &self,
        config: &SiteConfig,
        edge: &Edge,
        durable: &mut Durability,
        loaded: Vec<LoadedApp<'_>>,
        is_start: bool,
    ) -> Result<Served, LoadError> {
        let mut declarations = Declarations::default();
        let mut apps = Vec::new();
        for app in loaded {
            let mut config = app
                .settings
                .set_up(edge.for_another_app(), &mut declarations)
                .map_err(|error| LoadError::SetUp(error.to_string()))?;
            for destination in &self.allow {
                config
                    .outbound
                    .allow(destination)
                    .map_err(LoadError::Allow)?;
            }
            let linked = config.edge.linked_stores();
            apps.push(ServedApp {
                name: app.name,
                hosts: app.hosts,
                guest: app.guest.with(config),
                binary: app.binary,
                stores: linked.into_iter().filter_map(|(_, id)| id).collect(),
            });
        }
        durable.declare(edge, &declarations, is_start)?;
        let api = &config.edge.api;
        let access = match &api.token {
            _ if !api.is_enabled => ApiAccess::Disabled,
            Some(token) => ApiAccess::Token(token.clone()),
            None if self.is_public => ApiAccess::NoToken,
            None => ApiAccess::Token(LOCAL_TOKEN.to_owned()),
        };
        Ok(Served {
            apps,
            api: access,
            api_rules: api.rules,
            port: config.port,
            admin_port: config.admin_port,
        })
    }

    /// The component of an app, which is built if it is a package.
    pub(super) fn binary(&self, app: &str, files: &mut Vec<Stamp>) -> Result<Binary, LoadError> {
        let path = Path::new(app);
        if path.is_file() {
            return Ok(Binary::read(path, files)?.named(app));
        }
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            files.push(Stamp::of(path));
            return Err(LoadError::NoSuchFile(app.to_owned()));
        }
        let built = AppPackage::find(Path::new("."), app)
            .and_then(|package| package.build())
            .map_err(|error| LoadError::Package(error.to_string()))?;
        let file = Stamp::of(&built.path);
        files.push(file.clone());
        Ok(Binary {
            app: app.to_owned(),
            file,
            bytes: built.binary.into(),
        })
    }
}

impl From<ConfigError> for LoadError {
    fn from(error: ConfigError) -> Self {
        LoadError::Config(error)
    }
}
