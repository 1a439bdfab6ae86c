//! `fastedge-mock serve`.

use std::io::Write;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;

use clap::Args;

use super::Error;
use crate::package::AppPackage;
use crate::serve::{AccessLog, LoadError, Server, Site, SiteOptions, StopSignals};
use crate::wasm::{EngineOptions, Runtime, Stdio};

pub(super) const CONFIG_FILE: &str = "fastedge.toml";
const DEFAULT_PORT: u16 = 8080;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// A component, or the name or folder of a package here, which is then built [default: the apps
    /// that the configuration names].
    app: Option<String>,

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

    /// The location that answers [default: the first one of the configuration].
    #[arg(long, value_name = "NAME")]
    pop: Option<String>,

    /// The folder of the database [default: what the configuration says, or .fastedge beside it].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,

    /// A private or loopback destination that apps may talk to, beside those of the configuration.
    #[arg(long, value_name = "HOST[:PORT]")]
    allow_outbound: Vec<String>,

    /// Write a line of JSON for each request to a file; `-` is stdout, among what apps print.
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,

    /// Show the inspector to others than this machine, too, where they reach the server.
    #[arg(long)]
    inspector_for_all: bool,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let folder = app_folder(self.app.as_deref())?;
        let options = self.options(&folder)?;
        let access_log = match &self.access_log {
            Some(file) => {
                Some(AccessLog::to(file).map_err(|error| format!("{}: {error}", file.display()))?)
            }
            None => None,
        };
        let runtime = Runtime::new(&EngineOptions::cached())?;
        let threads = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let site = Site::load(&runtime, options, Arc::new(Stdio), access_log)?;
        let port = self.port.or(site.port()).unwrap_or(DEFAULT_PORT);
        let served = threads.block_on(serve(site, SocketAddr::new(self.address, port)));
        // A reload that is building something is not waited for.
        threads.shutdown_background();
        served
    }

    fn options(&self, folder: &Path) -> Result<SiteOptions, Error> {
        let (config, dotenv) = files(folder, self.config.as_deref(), self.dotenv.as_deref())?;
        Ok(SiteOptions {
            app: self.app.clone(),
            config,
            dotenv,
            pop: self.pop.clone(),
            data: self.data.clone(),
            allow: self.allow_outbound.clone(),
            is_public: !self.address.is_loopback(),
            inspector_for_all: self.inspector_for_all,
        })
    }
}

/// The folder of an app: its package's, or the one that the command runs in.
pub(super) fn app_folder(app: Option<&str>) -> Result<PathBuf, Error> {
    let Some(app) = app else {
        return Ok(PathBuf::new());
    };
    let path = Path::new(app);
    if path.is_file() {
        return Ok(PathBuf::new());
    }
    if path
        .extension()
        .is_some_and(|extension| extension == "wasm")
    {
        return Err(LoadError::NoSuchFile(app.to_owned()).into());
    }
    Ok(AppPackage::find(Path::new("."), app)?.folder().to_owned())
}

/// The configuration's file, if there is one, and the folder of the dotenv files.
pub(super) fn files(
    folder: &Path,
    config: Option<&Path>,
    dotenv: Option<&Path>,
) -> Result<(Option<PathBuf>, Option<PathBuf>), Error> {
    let beside = folder.join(CONFIG_FILE);
    let file = match config {
        Some(file) => Some(file.to_owned()),
        None => beside.is_file().then_some(beside),
    };
    let dotenv = match (dotenv, &file) {
        (Some(folder), _) if !folder.is_dir() => {
            return Err(format!("{}: no such folder", folder.display()).into());
        }
        (Some(folder), _) => folder,
        (None, Some(file)) => file.parent().unwrap_or(folder),
        (None, None) => folder,
    };
    Ok((file.clone(), Some(dotenv.to_owned())))
}

async fn serve(site: Site, address: SocketAddr) -> Result<(), Error> {
    let mut signals = StopSignals::listen()?;
    let served = site.describe();
    let token = site.token();
    let server = Server::bind(site, address)?;
    let bound = server.address();
    let here = match (bound.ip().is_unspecified(), bound) {
        // It is reached under any address; this is one that works here.
        (true, SocketAddr::V4(_)) => SocketAddr::from(([127, 0, 0, 1], bound.port())),
        (true, SocketAddr::V6(_)) => SocketAddr::from((Ipv6Addr::LOCALHOST, bound.port())),
        _ => bound,
    };
    let api = match token {
        Some(token) if token == crate::config::LOCAL_TOKEN => {
            format!("; API: /fastedge/v1/kv, with `Authorization: apikey {token}`")
        }
        Some(_) => "; API: /fastedge/v1/kv".to_owned(),
        None => "; no API: it takes a `token` under [api] in fastedge.toml".to_owned(),
    };
    // Nobody may be reading, which is no reason not to serve.
    let _unread = writeln!(
        std::io::stdout(),
        "Serving {served} on http://{here}/ (Ctrl-C stops)"
    );
    let _unread = writeln!(std::io::stderr(), "Inspector: http://{here}/_edge/{api}");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(async move {
        signals.next().await;
        let _unread = writeln!(
            std::io::stderr(),
            "Stopping once the requests at hand are answered (Ctrl-C again stops at once)"
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
}
