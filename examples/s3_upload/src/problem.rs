//! Failures, as problem details (RFC 9457).

use std::fmt::Display;

use fastedge::http::{self, Body, Error, HeaderValue, Response, StatusCode, header};
use serde_json::json;

/// Why nothing was stored.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    detail: Option<String>,
    header: Option<(&'static str, &'static str)>,
    /// What the client need not know.
    pub(crate) for_the_log: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &'static str) -> Self {
        Problem {
            status,
            title,
            detail: None,
            header: None,
            for_the_log: None,
        }
    }

    pub(crate) fn detail(mut self, detail: String) -> Self {
        self.detail = Some(detail);
        self
    }

    pub(crate) fn logged(mut self, reason: impl Display) -> Self {
        self.for_the_log = Some(reason.to_string());
        self
    }

    fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(crate) fn method() -> Self {
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Uploads are PUT or POST")
            .with_header("allow", "PUT, POST")
    }

    pub(crate) fn unauthorized() -> Self {
        Problem::new(StatusCode::UNAUTHORIZED, "Uploading takes the upload token")
            .with_header("www-authenticate", "Bearer")
    }

    /// The app is not set up, which is for its owner to know.
    pub(crate) fn misconfigured(reason: impl Display) -> Self {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The app is not configured",
        )
        .logged(reason)
    }

    /// The bucket cannot be written, and trying again does not help.
    pub(crate) fn bad_gateway(reason: impl Display) -> Self {
        Problem::new(StatusCode::BAD_GATEWAY, "The storage did not take it").logged(reason)
    }

    /// The bucket cannot be written now.
    pub(crate) fn busy(reason: impl Display) -> Self {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The storage is busy, try again",
        )
        .with_header("retry-after", "5")
        .logged(reason)
    }

    pub(crate) fn into_response(self) -> Result<Response<Body>, Error> {
        let mut problem = json!({ "status": self.status.as_u16(), "title": self.title });
        if let Some(detail) = self.detail {
            problem["detail"] = detail.into();
        }
        let mut response = http::json(self.status, &problem)?;
        let headers = response.headers_mut();
        let problem_json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem_json);
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Ok(response)
    }
}
