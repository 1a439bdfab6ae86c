//! The interfaces of `gcore:fastedge`, on the edge: translation only.

use std::fmt;

use bytes::Bytes;
use fastedge_host::{CacheError, KeyValueError, SecretError};
use fastedge_mock_host::OpenStore;
use http::{HeaderName, HeaderValue, Method, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use wasmtime::Result;
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime_wasi_http::{Error as WasiHttpError, WasiBody};

use super::clock;
use super::state::State;
use crate::headers::{is_about_the_connection, text_headers};

/// What `bindgen!` makes from `wit/`.
#[allow(missing_docs, unreachable_pub, reason = "generated")]
mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "reactor",
        imports: {
            "gcore:fastedge/http-client.send-request": async,
            "gcore:fastedge/key-value": trappable,
        },
        exports: { default: async },
        with: {
            "gcore:fastedge/key-value.store": fastedge_mock_host::OpenStore,
        },
    });
}

pub(crate) use self::generated::ReactorPre;
pub(crate) use self::generated::gcore::fastedge::http as types;
use self::generated::gcore::fastedge::{
    cache_sync, cache_types, dictionary, http_client, key_value, secret, utils,
};

/// Offers every interface to every app; it imports what it calls.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    clock::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    generated::Reactor::add_to_linker::<_, HasSelf<State>>(linker, |state| state)
}

impl key_value::Host for State {}

impl key_value::HostStore for State {
    fn open(&mut self, name: String) -> Result<Result<Resource<OpenStore>, key_value::Error>> {
        match self.session().kv_open(&name) {
            Ok(store) => Ok(Ok(self.table.push(store)?)),
            Err(error) => Ok(Err(error.into())),
        }
    }

    fn get(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, key_value::Error>> {
        let store = self.table.get(&store)?;
        Ok(self.session().kv_get(store, &key).map_err(Into::into))
    }

    fn scan(
        &mut self,
        store: Resource<OpenStore>,
        pattern: String,
    ) -> Result<Result<Vec<String>, key_value::Error>> {
        let store = self.table.get(&store)?;
        Ok(self.session().kv_scan(store, &pattern).map_err(Into::into))
    }

    fn zrange_by_score(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
        min: f64,
        max: f64,
    ) -> Result<Result<Vec<(Vec<u8>, f64)>, key_value::Error>> {
        let store = self.table.get(&store)?;
        let members = self.session().kv_zrange_by_score(store, &key, min, max);
        Ok(members.map_err(Into::into))
    }

    fn zscan(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
        pattern: String,
    ) -> Result<Result<Vec<(Vec<u8>, f64)>, key_value::Error>> {
        let store = self.table.get(&store)?;
        let members = self.session().kv_zscan(store, &key, &pattern);
        Ok(members.map_err(Into::into))
    }

    fn bf_exists(
        &mut self,
        store: Resource<OpenStore>,
        key: String,
        item: String,
    ) -> Result<Result<bool, key_value::Error>> {
        let store = self.table.get(&store)?;
        Ok(self
            .session()
            .kv_bf_exists(store, &key, &item)
            .map_err(Into::into))
    }

    fn drop(&mut self, store: Resource<OpenStore>) -> Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}

impl From<KeyValueError> for key_value::Error {
    fn from(error: KeyValueError) -> Self {
        match error {
            KeyValueError::NoSuchStore => key_value::Error::NoSuchStore,
            KeyValueError::AccessDenied => key_value::Error::AccessDenied,
            KeyValueError::InternalError => key_value::Error::InternalError,
            KeyValueError::Other(message) => key_value::Error::Other(message),
            KeyValueError::NoHostInstalled(error) => key_value::Error::Other(error.to_string()),
        }
    }
}

impl cache_types::Host for State {}

impl cache_sync::Host for State {
    fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, cache_types::Error> {
        Ok(self.session().cache_get(&key)?)
    }

    fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
        ttl_ms: Option<u64>,
    ) -> Result<(), cache_types::Error> {
        Ok(self.session().cache_set(&key, &value, ttl_ms)?)
    }

    fn delete(&mut self, key: String) -> Result<(), cache_types::Error> {
        Ok(self.session().cache_delete(&key)?)
    }

    fn exists(&mut self, key: String) -> Result<bool, cache_types::Error> {
        Ok(self.session().cache_exists(&key)?)
    }

    fn incr(&mut self, key: String, delta: i64) -> Result<i64, cache_types::Error> {
        Ok(self.session().cache_incr(&key, delta)?)
    }

    fn expire(&mut self, key: String, ttl_ms: u64) -> Result<bool, cache_types::Error> {
        Ok(self.session().cache_expire(&key, ttl_ms)?)
    }

    fn purge(&mut self) -> Result<u64, cache_types::Error> {
        Ok(self.session().cache_purge()?)
    }

    fn purge_prefix(&mut self, prefix: String) -> Result<u64, cache_types::Error> {
        Ok(self.session().cache_purge_prefix(&prefix)?)
    }
}

impl From<CacheError> for cache_types::Error {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::AccessDenied => cache_types::Error::AccessDenied,
            CacheError::InternalError => cache_types::Error::InternalError,
            CacheError::Other(message) => cache_types::Error::Other(message),
            CacheError::NoHostInstalled(error) => cache_types::Error::Other(error.to_string()),
        }
    }
}

impl secret::Host for State {
    fn get(&mut self, key: String) -> Result<Option<String>, secret::Error> {
        Ok(self.session().secret_get(&key)?)
    }

    fn get_effective_at(&mut self, key: String, at: u32) -> Result<Option<String>, secret::Error> {
        Ok(self.session().secret_get_effective_at(&key, at)?)
    }
}

impl From<SecretError> for secret::Error {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::AccessDenied => secret::Error::AccessDenied,
            SecretError::DecryptError => secret::Error::DecryptError,
            SecretError::Other(message) => secret::Error::Other(message),
            SecretError::NoHostInstalled(error) => secret::Error::Other(error.to_string()),
        }
    }
}

impl dictionary::Host for State {
    fn get(&mut self, key: String) -> Option<String> {
        self.session().dictionary_get(&key)
    }
}

impl utils::Host for State {
    fn set_user_diag(&mut self, name: String) {
        self.session().set_user_diag(&name);
    }
}

impl types::Host for State {}

impl http_client::Host for State {
    async fn send_request(
        &mut self,
        request: types::Request,
    ) -> Result<types::Response, types::Error> {
        let max_body_bytes = self.max_body_bytes;
        let uri = request.uri.clone();
        let request = to_request(request, max_body_bytes).map_err(|unsendable| {
            self.session().refuse_request(&uri, &unsendable.why);
            unsendable.error
        })?;
        let answered = self.outbound.send(request, None).await;
        let answered = answered.map_err(|error| to_error(&error))?;
        let response = answered.response;
        let body_and_headers = async {
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, max_body_bytes).collect().await;
            body.map(|body| (parts, body.to_bytes()))
        };
        tokio::pin!(body_and_headers);
        let mut connection = Box::into_pin(answered.connection);
        // The body comes while the connection is driven, which may end before the body is read.
        let collected = tokio::select! {
            collected = &mut body_and_headers => collected,
            _ended = &mut connection => body_and_headers.await,
        };
        let (parts, body) = collected.map_err(|error| {
            if error.is::<LengthLimitError>() {
                let problem =
                    format!("the answer's body is larger than the limit of {max_body_bytes} bytes");
                answered.sent.failed(&problem);
            }
            types::Error::RequestError
        })?;
        Ok(types::Response {
            status: parts.status.as_u16(),
            headers: Some(text_headers(&parts.headers)),
            body: Some(body.into()),
        })
    }
}

/// Why a request is none that can be sent: for the app, and for who looks at the log of calls.
struct Unsendable {
    error: types::Error,
    why: String,
}

impl Unsendable {
    fn url(why: impl fmt::Display) -> Self {
        Unsendable {
            error: types::Error::InvalidUrl,
            why: format!("invalid-url: {why}"),
        }
    }

    fn request(why: impl fmt::Display) -> Self {
        Unsendable {
            error: types::Error::RequestError,
            why: format!("request-error: {why}"),
        }
    }
}

fn to_request(
    request: types::Request,
    max_body_bytes: usize,
) -> Result<http::Request<WasiBody>, Unsendable> {
    let body = request.body.unwrap_or_default();
    if body.len() > max_body_bytes {
        return Err(Unsendable::request(format_args!(
            "the body is larger than the limit of {max_body_bytes} bytes"
        )));
    }
    let uri: Uri = request.uri.parse().map_err(Unsendable::url)?;
    let authority = uri.authority();
    let authority = authority.ok_or_else(|| Unsendable::url("it names no host"))?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(Unsendable::url)?;
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
    let mut converted = http::Request::new(body.boxed_unsync());
    *converted.method_mut() = from_method(request.method);
    converted.headers_mut().insert(http::header::HOST, host);
    *converted.uri_mut() = uri;
    for (name, value) in request.headers {
        let about_it = |error: &dyn fmt::Display| {
            Unsendable::request(format_args!("the header {name:?}: {error}"))
        };
        let value: HeaderValue = value.parse().map_err(|error| about_it(&error))?;
        let name: HeaderName = name.parse().map_err(|error| about_it(&error))?;
        // How the message is framed, and for whom, is not the app's to say.
        if name == http::header::HOST || is_about_the_connection(&name) {
            continue;
        }
        converted
            .headers_mut()
            .try_append(name, value)
            .map_err(Unsendable::request)?;
    }
    Ok(converted)
}

fn from_method(method: types::Method) -> Method {
    match method {
        types::Method::Get => Method::GET,
        types::Method::Post => Method::POST,
        types::Method::Put => Method::PUT,
        types::Method::Delete => Method::DELETE,
        types::Method::Head => Method::HEAD,
        types::Method::Patch => Method::PATCH,
        types::Method::Options => Method::OPTIONS,
    }
}

fn to_error(error: &WasiHttpError) -> types::Error {
    match error {
        WasiHttpError::DestinationIpProhibited => types::Error::DestinationNotAllowed,
        WasiHttpError::HttpRequestUriInvalid => types::Error::InvalidUrl,
        WasiHttpError::ConnectionLimitReached => types::Error::TooManyRequests,
        WasiHttpError::InternalError(_) => types::Error::RuntimeError,
        _ => types::Error::RequestError,
    }
}
