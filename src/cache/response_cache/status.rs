//! The header `Cache-Status` (RFC 9211).

use std::fmt::Write;

use ::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::super::structured;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// What was done with a request.
pub(super) struct Status {
    parameters: String,
}

impl Status {
    /// Answered from what is stored, which is fresh for so many seconds; below 0 it is stale.
    pub(super) fn hit(ttl: i128) -> Self {
        Status {
            parameters: format!("hit; ttl={ttl}"),
        }
    }

    /// Computed, for this reason.
    pub(super) fn forwarded(reason: &str) -> Self {
        Status {
            parameters: format!("fwd={reason}"),
        }
    }

    /// Neither.
    pub(super) fn only(detail: &str) -> Self {
        Status {
            parameters: format!("detail={detail}"),
        }
    }

    /// Another request computed it, and this one has waited.
    pub(super) fn collapsed(mut self) -> Self {
        self.parameters.push_str("; collapsed");
        self
    }

    pub(super) fn stored(mut self) -> Self {
        self.parameters.push_str("; stored");
        self
    }

    pub(super) fn detail(mut self, detail: &str) -> Self {
        // Writing to a `String` does not fail.
        let _infallible = write!(self.parameters, "; detail={detail}");
        self
    }

    /// Appends this cache to those that the header names, as the last of them.
    pub(super) fn write(&self, cache: &str, headers: &mut HeaderMap) {
        let value = format!("{}; {}", structured::string(cache), self.parameters);
        // It is ASCII.
        if let Ok(value) = HeaderValue::from_str(&value) {
            let _there_is_room = headers.try_append(CACHE_STATUS, value);
        }
    }
}
