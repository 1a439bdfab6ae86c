//! What the app is told by its variables and secrets.

use fastedge::{dictionary, secret};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use url::Url;

use crate::problem::Problem;
use crate::s3::OpenBucket;

const CONTENT_TYPES: &str =
    "application/octet-stream application/pdf image/gif image/jpeg image/png image/webp text/plain";

/// What the basic plan takes in and sends out.
const MAX_BYTES: usize = 1_000_000;

pub(crate) struct Settings {
    pub(crate) bucket: OpenBucket,
    pub(crate) upload_token: String,
    pub(crate) max_bytes: usize,
    pub(crate) content_types: Vec<String>,
}

impl Settings {
    pub(crate) fn load() -> Result<Self, Problem> {
        let endpoint = Url::parse(&wanted_variable("S3_ENDPOINT")?)
            .map_err(|error| Problem::misconfigured(format!("S3_ENDPOINT: {error}")))?;
        if endpoint.path() != "/" {
            return Err(Problem::misconfigured("S3_ENDPOINT has a path"));
        }
        let style = match variable("S3_URL_STYLE")?.as_deref() {
            None | Some("path") => UrlStyle::Path,
            Some("virtual-host") => UrlStyle::VirtualHost,
            Some(other) => {
                return Err(Problem::misconfigured(format!(
                    "S3_URL_STYLE is `{other}`, and not `path` or `virtual-host`"
                )));
            }
        };
        let (name, region) = (wanted_variable("S3_BUCKET")?, wanted_variable("S3_REGION")?);
        let bucket = Bucket::new(endpoint, style, name, region)
            .map_err(|error| Problem::misconfigured(format!("S3_ENDPOINT, S3_BUCKET: {error}")))?;
        let credentials = Credentials::new(
            wanted_secret("S3_ACCESS_KEY_ID")?,
            wanted_secret("S3_SECRET_ACCESS_KEY")?,
        );
        let max_bytes = match variable("MAX_BYTES")? {
            None => MAX_BYTES,
            Some(bytes) => bytes
                .parse()
                .map_err(|error| Problem::misconfigured(format!("MAX_BYTES: {error}")))?,
        };
        let content_types = variable("CONTENT_TYPES")?;
        let content_types = content_types.as_deref().unwrap_or(CONTENT_TYPES);
        Ok(Settings {
            bucket: OpenBucket {
                bucket,
                credentials,
            },
            upload_token: wanted_secret("UPLOAD_TOKEN")?,
            max_bytes,
            content_types: content_types
                .split_whitespace()
                .map(str::to_ascii_lowercase)
                .collect(),
        })
    }
}

fn variable(name: &str) -> Result<Option<String>, Problem> {
    dictionary::get(name).map_err(Problem::misconfigured)
}

/// An empty variable is none: without a bucket, a client's path would name one.
fn wanted_variable(name: &str) -> Result<String, Problem> {
    variable(name)?
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Problem::misconfigured(format!("there is no variable {name}")))
}

/// An empty secret is none: an empty upload token would let in whoever sends none.
fn wanted_secret(name: &str) -> Result<String, Problem> {
    secret::get(name)
        .map_err(Problem::misconfigured)?
        .filter(|secret| !secret.is_empty())
        .ok_or_else(|| Problem::misconfigured(format!("there is no secret {name}")))
}
