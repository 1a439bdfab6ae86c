//! The cache.

use std::time::Duration;

use fastedge::cache::{Cache, Error, ErrorKind, Ttl};

use super::Ground;
use crate::case::Case;
use crate::check::{Seen, Stop, Verdict, ensure, ensure_eq};
use crate::{clock, raw};

pub(super) const CASES: &[Case] = &[
    Case::inside("cache-is-there", &["CACHE-1"], is_there),
    Case::inside("cache-set", &["CACHE-2"], set).of(&["Cache"]),
    Case::inside("cache-expiry", &["CACHE-3", "CACHE-4"], expiry).of(&["Ttl"]),
    Case::inside("cache-odd-times", &["CACHE-3"], odd_times),
    Case::inside("cache-incr", &["CACHE-6"], incr).of(&["Counter"]),
    Case::inside("cache-integers", &["CACHE-7"], integers),
    Case::inside("cache-odd-integers", &["CACHE-7"], odd_integers),
    Case::inside("cache-of-no-integer", &["CACHE-7"], no_integer),
    Case::inside("cache-overflow", &["CACHE-8"], overflow),
    Case::inside("cache-expire", &["CACHE-9"], expire),
    Case::inside("cache-purge-prefix", &["CACHE-10"], purge_prefix),
    Case::inside(
        "cache-counters-and-purges",
        &["CACHE-11"],
        counters_and_purges,
    ),
    Case::inside("cache-any-bytes", &["CACHE-14"], any_bytes),
    Case::inside("cache-keeps", &["CACHE-15"], keeps),
    Case::inside("cache-calls-fail", &["CACHE-16"], calls_fail),
];

/// Long enough for a case, and not for the cache to fill with what cases leave.
const MINUTE: u64 = 60;

fn a_minute() -> Result<Ttl, Stop> {
    Ok(Ttl::secs(MINUTE)?)
}

fn is_denied(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::AccessDenied { .. })
}

fn is_there(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("k");
    let Err(error) = Cache::get_bytes(&key) else {
        return Ok(Seen::Choice("there"));
    };
    ensure!(is_denied(&error), "a call fails: {error}");
    let others = [
        Cache::set(&key, "", a_minute()?).err(),
        Cache::delete(&key).err(),
        Cache::exists(&key).err(),
        Cache::incr(&key, 1).err(),
        Cache::expire(&key, a_minute()?).err(),
        Cache::purge_prefix(&key).err(),
    ];
    ensure!(
        others
            .iter()
            .flatten()
            .filter(|error| is_denied(error))
            .count()
            == others.len(),
        "`get` is denied, but not every other call is"
    );
    Ok(Seen::Choice("denied"))
}

fn set(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("k");
    ensure_eq!(Cache::get_bytes(&key)?, None, "a missing key");
    ensure!(!Cache::exists(&key)?, "a missing key exists");
    Cache::set(&key, "one", a_minute()?)?;
    Cache::set(&key, "two", a_minute()?)?;
    ensure_eq!(Cache::get_text(&key)?.as_deref(), Some("two"), "the value");
    ensure!(Cache::exists(&key)?, "what is set does not exist");
    Cache::delete(&key)?;
    ensure!(!Cache::exists(&key)?, "what is deleted exists");
    Cache::delete(&key)?;
    Ok(Seen::AsPromised)
}

fn expiry(ground: &Ground<'_>) -> Verdict {
    let (short, cleared, kept) = (
        ground.key("short"),
        ground.key("cleared"),
        ground.key("kept"),
    );
    let moment = Ttl::millis(20)?;
    Cache::set(&short, "", moment)?;
    Cache::set(&cleared, "1", moment)?;
    Cache::set(&cleared, "2", None)?;
    Cache::set(&kept, "", a_minute()?)?;
    clock::sleep(Duration::from_millis(30))?;
    ensure!(
        !Cache::exists(&short)?,
        "an entry of 20 ms is there after 30"
    );
    ensure_eq!(
        Cache::get_text(&cleared)?.as_deref(),
        Some("2"),
        "an entry whose expiry was taken away"
    );
    ensure!(Cache::exists(&kept)?, "an entry of a minute is gone");
    Cache::delete(&cleared)?;
    Ok(Seen::AsPromised)
}

fn odd_times(ground: &Ground<'_>) -> Verdict {
    let (none, all) = (ground.key("none"), ground.key("all"));
    raw::cache_set(&none, b"", Some(0))?;
    ensure!(!Cache::exists(&none)?, "an entry of 0 ms is there");
    Cache::set(&none, "", a_minute()?)?;
    raw::cache_set(&none, b"", Some(0))?;
    ensure!(!Cache::exists(&none)?, "what is set anew for 0 ms is there");
    raw::cache_set(&all, b"", Some(u64::MAX))?;
    ensure!(Cache::exists(&all)?, "an entry of u64::MAX ms is gone");
    Cache::delete(&all)?;
    Ok(Seen::AsPromised)
}

fn incr(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("n");
    ensure_eq!(Cache::incr(&key, 5)?, 5, "the first sum");
    ensure_eq!(Cache::decr(&key, 7)?, -2, "the second sum");
    ensure_eq!(Cache::get_text(&key)?.as_deref(), Some("-2"), "the value");
    ensure!(Cache::expire(&key, Ttl::millis(20)?)?, "it was not there");
    ensure_eq!(Cache::incr(&key, 1)?, -1, "the third sum");
    clock::sleep(Duration::from_millis(30))?;
    ensure_eq!(
        Cache::counter(&key).expires_after(a_minute()?).incr()?,
        1,
        "the sum after the expiry, which `incr` keeps"
    );
    Ok(Seen::AsPromised)
}

fn integers(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("n");
    for (text, sum) in [("-1", 0), ("41", 42), ("9223372036854775806", i64::MAX)] {
        Cache::set(&key, text, a_minute()?)?;
        ensure_eq!(Cache::incr(&key, 1)?, sum, "{text} and 1");
    }
    Ok(Seen::AsPromised)
}

fn odd_integers(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("n");
    let mut taken = Vec::new();
    for (text, sum) in [("+5", 6), ("007", 8)] {
        Cache::set(&key, text, a_minute()?)?;
        if let Ok(there) = Cache::incr(&key, 1) {
            ensure_eq!(there, sum, "{text} and 1");
            taken.push(text);
        }
    }
    Ok(Seen::Choice(match taken.as_slice() {
        ["+5", "007"] => "+5 and 007 are integers",
        [] => "neither +5 nor 007 is an integer",
        _ => "one of +5 and 007 is an integer",
    }))
}

fn no_integer(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("word");
    Cache::set(&key, "seven", a_minute()?)?;
    let Err(error) = Cache::incr(&key, 1) else {
        return Err(Stop::failed("a word can be counted"));
    };
    ensure_eq!(
        Cache::get_text(&key)?.as_deref(),
        Some("seven"),
        "the value after it"
    );
    Ok(Seen::Choice(match error.kind() {
        ErrorKind::Other { message, .. } if message == "value is not an integer" => {
            "value is not an integer"
        }
        _ => "other words",
    }))
}

fn overflow(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("n");
    Cache::set_display(&key, i64::MAX, a_minute()?)?;
    match Cache::incr(&key, 1) {
        Ok(i64::MIN) => Ok(Seen::Choice("wraps")),
        Ok(other) => Err(Stop::failed(format!("i64::MAX and 1 is {other}"))),
        Err(_) => {
            let kept = Cache::get_parsed::<i64>(&key)?;
            ensure_eq!(kept, Some(i64::MAX), "the value after an overflow");
            Ok(Seen::Choice("fails"))
        }
    }
}

fn expire(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("k");
    ensure!(
        !Cache::expire(&key, a_minute()?)?,
        "a missing key was there"
    );
    Cache::set(&key, "", a_minute()?)?;
    ensure!(
        Cache::expire(&key, Ttl::millis(20)?)?,
        "a key was not there"
    );
    clock::sleep(Duration::from_millis(30))?;
    ensure!(!Cache::exists(&key)?, "it is there after its new expiry");
    Cache::set(&key, "", a_minute()?)?;
    ensure!(raw::cache_expire(&key, 0)?, "a key was not there");
    ensure!(!Cache::exists(&key)?, "it is there after an expiry of 0");
    Ok(Seen::AsPromised)
}

fn purge_prefix(ground: &Ground<'_>) -> Verdict {
    // What would be special in a pattern is not in a prefix.
    let (prefix, others) = (ground.key("p*:"), ground.key("px:"));
    for name in ["1", "2", "3"] {
        Cache::set(&format!("{prefix}{name}"), "", a_minute()?)?;
    }
    Cache::set(&format!("{others}1"), "", a_minute()?)?;
    ensure_eq!(Cache::purge_prefix(&prefix)?, 3, "how many keys went");
    ensure!(
        !Cache::exists(&format!("{prefix}1"))?,
        "one of them is there"
    );
    ensure!(Cache::exists(&format!("{others}1"))?, "another one went");
    ensure_eq!(Cache::purge_prefix(&prefix)?, 0, "how many went then");
    Ok(Seen::AsPromised)
}

fn counters_and_purges(ground: &Ground<'_>) -> Verdict {
    let prefix = ground.key("c:");
    let counter = format!("{prefix}counter");
    Cache::incr(&counter, 1)?;
    Cache::expire(&counter, a_minute()?)?;
    let purged = Cache::purge_prefix(&prefix)?;
    let is_there = Cache::exists(&counter)?;
    match (purged, is_there) {
        (0, true) => Ok(Seen::Choice("not seen")),
        (1, false) => Ok(Seen::Choice("seen")),
        other => Err(Stop::failed(format!(
            "{} keys went, and the counter is there: {}",
            other.0, other.1
        ))),
    }
}

fn any_bytes(ground: &Ground<'_>) -> Verdict {
    let every_byte: Vec<u8> = (0..=255).collect();
    for name in ["a b", "tab\tline\nend", "ключ", "鍵", "*?[x]\\", "%00"] {
        let key = ground.key(name);
        Cache::set(&key, &every_byte, a_minute()?)?;
        ensure_eq!(
            Cache::get_bytes(&key)?.as_ref(),
            Some(&every_byte),
            "all 256 bytes at key {name:?}"
        );
    }
    let key = ground.key("empty");
    Cache::set(&key, "", a_minute()?)?;
    ensure_eq!(Cache::get_bytes(&key)?, Some(Vec::new()), "an empty value");
    Ok(Seen::AsPromised)
}

fn keeps(ground: &Ground<'_>) -> Verdict {
    let value = [b'x'; 1024];
    for number in 0..100 {
        Cache::set(&ground.key(&number.to_string()), value, a_minute()?)?;
    }
    let mut kept = 0;
    for number in 0..100 {
        if Cache::exists(&ground.key(&number.to_string()))? {
            kept += 1;
        }
    }
    Cache::purge_prefix(&ground.key(""))?;
    Ok(Seen::Choice(match kept {
        100 => "everything",
        _ => "not everything",
    }))
}

fn calls_fail(ground: &Ground<'_>) -> Verdict {
    let key = ground.key("k");
    let failed = (0..200).filter(|_| Cache::get_bytes(&key).is_err()).count();
    Ok(Seen::Choice(match failed {
        0 => "never",
        _ => "now and then",
    }))
}
