//! What is set for the app, and what it sends: the interfaces `secret`, `dictionary`, `utils` and `http-client`.

use std::sync::Arc;

use fastedge_host::{HttpError, Request, Response, SecretError};

use super::{About, Noted, Session};
use crate::edge::Operation;

/// What is written down of a request until it is answered.
const NO_ANSWER: &str = "no answer has come";

/// What the edge answers to a request that an app sends, by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnAnswer {
    /// This.
    Given(Result<Response, HttpError>),
    /// Nothing: the request is to be sent.
    None,
    /// The request is to be sent, and its answer is to get lost: the app is told this instead.
    Lost(HttpError),
}

/// A request that an app has sent, in the log of calls: how it goes is added as it is seen.
#[derive(Clone)]
pub struct SentRequest {
    session: Arc<Session>,
    noted: Noted,
}

impl SentRequest {
    /// Adds to the bytes of the request's body that have been sent.
    pub fn sent(&self, bytes: usize) {
        self.session
            .amend(self.noted, |call| call.bytes_sent += bytes);
    }

    /// Notes that an answer has come, whose body comes by and by: until then the log says that none has.
    pub fn answered(&self) {
        self.session.amend(self.noted, |call| call.error = None);
    }

    /// Adds to the bytes of the answer's body that have come.
    pub fn received(&self, bytes: usize) {
        self.session
            .amend(self.noted, |call| call.bytes_received += bytes);
    }

    /// Notes why it has failed.
    pub fn failed(&self, why: &str) {
        self.session
            .amend(self.noted, |call| call.error = Some(why.to_owned()));
    }
}

impl Session {
    /// `secret.get`
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn secret_get(&self, key: &str) -> Result<Option<String>, SecretError> {
        let about = About::of(Operation::SecretGet, "", key);
        self.call(about, text_len, || {
            Ok(self
                .edge
                .app
                .secrets
                .get_effective_at(key, self.edge.clock().unix_secs()))
        })
    }

    /// `secret.get-effective-at`, in unix seconds.
    ///
    /// # Errors
    ///
    /// Only those that are injected.
    pub fn secret_get_effective_at(
        &self,
        key: &str,
        at: u32,
    ) -> Result<Option<String>, SecretError> {
        let about = About::of(Operation::SecretGetEffectiveAt, "", key);
        self.call(about, text_len, || {
            Ok(self.edge.app.secrets.get_effective_at(key, at.into()))
        })
    }

    /// `dictionary.get`
    pub fn dictionary_get(&self, key: &str) -> Option<String> {
        let value = self.edge.app.variable(key);
        let about = About::of(Operation::DictionaryGet, "", key);
        self.note(|pop| about.call(pop, text_len(&value), None));
        value
    }

    /// `http-client.send-request`, answered from the canned answers.
    ///
    /// # Errors
    ///
    /// `invalid-url` for what is no URL of HTTP, and `request-error` if nothing answers.
    pub fn send_request(&self, request: &Request) -> Result<Response, HttpError> {
        let about = About::of_request(request);
        self.call(about, response_len, || {
            let answer = self.edge.app.outbound.answer_to(request);
            answer.unwrap_or(Err(match is_url(&request.uri) {
                true => HttpError::RequestError,
                false => HttpError::InvalidUrl,
            }))
        })
    }

    /// `http-client.send-request` and `wasi:http/outgoing-handler`, as far as the edge answers by
    /// itself: with an injected fault, or a canned answer. Beside it the request in the log of calls, where what
    /// really becomes of it is to be noted.
    pub fn answer_to_request(self: &Arc<Self>, request: &Request) -> (OwnAnswer, SentRequest) {
        let about = About::of_request(request);
        let platform = &self.edge.platform;
        let struck = platform.faults.strike(about.operation, about.store);
        let canned = match &struck {
            Some(fault) if !fault.after_the_effect => None,
            _ => self.edge.app.outbound.answer_to(request),
        };
        let answer = match (struck, canned) {
            (Some(fault), None) if fault.after_the_effect => OwnAnswer::Lost(fault.error.into()),
            // Who answers has been asked, and what it said is lost.
            (Some(fault), _) => OwnAnswer::Given(Err(fault.error.into())),
            (None, Some(canned)) => OwnAnswer::Given(canned),
            (None, None) => OwnAnswer::None,
        };
        let noted = self.note(|pop| match &answer {
            OwnAnswer::Given(Ok(response)) => about.call(pop, response_len(response), None),
            OwnAnswer::Given(Err(error)) | OwnAnswer::Lost(error) => {
                about.call(pop, 0, Some(error.to_string()))
            }
            OwnAnswer::None => about.call(pop, 0, Some(NO_ANSWER.to_owned())),
        });
        let session = Arc::clone(self);
        (answer, SentRequest { session, noted })
    }

    /// Writes down a request that the host does not take, and why.
    pub fn refuse_request(&self, uri: &str, why: &str) {
        let about = About::of(Operation::SendRequest, "", uri);
        self.note(|pop| about.call(pop, 0, Some(why.to_owned())));
    }

    /// `utils.set-user-diag`
    pub fn set_user_diag(&self, name: &str) {
        self.edge.app.label(name);
        let about = About::of(Operation::SetUserDiag, "", name);
        self.note(|pop| about.call(pop, 0, None));
    }
}

fn response_len(response: &Response) -> usize {
    response.body.as_ref().map_or(0, Vec::len)
}

fn text_len(value: &Option<String>) -> usize {
    value.as_ref().map_or(0, String::len)
}

/// Whether a request can be sent there at all.
fn is_url(uri: &str) -> bool {
    let rest = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#']))
}
