//! The local server: HTTP in, an instance of the app for each request, HTTP out; beside it the
//! platform's API for Edge Storage, and a page that shows and moves what is behind.

mod access_log;
mod answer;
mod connection;
mod crowd;
mod inspector;
mod load_error;
mod recent;
mod reload;
mod signals;
mod site;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket};

pub use self::access_log::AccessLog;
use self::crowd::Crowd;
pub use self::load_error::LoadError;
pub use self::signals::StopSignals;
pub use self::site::{Site, SiteOptions};

/// How long requests that are being answered may take when the server is told to stop, beyond the
/// time that the apps have.
const GRACE: Duration = Duration::from_secs(5);

/// A server that is bound to its port.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Arc<Site>,
}

/// Why a server cannot be had at an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program has the port.
    #[error(
        "port {port} of {ip} is in use, perhaps by another fastedge-mock: stop that one, or choose \
         another port with `--port` (`--port 0` takes one that is free)", ip = .0.ip(), port = .0.port()
    )]
    InUse(SocketAddr),
    /// The system does not let this program have it.
    #[error("{address} cannot be served on: {error}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
}

impl Server {
    /// Binds to an address; port 0 takes one that is free.
    ///
    /// # Errors
    ///
    /// If the address cannot be had.
    pub fn bind(site: Site, address: SocketAddr) -> Result<Server, BindError> {
        let listener = listen(address).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(address),
            _ => BindError::Other { address, error },
        })?;
        Ok(Server {
            address: listener.local_addr().unwrap_or(address),
            listener,
            site: Arc::new(site),
        })
    }

    /// The address that is served on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is ready, and then until the requests at hand are answered. What changes
    /// in the files meanwhile is served anew.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let crowd = Crowd::new();
        let (stopping, is_stopping) = tokio::sync::watch::channel(false);
        let reloading = tokio::spawn(reload::watch(Arc::clone(&self.site)));
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, client)) => {
                    // Answers are written at once, and are not to wait for more.
                    let _unsupported = stream.set_nodelay(true);
                    let (site, watcher) = (Arc::clone(&self.site), graceful.watcher());
                    let place = crowd.enter();
                    let is_stopping = is_stopping.clone();
                    tokio::spawn(connection::serve(
                        stream,
                        client,
                        site,
                        watcher,
                        is_stopping,
                        place,
                    ));
                }
                // Out of file descriptors, most likely: wait until some connection has ended.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        stopping.send_replace(true);
        reloading.abort();
        drop(self.listener);
        let served = self.site.served();
        let longest = served.apps.iter().map(|app| app.guest.config().limits.time);
        let patience = longest.max().unwrap_or_default() + GRACE;
        let _impatient = tokio::time::timeout(patience, graceful.shutdown()).await;
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Unix a port whose last connections are still winding down can be taken again. On Windows
    // the option would let two servers have one port.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    socket.listen(1024)
}
