//! One connection, and its requests.

use std::convert::Infallible;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpStream;

use crate::headers::set_default;
use crate::wasm::App;

/// How long a client may take to send the head of a request, and then its body.
const CLIENT_PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn serve(
    stream: TcpStream,
    client: SocketAddr,
    app: Arc<App>,
    graceful: &GracefulShutdown,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CLIENT_PATIENCE)
        .serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| {
                let app = Arc::clone(&app);
                async move { Ok::<_, Infallible>(answer(&app, client.ip(), request).await) }
            }),
        );
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // It ends with an error when the client goes away or speaks no HTTP: nobody's concern.
        let _ended = connection.await;
    });
}

async fn answer(app: &App, client: IpAddr, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    let limit = app.config().limits.body;
    let body = match tokio::time::timeout(CLIENT_PATIENCE, read(body, limit)).await {
        Ok(Ok(body)) => body,
        Ok(Err(refusal)) => return refusal.map(Full::new),
        Err(_elapsed) => {
            return refuse(StatusCode::REQUEST_TIMEOUT, "the body took too long").map(Full::new);
        }
    };
    app.config().complete(&mut parts.headers);
    add_platform_headers(&mut parts.headers, client);
    let outcome = app.request_as_it_is(Request::from_parts(parts, body)).await;
    if let Some(failure) = &outcome.failure {
        let label = &outcome.request;
        let (status, reason) = failure.statuses();
        // Nobody may be reading, which is no reason to fail the request once more.
        let _unread = writeln!(
            std::io::stderr(),
            "[{} {} {}] {status}/{reason}: {failure}",
            label.id,
            label.method,
            label.uri
        );
    }
    outcome.response.map(Full::new)
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, Response<Bytes>> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("the body is larger than the limit of {limit} bytes"),
        )),
        Err(error) => Err(refuse(
            StatusCode::BAD_REQUEST,
            &format!("the body cannot be read: {error}"),
        )),
    }
}

fn refuse(status: StatusCode, reason: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("{reason}\n")));
    *response.status_mut() = status;
    response
}

/// What the platform says of a client. A request can bring its own, to play somebody else.
fn add_platform_headers(headers: &mut HeaderMap, client: IpAddr) {
    const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
    const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    const SERVER_NAME: HeaderName = HeaderName::from_static("server_name");
    let host = headers.get(HOST).cloned();
    set_default(headers, &SERVER_NAME, || {
        let host = host?;
        let name = host.to_str().ok()?.parse::<http::uri::Authority>().ok()?;
        HeaderValue::from_str(name.host()).ok()
    });
    let client = || HeaderValue::try_from(client.to_canonical().to_string()).ok();
    set_default(headers, &REAL_IP, client);
    set_default(headers, &FORWARDED_FOR, client);
}
