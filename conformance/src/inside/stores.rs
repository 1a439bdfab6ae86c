//! What the SDK makes of Edge Storage.

use fastedge::bloom::Filter;
use fastedge::codec::Json;
use fastedge::config::{Config, Policy, Source};
use fastedge::flags::{EvaluationContext, Flags, Reason};
use fastedge::{Key, KeyTemplate, Pattern};
use serde::Deserialize;

use super::Ground;
use crate::case::Case;
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};
use crate::fixture::{GLOB_KEYS, STORE};

pub(super) const CASES: &[Case] = &[
    Case::inside("sdk-keys", &[], keys).of(&["Key", "KeyTemplate", "codec"]),
    Case::inside("sdk-patterns", &[], patterns).of(&["Pattern"]),
    Case::inside("sdk-sorted-sets", &[], sorted_sets).of(&["KvStore"]),
    Case::inside("sdk-config", &[], config).of(&["config::Config"]),
    Case::inside("sdk-bloom", &[], bloom).of(&["bloom::Filter"]),
    Case::inside("sdk-flags", &[], flags).of(&["Flags"]),
];

static NUMBER: Key<u64> = Key::new("number");
static TENANT: KeyTemplate<1, Json<String>> = KeyTemplate::new("tenant:{}");
static BREACHED: Key<Filter<str>> = Key::new("breached");

fn keys(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    ensure_eq!(store.read(&NUMBER)?, Some(42), "a number");
    let tenant = store.read(&TENANT.of(42))?;
    ensure_eq!(tenant.as_deref(), Some("ACME"), "a document of a template");
    ensure_eq!(store.read(&TENANT.of(43))?, None, "one that is missing");
    Ok(Seen::AsPromised)
}

/// What the SDK matches natively, the host matches as well.
fn patterns(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    for text in ["glob:?", "glob:[^a-b]*", r"glob:\[*", "glob:*d", "glob:é"] {
        let pattern = Pattern::parse(text)?;
        let found = store.scan(&pattern)?;
        for key in GLOB_KEYS {
            ensure_eq!(
                found.iter().any(|found| found == key),
                pattern.matches(key),
                "whether the host says that {text:?} matches {key:?}"
            );
        }
    }
    let exact = store.scan(Pattern::exact("glob:*"))?;
    ensure_eq!(exact.len(), 1, "the keys that match `glob:*` to the letter");
    Ok(Seen::AsPromised)
}

fn sorted_sets(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let scores = store.sorted_set("scores");
    let between = scores.range(1.0..2.0).members::<String>()?;
    ensure_eq!(between, ["a"], "from 1 to less than 2");
    let top = scores.highest::<String>(1)?;
    ensure_eq!(top, [("large".to_owned(), 1e300)], "the highest");
    ensure_eq!(scores.score("b")?, Some(2.0), "the score of `b`");
    let version = store.pointer("page:current").get_integer()?;
    ensure_eq!(version, Some(7), "the number that is published");
    Ok(Seen::AsPromised)
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Settings {
    items_per_page: u32,
}

fn config(_: &Ground<'_>) -> Verdict {
    let settings = Config::<Settings>::new(STORE, "document").load()?;
    ensure_eq!(settings.items_per_page, 5, "the document's number");
    let missing = Config::<Settings>::new(STORE, "not there")
        .when_missing(Policy::Use(|| Settings { items_per_page: 20 }))
        .load()?;
    ensure_eq!(missing.items_per_page, 20, "the default's number");
    ensure!(
        matches!(missing.source(), Source::Defaults(_)),
        "the default does not say that it is one"
    );
    let broken = Config::<Settings>::new(STORE, "text").load();
    ensure!(broken.is_err(), "a text is a document");
    Ok(Seen::AsPromised)
}

fn bloom(ground: &Ground<'_>) -> Verdict {
    let Some(filter) = ground.store()?.read(&BREACHED)? else {
        return Err(Stop::failed("there is no key `breached`"));
    };
    ensure!(filter.contains("hunter2"), "what was added is not there");
    ensure!(
        !filter.contains("correct horse battery staple"),
        "what was not added is there"
    );
    Ok(Seen::AsPromised)
}

fn flags(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let flags = Flags::load(&store, "flags")?;
    let in_luxembourg = EvaluationContext::new().with("country", "LU");
    let details = flags.string_details("checkout", "none", &in_luxembourg);
    ensure_eq!(details.value, "new", "the variant in Luxembourg");
    ensure_eq!(details.reason, Reason::TargetingMatch, "the reason");
    let elsewhere = EvaluationContext::new().with("country", "FR");
    ensure_eq!(
        flags.string("checkout", "none", &elsewhere),
        "old",
        "the variant elsewhere"
    );
    ensure_eq!(
        flags.string("no-such-flag", "mine", &elsewhere),
        "mine",
        "a flag that is not there"
    );
    Ok(Seen::AsPromised)
}
