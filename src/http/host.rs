//! Which host a request is for.

use ::http::Request;
use ::http::header::{HOST, HeaderName, HeaderValue};

use super::ClientInfo;

/// What every WASI-HTTP app finds as its host, whatever it was asked as.
const PLACEHOLDER: &str = "localhost";

/// The host that the client has asked.
const REAL_HOST: &str = "x-cdn-real-host";

/// The host that a request is for, with the port where one is said, in lower case; empty if nothing says it.
///
/// The platform says it behind a CDN. Else a reactor app finds it in the URI, or in `Host`; a WASI-HTTP app finds
/// neither, and has what the platform calls the server.
pub(crate) fn host_of<B>(request: &Request<B>) -> String {
    let header = |name: HeaderName| text(request.headers().get(name)?);
    let authority = request.uri().authority().map(|host| host.as_str());
    let server = || ClientInfo::new(request.headers()).server_name();
    let host = header(HeaderName::from_static(REAL_HOST))
        .or(authority.filter(|host| *host != PLACEHOLDER))
        .or_else(|| header(HOST))
        .or_else(server)
        .or(authority);
    host.unwrap_or_default().to_ascii_lowercase()
}

fn text(value: &HeaderValue) -> Option<&str> {
    str::from_utf8(value.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_somebody_says_it_is() {
        let of = |uri: &str, headers: &[(&str, &str)]| {
            let request = Request::get(uri);
            let request = headers.iter().fold(request, |request, (name, value)| {
                request.header(*name, *value)
            });
            host_of(&request.body(()).unwrap())
        };
        let server = ("server_name", "Shop.example");
        assert_eq!(of("/", &[]), "");
        assert_eq!(of("/", &[("host", "A.example:81")]), "a.example:81");
        assert_eq!(of("/", &[("host", "a.example"), server]), "a.example");
        assert_eq!(of("http://B.example/", &[server]), "b.example");
        // As WASI-HTTP apps see it.
        assert_eq!(of("http://localhost/", &[server]), "shop.example");
        assert_eq!(of("http://localhost/", &[]), "localhost");
        // Behind a CDN.
        let real = ("x-cdn-real-host", "C.example");
        assert_eq!(of("http://localhost/", &[server, real]), "c.example");
        assert_eq!(of("http://c.example/", &[server, real]), "c.example");
    }
}
