//! What is served: the platform, its apps, its API, and what they are made from.

mod binary;
mod durability;
mod options;
mod served;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use fastedge_mock_host::Edge;

use self::binary::Binary;
use self::durability::Durability;
pub use self::options::SiteOptions;
pub use self::served::ApiAccess;
use self::served::Served;
pub(super) use self::served::ServedApp;
use super::recent::Recent;
use super::{AccessLog, LoadError};
use crate::config::{Config, EdgeSettings, SiteConfig};
use crate::database::OpenError;
use crate::stamp::Stamp;
use crate::wasm::{AppOutput, Guest, Runtime};

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
        let mut durable = Durability::none_yet(folder);
        let loaded = options.load_apps(&config, &mut files, |app, files| {
            let binary = options.binary(app, files)?;
            let config = Config::on(edge.for_another_app());
            let guest = Guest::load(runtime, &binary.bytes, config, Arc::clone(&output));
            Ok((guest.map_err(|error| LoadError::app(app, error))?, binary))
        })?;
        durable.open_if_there(&edge)?;
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

    /// Returns the configured port of the apps.
    pub fn port(&self) -> Option<u16> {
        self.served().port
    }

    /// Returns the configured port of the API and the inspector.
    pub fn admin_port(&self) -> Option<u16> {
        self.served().admin_port
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

    /// Returns how requests reach the API.
    pub fn api(&self) -> ApiAccess {
        self.served().api.clone()
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
        } else if config.admin_port != self.admin_port() {
            "admin_port"
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
        self.durable().begin(&self.edge)
    }

    fn durable(&self) -> MutexGuard<'_, Durability> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
