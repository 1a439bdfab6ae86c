//! What becomes of an app that uses too much, or crashes.

use http::Response;

use super::Conversation;
use crate::case::{Case, Need};
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};

pub(super) const CASES: &[Case] = &[
    Case::outside("limit-busy", &["LIMIT-1"], busy).needs(&[Need::Component, Need::Limits]),
    Case::outside("limit-waiting", &["LIMIT-1"], waiting).needs(&[
        Need::Component,
        Need::Limits,
        Need::RealTime,
    ]),
    Case::outside("limit-memory", &["LIMIT-2"], memory).needs(&[Need::Component, Need::Limits]),
    Case::outside("limit-trap", &["LIMIT-3"], trap).needs(&[Need::Component]),
    Case::outside("limit-exit", &["LIMIT-4"], exit).needs(&[Need::Component]),
    Case::outside("limit-body-out", &["LIMIT-5"], body_out).needs(&[Need::Component, Need::Limits]),
    Case::outside("limit-body-in", &["LIMIT-5"], body_in).needs(&[Need::RawHttp, Need::Limits]),
    Case::outside("limit-next-request", &["LIMIT-3", "APP-6"], next_request)
        .needs(&[Need::Component]),
];

/// Status and reason, as `532/3010`.
fn reason(response: &Response<Vec<u8>>) -> String {
    let reason = response.headers().get("x-cdn-internal-status");
    let reason = reason.and_then(|reason| reason.to_str().ok());
    format!("{}/{}", response.status().as_u16(), reason.unwrap_or("?"))
}

/// What becomes of a deed: one of these.
fn ends(
    conversation: &mut Conversation<'_>,
    path: &str,
    body: &str,
    known: &[&'static str],
) -> Verdict {
    let response = conversation.attempt(path, body)?;
    let reason = reason(&response);
    match known.iter().find(|known| **known == reason) {
        Some(known) => Ok(Seen::Choice(known)),
        None => Err(Stop::failed(format!("it is answered with {reason}"))),
    }
}

fn busy(conversation: &mut Conversation<'_>) -> Verdict {
    ends(
        conversation,
        "/spin",
        "",
        &["532/3010", "532/3011", "532/3012"],
    )
}

fn waiting(conversation: &mut Conversation<'_>) -> Verdict {
    ends(
        conversation,
        "/wait",
        "60000",
        &["532/3011", "532/3010", "532/3012"],
    )
}

fn memory(conversation: &mut Conversation<'_>) -> Verdict {
    // The largest plan's limit is 256 MB.
    ends(conversation, "/allocate", "300", &["531/3020"])
}

fn trap(conversation: &mut Conversation<'_>) -> Verdict {
    ends(
        conversation,
        "/panic",
        "",
        &["533/3003", "531/3020", "530/3001"],
    )
}

fn exit(conversation: &mut Conversation<'_>) -> Verdict {
    ends(conversation, "/exit", "", &["533/3002", "530/3001"])
}

/// The largest plan's limit is 5 MB.
const TOO_LARGE: usize = 6 << 20;

fn body_out(conversation: &mut Conversation<'_>) -> Verdict {
    let response = conversation.attempt("/body", "100000")?;
    ensure_eq!(response.body().len(), 100_000, "a body of 100 KB");
    let response = conversation.attempt("/body", &TOO_LARGE.to_string())?;
    ensure!(
        response.status().as_u16() >= 500,
        "a body of 6 MB goes out with status {}",
        response.status()
    );
    Ok(Seen::AsPromised)
}

fn body_in(conversation: &mut Conversation<'_>) -> Verdict {
    let large = "x".repeat(TOO_LARGE);
    // Who does not want a body may close the connection over it, which is no answer.
    if let Ok(response) = conversation.attempt("/instance", &large) {
        ensure!(
            response.status().as_u16() >= 400,
            "a body of 6 MB goes in with status {}",
            response.status()
        );
    }
    let small: u64 = conversation.ask("/instance", &large[..100_000])?;
    ensure_eq!(small, 1, "what is answered to a body of 100 KB");
    Ok(Seen::AsPromised)
}

fn next_request(conversation: &mut Conversation<'_>) -> Verdict {
    let _crashed = conversation.attempt("/panic", "")?;
    let answered: u64 = conversation.ask("/instance", "")?;
    ensure_eq!(answered, 1, "what the next request's instance has answered");
    Ok(Seen::AsPromised)
}
