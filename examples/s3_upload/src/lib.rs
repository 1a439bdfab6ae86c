//! An app that stores uploads in an S3-compatible bucket, with no server between the edge and the
//! bucket.
//!
//! ```text
//! PUT /photos/cat.png    stores the body as `photos/cat.png`
//! POST /                 stores the body under its SHA-256: the same body twice is one object
//! ```
//!
//! Uploading takes a token (`Authorization: Bearer …`); what may be uploaded is limited in size and
//! type. The bucket is written with a presigned URL (AWS Signature Version 4), so its credentials never
//! leave the edge. Failures are problem details (RFC 9457); what is wrong with the app or the bucket
//! is said in the log and not to the client.
//!
//! | variable | |
//! |---|---|
//! | `S3_ENDPOINT` | `https://s3.example.com` |
//! | `S3_BUCKET`, `S3_REGION` | the bucket, and its region |
//! | `S3_URL_STYLE` | `path` (the default) or `virtual-host` |
//! | `MAX_BYTES` | the largest upload; 1 MB unless said otherwise |
//! | `CONTENT_TYPES` | what may be uploaded, separated by spaces |
//!
//! | secret | |
//! |---|---|
//! | `S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY` | the bucket's credentials |
//! | `UPLOAD_TOKEN` | what a client has to know |

mod object;
mod problem;
mod s3;
mod settings;

use fastedge::http::{self, Body, Error, Method, Request, Response, StatusCode, header};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::problem::Problem;
use crate::settings::Settings;

/// What a client learns of its upload.
#[derive(Debug, Serialize)]
struct Stored {
    key: String,
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

#[fastedge::http]
fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    match upload(request) {
        Ok(stored) => http::json(StatusCode::CREATED, &stored),
        Err(problem) => {
            if let Some(reason) = &problem.for_the_log {
                println!("{}: {reason}", problem.title);
            }
            problem.into_response()
        }
    }
}

fn upload(request: Request<Body>) -> Result<Stored, Problem> {
    if !matches!(*request.method(), Method::PUT | Method::POST) {
        return Err(Problem::method());
    }
    if *request.method() == Method::POST && request.uri().path() != "/" {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "Uploads without a name are POST /",
        ));
    }
    let settings = Settings::load()?;
    authorize(&request, &settings)?;
    let content_type = content_type(&request, &settings)?;
    let body = request.body();
    if body.is_empty() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "There is nothing to store",
        ));
    }
    if body.len() > settings.max_bytes {
        let detail = format!("at most {} bytes are stored", settings.max_bytes);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large").detail(detail));
    }
    let key = match *request.method() {
        Method::PUT => object::key_of_path(request.uri().path())?,
        _ => object::key_of_content(body.as_bytes()),
    };
    let bytes = body.len();
    let etag = s3::put(&settings.bucket, &key, &content_type, request.into_body())?;
    Ok(Stored { key, bytes, etag })
}

/// Comparing digests takes the same time whatever the token is.
fn authorize(request: &Request<Body>, settings: &Settings) -> Result<(), Problem> {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    match Sha256::digest(given) == Sha256::digest(&settings.upload_token) {
        true => Ok(()),
        false => Err(Problem::unauthorized()),
    }
}

/// The upload's type, without parameters.
fn content_type(request: &Request<Body>, settings: &Settings) -> Result<String, Problem> {
    let given = request.headers().get(header::CONTENT_TYPE);
    let given = given.and_then(|value| value.to_str().ok());
    let given = given.unwrap_or("application/octet-stream");
    let essence = given.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    if settings.content_types.contains(&essence) {
        return Ok(essence);
    }
    let accepted = settings.content_types.join(", ");
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Not a type that is stored",
    )
    .detail(format!("`{essence}` is not one of {accepted}")))
}

#[cfg(test)]
mod tests;
