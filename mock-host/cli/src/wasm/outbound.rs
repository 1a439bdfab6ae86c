//! Requests that an app sends.

use std::future::Future;
use std::sync::Arc;

use http::{Request, Response, Uri};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::config::OutboundRules;

/// What one request's instance may still send, and where.
pub(crate) struct Outbound {
    rules: Arc<OutboundRules>,
    requests_left: u32,
}

type Sent = (
    Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl Outbound {
    pub(crate) fn new(rules: Arc<OutboundRules>, requests: u32) -> Self {
        Outbound {
            rules,
            requests_left: requests,
        }
    }

    /// Sends a request, if it may be sent. The second of the answer drives the connection: without
    /// it no body comes.
    pub(crate) fn send(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> impl Future<Output = Result<Sent, Error>> + Send + use<> {
        let is_allowed = self.requests_left > 0;
        self.requests_left = self.requests_left.saturating_sub(1);
        let rules = Arc::clone(&self.rules);
        async move {
            if !is_allowed {
                return Err(Error::ConnectionLimitReached);
            }
            let (host, port) = destination(request.uri()).ok_or(Error::HttpRequestUriInvalid)?;
            match rules.allows(&host, port).await {
                Ok(true) => {}
                Ok(false) => return Err(Error::DestinationIpProhibited),
                Err(_) => return Err(Error::DestinationNotFound),
            }
            let (response, connection) =
                wasmtime_wasi_http::default_send_request(request, options).await?;
            let response = response.map(http_body_util::BodyExt::boxed_unsync);
            Ok((response, Box::new(connection) as _))
        }
    }
}

fn destination(uri: &Uri) -> Option<(String, u16)> {
    let default_port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let port = uri.port_u16().unwrap_or(default_port);
    Some((uri.host()?.to_owned(), port))
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        Box::new(self.send(request, options))
    }
}
