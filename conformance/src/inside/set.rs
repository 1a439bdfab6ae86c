//! Secrets, variables, labels.

use std::time::{Duration, SystemTime};

use fastedge::{diagnostics, dictionary, secret};

use super::Ground;
use crate::case::{Case, Need};
use crate::check::{Seen, Stop, Verdict, ensure_eq};
use crate::fixture;

pub(super) const CASES: &[Case] = &[
    Case::inside("secret-get", &["SET-1"], secret_get).of(&["secret"]),
    Case::inside("secret-rotation", &["SET-2"], secret_rotation),
    Case::inside("dictionary-get", &["SET-3"], dictionary_get).of(&["dictionary"]),
    Case::inside("environment", &["SET-4"], environment).needs(&[Need::Component]),
    Case::inside("diagnostics", &["SET-5"], label).of(&["diagnostics"]),
];

fn secret_get(_: &Ground<'_>) -> Verdict {
    let (name, value) = fixture::SECRET;
    ensure_eq!(
        secret::get(name)?.as_deref(),
        Some(value),
        "secret `{name}`"
    );
    ensure_eq!(
        secret::get("NO_SUCH_SECRET")?,
        None,
        "a secret that is not set"
    );
    Ok(Seen::AsPromised)
}

fn secret_rotation(_: &Ground<'_>) -> Verdict {
    let (name, former, present, from) = fixture::ROTATED;
    let Some(now) = secret::get(name)? else {
        return Err(Stop::skipped(format!("needs the secret `{name}`")));
    };
    ensure_eq!(now, present, "secret `{name}` now");
    let at = |moment: u32| -> Result<Option<String>, Stop> {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(moment));
        Ok(secret::get_effective_at(name, moment)?)
    };
    ensure_eq!(at(from - 1)?.as_deref(), Some(former), "a second before");
    ensure_eq!(at(from)?.as_deref(), Some(present), "from its moment on");
    Ok(Seen::AsPromised)
}

fn dictionary_get(_: &Ground<'_>) -> Verdict {
    let (name, value) = fixture::VARIABLE;
    let found = dictionary::get(name)?;
    ensure_eq!(found.as_deref(), Some(value), "variable `{name}`");
    let missing = dictionary::get("NO_SUCH_VARIABLE")?;
    ensure_eq!(missing, None, "a variable that is not set");
    Ok(Seen::AsPromised)
}

fn environment(_: &Ground<'_>) -> Verdict {
    let (name, value) = fixture::VARIABLE;
    let found = std::env::var(name).ok();
    ensure_eq!(found.as_deref(), Some(value), "`{name}` in the environment");
    Ok(Seen::AsPromised)
}

fn label(_: &Ground<'_>) -> Verdict {
    diagnostics::set("conformance")?;
    diagnostics::set("")?;
    Ok(Seen::AsPromised)
}
