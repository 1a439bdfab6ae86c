//! The header `Cache-Control` (RFC 9111, section 5.2).

use ::http::HeaderMap;
use ::http::header::{CACHE_CONTROL, HeaderName, PRAGMA};

/// What a request asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RequestDirectives {
    pub(super) no_store: bool,
    pub(super) no_cache: bool,
    pub(super) only_if_cached: bool,
    pub(super) max_age: Option<u64>,
    pub(super) min_fresh: Option<u64>,
}

/// What a response allows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ResponseDirectives {
    pub(super) no_store: bool,
    pub(super) no_cache: bool,
    pub(super) is_private: bool,
    pub(super) is_public: bool,
    pub(super) must_revalidate: bool,
    pub(super) proxy_revalidate: bool,
    pub(super) max_age: Option<u64>,
    pub(super) s_maxage: Option<u64>,
    pub(super) stale_while_revalidate: Option<u64>,
    pub(super) stale_if_error: Option<u64>,
}

impl RequestDirectives {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut directives = RequestDirectives::default();
        each(headers, &CACHE_CONTROL, |name, value| match name {
            "no-store" => directives.no_store = true,
            "no-cache" => directives.no_cache = true,
            "only-if-cached" => directives.only_if_cached = true,
            "max-age" => directives.max_age = directives.max_age.or(Some(seconds(value))),
            "min-fresh" => directives.min_fresh = directives.min_fresh.or(Some(seconds(value))),
            _ => {}
        });
        if !headers.contains_key(CACHE_CONTROL) {
            each(headers, &PRAGMA, |name, _| {
                directives.no_cache |= name == "no-cache"
            });
        }
        directives
    }
}

impl ResponseDirectives {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut directives = ResponseDirectives::default();
        each(headers, &CACHE_CONTROL, |name, value| {
            let number = |former: Option<u64>| former.or(Some(seconds(value)));
            match name {
                "no-store" => directives.no_store = true,
                // With fields or without: those who can tell the difference may, and need not.
                "no-cache" => directives.no_cache = true,
                "private" => directives.is_private = true,
                "public" => directives.is_public = true,
                "must-revalidate" => directives.must_revalidate = true,
                "proxy-revalidate" => directives.proxy_revalidate = true,
                "max-age" => directives.max_age = number(directives.max_age),
                "s-maxage" => directives.s_maxage = number(directives.s_maxage),
                "stale-while-revalidate" => {
                    directives.stale_while_revalidate = number(directives.stale_while_revalidate);
                }
                "stale-if-error" => directives.stale_if_error = number(directives.stale_if_error),
                _ => {}
            }
        });
        directives
    }
}

/// The directives of a header, names in lower case. A value can be in quotes, and hold commas there. A line
/// that is not text, or whose quotes do not end, could say anything: it counts as `no-store`.
fn each<'a>(headers: &'a HeaderMap, header: &HeaderName, mut f: impl FnMut(&str, Option<&'a str>)) {
    for value in headers.get_all(header) {
        let Ok(mut rest) = value.to_str() else {
            f("no-store", None);
            continue;
        };
        while !rest.is_empty() {
            let Some(end) = end_of_directive(rest) else {
                f("no-store", None);
                break;
            };
            let (directive, after) = rest.split_at(end);
            rest = after.strip_prefix(',').unwrap_or_default();
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name, Some(value.trim().trim_matches('"'))),
                None => (directive, None),
            };
            f(&name.trim().to_ascii_lowercase(), value);
        }
    }
}

/// Where the first directive ends: at a comma that is not within quotes; `None` if quotes do not end.
fn end_of_directive(text: &str) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let end = text.find(|character| {
        let is_plain = !std::mem::take(&mut is_escaped);
        match character {
            '"' if is_plain => is_quoted = !is_quoted,
            '\\' if is_plain && is_quoted => is_escaped = true,
            ',' => return !is_quoted,
            _ => {}
        }
        false
    });
    end.or((!is_quoted).then_some(text.len()))
}

/// A number that is none counts as 0: a response is rather stale than wrong (section 4.2.1).
fn seconds(value: Option<&str>) -> u64 {
    value.and_then(delta_seconds).unwrap_or(0)
}

/// Seconds, if it is a number of them. A very large one is 2^31 (section 1.2.2).
pub(super) fn delta_seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let most = 1 << 31;
    is_number.then(|| text.parse().map_or(most, |seconds: u64| seconds.min(most)))
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CACHE_CONTROL, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn directives_are_found_wherever_they_are() {
        let found = ResponseDirectives::of(&headers(&[
            "Public , MAX-AGE=60,s-maxage=\"120\"",
            "private=\"a, no-store\", stale-if-error=5, x, =, ,must-revalidate",
        ]));
        let expected = ResponseDirectives {
            is_public: true,
            is_private: true,
            must_revalidate: true,
            max_age: Some(60),
            s_maxage: Some(120),
            stale_if_error: Some(5),
            ..ResponseDirectives::default()
        };
        assert_eq!(found, expected);
        let found = RequestDirectives::of(&headers(&["max-stale, min-fresh=3, only-if-cached"]));
        assert!(found.min_fresh == Some(3) && found.only_if_cached && !found.no_cache);
        let found = ResponseDirectives::of(&headers(&[r#"x="a\", b", no-store"#]));
        assert!(found.no_store);
    }

    #[test]
    fn numbers_that_are_none_are_0_and_the_first_one_counts() {
        for (value, seconds) in [
            ("max-age=x", 0),
            ("max-age", 0),
            ("max-age=-1", 0),
            ("max-age=+1", 0),
            ("max-age=1.5", 0),
            ("max-age=60, max-age=90", 60),
            ("max-age=99999999999999999999999", 1 << 31),
        ] {
            assert_eq!(
                ResponseDirectives::of(&headers(&[value])).max_age,
                Some(seconds),
                "{value}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_stored() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes("max-age=60, no-store, x=\"ü\"".as_bytes()).unwrap();
        headers.insert(CACHE_CONTROL, value);
        assert!(ResponseDirectives::of(&headers).no_store);
    }

    #[test]
    fn pragma_is_for_those_who_do_not_know_cache_control() {
        let mut headers = HeaderMap::new();
        headers.insert(PRAGMA, "no-cache".parse().unwrap());
        assert!(RequestDirectives::of(&headers).no_cache);
        headers.insert(CACHE_CONTROL, "max-age=1".parse().unwrap());
        assert!(!RequestDirectives::of(&headers).no_cache);
    }
}
