//! Requests to WASI-HTTP apps.

use std::pin::pin;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;

use super::guest::Stopped;
use super::state::State;

pub(crate) async fn answer(
    app: &ProxyPre<State>,
    store: &mut Store<State>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Stopped> {
    let max_body_bytes = store.data().max_body_bytes;
    let (sender, receiver) = oneshot::channel();
    let mut http = store.data_mut().http();
    let request = http
        .new_incoming_request(Scheme::Http, at_localhost(request)?.map(Full::new))
        .map_err(Stopped::SetUp)?;
    let out = http.new_response_outparam(sender).map_err(Stopped::SetUp)?;
    let instance = app
        .instantiate_async(&mut *store)
        .await
        .map_err(Stopped::SetUp)?;
    // The app goes on while its answer is read: a body that nobody reads would block it. What it
    // does after its answer is complete counts as well; if it dies of it, the answer is lost.
    let mut received = pin!(receive(receiver, max_body_bytes));
    let mut early = None;
    let called = {
        let handler = instance.wasi_http_incoming_handler();
        let mut call = pin!(handler.call_handle(&mut *store, request, out));
        tokio::select! {
            biased;
            called = &mut call => called,
            answer = &mut received => {
                early = Some(answer);
                call.await
            }
        }
    };
    called.map_err(Stopped::Call)?;
    let answer = match early {
        Some(answer) => answer,
        None => {
            // An answer that the app has not finished by now it never will: without its end of the
            // channels, reading it comes to an end.
            store.data_mut().table = ResourceTable::new();
            received.await
        }
    };
    answer.map_err(Stopped::Unusable)
}

/// The URI under which a WASI-HTTP app is asked on the platform.
fn at_localhost(mut request: Request<Bytes>) -> Result<Request<Bytes>, Stopped> {
    let path = request.uri().path_and_query();
    // `*`, of OPTIONS, is no path.
    let path = path
        .map(PathAndQuery::as_str)
        .filter(|path| path.starts_with('/'));
    let path = path.unwrap_or("/");
    *request.uri_mut() = Uri::try_from(format!("http://localhost{path}"))
        .map_err(|error| Stopped::Unusable(format!("its URI: {error}")))?;
    Ok(request)
}

type Answer = Result<Response<HyperOutgoingBody>, ErrorCode>;

async fn receive(
    answer: oneshot::Receiver<Answer>,
    max_body_bytes: usize,
) -> Result<Response<Bytes>, String> {
    let response = match answer.await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(format!("the handler failed: {error:?}")),
        Err(_dropped) => return Err("it returned without one".to_owned()),
    };
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, max_body_bytes)
        .collect()
        .await
        .map_err(|error| format!("its body: {error} (the limit is {max_body_bytes} bytes)"))?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}
