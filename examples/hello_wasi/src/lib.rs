//! The smallest WASI-HTTP app: asynchronous, on `wstd`.
//!
//! Everything of the SDK works in such an app, save the macro and the sending of requests, for
//! which `wstd` has its own. What the app decides is an ordinary function, so that a native test
//! can call it; `wstd` itself only exists in a component.

use fastedge::http::{ClientInfo, HeaderMap};

/// The handler that the platform calls.
#[cfg(target_arch = "wasm32")]
mod component {
    use wstd::http::{Body, Request, Response, Result};

    #[wstd::http_server]
    async fn main(request: Request<Body>) -> Result<Response<Body>> {
        let text = super::greeting(request.uri().path(), request.headers());
        Ok(Response::new(text.into()))
    }
}

/// Greets whoever asks for `path`, and names the city if the platform does.
pub fn greeting(path: &str, headers: &HeaderMap) -> String {
    match ClientInfo::new(headers).city() {
        Some(city) => format!("Hello from {path} to {city}!\n"),
        None => format!("Hello from {path}!\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge::http::HeaderValue;

    #[test]
    fn greets() {
        let mut headers = HeaderMap::new();
        assert_eq!(greeting("/tea", &headers), "Hello from /tea!\n");
        headers.insert("pop-city", HeaderValue::from_static("Luxembourg"));
        assert_eq!(
            greeting("/tea", &headers),
            "Hello from /tea to Luxembourg!\n"
        );
    }
}
