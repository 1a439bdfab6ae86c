//! The local server: HTTP in, an instance of the app for each request, HTTP out.

mod connection;
mod signals;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket};

pub use self::signals::StopSignals;
use crate::wasm::App;

/// How long requests that are being answered may take when the server is told to stop, beyond the
/// time that the app has.
const GRACE: Duration = Duration::from_secs(5);

/// A server that is bound to its port.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
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
    pub fn bind(app: App, address: SocketAddr) -> Result<Server, BindError> {
        let listener = listen(address).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(address),
            _ => BindError::Other { address, error },
        })?;
        Ok(Server {
            address: listener.local_addr().unwrap_or(address),
            listener,
            app: Arc::new(app),
        })
    }

    /// The address that is served on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is ready, and then until the requests at hand are answered.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
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
                    connection::serve(stream, client, Arc::clone(&self.app), &graceful);
                }
                // Out of file descriptors, most likely: wait until some connection has ended.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        drop(self.listener);
        let patience = self.app.config().limits.time + GRACE;
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
