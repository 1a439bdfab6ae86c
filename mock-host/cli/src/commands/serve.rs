//! `fastedge-mock serve`.

use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;

use clap::Args;

use super::Error;
use crate::config::LOCAL_TOKEN;
use crate::package::AppPackage;
use crate::serve::{
    AccessLog, ApiAccess, LoadError, Ports, Server, Site, SiteOptions, StopSignals,
};
use crate::wasm::{EngineOptions, Runtime, Stdio};

pub(super) const CONFIG_FILE: &str = "fastedge.toml";
const DEFAULT_PORT: u16 = 8080;
const DEFAULT_ADMIN_PORT: u16 = 8081;

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

    /// The port of the apps; 0 takes one that is free [default: the configuration's, or 8080].
    #[arg(long, short)]
    port: Option<u16>,

    /// The port of the API and the inspector; 0 takes one that is free [default: the
    /// configuration's, or 8081; one that is free if the port of the apps is 0].
    #[arg(long, value_name = "PORT")]
    admin_port: Option<u16>,

    /// The address of both ports.
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
        let ports = self.ports(&site);
        let served = threads.block_on(serve(site, self.address, ports));
        // A reload that is building something is not waited for.
        threads.shutdown_background();
        served
    }

    fn ports(&self, site: &Site) -> Ports {
        let app = self.port.or(site.port()).unwrap_or(DEFAULT_PORT);
        // With port 0, several servers can run side by side without another flag.
        let default_admin = match app {
            0 => 0,
            _ => DEFAULT_ADMIN_PORT,
        };
        let admin = self.admin_port.or(site.admin_port());
        Ports {
            app,
            admin: admin.unwrap_or(default_admin),
        }
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

async fn serve(site: Site, address: IpAddr, ports: Ports) -> Result<(), Error> {
    let mut signals = StopSignals::listen()?;
    let served = site.describe();
    let access = site.api();
    let server = Server::bind(site, address, ports)?;
    let (app, admin) = (server.address(), server.admin_address());
    let api = match access {
        ApiAccess::Token(token) if token == LOCAL_TOKEN => {
            format!("API: http://{admin}/fastedge/v1, with `Authorization: apikey {token}`")
        }
        ApiAccess::Token(_) => format!("API: http://{admin}/fastedge/v1"),
        ApiAccess::Disabled => "API: disabled by `enabled` under [api] in fastedge.toml".to_owned(),
        ApiAccess::NoToken => {
            "API: disabled, because this address is public; set `token` under [api] in fastedge.toml"
                .to_owned()
        }
    };
    // Nobody may be reading, which is no reason not to serve.
    let _unread = writeln!(
        std::io::stdout(),
        "Serving {served} on http://{app}/ (Ctrl-C stops)"
    );
    let _unread = writeln!(std::io::stderr(), "Inspector: http://{admin}/_edge/; {api}");
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
