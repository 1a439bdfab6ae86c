//! Conditional requests (RFC 9110, section 13), and HEAD.

use ::http::header::{
    CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY,
    ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use ::http::{Method, Request, Response, StatusCode};

use super::freshness::date;
use crate::http::Body;

/// The headers of a 200 that its 304 has not: they describe content, of which there is none.
fn describes_content(name: &HeaderName) -> bool {
    // These are about the resource, and what a client has stored learns them from a 304.
    let is_kept = [
        CONTENT_LOCATION,
        CONTENT_SECURITY_POLICY,
        CONTENT_SECURITY_POLICY_REPORT_ONLY,
    ];
    name.as_str().starts_with("content-") && !is_kept.contains(name)
}

/// The response to this very request.
pub(super) fn answer(request: &Request<Body>, mut response: Response<Body>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return response;
    }
    if response.status() == StatusCode::OK && is_known(request.headers(), response.headers()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        let headers = response.headers_mut();
        let unwanted: Vec<HeaderName> = headers
            .keys()
            .filter(|name| describes_content(name))
            .cloned()
            .collect();
        for name in unwanted {
            headers.remove(name);
        }
    } else if *request.method() == Method::HEAD && !response.body().is_empty() {
        let length = response.body().len();
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        *response.body_mut() = Body::empty();
    }
    response
}

/// Whether the client has this representation already. `If-Modified-Since` is for those who have no
/// entity tag (section 13.1.3).
fn is_known(asked: &HeaderMap, response: &HeaderMap) -> bool {
    if asked.contains_key(IF_NONE_MATCH) {
        let tag = response.get(ETAG).and_then(|tag| tag.to_str().ok());
        let mut lists = asked
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|list| list.to_str().ok());
        return lists.any(|list| list.trim() == "*" || tag.is_some_and(|tag| has_tag(list, tag)));
    }
    match (
        date(asked, &IF_MODIFIED_SINCE),
        date(response, &LAST_MODIFIED),
    ) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

/// Weak comparison: tags are the same if what is in the quotes is (section 8.8.3.2). There can be commas
/// in the quotes.
fn has_tag(list: &str, tag: &str) -> bool {
    let opaque = |tag: &str| {
        tag.trim()
            .strip_prefix("W/")
            .unwrap_or(tag.trim())
            .to_owned()
    };
    let wanted = opaque(tag);
    let mut rest = list;
    while let Some(start) = rest.find('"') {
        let Some(length) = rest[start + 1..].find('"') else {
            return false;
        };
        let end = start + length + 2;
        if rest[start..end] == wanted {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        for (list, tag, has) in [
            (r#""a""#, r#""a""#, true),
            (r#"W/"a""#, r#""a""#, true),
            (r#""a""#, r#"W/"a""#, true),
            (r#""x", W/"a,b" , "c""#, r#""a,b""#, true),
            (r#""x", "a,b""#, r#""b""#, false),
            (r#""a"#, r#""a""#, false),
            ("a", "a", false),
            ("", r#""""#, false),
            (r#""""#, r#""""#, true),
        ] {
            assert_eq!(has_tag(list, tag), has, "{list} {tag}");
        }
    }
}
