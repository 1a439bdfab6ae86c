//! One connection: HTTP/1.1 or HTTP/2, as the client speaks.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::answer::respond;
use super::crowd::Place;
use super::site::Site;

/// How long a client may take to send the head of a request, and how long a connection may be idle.
const CLIENT_PATIENCE: Duration = Duration::from_secs(30);

/// What a client that speaks HTTP/2 says first (RFC 9113, 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The port that a connection was accepted on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Endpoint {
    /// The port of the apps.
    App,
    /// The port of the API and the inspector.
    Admin {
        /// The address of the apps, for clients that look for them here.
        app: SocketAddr,
    },
}

/// A connection of a client.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) endpoint: Endpoint,
    pub(super) client: SocketAddr,
    pub(super) site: Arc<Site>,
}

impl Connection {
    /// Serves the connection until it ends, or until another one needs its place before the client
    /// has sent anything.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        watcher: Watcher,
        mut stopping: watch::Receiver<bool>,
        mut place: Place,
    ) {
        let speaks_http2 = tokio::select! {
            spoken = tokio::time::timeout(CLIENT_PATIENCE, speaks_http2(&stream)) => match spoken {
                Ok(Ok(speaks_http2)) => speaks_http2,
                // The client has sent nothing, or has disconnected.
                Ok(Err(_)) | Err(_) => return,
            },
            () = place.is_needed() => return,
            // A stop does not wait for clients that have not sent anything.
            _stopping = stopping.changed() => return,
        };
        place.keep();
        self.serve_http(stream, speaks_http2, watcher).await;
    }

    async fn serve_http(self, stream: TcpStream, speaks_http2: bool, watcher: Watcher) {
        let service = service_fn(move |request: Request<Incoming>| {
            let connection = self.clone();
            async move {
                let response = respond(&connection, request).await;
                Ok::<_, Infallible>(response.map(Full::new))
            }
        });
        let stream = TokioIo::new(stream);
        // The connection ends with an error if the client disconnects or does not speak HTTP. Such
        // errors are ignored.
        if speaks_http2 {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .keep_alive_interval(CLIENT_PATIENCE)
                .max_concurrent_streams(128);
            let connection = builder.serve_connection(stream, service);
            let _ended = watcher.watch(connection).await;
        } else {
            let mut builder = http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(CLIENT_PATIENCE);
            let connection = builder.serve_connection(stream, service);
            let _ended = watcher.watch(connection).await;
        }
    }
}

/// Waits until the client's first words tell which protocol it speaks.
async fn speaks_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut seen = 0;
    loop {
        let mut begin = [0; HTTP2_PREFACE.len()];
        let read = stream.peek(&mut begin).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !HTTP2_PREFACE.starts_with(&begin[..read]) {
            return Ok(false);
        }
        if read == HTTP2_PREFACE.len() {
            return Ok(true);
        }
        if read == seen {
            // What is there is there to be seen again at once: wait for more.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        seen = read;
    }
}
