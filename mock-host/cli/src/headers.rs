//! Headers: which are whose, and how they are carried.

use http::{HeaderMap, HeaderName, HeaderValue};

/// Sets a header unless it is there.
pub(crate) fn set_default(
    headers: &mut HeaderMap,
    name: &HeaderName,
    value: impl FnOnce() -> Option<HeaderValue>,
) {
    if !headers.contains_key(name)
        && let Some(value) = value()
    {
        // More headers than a map can hold do not get here: the server takes far fewer.
        let _inserted = headers.try_insert(name, value);
    }
}

/// The headers whose values are text, which is all that the interface carries.
pub(crate) fn text_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| {
            let value = str::from_utf8(value.as_bytes()).ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect()
}

/// Whether a header is about the connection and not about the message (RFC 9110, 7.6.1), or about
/// the message's length, which follows from its body.
pub(crate) fn is_about_the_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection"
            | "content-length"
            | "keep-alive"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}
