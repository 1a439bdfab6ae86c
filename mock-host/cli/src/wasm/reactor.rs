//! Requests to reactor apps.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use wasmtime::Store;

use super::guest::Stopped;
use super::imports::{ReactorPre, types};
use super::state::State;
use crate::headers::text_headers;

pub(crate) async fn answer(
    app: &ReactorPre<State>,
    store: &mut Store<State>,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, Stopped> {
    let request = to_request(request)?;
    let instance = app
        .instantiate_async(&mut *store)
        .await
        .map_err(Stopped::SetUp)?;
    let response = instance
        .gcore_fastedge_http_handler()
        .call_process(&mut *store, &request)
        .await
        .map_err(Stopped::Call)?;
    from_response(response).map_err(Stopped::Unusable)
}

fn to_request(request: Request<Bytes>) -> Result<types::Request, Stopped> {
    let (parts, body) = request.into_parts();
    let method = to_method(&parts.method).ok_or_else(|| {
        Stopped::Unusable(format!(
            "a reactor app cannot be asked with method {}",
            parts.method
        ))
    })?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = match parts
        .headers
        .get("x-cdn-real-host")
        .map(HeaderValue::to_str)
    {
        Some(Ok(host)) => format!("http://{host}{path}"),
        _ => path.to_owned(),
    };
    Ok(types::Request {
        method,
        uri,
        headers: text_headers(&parts.headers),
        body: (!body.is_empty()).then(|| body.into()),
    })
}

fn to_method(method: &Method) -> Option<types::Method> {
    Some(match method.as_str() {
        "GET" => types::Method::Get,
        "POST" => types::Method::Post,
        "PUT" => types::Method::Put,
        "DELETE" => types::Method::Delete,
        "HEAD" => types::Method::Head,
        "PATCH" => types::Method::Patch,
        "OPTIONS" => types::Method::Options,
        _ => return None,
    })
}

fn from_response(response: types::Response) -> Result<Response<Bytes>, String> {
    let status = StatusCode::from_u16(response.status)
        .map_err(|_| format!("its status is {}", response.status))?;
    let mut headers = HeaderMap::new();
    for (name, value) in response.headers.unwrap_or_default() {
        let value = HeaderValue::try_from(value)
            .map_err(|_| format!("the value of its header {name:?} is not one"))?;
        let name: HeaderName = name
            .parse()
            .map_err(|_| format!("its header {name:?} is not one"))?;
        headers
            .try_append(name, value)
            .map_err(|_| "it has too many headers".to_owned())?;
    }
    let mut converted = Response::new(Bytes::from(response.body.unwrap_or_default()));
    *converted.status_mut() = status;
    *converted.headers_mut() = headers;
    Ok(converted)
}
