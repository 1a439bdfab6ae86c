//! An app that serves a store's values to tools that have its token.
//!
//! The management API returns a value of more than 1,024 bytes, and a masked one, only as its SHA-256.
//! Apps read all values, so this one lets `fastedge-mock kv export`, `kv get` and `pack download` read
//! them (`--values-url`, `--values-token`). It serves one store, which is linked as `default`:
//!
//! - `GET /value?key=KEY` returns the value of a plain pair;
//! - `GET /value?key=KEY&member=SHA256` returns the member of a sorted set that has this hash;
//! - `Range: bytes=0-499999` requests a part, since plans limit the size of a response.
//!
//! A request needs `Authorization: Bearer TOKEN`, where the token is the secret `VALUES_TOKEN`.
//! Without the secret, the app serves nothing.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastedge::http::{self, Body, Error, HeaderMap, Method, Request, Response, StatusCode, header};
use fastedge::kv_store::{KvStore, StoreType};
use fastedge::secret;
use form_urlencoded::parse;
use sha2::{Digest, Sha256};

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let mut response = respond(&request)?;
    // By this, tools tell the app's responses from those of a wrong URL.
    let yes = http::HeaderValue::from_static("1");
    response.headers_mut().insert("x-values-app", yes);
    Ok(response)
}

fn respond(request: &Request<Body>) -> Result<Response<Body>, Error> {
    let Some(token) = secret::get("VALUES_TOKEN")?.filter(|token| !token.trim().is_empty()) else {
        let problem = "the app has no secret VALUES_TOKEN: set it, and link it to the app\n";
        return Ok(http::text(StatusCode::SERVICE_UNAVAILABLE, problem));
    };
    if !has_token(request.headers(), &token) {
        let mut response = http::text(
            StatusCode::UNAUTHORIZED,
            "the token is not the app's secret VALUES_TOKEN\n",
        );
        let scheme = http::HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
        return Ok(response);
    }
    if request.uri().path() != "/value" {
        return Ok(http::text(
            StatusCode::NOT_FOUND,
            "values are at /value?key=KEY\n",
        ));
    }
    if request.method() != Method::GET {
        return Ok(http::text(
            StatusCode::METHOD_NOT_ALLOWED,
            "values are read with GET\n",
        ));
    }
    let (mut key, mut member) = (None, None);
    for (name, value) in parse(request.uri().query().unwrap_or_default().as_bytes()) {
        match &*name {
            "key" => key = Some(value),
            "member" => member = Some(value),
            _ => {}
        }
    }
    let Some(key) = key else {
        return Ok(http::text(
            StatusCode::BAD_REQUEST,
            "the parameter `key` is missing\n",
        ));
    };
    let store = KvStore::open(StoreType::Default)?;
    let value = match member {
        None => store.get(&key)?.map(|value| value.into_bytes()),
        Some(hash) => {
            let members = store.sorted_set(&*key).range(..).members::<Vec<u8>>()?;
            let mut members = members.into_iter();
            members.find(|member| {
                // The API may hash a member as it was sent: as base64.
                let is_hash_of =
                    |bytes: &[u8]| hex(&Sha256::digest(bytes)).eq_ignore_ascii_case(&hash);
                is_hash_of(member) || is_hash_of(STANDARD.encode(member).as_bytes())
            })
        }
    };
    match value {
        Some(value) => part_of(value, request.headers()),
        None => Ok(http::text(
            StatusCode::NOT_FOUND,
            "the store has no such value\n",
        )),
    }
}

/// Returns whether a request has the token. The time that it takes does not depend on how much of the
/// token is right.
fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(header::AUTHORIZATION);
    let sent = sent.and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|value| value.split_once(' '));
    sent.is_some_and(|(scheme, sent)| {
        scheme.eq_ignore_ascii_case("bearer")
            && Sha256::digest(sent.trim()) == Sha256::digest(token.trim())
    })
}

/// Responds with a value, or with the part of it that the request selects (RFC 9110, 14).
fn part_of(value: Vec<u8>, headers: &HeaderMap) -> Result<Response<Body>, Error> {
    let builder = Response::builder()
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::ACCEPT_RANGES, "bytes");
    let all = value.len();
    let response = match range(headers, all) {
        None => builder.body(Body::from(value)),
        Some(Err(())) => builder
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .header(header::CONTENT_RANGE, format!("bytes */{all}"))
            .body(Body::empty()),
        Some(Ok(range)) => {
            let (first, last) = (*range.start(), *range.end());
            let part = value.get(range).unwrap_or_default().to_vec();
            builder
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{all}"))
                .body(Body::from(part))
        }
    };
    Ok(response?)
}

/// Reads `Range: bytes=FIRST-LAST`. Other ranges are ignored, as the RFC allows; one that begins after
/// the end is an error.
fn range(headers: &HeaderMap, all: usize) -> Option<Result<RangeInclusive<usize>, ()>> {
    let range = headers.get(header::RANGE)?.to_str().ok()?;
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    match last < first {
        true => None,
        false if first >= all => Some(Err(())),
        false => Some(Ok(first..=last.min(all - 1))),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastedge_mock_host::MockHost;

    fn edge() -> MockHost {
        let value: Vec<u8> = (0..2_000_u32).map(|i| i as u8).collect();
        MockHost::new()
            .kv("default", |kv| {
                kv.set("long value", value)
                    .set("empty", "")
                    .sorted_set("set", [(1.0, "a".repeat(2_000)), (2.0, "b".to_owned())])
            })
            .secret("VALUES_TOKEN", "t0ken")
    }

    fn get(path: &str, range: Option<&str>) -> Response<Body> {
        let mut request = Request::get(path).header("authorization", "Bearer t0ken");
        if let Some(range) = range {
            request = request.header("range", range);
        }
        main(request.body(Body::empty()).unwrap()).unwrap()
    }

    #[test]
    fn value_is_served_whole_and_in_parts() {
        let edge = edge();
        let _installed = edge.install();
        let whole = get("/value?key=long%20value", None);
        assert_eq!(whole.status(), StatusCode::OK);
        let whole = whole.into_body().into_bytes();
        assert_eq!(whole.len(), 2_000);
        let part = get("/value?key=long%20value", Some("bytes=1500-2499"));
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(
            part.headers()[header::CONTENT_RANGE],
            "bytes 1500-1999/2000"
        );
        assert_eq!(part.body().as_bytes(), &whole[1500..]);
        let behind = get("/value?key=long%20value", Some("bytes=2000-2999"));
        assert_eq!(behind.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        for ignored in [
            "bytes=-5",
            "bytes=5-",
            "bytes=9-3",
            "lines=1-2",
            "bytes=0-1,3-4",
        ] {
            let response = get("/value?key=long%20value", Some(ignored));
            assert_eq!(response.status(), StatusCode::OK, "{ignored}");
        }
        let empty = get("/value?key=empty", None);
        assert_eq!(
            (empty.status(), empty.body().is_empty()),
            (StatusCode::OK, true)
        );
        let empty = get("/value?key=empty", Some("bytes=0-9"));
        assert_eq!(empty.headers()[header::CONTENT_RANGE], "bytes */0");
        let missing = get("/value?key=missing", None);
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/value", None).status(), StatusCode::BAD_REQUEST);
        assert_eq!(get("/else?key=empty", None).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn member_is_found_by_its_hash() {
        let edge = edge();
        let _installed = edge.install();
        let member = "a".repeat(2_000);
        let hash = hex(&Sha256::digest(&member)).to_uppercase();
        let found = get(&format!("/value?key=set&member={hash}"), None);
        assert_eq!(found.body().as_bytes(), member.as_bytes());
        // That of a member that was sent as base64.
        let hash = hex(&Sha256::digest(STANDARD.encode(&member)));
        let found = get(&format!("/value?key=set&member={hash}"), None);
        assert_eq!(found.body().as_bytes(), member.as_bytes());
        let other = get("/value?key=set&member=00", None);
        assert_eq!(other.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn request_without_the_token_is_refused() {
        let edge = edge();
        let ask = |edge: &MockHost, authorization: Option<&str>| {
            let mut request = Request::get("/value?key=empty");
            if let Some(value) = authorization {
                request = request.header("authorization", value);
            }
            let request = request.body(Body::empty()).unwrap();
            edge.run(|| main(request).unwrap().status())
        };
        for wrong in [
            None,
            Some("Bearer"),
            Some("Bearer t0ke"),
            Some("apikey t0ken"),
        ] {
            assert_eq!(ask(&edge, wrong), StatusCode::UNAUTHORIZED, "{wrong:?}");
        }
        assert_eq!(ask(&edge, Some("Bearer t0ken")), StatusCode::OK);
        for secret in [MockHost::new(), MockHost::new().secret("VALUES_TOKEN", "")] {
            let status = ask(&secret, Some("Bearer "));
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
