//! Values read through an app, since the API returns long and masked ones only as a hash.

use std::time::Duration;

use fastedge::Body;
use fastedge::edge_storage_api::{StoredValue, Transport, TransportError};
use fastedge::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use fastedge::key::MAX_TEXT_CHARS;
use form_urlencoded::Serializer;

/// The header of the app's responses.
const MARK: &str = "x-values-app";

/// The largest part of a value to request at once, within the smallest plan's limit for a body.
const PART_BYTES: usize = 512 * 1024;

/// The longest value: it has at most as many characters, of up to four bytes each.
const MAX_BYTES: usize = 4 * MAX_TEXT_CHARS;

/// The most reads of a value that the app's location does not have yet.
const TRIES: u32 = 10;

/// The pause between two reads. A location has a new value after 2 s, and a node keeps a value that
/// it read before for 30 s.
const PAUSE: Duration = Duration::from_secs(5);

/// An app that serves the values of a store: the example `values`.
#[derive(Clone, Debug)]
pub struct ValuesApp {
    url: String,
    authorization: HeaderValue,
    notice: fn(&str),
}

/// The ways in which reading a value through an app fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValuesError {
    /// The URL or the token cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The app did not respond.
    #[error("cannot read key `{key}` through the app: {reason}")]
    NoResponse {
        /// The key.
        key: String,
        /// The reason.
        reason: TransportError,
    },
    /// The URL is not that of an app that serves values.
    #[error(
        "no app that serves values is at {url}: the response is {status}; deploy the example `values`, \
         or correct --values-url"
    )]
    NoApp {
        /// The URL.
        url: String,
        /// The status of the response.
        status: StatusCode,
    },
    /// The app refused the request.
    #[error("cannot read key `{key}` through the app: {status}: {message}")]
    Refused {
        /// The key.
        key: String,
        /// The status.
        status: StatusCode,
        /// The body of the response.
        message: String,
    },
    /// The app serves another value than the API has.
    #[error(
        "cannot read key `{key}` through the app: it serves another value than the API has; check \
         that the app is linked to this store, and try again in a minute"
    )]
    OtherValue {
        /// The key.
        key: String,
    },
}

impl ValuesApp {
    /// Creates a source of values from the URL of an app and the app's secret `VALUES_TOKEN`.
    ///
    /// # Errors
    ///
    /// If the URL is not that of an app, or the token cannot be sent in a header.
    pub fn new(url: &str, token: &str) -> Result<Self, ValuesError> {
        let url = url.trim_end_matches('/');
        let uri: Option<Uri> = url.parse().ok();
        let scheme = uri.as_ref().and_then(|uri| uri.scheme_str());
        if !matches!(scheme, Some("http" | "https")) || url.contains(['?', '#', '@']) {
            let problem = "the URL of an app that serves values begins with http:// or https://, \
                           and has no user, query or fragment";
            return Err(ValuesError::Settings(problem.to_owned()));
        }
        let authorization = HeaderValue::try_from(format!("Bearer {token}"));
        let mut authorization = authorization.map_err(|_| {
            let problem = "the token for values has characters that a header cannot have";
            ValuesError::Settings(problem.to_owned())
        })?;
        authorization.set_sensitive(true);
        Ok(ValuesApp {
            url: url.to_owned(),
            authorization,
            notice: |_| {},
        })
    }

    /// Sets a function that is told when a value takes long.
    #[must_use]
    pub fn with_notice(mut self, notice: fn(&str)) -> Self {
        self.notice = notice;
        self
    }

    /// Reads the value of a key that has this hash.
    ///
    /// # Errors
    ///
    /// If the app does not serve that value.
    pub fn value(
        &self,
        key: &str,
        hashed: &StoredValue,
        transport: &(impl Transport + ?Sized),
    ) -> Result<Vec<u8>, ValuesError> {
        self.matching(key, hashed, &[("key", key)], transport)
    }

    /// Reads the member of a sorted set that has this hash.
    ///
    /// # Errors
    ///
    /// If the app does not serve that member.
    pub fn member(
        &self,
        key: &str,
        hashed: &StoredValue,
        transport: &(impl Transport + ?Sized),
    ) -> Result<Vec<u8>, ValuesError> {
        let digits = hashed.to_string();
        let digits = digits.trim_start_matches("sha256:");
        self.matching(key, hashed, &[("key", key), ("member", digits)], transport)
    }

    fn matching(
        &self,
        key: &str,
        hashed: &StoredValue,
        parameters: &[(&str, &str)],
        transport: &(impl Transport + ?Sized),
    ) -> Result<Vec<u8>, ValuesError> {
        let query = Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let url = format!("{}/value?{query}", self.url);
        for number in 0..TRIES {
            if number == 1 {
                let most = PAUSE.as_secs() * u64::from(TRIES - 1);
                (self.notice)(&format!(
                    "waiting up to {most} s until the app has the newest value of key `{key}`"
                ));
            }
            if number > 0 {
                transport.sleep(PAUSE);
            }
            match self.read(key, &url, transport) {
                Ok(value) if hashed.is(&value) => return Ok(value),
                // The value may not have arrived at the app's location yet.
                Ok(_) => {}
                Err(error) if error.may_pass() && number + 1 < TRIES => {}
                Err(ValuesError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => {}
                Err(error) => return Err(error),
            }
        }
        let key = key.to_owned();
        Err(ValuesError::OtherValue { key })
    }

    /// Returns the app's message, in one line and without the token.
    fn printable(&self, text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let token = self.authorization.to_str().unwrap_or_default();
        let text = text.replace(token.trim_start_matches("Bearer "), "…");
        let text = text.trim().chars();
        let text = text.map(|c| if c.is_control() { ' ' } else { c });
        text.take(200).collect()
    }

    /// Reads a value part by part.
    fn read(
        &self,
        key: &str,
        url: &str,
        transport: &(impl Transport + ?Sized),
    ) -> Result<Vec<u8>, ValuesError> {
        let mut value = Vec::new();
        loop {
            let last = value.len() + PART_BYTES - 1;
            let range = format!("bytes={}-{last}", value.len());
            let request = Request::get(url)
                .header(header::AUTHORIZATION, self.authorization.clone())
                .header(header::RANGE, range)
                .body(Body::empty())
                .map_err(|error| ValuesError::Settings(format!("{url}: {error}")))?;
            let response = transport.send(request);
            let response = response.map_err(|reason| ValuesError::NoResponse {
                key: key.to_owned(),
                reason,
            })?;
            if !response.headers().contains_key(MARK) {
                return Err(ValuesError::NoApp {
                    url: self.url.clone(),
                    status: response.status(),
                });
            }
            let total = total_bytes(&response);
            match response.status() {
                StatusCode::OK => return Ok(response.into_body().into_bytes()),
                StatusCode::PARTIAL_CONTENT if value.len() <= MAX_BYTES => {}
                // An empty value has no parts, and a value that has become shorter has no further
                // ones.
                StatusCode::RANGE_NOT_SATISFIABLE => return Ok(value),
                status => {
                    return Err(ValuesError::Refused {
                        key: key.to_owned(),
                        status,
                        message: self.printable(response.body().as_bytes()),
                    });
                }
            }
            let part = response.into_body().into_bytes();
            let is_last =
                part.is_empty() || total.is_none_or(|total| value.len() + part.len() >= total);
            value.extend(part);
            if is_last {
                return Ok(value);
            }
        }
    }
}

impl ValuesError {
    /// Returns whether the same request may succeed later.
    fn may_pass(&self) -> bool {
        match self {
            ValuesError::Refused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            // The platform itself responds so if the app fails.
            ValuesError::NoApp { status, .. } => status.is_server_error(),
            ValuesError::NoResponse { reason, .. } => reason.may_have_arrived(),
            _ => false,
        }
    }
}

/// Returns the size of the whole value, from the header `Content-Range: bytes 0-9/25`.
fn total_bytes(response: &Response<Body>) -> Option<usize> {
    let range = response.headers().get(header::CONTENT_RANGE)?;
    let (_, total) = range.to_str().ok()?.rsplit_once('/')?;
    total.parse().ok()
}
