//! The two ports of a server: one for the apps, one for the API and the inspector.
//!
//! Browsers let a page read whatever its own origin serves. On a port of their own, the API and the
//! inspector have another origin than the apps, whose pages therefore cannot read the stores.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// The purpose of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortKind {
    /// The port that serves the apps, and nothing else.
    App,
    /// The port that serves the API and the inspector.
    Admin,
}

/// The port numbers to bind; 0 is any free port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "there are two ports")]
pub struct Ports {
    /// The port for the apps.
    pub app: u16,
    /// The port for the API and the inspector.
    pub admin: u16,
}

/// An error that keeps a server from listening on its ports.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program listens on the port.
    #[error(
        "{name} {port} of {ip} is in use, perhaps by another fastedge-mock: stop that one, or \
         choose another port with `{flag}` (`{flag} 0` takes one that is free)",
        name = .kind.name(), port = .address.port(), ip = .address.ip(), flag = .kind.flag()
    )]
    InUse {
        /// The purpose of the port.
        kind: PortKind,
        /// The address with the port.
        address: SocketAddr,
    },
    /// Both ports have the same number.
    #[error(
        "apps and the API cannot share port {0}: choose another port for the apps with `--port`, \
         or for the API and the inspector with `--admin-port`"
    )]
    SamePort(u16),
    /// The system refuses the address or the port.
    #[error(
        "cannot listen on {name} {port} of {ip}: {error}; choose another port with `{flag}`, or \
         another address with `--address`",
        name = .kind.name(), port = .address.port(), ip = .address.ip(), flag = .kind.flag()
    )]
    Other {
        /// The purpose of the port.
        kind: PortKind,
        /// The address with the port.
        address: SocketAddr,
        /// The system's error.
        error: io::Error,
    },
}

impl PortKind {
    /// Returns the name of the port in messages.
    fn name(self) -> &'static str {
        match self {
            PortKind::App => "port",
            PortKind::Admin => "admin port",
        }
    }

    /// Returns the flag of the command line that sets the port.
    fn flag(self) -> &'static str {
        match self {
            PortKind::App => "--port",
            PortKind::Admin => "--admin-port",
        }
    }
}

/// Binds both ports of an address: first the apps' one, then the admin port.
pub(super) fn bind(ip: IpAddr, ports: Ports) -> Result<(TcpListener, TcpListener), BindError> {
    if ports.app == ports.admin && ports.app != 0 {
        return Err(BindError::SamePort(ports.app));
    }
    Ok((
        bind_port(PortKind::App, SocketAddr::new(ip, ports.app))?,
        bind_port(PortKind::Admin, SocketAddr::new(ip, ports.admin))?,
    ))
}

fn bind_port(kind: PortKind, address: SocketAddr) -> Result<TcpListener, BindError> {
    listen(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse { kind, address },
        _ => BindError::Other {
            kind,
            address,
            error,
        },
    })
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
