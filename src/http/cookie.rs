//! Cookies (RFC 6265): those of a request, and one for an answer.

use ::http::header::{COOKIE, HeaderMap, HeaderValue};

/// With which requests from other sites browsers send a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// With none.
    Strict,
    /// With those that follow a link.
    Lax,
    /// With all: for an app that is embedded in other sites.
    None,
}

/// The values of a cookie in a request: there can be several, of which others may have set some.
pub(crate) fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    // Other cookies can hold anything, and this one is ASCII.
    let lists = headers.get_all(COOKIE).iter();
    let pairs = lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b';'));
    // Not all that Unicode calls white space: what browsers take for another name, is one.
    let trimmed = |text: &'a str| text.trim_matches([' ', '\t']);
    pairs
        .filter_map(|pair| str::from_utf8(pair).ok()?.split_once('='))
        .filter(move |(other, _)| trimmed(other) == name)
        .map(move |(_, value)| trimmed(value).trim_matches('"'))
}

/// Whether a cookie can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

/// The header that sets a cookie, which no script and no other host sees. `None` if its name or its value
/// cannot be in a header.
pub(crate) fn setting(
    name: &str,
    value: &str,
    seconds: u64,
    same_site: SameSite,
) -> Option<HeaderValue> {
    let same_site = match same_site {
        SameSite::Strict => "Strict",
        SameSite::Lax => "Lax",
        SameSite::None => "None",
    };
    let cookie = format!(
        "{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}"
    );
    HeaderValue::try_from(cookie).ok()
}
