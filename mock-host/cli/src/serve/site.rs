//! What is served: the platform, its apps, its API, and what they are made from.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use fastedge_mock_host::Edge;

use super::recent::Recent;
use super::{AccessLog, LoadError};
use crate::api;
use crate::config::{
    AppSettings, Config, ConfigError, Declarations, Declared, EdgeSettings, LOCAL_TOKEN, SiteConfig,
};
use crate::database::{self, Database, OpenError};
use crate::package::AppPackage;
use crate::stamp::Stamp;
use crate::wasm::{AppOutput, Guest, Runtime};

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

/// A platform that is being served.
pub struct Site {
    options: SiteOptions,
    runtime: Runtime,
    output: Arc<dyn AppOutput>,
    edge: Edge,
    /// How the platform was configured when it was made.
    platform: EdgeSettings,
    served: RwLock<Arc<Served>>,
    /// The files that were read at last, with success or without, as they were then.
    files: Mutex<Vec<Stamp>>,
    durable: Mutex<Durability>,
    pub(super) recent: Recent,
    pub(super) access_log: Option<AccessLog>,
}

/// What a configuration has become.
pub(super) struct Served {
    /// The first one answers for host names that are nobody's, if it has no names of its own.
    pub(super) apps: Vec<ServedApp>,
    /// The token of the API, if there is one.
    pub(super) token: Option<String>,
    /// The port that is configured.
    pub(super) port: Option<u16>,
}

pub(super) struct ServedApp {
    pub(super) name: String,
    /// `None` is every host name that is no other app's.
    pub(super) hosts: Option<Vec<String>>,
    pub(super) guest: Guest,
    binary: Binary,
    /// The numbers of the stores that are linked to it.
    pub(super) stores: Vec<u64>,
}

/// A component, as it was read.
#[derive(Clone)]
struct Binary {
    /// What it was asked for as.
    app: String,
    file: Stamp,
    bytes: Arc<[u8]>,
}

struct Durability {
    folder: PathBuf,
    database: Option<Arc<Database>>,
    declared: Declared,
}

impl Site {
    /// Sets up what is to be served.
    ///
    /// # Errors
    ///
    /// If anything of it cannot be used.
    pub fn load(
        runtime: &Runtime,
        options: SiteOptions,
        output: Arc<dyn AppOutput>,
        access_log: Option<AccessLog>,
    ) -> Result<Site, LoadError> {
        // A typo in the configuration is told before anything is built.
        let mut files = Vec::new();
        let config = options.read_config(&mut files)?;
        let edge = config.new_edge();
        if let Some(pop) = &options.pop
            && edge.at(pop).is_none()
        {
            return Err(LoadError::NoSuchPop {
                pop: pop.clone(),
                pops: edge.pops().join(", "),
            });
        }
        let folder = options.data_folder(&config);
        let mut durable = Durability {
            database: None,
            declared: Declared::default(),
            folder,
        };
        let loaded = options.load_apps(&config, &mut files, |app, files| {
            let binary = options.binary(app, files)?;
            let config = Config::on(edge.for_another_app());
            let guest = Guest::load(runtime, &binary.bytes, config, Arc::clone(&output));
            Ok((guest.map_err(|error| LoadError::app(app, error))?, binary))
        })?;
        if durable.folder.join(database::FILE).is_file() {
            durable.open(&edge)?;
        }
        let served = options.serve(&config, &edge, &mut durable, loaded, true)?;
        Ok(Site {
            runtime: runtime.clone(),
            output,
            edge,
            platform: config.edge,
            served: RwLock::new(Arc::new(served)),
            files: Mutex::new(files),
            durable: Mutex::new(durable),
            recent: Recent::default(),
            access_log,
            options,
        })
    }

    pub(super) fn served(&self) -> Arc<Served> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&served)
    }

    /// The platform, to which no app is linked.
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// The location that is meant where a request names none.
    pub(super) fn default_pop(&self) -> &str {
        self.options.pop.as_deref().unwrap_or(self.edge.pop())
    }

    /// Whether the inspector is for others than this machine, too.
    pub(super) fn shows_everybody(&self) -> bool {
        self.options.inspector_for_all
    }

    /// The port that is configured.
    pub fn port(&self) -> Option<u16> {
        self.served().port
    }

    /// What is served, in a line.
    pub fn describe(&self) -> String {
        let served = self.served();
        let apps = served.apps.iter().map(|app| match &app.hosts {
            Some(hosts) => format!("{} at {}", app.name, hosts.join(", ")),
            None => format!("{} ({} app)", app.name, app.guest.kind()),
        });
        apps.collect::<Vec<_>>().join("; ")
    }

    /// The token that requests to the API bring, if there is an API.
    pub fn token(&self) -> Option<String> {
        self.served().token.clone()
    }

    /// Reads the configuration and the components anew, and serves them from now on. Data and cache
    /// stay as they are; nodes forget what they have kept of their reads, and replication is as it is configured.
    ///
    /// # Errors
    ///
    /// If anything of it cannot be used; then what was served before still is.
    pub fn reload(&self) -> Result<(), LoadError> {
        let mut files = Vec::new();
        let reloaded = self.reload_noting(&mut files);
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
        reloaded
    }

    fn reload_noting(&self, files: &mut Vec<Stamp>) -> Result<(), LoadError> {
        let config = self.options.read_config(files)?;
        self.check_restart(&config)?;
        let former = self.served();
        // Compiling, or even building, takes its time: nothing waits for it.
        let loaded = self.options.load_apps(&config, files, |app, files| {
            let same = former.apps.iter().find(|other| other.binary.app == app);
            let binary = match same {
                Some(same) => Binary::read(&same.binary.file.path, files)?.named(app),
                None => self.options.binary(app, files)?,
            };
            let config = Config::on(self.edge.for_another_app());
            let guest = match same {
                // Nothing is compiled anew.
                Some(same) if same.binary.bytes == binary.bytes => same.guest.with(config),
                _ => Guest::load(
                    &self.runtime,
                    &binary.bytes,
                    config,
                    Arc::clone(&self.output),
                )
                .map_err(|error| LoadError::app(app, error))?,
            };
            Ok((guest, binary))
        })?;
        let mut durable = self.durable();
        let served = self
            .options
            .serve(&config, &self.edge, &mut durable, loaded, false)?;
        self.edge.set_settings(config.edge.settings.clone());
        config.set_cache(&self.edge);
        let mut slot = self.served.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Arc::new(served);
        Ok(())
    }

    /// What a running platform cannot become is refused, and not left out in silence.
    fn check_restart(&self, config: &SiteConfig) -> Result<(), LoadError> {
        let edge = &config.edge;
        let changed = if edge.pops != self.platform.pops {
            "edge.pops"
        } else if edge.data != self.platform.data {
            "edge.data"
        } else if config.port != self.port() {
            "port"
        } else {
            return Ok(());
        };
        Err(LoadError::NeedsRestart(changed))
    }

    /// The files that were read at last, as they were then.
    pub(super) fn files(&self) -> Vec<Stamp> {
        let files = self.files.lock();
        files.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes sure that what is written from now on is on disk when it is acknowledged.
    pub(super) fn make_durable(&self) -> Result<(), OpenError> {
        let mut durable = self.durable();
        match durable.database {
            Some(_) => Ok(()),
            None => durable.open(&self.edge),
        }
    }

    fn durable(&self) -> MutexGuard<'_, Durability> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Durability {
    /// Opens the database: what it has kept is there, and what is here is kept in it.
    fn open(&mut self, edge: &Edge) -> Result<(), OpenError> {
        let database = Arc::new(Database::open(&self.folder)?);
        let other = |reason: String| OpenError::Other {
            file: self.folder.join(database::FILE),
            reason,
        };
        let (stored, fingerprints) = database.load().map_err(other)?;
        edge.keep_in(Arc::clone(&database) as _, stored)
            .map_err(|error| other(error.to_string()))?;
        if !fingerprints.is_empty() {
            self.declared = Declared(fingerprints);
        }
        for store in edge.stores() {
            if let Some(byod) = &store.info.byod {
                api::connect(edge, store.info.id, Some(byod)).map_err(other)?;
            }
        }
        database
            .keep_fingerprints(&self.declared.0)
            .map_err(other)?;
        self.database = Some(database);
        Ok(())
    }
}

/// An app of a configuration, its component loaded, before it is set up.
struct LoadedApp<'a> {
    name: String,
    hosts: Option<Vec<String>>,
    settings: &'a AppSettings,
    guest: Guest,
    binary: Binary,
}

impl SiteOptions {
    fn read_config(&self, files: &mut Vec<Stamp>) -> Result<SiteConfig, LoadError> {
        let (file, dotenv) = (self.config.as_deref(), self.dotenv.as_deref());
        let config = SiteConfig::load_noting(file, dotenv, files)?;
        if self.app.is_none() && config.apps.is_empty() {
            return Err(LoadError::NothingToServe);
        }
        Ok(config)
    }

    fn data_folder(&self, config: &SiteConfig) -> PathBuf {
        match &self.data {
            Some(folder) => folder.clone(),
            None => config.data_folder(self.config.as_deref()),
        }
    }

    /// Loads the component of each app.
    fn load_apps<'a>(
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
    fn serve(
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
        let applied = durable.declared.apply(edge, &declarations, is_start);
        if let Some(database) = &durable.database {
            database
                .keep_fingerprints(&durable.declared.0)
                .map_err(LoadError::SetUp)?;
        }
        applied.map_err(|error| LoadError::SetUp(error.to_string()))?;
        let api = &config.edge.api;
        let token = match (&api.token, self.is_public) {
            (Some(token), _) => Some(token.clone()),
            (None, false) => Some(LOCAL_TOKEN.to_owned()),
            (None, true) => None,
        };
        Ok(Served {
            apps,
            token: token.filter(|_| api.is_enabled),
            port: config.port,
        })
    }

    /// The component of an app, which is built if it is a package.
    fn binary(&self, app: &str, files: &mut Vec<Stamp>) -> Result<Binary, LoadError> {
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

impl Binary {
    fn read(file: &Path, files: &mut Vec<Stamp>) -> Result<Self, LoadError> {
        let stamp = Stamp::of(file);
        files.push(stamp.clone());
        let bytes = std::fs::read(file).map_err(|error| LoadError::Unreadable {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Binary {
            app: String::new(),
            file: stamp,
            bytes: bytes.into(),
        })
    }

    fn named(mut self, app: &str) -> Self {
        self.app = app.to_owned();
        self
    }
}

impl Served {
    /// The app of a host name.
    pub(super) fn app(&self, host: Option<&str>) -> Option<&ServedApp> {
        let is_its = |app: &&ServedApp| match (&app.hosts, host) {
            (Some(hosts), Some(host)) => hosts.iter().any(|own| own.eq_ignore_ascii_case(host)),
            _ => false,
        };
        let for_all = || self.apps.iter().find(|app| app.hosts.is_none());
        self.apps.iter().find(is_its).or_else(for_all)
    }

    /// All host names that are an app's.
    pub(super) fn hosts(&self) -> Vec<&str> {
        let hosts = self.apps.iter().filter_map(|app| app.hosts.as_deref());
        hosts.flatten().map(String::as_str).collect()
    }

    /// For each app, the numbers of the stores that are linked to it.
    pub(super) fn linked(&self) -> Vec<Vec<u64>> {
        self.apps.iter().map(|app| app.stores.clone()).collect()
    }
}

impl From<ConfigError> for LoadError {
    fn from(error: ConfigError) -> Self {
        LoadError::Config(error)
    }
}
