//! The answers to requests that the app sends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use fastedge_host::{HttpError, Request, Response};

/// A canned answer to a request that the app sends.
///
/// ```
/// use fastedge_mock_host::{Answer, MockHost};
///
/// let edge = MockHost::new()
///     .answer("https://api.example.com/price", Answer::text("42").header("etag", "\"7\""))
///     .answer("https://api.example.com/stock", Answer::status(503));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer(Response);

impl Answer {
    /// An empty answer with a status.
    pub fn status(status: u16) -> Self {
        Answer(Response {
            status,
            headers: Some(Vec::new()),
            body: None,
        })
    }

    /// 200, with a text.
    pub fn text(body: impl Into<String>) -> Self {
        Answer::status(200)
            .header("content-type", "text/plain; charset=utf-8")
            .body(body.into())
    }

    /// The answer with one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let headers = self.0.headers.get_or_insert_default();
        headers.push((name.into(), value.into()));
        self
    }

    /// The answer with another body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.0.body = Some(body.into());
        self
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        answer.0
    }
}

type Respond = dyn Fn(&Request) -> Result<Response, HttpError> + Send + Sync;

/// What answers requests.
#[derive(Default)]
pub(crate) struct Outbound(RwLock<Answers>);

#[derive(Default)]
struct Answers {
    by_url: HashMap<String, Answer>,
    otherwise: Option<Arc<Respond>>,
}

impl Outbound {
    pub(crate) fn answer(&self, url: String, answer: Answer) {
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        answers.by_url.insert(url, answer);
    }

    pub(crate) fn answer_with(&self, respond: Arc<Respond>) {
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        answers.otherwise = Some(respond);
    }

    /// The answer to a request, if there is one.
    pub(crate) fn answer_to(&self, request: &Request) -> Option<Result<Response, HttpError>> {
        let respond = {
            let answers = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(answer) = answers.by_url.get(&request.uri) {
                return Some(Ok(answer.clone().into()));
            }
            answers.otherwise.clone()
        };
        respond.map(|respond| respond(request))
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").finish_non_exhaustive()
    }
}
