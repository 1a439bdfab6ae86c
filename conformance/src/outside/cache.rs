//! What requests leave for each other.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Conversation;
use crate::case::{Case, Need};
use crate::check::{Seen, Verdict, ensure, ensure_eq};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) const CASES: &[Case] = &[
    Case::outside("cache-is-shared", &["CACHE-13"], is_shared),
    Case::outside("cache-is-local", &["CACHE-13"], is_local).needs(&[Need::Locations]),
    Case::outside("cache-incr-is-atomic", &["CACHE-17"], incr_is_atomic),
    Case::outside("cache-ceiling", &["CACHE-5"], ceiling).needs(&[Need::SimulatedTime]),
    Case::outside("cache-purge", &["CACHE-12"], purge).needs(&[Need::OwnCache]),
];

fn is_shared(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let _set: bool = conversation.ask("/cache/keep", &key)?;
    let is_there: bool = conversation.ask("/cache/exists", &key)?;
    ensure!(is_there, "the next request does not find it");
    Ok(Seen::AsPromised)
}

fn is_local(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let _set: bool = conversation.ask("/cache/keep", &key)?;
    let is_there: bool = conversation.ask_elsewhere("/cache/exists", &key)?;
    ensure!(!is_there, "another location finds it");
    Ok(Seen::AsPromised)
}

fn incr_is_atomic(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("n");
    let sums: Vec<u64> = conversation.ask_together("/cache/incr", &key, 16)?;
    let sums: BTreeSet<u64> = sums.into_iter().collect();
    let wanted: BTreeSet<u64> = (1..=16).collect();
    ensure_eq!(sums, wanted, "the sums of 16 requests");
    Ok(Seen::AsPromised)
}

fn ceiling(conversation: &mut Conversation<'_>) -> Verdict {
    let key = conversation.key("k");
    let _set: bool = conversation.ask("/cache/set", &key)?;
    conversation.pass(4 * DAY - Duration::from_secs(1));
    let is_there: bool = conversation.ask("/cache/exists", &key)?;
    ensure!(is_there, "it is gone before four days");
    conversation.pass(Duration::from_secs(2));
    let is_there: bool = conversation.ask("/cache/exists", &key)?;
    ensure!(!is_there, "it is there after four days");
    Ok(Seen::AsPromised)
}

fn purge(conversation: &mut Conversation<'_>) -> Verdict {
    let _before: u64 = conversation.ask("/cache/purge", "")?;
    for name in ["a", "b", "c"] {
        let key = conversation.key(name);
        let _set: bool = conversation.ask("/cache/keep", &key)?;
    }
    let purged: u64 = conversation.ask("/cache/purge", "")?;
    ensure_eq!(purged, 3, "how many keys went");
    let key = conversation.key("a");
    let is_there: bool = conversation.ask("/cache/exists", &key)?;
    ensure!(!is_there, "one of them is there");
    Ok(Seen::AsPromised)
}
