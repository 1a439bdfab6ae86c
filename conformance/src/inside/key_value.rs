//! Edge Storage.

use std::collections::BTreeSet;

use fastedge::KvStore;
use fastedge::kv_store::ErrorKind;

use super::Ground;
use crate::case::Case;
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};
use crate::fixture::{self, GLOB_KEYS, ITEMS, LONG, LONGEST, STORE};
use crate::raw;

pub(super) const CASES: &[Case] = &[
    Case::inside("kv-open", &["KV-1"], open).of(&["KvStore"]),
    Case::inside("kv-unlinked", &["KV-2"], unlinked),
    Case::inside("kv-values", &["KV-3"], values),
    Case::inside("kv-largest", &["KV-4"], largest),
    Case::inside("kv-other-types", &["KV-5"], other_types),
    Case::inside("kv-globs", &["KV-6"], globs).of(&["Pattern"]),
    Case::inside("kv-scan-order", &["KV-7"], scan_order),
    Case::inside("kv-no-patterns", &["KV-8"], no_patterns),
    Case::inside("kv-ranges", &["KV-9"], ranges),
    Case::inside("kv-odd-bounds", &["KV-10"], odd_bounds),
    Case::inside("kv-raw-members", &["KV-11", "KV-6"], raw_members),
    Case::inside("kv-bloom-filter", &["KV-12"], bloom_filter),
    Case::inside("kv-missing", &["KV-3", "KV-13"], missing),
];

fn open(ground: &Ground<'_>) -> Verdict {
    ground.store()?;
    let other_case = STORE.to_uppercase();
    ensure!(
        KvStore::open(&*other_case).is_err(),
        "store {other_case:?} opens, although only {STORE:?} is linked"
    );
    Ok(Seen::AsPromised)
}

/// What the host says is told by the words of the error, which the SDK hides.
fn unlinked(_: &Ground<'_>) -> Verdict {
    let Err(error) = raw::open("no-such-store-anywhere")? else {
        return Err(Stop::failed("a store that is not linked opens"));
    };
    match error.as_str() {
        error if error.starts_with("access-denied") => Ok(Seen::Choice("access-denied")),
        error if error.starts_with("no-such-store") => Ok(Seen::Choice("no-such-store")),
        other => Err(Stop::failed(format!("opening it answers {other:?}"))),
    }
}

fn values(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let text = store.get_text("text")?;
    ensure!(
        text.is_some(),
        "there is no key `text`: is the fixture in the store?"
    );
    ensure_eq!(text.as_deref(), Some("grüße"), "key `text`");
    let every_byte: Vec<u8> = (0..=255).collect();
    ensure_eq!(
        store.get_bytes("bytes")?,
        Some(every_byte),
        "all 256 bytes at key `bytes`"
    );
    ensure_eq!(
        store.get_bytes("empty")?,
        Some(Vec::new()),
        "the empty value at key `empty`"
    );
    Ok(Seen::AsPromised)
}

fn largest(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let at_long_key = store.get_text(&fixture::longest_key())?;
    ensure_eq!(
        at_long_key.as_deref(),
        Some("at a long key"),
        "the value at a key of 256 bytes"
    );
    let longest = store.get_bytes("longest")?.unwrap_or_default();
    ensure_eq!(longest.len(), LONGEST, "the length of the longest value");
    ensure!(
        longest.iter().all(|byte| *byte == b'v'),
        "the longest value is not what was written"
    );
    Ok(Seen::AsPromised)
}

fn other_types(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let results = [
        ("get of a sorted set", store.get("scores").err()),
        (
            "zrange-by-score of a pair",
            store.zrange_by_score("text", 0.0, 1.0).err(),
        ),
        ("zscan of a pair", store.zscan("text", "*").err()),
    ];
    for (what, error) in results {
        let Some(error) = error else {
            return Err(Stop::failed(format!("{what} is no error")));
        };
        ensure!(
            matches!(error.kind(), ErrorKind::Internal { .. }),
            "{what} is not `internal-error`: {error}"
        );
    }
    ensure!(
        !store.bf_exists("text", "grüße")?,
        "bf-exists of a pair is true"
    );
    Ok(Seen::AsPromised)
}

fn globs(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let patterns: [(&str, &[&str]); 9] = [
        ("glob:?", &["glob:a", "glob:b", "glob:*", "glob:^"]),
        ("glob:[ab]", &["glob:a", "glob:b"]),
        ("glob:[^a]", &["glob:b", "glob:*", "glob:^"]),
        (
            "glob:[a-c]*",
            &["glob:a", "glob:b", "glob:ab", "glob:c:d", "glob:c/d"],
        ),
        ("glob:c*d", &["glob:c:d", "glob:c/d"]),
        (r"glob:\*", &["glob:*"]),
        (r"glob:\[x\]", &["glob:[x]"]),
        ("glob:a", &["glob:a"]),
        ("glob:*", &GLOB_KEYS),
    ];
    for (pattern, wanted) in patterns {
        let found: BTreeSet<String> = store.scan(pattern)?.iter().cloned().collect();
        // A `?` is one byte for a Redis, and an accented letter is two.
        let wanted: BTreeSet<String> = wanted.iter().map(|key| (*key).to_owned()).collect();
        ensure_eq!(found, wanted, "the keys that match {pattern:?}");
    }
    Ok(Seen::AsPromised)
}

/// Asked thrice, since chance may order them.
fn scan_order(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let wanted: BTreeSet<&str> = GLOB_KEYS.into_iter().collect();
    let mut is_in_order = true;
    for _ in 0..3 {
        let keys = raw::scan(STORE, "glob:*")?;
        let found: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
        ensure_eq!(found, wanted, "the keys that begin with `glob:`");
        is_in_order &= keys.is_sorted() && keys.len() == wanted.len();
        let once = store.scan("glob:*")?;
        ensure_eq!(once.len(), wanted.len(), "the SDK's keys, each once");
    }
    Ok(Seen::Choice(match is_in_order {
        true => "in order, each once",
        false => "in no order, or some twice",
    }))
}

fn no_patterns(ground: &Ground<'_>) -> Verdict {
    ground.store()?;
    for pattern in ["", "glob:[", r"nothing\"] {
        let keys = raw::scan(STORE, pattern)?;
        ensure!(keys.is_empty(), "pattern {pattern:?} matches {keys:?}");
    }
    let keys: BTreeSet<String> = raw::scan(STORE, "glob:[a")?.into_iter().collect();
    if keys.is_empty() {
        return Ok(Seen::Choice("a class that is not closed matches nothing"));
    }
    let wanted = BTreeSet::from(["glob:a".to_owned()]);
    ensure_eq!(
        keys,
        wanted,
        "the keys that match a class that is not closed"
    );
    Ok(Seen::Choice(
        "a class that is not closed ends with the pattern",
    ))
}

fn ranges(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let between = |min: f64, max: f64| -> Result<Vec<(String, f64)>, Stop> {
        let members = store.zrange_by_score("scores", min, max)?;
        let named = members.into_iter().map(|(member, score)| {
            let name = String::from_utf8_lossy(member.as_bytes()).into_owned();
            (name, score)
        });
        Ok(named.collect())
    };
    let of = |members: &[(&str, f64)]| -> Vec<(String, f64)> {
        let named = members
            .iter()
            .map(|(name, score)| ((*name).to_owned(), *score));
        named.collect()
    };
    let all = [
        ("negative", -3.5),
        ("a", 1.0),
        ("a2", 2.0),
        ("b", 2.0),
        ("large", 1e300),
    ];
    let everything = between(f64::NEG_INFINITY, f64::INFINITY)?;
    ensure_eq!(everything, of(&all), "all members of `scores`");
    ensure_eq!(
        between(1.0, 2.0)?,
        of(&all[1..4]),
        "from 1 to 2, both in, those of one score by their bytes"
    );
    ensure_eq!(between(1.5, 1.9)?, of(&[]), "from 1.5 to 1.9");
    let long = store.zrange_by_score("long", f64::NEG_INFINITY, f64::INFINITY)?;
    ensure_eq!(long.len(), LONG as usize, "the members of `long`");
    Ok(Seen::AsPromised)
}

fn odd_bounds(_: &Ground<'_>) -> Verdict {
    for (min, max) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
        let members = raw::zrange_by_score(STORE, "scores", min, max)?;
        ensure!(members.is_err(), "from {min} to {max} is no error");
    }
    let none = raw::zrange_by_score(STORE, "scores", 2.0, 1.0)?;
    ensure_eq!(none, Ok(Vec::new()), "from 2 to 1");
    Ok(Seen::AsPromised)
}

fn raw_members(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    let raw: Vec<u8> = vec![0xff, 0x00, 0x80];
    let bytes = |members: Vec<(fastedge::Value, f64)>| -> BTreeSet<Vec<u8>> {
        let members = members.into_iter().map(|(member, _)| member.into_bytes());
        members.collect()
    };
    let both = BTreeSet::from([raw.clone(), b"text".to_vec()]);
    let by_score = store.zrange_by_score("raw", 0.0, 9.0)?;
    ensure_eq!(bytes(by_score), both, "the members of `raw` by score");
    let by_pattern = store.zscan("raw", "*")?;
    ensure_eq!(bytes(by_pattern), both, "the members of `raw` by `*`");
    let text = store.zscan("raw", "t[a-f]?t")?;
    ensure_eq!(
        bytes(text),
        BTreeSet::from([b"text".to_vec()]),
        "the members of `raw` by `t[a-f]?t`"
    );
    Ok(Seen::AsPromised)
}

fn bloom_filter(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    for item in 0..ITEMS {
        ensure!(
            store.bf_exists("filter", &format!("item-{item}"))?,
            "item-{item} was added, and is said not to be there"
        );
    }
    let mut wrong = 0;
    for item in 0..200 {
        if store.bf_exists("filter", &format!("other-{item}"))? {
            wrong += 1;
        }
    }
    // One in a hundred, of two hundred: more than twelve happens once in a million times.
    ensure!(
        wrong <= 12,
        "{wrong} of 200 items that were not added are said to be there"
    );
    Ok(Seen::AsPromised)
}

fn missing(ground: &Ground<'_>) -> Verdict {
    let store = ground.store()?;
    ensure_eq!(store.get_bytes("not there")?, None, "a missing key");
    let members = raw::zrange_by_score(STORE, "not there", 0.0, 9.0)?;
    ensure_eq!(members, Ok(Vec::new()), "a missing key's range");
    ensure!(
        store.zscan("not there", "*")?.is_empty(),
        "a missing key has members"
    );
    ensure!(
        !store.bf_exists("not there", "x")?,
        "a missing Bloom filter has an item"
    );
    Ok(Seen::AsPromised)
}
