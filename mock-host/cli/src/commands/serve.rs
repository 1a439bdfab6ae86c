//! `fastedge-mock serve`.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;

use clap::Args;

use super::Error;
use crate::config::Config;
use crate::package::AppPackage;
use crate::serve::{Server, StopSignals};
use crate::wasm::{App, EngineOptions, Runtime, Stdio};

const CONFIG_FILE: &str = "fastedge.toml";
const DEFAULT_PORT: u16 = 8080;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// A component, or the name or folder of a package here, which is then built.
    app: String,

    /// The configuration [default: fastedge.toml in the package's folder, or here].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// The folder of the dotenv files [default: the folder of the configuration].
    #[arg(long, value_name = "FOLDER")]
    dotenv: Option<PathBuf>,

    /// The port to serve on; 0 takes one that is free [default: the configuration's, or 8080].
    #[arg(long, short)]
    port: Option<u16>,

    /// The address to serve on.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    address: IpAddr,
}

/// What is to be run.
struct Found {
    name: String,
    binary: Vec<u8>,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        // A typo in the configuration is told before anything is built.
        let package = self.package()?;
        let folder = match &package {
            Some(package) => package.folder().to_owned(),
            None => PathBuf::new(),
        };
        let config = self.load_config(&folder)?;
        let found = self.find(package)?;
        let address = SocketAddr::new(self.address, self.port(&config));
        let runtime = Runtime::new(&engine_options())?;
        let app = App::load(&runtime, &found.binary, config, Arc::new(Stdio))
            .map_err(|error| format!("{}: {error}", found.name))?;
        serve(app, &found, address)
    }

    /// The package that is meant, unless a file is.
    fn package(&self) -> Result<Option<AppPackage>, Error> {
        let path = Path::new(&self.app);
        if path.is_file() {
            return Ok(None);
        }
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            return Err(format!(
                "{}: no such file. Has it been built? \
                 `cargo build --release --target wasm32-wasip2`",
                self.app
            )
            .into());
        }
        Ok(Some(AppPackage::find(Path::new("."), &self.app)?))
    }

    fn find(&self, package: Option<AppPackage>) -> Result<Found, Error> {
        Ok(match package {
            Some(package) => Found {
                name: package.name().to_owned(),
                binary: package.build()?.binary,
            },
            None => Found {
                name: self.app.clone(),
                binary: std::fs::read(&self.app)
                    .map_err(|error| format!("{}: {error}", self.app))?,
            },
        })
    }

    fn load_config(&self, folder: &Path) -> Result<Config, Error> {
        let beside = folder.join(CONFIG_FILE);
        let file = match &self.config {
            Some(file) => Some(file.as_path()),
            None => beside.is_file().then_some(beside.as_path()),
        };
        let dotenv = match (&self.dotenv, file) {
            (Some(folder), _) if !folder.is_dir() => {
                return Err(format!("{}: no such folder", folder.display()).into());
            }
            (Some(folder), _) => folder,
            (None, Some(file)) => file.parent().unwrap_or(folder),
            (None, None) => folder,
        };
        Ok(Config::load(file, Some(dotenv))?)
    }

    fn port(&self, config: &Config) -> u16 {
        self.port.or(config.port).unwrap_or(DEFAULT_PORT)
    }
}

fn serve(app: App, found: &Found, address: SocketAddr) -> Result<(), Error> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    threads.block_on(async {
        let mut signals = StopSignals::listen()?;
        let kind = app.kind();
        let server = Server::bind(app, address)?;
        // Nobody may be reading, which is no reason not to serve.
        let _unread = writeln!(
            std::io::stdout(),
            "Serving {} ({kind} app) on http://{}/ (Ctrl-C stops)",
            found.name,
            server.address(),
        );
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(async move {
            signals.next().await;
            let _unread = writeln!(
                std::io::stderr(),
                "Stopping when the requests at hand are answered (again: at once)"
            );
            drop(stop);
            signals.next().await;
            exit(130);
        });
        server
            .run(async {
                let _dropped = stopped.await;
            })
            .await;
        Ok(())
    })
}

/// Compiled components are kept where the system keeps caches, if it does.
fn engine_options() -> EngineOptions {
    let caches = std::env::var_os("XDG_CACHE_HOME")
        .or_else(|| std::env::var_os("LOCALAPPDATA"))
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    EngineOptions {
        cache: caches.map(|folder| folder.join("fastedge-mock")),
        ..EngineOptions::default()
    }
}
