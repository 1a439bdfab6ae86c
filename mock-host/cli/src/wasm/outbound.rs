//! Requests that an app sends.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use bytes::Bytes;
use fastedge_host::{HttpError, Method};
use fastedge_mock_host::{OwnAnswer, SentRequest, Session};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::config::OutboundRules;
use crate::headers::text_headers;

/// What one request's instance may still send, and where.
pub(crate) struct Outbound {
    pub(super) session: Arc<Session>,
    rules: Arc<OutboundRules>,
    max_requests: u32,
    requests_left: u32,
    /// How many requests wait for their answers: while some do, a clock that stands still is not
    /// moved by those who sleep.
    pub(super) in_flight: Arc<AtomicUsize>,
}

/// A request on its way.
struct InFlight(Arc<AtomicUsize>);

impl InFlight {
    fn begin(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        InFlight(Arc::clone(count))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

type Connection = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// An answer that has begun.
pub(super) struct Answered {
    pub(super) response: Response<WasiBody>,
    /// Drives the connection: without it no body comes.
    pub(super) connection: Connection,
    /// The request in the log of calls.
    pub(super) sent: SentRequest,
}

impl Outbound {
    pub(crate) fn new(session: Arc<Session>, rules: Arc<OutboundRules>, requests: u32) -> Self {
        Outbound {
            session,
            rules,
            max_requests: requests,
            requests_left: requests,
            in_flight: Arc::default(),
        }
    }

    /// Sends a request, if it may be sent.
    pub(crate) fn send(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> impl Future<Output = Result<Answered, Error>> + Send + use<> {
        let limit = self.max_requests;
        let is_allowed = self.requests_left > 0;
        self.requests_left = self.requests_left.saturating_sub(1);
        let (session, rules) = (Arc::clone(&self.session), Arc::clone(&self.rules));
        // The request itself, whose body is a stream, cannot be looked at across an await.
        let (about, uri) = (described(&request), request.uri().clone());
        let in_flight = InFlight::begin(&self.in_flight);
        async move {
            let _in_flight = in_flight;
            if !is_allowed {
                discard(request.into_body());
                let error = HttpError::TooManyRequests;
                session.refuse_request(&about.uri, &format!("{error} (the limit is {limit})"));
                return Err(to_wasi(error));
            }
            let (own, sent) = session.answer_to_request(&about);
            let lost = match own {
                OwnAnswer::Given(answer) => {
                    discard(request.into_body());
                    return given(answer, sent);
                }
                OwnAnswer::Lost(error) => Some(error),
                OwnAnswer::None => None,
            };
            if let Some(refusal) = refusal(&session, &rules, &uri).await {
                discard(request.into_body());
                sent.failed(&refusal.to_string());
                return Err(refusal);
            }
            let request = request.map(|body| counting(body, &sent, SentRequest::sent));
            let answer = wasmtime_wasi_http::default_send_request(request, options).await;
            if let Some(error) = lost {
                // Who is asked has done its part, and its answer goes nowhere.
                return Err(to_wasi(error));
            }
            match answer {
                Ok((response, connection)) => Ok(Answered {
                    response: noting(response, &sent),
                    connection: Box::new(connection),
                    sent,
                }),
                Err(error) => {
                    sent.failed(&error.to_string());
                    Err(error)
                }
            }
        }
    }
}

/// Why a request is not sent, if it is not: it may not be.
async fn refusal(session: &Session, rules: &OutboundRules, uri: &Uri) -> Option<Error> {
    let Some((host, port)) = destination(uri) else {
        return Some(Error::HttpRequestUriInvalid);
    };
    if session.edge().clock().stands_still() && !rules.names(&host, port) {
        // A test's requests go where the test says, and not out into the world.
        return Some(Error::ConnectionRefused);
    }
    match rules.allows(&host, port).await {
        Ok(true) => None,
        Ok(false) => Some(Error::DestinationIpProhibited),
        Err(_) => Some(Error::DestinationNotFound),
    }
}

/// Reads a body that goes nowhere, until the app has written it or is gone: an app whose writing
/// failed would take that for the news, and not look at the answer.
fn discard(mut body: WasiBody) {
    tokio::spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
}

/// A request as the edge's answers and faults are told of it: without its body, which is a stream.
fn described<B>(request: &Request<B>) -> fastedge_host::Request {
    fastedge_host::Request {
        // A WASI-HTTP app can send methods for which the edge has no word.
        method: Method::from_name(request.method().as_str()).unwrap_or(Method::Get),
        uri: request.uri().to_string(),
        headers: text_headers(request.headers()),
        body: None,
    }
}

/// An answer that is written down as it comes.
fn noting<B>(response: Response<B>, sent: &SentRequest) -> Response<WasiBody>
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    sent.answered();
    let broken = sent.clone();
    response.map(|body| {
        counting(body, sent, SentRequest::received)
            .map_err(move |error| {
                broken.failed(&error.to_string());
                error
            })
            .boxed_unsync()
    })
}

fn counting<B>(body: B, sent: &SentRequest, count: fn(&SentRequest, usize)) -> WasiBody
where
    B: Body<Data = Bytes, Error = Error> + Send + 'static,
{
    let counted = Counted {
        body: body.boxed_unsync(),
        sent: sent.clone(),
        count,
    };
    counted.boxed_unsync()
}

/// A body whose bytes are counted as they pass. Its length is told as it is, for the header.
struct Counted {
    body: WasiBody,
    sent: SentRequest,
    count: fn(&SentRequest, usize),
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            (self.count)(&self.sent, frame.data_ref().map_or(0, Bytes::len));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the edge answers by itself.
fn given(
    answer: Result<fastedge_host::Response, HttpError>,
    sent: SentRequest,
) -> Result<Answered, Error> {
    let answer = answer.map_err(to_wasi)?;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers.unwrap_or_default() {
        response = response.header(name, value);
    }
    let body = Full::new(Bytes::from(answer.body.unwrap_or_default()));
    let body = body.map_err(|never| match never {}).boxed_unsync();
    let response = response.body(body).map_err(|error| {
        sent.failed(&error.to_string());
        Error::HttpProtocolError
    })?;
    Ok(Answered {
        response,
        connection: Box::new(async { Ok(()) }),
        sent,
    })
}

fn to_wasi(error: HttpError) -> Error {
    match error {
        HttpError::DestinationNotAllowed => Error::DestinationIpProhibited,
        HttpError::InvalidUrl => Error::HttpRequestUriInvalid,
        HttpError::TooManyRequests => Error::ConnectionLimitReached,
        HttpError::RuntimeError => Error::InternalError(None),
        _ => Error::ConnectionTerminated,
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
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Connection), Error>> + Send> {
        let sent = self.send(request, options);
        Box::new(async {
            let answered = sent.await?;
            Ok((answered.response, answered.connection))
        })
    }
}
