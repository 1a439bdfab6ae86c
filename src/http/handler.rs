//! From the host's request to the app's function, and back.

use std::fmt::Display;

use ::http::header::{HeaderMap, HeaderName, HeaderValue};
use ::http::{Method, Request, Response, StatusCode, Uri};
use fastedge_host as host;

use super::{Body, reply};
use crate::stdout::say;

/// What a function under `#[fastedge::http]` is.
pub type Handler<E> = fn(Request<Body>) -> Result<Response<Body>, E>;

/// Compiles for handlers only. The native half of `#[fastedge::http]`: it also counts as a use of
/// the function.
pub const fn assert_handler<E: Display>(_: Handler<E>) {}

/// Answers one request. Whatever goes wrong is said on stdout, which the platform keeps, and not
/// to the client.
pub fn answer<E: Display>(request: host::Request, handler: Handler<E>) -> host::Response {
    let request = match to_request(request) {
        Ok(request) => request,
        Err(reason) => {
            say(format_args!("the request cannot be expressed: {reason}"));
            return plain(StatusCode::BAD_REQUEST);
        }
    };
    let response = match handler(request) {
        Ok(response) => response,
        Err(error) => {
            // The alternate form is a chain of causes for the error types that have one.
            say(format_args!("the handler failed: {error:#}"));
            return plain(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    from_response(response).unwrap_or_else(|reason| {
        say(format_args!(
            "the handler's response cannot be expressed: {reason}"
        ));
        plain(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

fn plain(status: StatusCode) -> host::Response {
    let reason = status.canonical_reason().unwrap_or_default();
    let response = reply::text(status, format!("{reason}\n"));
    from_response(response).unwrap_or(host::Response {
        status: status.as_u16(),
        headers: None,
        body: None,
    })
}

fn to_request(request: host::Request) -> Result<Request<Body>, String> {
    let uri = Uri::try_from(request.uri).map_err(|error| format!("its URI: {error}"))?;
    let headers = to_headers(request.headers)?;
    let mut converted = Request::new(Body::from(request.body.unwrap_or_default()));
    *converted.method_mut() = to_method(request.method);
    *converted.uri_mut() = uri;
    *converted.headers_mut() = headers;
    Ok(converted)
}

fn to_method(method: host::Method) -> Method {
    match method {
        host::Method::Get => Method::GET,
        host::Method::Post => Method::POST,
        host::Method::Put => Method::PUT,
        host::Method::Delete => Method::DELETE,
        host::Method::Head => Method::HEAD,
        host::Method::Patch => Method::PATCH,
        host::Method::Options => Method::OPTIONS,
    }
}

pub(super) fn to_headers(pairs: Vec<(String, String)>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::try_with_capacity(pairs.len())
        .map_err(|error| format!("its headers: {error}"))?;
    for (name, value) in pairs {
        let value = HeaderValue::try_from(value)
            .map_err(|error| format!("the value of header `{name}`: {error}"))?;
        let name = HeaderName::try_from(name.as_str())
            .map_err(|error| format!("header `{name}`: {error}"))?;
        headers
            .try_append(name, value)
            .map_err(|error| format!("its headers: {error}"))?;
    }
    Ok(headers)
}

/// The interface carries header values as text. `Err` names the header whose value is not.
pub(super) fn from_headers(headers: &HeaderMap) -> Result<Vec<(String, String)>, HeaderName> {
    headers
        .iter()
        .map(|(name, value)| match str::from_utf8(value.as_bytes()) {
            Ok(value) => Ok((name.as_str().to_owned(), value.to_owned())),
            Err(_) => Err(name.clone()),
        })
        .collect()
}

fn from_response(response: Response<Body>) -> Result<host::Response, String> {
    let (parts, body) = response.into_parts();
    let headers = from_headers(&parts.headers)
        .map_err(|name| format!("the value of header `{name}` is not UTF-8 text"))?;
    Ok(host::Response {
        status: parts.status.as_u16(),
        headers: Some(headers),
        body: Some(body.into_bytes()),
    })
}

/// The component's half of `#[fastedge::http]`.
#[cfg(target_arch = "wasm32")]
pub(crate) mod export {
    use std::fmt::Display;
    use std::io::Write;

    use fastedge_host as host;

    use super::Handler;
    use crate::host::bindings::gcore::fastedge::http as wit;

    /// Answers the request that the platform hands to the component.
    pub fn process<E: Display>(request: wit::Request, handler: Handler<E>) -> wit::Response {
        let response = super::answer(
            host::Request {
                method: match request.method {
                    wit::Method::Get => host::Method::Get,
                    wit::Method::Post => host::Method::Post,
                    wit::Method::Put => host::Method::Put,
                    wit::Method::Delete => host::Method::Delete,
                    wit::Method::Head => host::Method::Head,
                    wit::Method::Patch => host::Method::Patch,
                    wit::Method::Options => host::Method::Options,
                },
                uri: request.uri,
                headers: request.headers,
                body: request.body,
            },
            handler,
        );
        // The instance ends here, and with it what is printed but not yet written.
        let _ = std::io::stdout().flush();
        wit::Response {
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, headers: &[(&str, &str)]) -> host::Request {
        host::Request {
            method: host::Method::Post,
            uri: uri.to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Some(b"body".to_vec()),
        }
    }

    fn text(response: host::Response) -> String {
        String::from_utf8(response.body.unwrap()).unwrap()
    }

    #[test]
    fn everything_of_a_request_reaches_the_function_and_of_a_response_the_host() {
        fn echo(request: Request<Body>) -> Result<Response<Body>, ::http::Error> {
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.uri(), "/a?b=c");
            let twice: Vec<_> = request.headers().get_all("x-twice").iter().collect();
            assert_eq!(twice, ["1", "zwölf"]);
            Response::builder()
                .status(201)
                .header("set-cookie", "a=1")
                .header("set-cookie", "b=ü")
                .body(request.into_body())
        }
        let response = answer(
            request("/a?b=c", &[("X-Twice", "1"), ("x-twice", "zwölf")]),
            echo,
        );
        assert_eq!(response.status, 201);
        let cookie = |value: &str| ("set-cookie".to_owned(), value.to_owned());
        assert_eq!(response.headers, Some(vec![cookie("a=1"), cookie("b=ü")]));
        assert_eq!(response.body.as_deref(), Some(b"body".as_slice()));
    }

    #[test]
    fn an_error_is_a_500_that_says_nothing() {
        let response = answer(request("/", &[]), |_| Err("the password is hunter2"));
        assert_eq!(response.status, 500);
        assert_eq!(text(response), "Internal Server Error\n");
    }

    #[test]
    fn a_response_header_that_is_not_text_is_a_500() {
        let response = answer(request("/", &[]), |_| {
            Response::builder()
                .header("x", &b"\xff"[..])
                .body(Body::empty())
        });
        assert_eq!(response.status, 500);
    }

    #[test]
    fn a_request_that_cannot_be_expressed_is_a_400_and_not_a_trap() {
        fn unreached(_: Request<Body>) -> Result<Response<Body>, &'static str> {
            Err("called")
        }
        for uri in ["", "http://[", "/ \n"] {
            assert_eq!(answer(request(uri, &[]), unreached).status, 400, "{uri:?}");
        }
        for header in [("", "v"), ("a b", "v"), ("ü", "v"), ("x", "a\nb")] {
            let response = answer(request("/", &[header]), unreached);
            assert_eq!(response.status, 400, "{header:?}");
        }
        let many: Vec<_> = (0..40_000).map(|i| format!("x-{i}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "v")).collect();
        assert_eq!(answer(request("/", &many), unreached).status, 400);
    }

    #[test]
    fn no_request_and_no_response_is_a_trap() {
        fn echo(request: Request<Body>) -> Result<Response<Body>, &'static str> {
            let mut response = Response::new(request.body().clone());
            *response.headers_mut() = request.headers().clone();
            Ok(response)
        }
        let mut random = fastrand::Rng::with_seed(1);
        let mut text = |characters: &str| -> String {
            let characters: Vec<char> = characters.chars().collect();
            let length = random.usize(..12);
            (0..length)
                .map(|_| *random.choice(&characters).unwrap())
                .collect()
        };
        let mut statuses = std::collections::BTreeSet::new();
        for _ in 0..20_000 {
            let mut request = request(&text("/:?#[]@%a.b\u{0} ü"), &[]);
            request.headers = (0..2)
                .map(|_| (text("aB-_:\n ü"), text("a\t\r\n\u{0}\u{7f} ü")))
                .collect();
            statuses.insert(answer(request, echo).status);
        }
        assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [200, 400]);
    }
}
