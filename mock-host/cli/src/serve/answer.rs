//! One request: to an app, or to the admin port.

use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, COOKIE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};

use super::admin;
use super::connection::{Connection, Endpoint};
use super::origin::authority_of;
use super::recent::Answered;
use super::site::Site;
use crate::headers::set_default;

/// How long a client may take to send the body of a request.
const CLIENT_PATIENCE: Duration = Duration::from_secs(30);

/// The header in which a request names the location that is to answer it.
const POP: HeaderName = HeaderName::from_static("x-fastedge-pop");

/// Responds to a request, on either port.
pub(super) async fn respond(
    connection: &Connection,
    request: Request<Incoming>,
) -> Response<Bytes> {
    // In HTTP/1 it is left out further down, which in HTTP/2 it is not.
    let is_without_body = request.method() == Method::HEAD && request.version() == Version::HTTP_2;
    let (site, client) = (&connection.site, connection.client.ip());
    let mut response = match connection.endpoint {
        Endpoint::App => answer_app(site, client, request).await,
        Endpoint::Admin { app } => admin::respond(site, client, app, request).await,
    };
    if is_without_body {
        let body = std::mem::take(response.body_mut());
        let length = (!body.is_empty()).then(|| HeaderValue::from(body.len()));
        set_default(response.headers_mut(), &CONTENT_LENGTH, || length);
    }
    response
}

async fn answer_app(site: &Site, client: IpAddr, request: Request<Incoming>) -> Response<Bytes> {
    if request.method() == Method::CONNECT {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "this is no proxy");
    }
    let served = site.served();
    let host = host_of(&request);
    let Some(app) = served.app(host.as_deref()) else {
        let hosts = served.hosts().join(", ");
        let problem = format!("no app answers at this host name; these are answered: {hosts}");
        return refuse(StatusCode::NOT_FOUND, &problem);
    };
    let config = app.guest.config();
    let mut request = match read_whole(request, config.limits.body).await {
        Ok(request) => request,
        Err((status, problem)) => return refuse(status, &problem),
    };
    write_as_in_http1(&mut request);
    let pop = request.headers_mut().remove(POP);
    let pop = match &pop {
        Some(pop) => pop.to_str().unwrap_or_default(),
        None => site.default_pop(),
    };
    let Some(edge) = config.edge.at(pop) else {
        let pops = config.edge.pops().join(", ");
        let problem = format!("there is no location {pop:?}; there are: {pops}");
        return refuse(StatusCode::BAD_REQUEST, &problem);
    };
    let began = Instant::now();
    let at_ms = edge.clock().now_ms();
    config.complete(request.headers_mut());
    add_platform_headers(request.headers_mut(), host.as_deref(), client);
    let outcome = app.guest.request_at(&edge, request).await;
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
    let answered = Arc::new(Answered {
        id: outcome.request.id,
        at_ms,
        app: app.name.clone(),
        pop: pop.to_owned(),
        client: client.to_canonical().to_string(),
        host,
        method: outcome.request.method.clone(),
        uri: outcome.request.uri.clone(),
        status: outcome.response.status(),
        failure: outcome.failure,
        took: began.elapsed(),
        body_bytes: outcome.response.body().len(),
        memory: outcome.memory,
        calls: outcome.calls,
        printed: outcome.printed,
    });
    if let Some(log) = &site.access_log {
        log.write(&answered);
    }
    site.recent.keep(answered);
    outcome.response
}

/// Returns the host name of a request, without the port.
fn host_of<B>(request: &Request<B>) -> Option<String> {
    Some(authority_of(request)?.host().to_owned())
}

/// In HTTP/2 a request names its host in its URI, and elsewhere in a header, where apps look for it; and its cookies
/// can come one by one, and elsewhere come in one header (RFC 9113, 8.2.3).
fn write_as_in_http1(request: &mut Request<Bytes>) {
    let crumbs = request.headers().get_all(COOKIE);
    let crumbs: Vec<&[u8]> = crumbs.iter().map(HeaderValue::as_bytes).collect();
    if request.version() == Version::HTTP_2
        && crumbs.len() > 1
        && let Ok(cookies) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        request.headers_mut().insert(COOKIE, cookies);
    }
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let host = authority.and_then(|authority| HeaderValue::from_str(authority).ok());
    set_default(request.headers_mut(), &HOST, || host);
    if let Some(path) = request.uri().path_and_query() {
        *request.uri_mut() = http::Uri::from(path.clone());
    }
}

/// Reads the body of a request, up to a limit.
///
/// # Errors
///
/// The status and the reason, if the body is too large, broken or too slow.
pub(super) async fn read_whole(
    request: Request<Incoming>,
    limit: usize,
) -> Result<Request<Bytes>, (StatusCode, String)> {
    let (parts, body) = request.into_parts();
    let too_large = || {
        let problem = format!("the body is larger than the limit of {limit} bytes");
        (StatusCode::PAYLOAD_TOO_LARGE, problem)
    };
    // A client that waits for it to be wanted does not send it.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let read = tokio::time::timeout(CLIENT_PATIENCE, Limited::new(body, limit).collect());
    match read.await {
        Ok(Ok(body)) => Ok(Request::from_parts(parts, body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => {
            let problem = format!("the body cannot be read: {error}");
            Err((StatusCode::BAD_REQUEST, problem))
        }
        Err(_elapsed) => {
            let problem = "the body took too long".to_owned();
            Err((StatusCode::REQUEST_TIMEOUT, problem))
        }
    }
}

pub(super) fn refuse(status: StatusCode, reason: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("{reason}\n")));
    *response.status_mut() = status;
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, text);
    response
}

/// What the platform says of a client. A request can bring its own, to play somebody else.
fn add_platform_headers(headers: &mut HeaderMap, host: Option<&str>, client: IpAddr) {
    const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
    const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
    const SERVER_NAME: HeaderName = HeaderName::from_static("server_name");
    set_default(headers, &SERVER_NAME, || HeaderValue::from_str(host?).ok());
    let client = || HeaderValue::try_from(client.to_canonical().to_string()).ok();
    set_default(headers, &REAL_IP, client);
    set_default(headers, &FORWARDED_FOR, client);
}
