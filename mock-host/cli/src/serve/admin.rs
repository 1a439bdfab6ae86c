//! The admin port: the platform's API below `/fastedge/v1`, the inspector at `/_edge`, and no app.
//!
//! All checks of a request's head come before its body is read.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::answer::{read_whole, refuse};
use super::inspector;
use super::origin::{is_cross_origin, is_for_this_machine};
use super::site::{ApiAccess, Site};
use crate::api::{self, Api};
use crate::config::LOCAL_TOKEN;

/// The root of the platform's API. The API for Edge Storage is a part of it.
const API_ROOT: &str = "/fastedge/v1";

/// Responds to a request on the admin port; `app` is the address of the apps, on the other port.
pub(super) async fn respond(
    site: &Arc<Site>,
    client: IpAddr,
    app: SocketAddr,
    request: Request<Incoming>,
) -> Response<Bytes> {
    let path = request.uri().path();
    if is_below(path, inspector::PATH) {
        if let Err(problem) = inspector::check(site, client, &request) {
            return refuse(StatusCode::FORBIDDEN, problem);
        }
        return match read_whole(request, inspector::MAX_BODY_BYTES).await {
            Ok(request) => inspector::respond(site, &request),
            Err((status, problem)) => refuse(status, &problem),
        };
    }
    if is_below(path, API_ROOT) {
        if let Err((status, problem)) = check_api(&site.api(), client, &request) {
            // A 404 of the API has no body, and this one is not of the API.
            return match status {
                StatusCode::NOT_FOUND => refuse(status, problem),
                status => api::refuse(status, problem),
            };
        }
        if !is_below(path, api::PATH) {
            // The platform has more APIs below its root than this server.
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
        return match read_whole(request, api::MAX_BODY_BYTES).await {
            Ok(request) => call_api(site, request).await,
            Err((status, problem)) => api::refuse(status, &problem),
        };
    }
    match (request.method(), path) {
        (&Method::GET | &Method::HEAD, "/") => {
            let mut response = refuse(StatusCode::FOUND, inspector::PAGE);
            let page = HeaderValue::from_static(inspector::PAGE);
            response.headers_mut().insert(LOCATION, page);
            response
        }
        _ => {
            let problem = format!(
                "this port serves the inspector, at {}, and the API, below {API_ROOT}; apps are on \
                 http://{app}/",
                inspector::PAGE
            );
            refuse(StatusCode::NOT_FOUND, &problem)
        }
    }
}

fn is_below(path: &str, root: &str) -> bool {
    let rest = path.strip_prefix(root);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Checks whether a request may reach the API.
fn check_api<B>(
    access: &ApiAccess,
    client: IpAddr,
    request: &Request<B>,
) -> Result<(), (StatusCode, &'static str)> {
    if is_cross_origin(request) {
        let problem = "the API rejects requests that pages of another origin send";
        return Err((StatusCode::FORBIDDEN, problem));
    }
    let token = match access {
        ApiAccess::Token(token) => token,
        ApiAccess::Disabled => {
            let problem = "the API is disabled: set `enabled = true` under [api] in fastedge.toml";
            return Err((StatusCode::NOT_FOUND, problem));
        }
        ApiAccess::NoToken => {
            let problem = "the API is disabled, because this address is public and no token is \
                           set: set `token` under [api] in fastedge.toml";
            return Err((StatusCode::NOT_FOUND, problem));
        }
    };
    api::authorize(request.headers(), token)
        .map_err(|problem| (StatusCode::UNAUTHORIZED, problem))?;
    check_local_token(token, client, request).map_err(|problem| (StatusCode::FORBIDDEN, problem))
}

/// Checks that the well-known token comes from this machine: from its own programs, and not from a
/// page whose host name leads here (DNS rebinding).
fn check_local_token<B>(
    token: &str,
    client: IpAddr,
    request: &Request<B>,
) -> Result<(), &'static str> {
    let is_local = client.to_canonical().is_loopback() && is_for_this_machine(request);
    match token == LOCAL_TOKEN && !is_local {
        true => Err(
            "the token `local` is for this machine, at localhost, 127.0.0.1 and [::1]: for others, \
             set `token` under [api] in fastedge.toml",
        ),
        false => Ok(()),
    }
}

async fn call_api(site: &Arc<Site>, request: Request<Bytes>) -> Response<Bytes> {
    let site = Arc::clone(site);
    // The call waits for the disk.
    let called = tokio::task::spawn_blocking(move || {
        if !request.method().is_safe()
            && let Err(error) = site.make_durable()
        {
            return api::refuse(StatusCode::SERVICE_UNAVAILABLE, &error.to_string());
        }
        let served = site.served();
        let api = Api {
            edge: site.edge(),
            apps: &served.linked(),
            settings: served.api_rules,
        };
        api.answer(&request)
    });
    let failed = |_| api::refuse(StatusCode::INTERNAL_SERVER_ERROR, "the API has failed");
    called.await.unwrap_or_else(failed)
}
