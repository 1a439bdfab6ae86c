//! Problem details (RFC 9457).

use std::borrow::Cow;

use ::http::{Response, StatusCode};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use super::Body;
use super::reply::with_type;

/// What is wrong with a request, for programs: problem details in JSON (RFC 9457).
///
/// ```
/// use fastedge::http::{Problem, StatusCode};
///
/// let response = Problem::new(StatusCode::CONFLICT)
///     .type_uri("https://example.com/problems/sold-out")
///     .title("Sold out")
///     .detail("The last box of tea was sold a moment ago.")
///     .with("article", 7)
///     .to_response();
/// assert_eq!(response.status(), 409);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// assert_eq!(
///     response.body().as_text()?,
///     r#"{"type":"https://example.com/problems/sold-out","title":"Sold out","status":409,"#.to_owned()
///         + r#""detail":"The last box of tea was sold a moment ago.","article":7}"#
/// );
/// # Ok::<(), fastedge::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a problem is told with `to_response`"]
pub struct Problem {
    status: StatusCode,
    type_uri: Option<Cow<'static, str>>,
    title: Option<Cow<'static, str>>,
    detail: Option<Cow<'static, str>>,
    instance: Option<Cow<'static, str>>,
    members: Vec<(Cow<'static, str>, Value)>,
}

impl Problem {
    /// A problem that is the status and no more, until something is added: of the type
    /// `about:blank`, with the status's phrase for a title.
    pub fn new(status: StatusCode) -> Self {
        Problem {
            status,
            type_uri: None,
            title: None,
            detail: None,
            instance: None,
            members: Vec::new(),
        }
    }

    /// A URI for this type of problem.
    pub fn type_uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.type_uri = Some(uri.into());
        self
    }

    /// The type in a few words, the same each time.
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What is wrong this time, for a person.
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A URI for this time.
    pub fn instance(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.instance = Some(uri.into());
        self
    }

    /// One more member, which the type defines, or another value for it. The five that every problem
    /// has (`type`, `title`, `status`, `detail`, `instance`) have methods of their own, and are left as
    /// they are.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        let name = name.into();
        self.members.retain(|(other, _)| *other != name);
        if !["type", "title", "status", "detail", "instance"].contains(&&*name) {
            self.members.push((name, value.into()));
        }
        self
    }

    /// The response.
    pub fn to_response(&self) -> Response<Body> {
        // Its keys are text, so it can be written.
        let body = Body::json(self).unwrap_or_default();
        with_type(self.status, "application/problem+json", body)
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(type_uri) = &self.type_uri {
            map.serialize_entry("type", type_uri)?;
        }
        let title = self.title.as_deref().or(self.status.canonical_reason());
        if let Some(title) = title {
            map.serialize_entry("title", title)?;
        }
        map.serialize_entry("status", &self.status.as_u16())?;
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        if let Some(instance) = &self.instance {
            map.serialize_entry("instance", instance)?;
        }
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
