//! What becomes of writes.

use std::time::Duration;

use super::Conversation;
use crate::case::{Case, Need};
use crate::check::{Seen, Stop, Verdict, ensure_eq};
use crate::target::Write;

/// A write arrives within two seconds; here it is given one more.
const ARRIVAL: Duration = Duration::from_secs(3);

/// How long a node keeps what it has read.
const KEPT: Duration = Duration::from_secs(30);

pub(super) const CASES: &[Case] = &[
    Case::outside("kv-write-arrives", &["KV-15"], write_arrives)
        .needs(&[Need::Writes, Need::Time(ARRIVAL)]),
    Case::outside(
        "kv-write-arrives-elsewhere",
        &["KV-15"],
        write_arrives_elsewhere,
    )
    .needs(&[Need::Writes, Need::Locations, Need::Time(ARRIVAL)]),
    Case::outside("kv-expiry", &["KV-14"], expiry)
        .needs(&[Need::Writes, Need::Time(Duration::from_secs(6))]),
    Case::outside("kv-reads-are-kept", &["KV-16"], reads_are_kept)
        .needs(&[Need::Writes, Need::Time(Duration::from_secs(33))]),
    Case::outside("kv-scores-are-prompt", &["KV-17"], scores_are_prompt)
        .needs(&[Need::Writes, Need::Time(ARRIVAL)]),
];

type Text = Option<String>;

fn set(conversation: &mut Conversation<'_>, key: &str, value: &str) -> Result<(), Stop> {
    conversation.write(Write::Set {
        key,
        value,
        expires_after: None,
    })
}

fn write_arrives(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    set(conversation, &key, "written")?;
    conversation.pass(ARRIVAL);
    let seen: Text = conversation.ask("/kv/get", &key)?;
    ensure_eq!(seen.as_deref(), Some("written"), "what is seen after 3 s");
    conversation.write(Write::Delete { key: &key })?;
    Ok(Seen::AsPromised)
}

fn write_arrives_elsewhere(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    set(conversation, &key, "written")?;
    conversation.pass(ARRIVAL);
    let seen: Text = conversation.ask_elsewhere("/kv/get", &key)?;
    ensure_eq!(
        seen.as_deref(),
        Some("written"),
        "what is seen elsewhere after 3 s"
    );
    conversation.write(Write::Delete { key: &key })?;
    Ok(Seen::AsPromised)
}

/// Two keys, so that no node has kept what it read of the second before.
fn expiry(conversation: &mut Conversation<'_>) -> Verdict {
    let (early, late) = (conversation.key("early"), conversation.key("late"));
    for key in [&early, &late] {
        conversation.write(Write::Set {
            key,
            value: "for 5 s",
            expires_after: Some(Duration::from_secs(5)),
        })?;
    }
    conversation.pass(Duration::from_millis(2_500));
    let seen: Text = conversation.ask("/kv/get", &early)?;
    ensure_eq!(
        seen.as_deref(),
        Some("for 5 s"),
        "what is seen before its expiry"
    );
    conversation.pass(Duration::from_millis(3_500));
    let seen: Text = conversation.ask("/kv/get", &late)?;
    ensure_eq!(seen, None, "what is seen after its expiry");
    Ok(Seen::AsPromised)
}

fn reads_are_kept(conversation: &mut Conversation<'_>) -> Verdict {
    let (value, absence) = (conversation.key("value"), conversation.key("absence"));
    set(conversation, &value, "former")?;
    conversation.pass(ARRIVAL);
    let former: Text = conversation.ask("/kv/get", &value)?;
    ensure_eq!(former.as_deref(), Some("former"), "the former value");
    let none: Text = conversation.ask("/kv/get", &absence)?;
    ensure_eq!(none, None, "what was never written");
    // An odd number of requests, so that nodes that take turns are met.
    let _again: Text = conversation.ask("/kv/get", &value)?;
    set(conversation, &value, "present")?;
    set(conversation, &absence, "present")?;
    conversation.pass(ARRIVAL);
    let of_value: Text = conversation.ask("/kv/get", &value)?;
    let of_absence: Text = conversation.ask("/kv/get", &absence)?;
    conversation.pass(KEPT);
    for key in [&value, &absence] {
        let present: Text = conversation.ask("/kv/get", key)?;
        ensure_eq!(
            present.as_deref(),
            Some("present"),
            "what is seen after 33 s"
        );
        conversation.write(Write::Delete { key })?;
    }
    match (of_value.as_deref(), of_absence.as_deref()) {
        (Some("former"), None) => Ok(Seen::Choice("for 30 s")),
        (Some("present"), Some("present")) => Ok(Seen::Choice("no")),
        (Some("former"), Some("present")) | (Some("present"), None) => {
            Ok(Seen::Choice("by some nodes"))
        }
        other => Err(Stop::failed(format!("after 3 s there are {other:?}"))),
    }
}

fn scores_are_prompt(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("pointer");
    for score in [7.0, 8.0] {
        conversation.write(Write::Score {
            key: &key,
            member: "current",
            score,
        })?;
        conversation.pass(ARRIVAL);
        let seen: Option<f64> = conversation.ask("/kv/pointer", &key)?;
        ensure_eq!(seen, Some(score), "the score after 3 s");
    }
    Ok(Seen::AsPromised)
}
