//! Which host a request is for.

use ::http::Request;
use ::http::header::{HOST, HeaderValue};

use super::ClientInfo;

/// What every WASI-HTTP app finds as its host, whatever it was asked as.
const PLACEHOLDER: &str = "localhost";

/// The host that a request is for, with the port where one is said, in lower case; empty if nothing says it.
///
/// A reactor app finds it in the URI, or in `Host`. A WASI-HTTP app finds neither: there it is what the platform calls
/// the server.
pub(crate) fn host_of<B>(request: &Request<B>) -> String {
    let authority = request.uri().authority().map(|host| host.as_str());
    let said = authority.filter(|host| *host != PLACEHOLDER);
    let header = || text(request.headers().get(HOST)?);
    let server = || ClientInfo::new(request.headers()).server_name();
    let host = said.or_else(header).or_else(server).or(authority);
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
    }
}
