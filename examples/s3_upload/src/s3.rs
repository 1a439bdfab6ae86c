//! Writing an object with a presigned URL.

use std::time::Duration;

use fastedge::clock;
use fastedge::http::{Body, Request, SendError, StatusCode, header, send_request};
use jiff::Timestamp;
use rusty_s3::{Bucket, Credentials, S3Action};

use crate::problem::Problem;

/// A bucket, and what opens it.
pub(crate) struct OpenBucket {
    pub(crate) bucket: Bucket,
    pub(crate) credentials: Credentials,
}

/// The URL is used at once, and is worth nothing a minute later.
const VALID_FOR: Duration = Duration::from_secs(60);

/// Stores an object, and answers its entity tag. Its content type is part of what is signed.
pub(crate) fn put(
    to: &OpenBucket,
    key: &str,
    content_type: &str,
    body: Body,
) -> Result<Option<String>, Problem> {
    let now = clock::now()
        .map_err(Problem::misconfigured)
        .and_then(|now| Timestamp::try_from(now).map_err(Problem::misconfigured))?;
    let mut action = to.bucket.put_object(Some(&to.credentials), key);
    action.headers_mut().insert("content-type", content_type);
    let url = action.sign_with_time(VALID_FOR, &now);
    let request = Request::put(url.as_str())
        .header(header::CONTENT_TYPE, content_type)
        .body(body)
        .map_err(Problem::misconfigured)?;
    let response = send_request(request).map_err(not_sent)?;
    if response.status().is_success() {
        let etag = response.headers().get(header::ETAG);
        let etag = etag.and_then(|etag| etag.to_str().ok());
        return Ok(etag.map(|etag| etag.trim_matches('"').to_owned()));
    }
    Err(refused(response.status(), response.body()))
}

/// The URL that an error names is signed: it does not get into the log.
fn not_sent(error: SendError) -> Problem {
    match error {
        SendError::TooManyRequests { .. } => Problem::busy("too many outbound requests"),
        SendError::DestinationNotAllowed { .. } => {
            Problem::bad_gateway("the platform does not let the app talk to S3_ENDPOINT")
        }
        SendError::BodyTooLarge { bytes } => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large")
                .detail(format!("{bytes} bytes are more than the platform sends"))
        }
        SendError::Failed { reason, .. } | SendError::Response { reason, .. } => {
            Problem::bad_gateway(reason)
        }
        SendError::Method(_) | SendError::Header(_) => {
            Problem::bad_gateway("the request cannot be expressed")
        }
        _ => Problem::bad_gateway("the request could not be sent"),
    }
}

/// What S3 says is for the log: it is the app's credentials, bucket or clock that are wrong, and not
/// the client's request.
fn refused(status: StatusCode, body: &Body) -> Problem {
    let text = String::from_utf8_lossy(body.as_bytes());
    let code = between(&text, "<Code>", "</Code>").unwrap_or("no code");
    let message = between(&text, "<Message>", "</Message>").unwrap_or_default();
    let reason = format!("S3 answered {status}: {code} {message}");
    let reason: String = reason
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(status, "Larger than the storage takes").logged(reason)
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Problem::busy(reason),
        _ => Problem::bad_gateway(reason),
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
