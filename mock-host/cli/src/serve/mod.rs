//! The local server. It runs an instance of the app for each request. The platform's API for Edge
//! Storage and the inspector have a port of their own.

mod access_log;
mod admin;
mod answer;
mod connection;
mod crowd;
mod inspector;
mod listen;
mod load_error;
mod origin;
mod recent;
mod reload;
mod signals;
mod site;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use self::access_log::AccessLog;
use self::connection::{Connection, Endpoint};
use self::crowd::Crowd;
pub use self::listen::{BindError, PortKind, Ports};
pub use self::load_error::LoadError;
pub use self::signals::StopSignals;
pub use self::site::{ApiAccess, Site, SiteOptions};

/// The longest time for requests in progress when the server is stopped, beyond the time limits of
/// the apps.
const GRACE: Duration = Duration::from_secs(5);

/// A server that is bound to its two ports.
pub struct Server {
    app: TcpListener,
    app_address: SocketAddr,
    admin: TcpListener,
    admin_address: SocketAddr,
    site: Arc<Site>,
}

impl Server {
    /// Binds both ports of an address; port 0 is any free port.
    ///
    /// # Errors
    ///
    /// If the ports are the same, or one of them cannot be bound.
    pub fn bind(site: Site, ip: IpAddr, ports: Ports) -> Result<Server, BindError> {
        let (app, admin) = listen::bind(ip, ports)?;
        let bound = |listener: &TcpListener, port| {
            let address = listener.local_addr();
            reachable(address.unwrap_or(SocketAddr::new(ip, port)))
        };
        Ok(Server {
            app_address: bound(&app, ports.app),
            app,
            admin_address: bound(&admin, ports.admin),
            admin,
            site: Arc::new(site),
        })
    }

    /// Returns the address of the apps, as it is reached from this machine.
    pub fn address(&self) -> SocketAddr {
        self.app_address
    }

    /// Returns the address of the API and the inspector, as it is reached from this machine.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin_address
    }

    /// Serves until `stop` is ready, and then until the requests in progress have their responses.
    /// Files that change are reloaded.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let (stopping, is_stopping) = watch::channel(false);
        let reloading = tokio::spawn(reload::watch(Arc::clone(&self.site)));
        let (app_crowd, admin_crowd) = Crowd::for_ports();
        let accept = |listener, kind, crowd| {
            let (graceful, is_stopping) = (&graceful, &is_stopping);
            self.accept(listener, kind, crowd, graceful, is_stopping)
        };
        tokio::select! {
            () = stop => {}
            () = accept(&self.app, PortKind::App, &app_crowd) => {}
            () = accept(&self.admin, PortKind::Admin, &admin_crowd) => {}
        }
        stopping.send_replace(true);
        reloading.abort();
        drop((self.app, self.admin));
        let served = self.site.served();
        let longest = served.apps.iter().map(|app| app.guest.config().limits.time);
        let patience = longest.max().unwrap_or_default() + GRACE;
        let _impatient = tokio::time::timeout(patience, graceful.shutdown()).await;
    }

    /// Accepts the connections of a port, forever.
    async fn accept(
        &self,
        listener: &TcpListener,
        kind: PortKind,
        crowd: &Crowd,
        graceful: &GracefulShutdown,
        is_stopping: &watch::Receiver<bool>,
    ) {
        loop {
            let Ok((stream, client)) = listener.accept().await else {
                // Out of file descriptors, most likely: wait until some connection has ended.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Responses are written in one piece, and must not wait for more data.
            let _unsupported = stream.set_nodelay(true);
            let place = crowd.enter().await;
            let endpoint = match kind {
                PortKind::App => Endpoint::App,
                PortKind::Admin => Endpoint::Admin {
                    app: self.app_beside(stream.local_addr().ok()),
                },
            };
            let connection = Connection {
                endpoint,
                client,
                site: Arc::clone(&self.site),
            };
            let (watcher, is_stopping) = (graceful.watcher(), is_stopping.clone());
            tokio::spawn(connection.serve(stream, watcher, is_stopping, place));
        }
    }

    /// Returns the address of the apps for a client that has reached the admin port at an address.
    /// It has the same host, which may differ from the one that works on this machine.
    fn app_beside(&self, admin: Option<SocketAddr>) -> SocketAddr {
        match admin {
            Some(admin) => SocketAddr::new(admin.ip().to_canonical(), self.app_address.port()),
            None => self.app_address,
        }
    }
}

/// Returns an address that works on this machine. A server on an unspecified address is reachable
/// at any of the machine's addresses.
fn reachable(bound: SocketAddr) -> SocketAddr {
    match bound {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => {
            SocketAddr::from((Ipv4Addr::LOCALHOST, v4.port()))
        }
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            SocketAddr::from((Ipv6Addr::LOCALHOST, v6.port()))
        }
        _ => bound,
    }
}
