//! Which keys lists can have.

use super::PublishError;

/// So much longer are the longest keys of shards: `:4294967295:6` and 32 digits.
const LONGEST_END: usize = 45;

/// The longest key of the platform.
const MAX_KEY_BYTES: usize = 256;

/// Checks that no key of the list can be one of another list, or too long.
pub(super) fn check(key: &str) -> Result<(), PublishError> {
    let refuse = |reason: String| {
        Err(PublishError::Key {
            key: key.to_owned(),
            reason,
        })
    };
    let most = MAX_KEY_BYTES - LONGEST_END;
    if key.is_empty() || key.len() > most {
        return refuse(format!(
            "it has 1 to {most} bytes, so that those of its shards are possible"
        ));
    }
    let end = key.rsplit_once(':').map_or("", |(_, end)| end);
    let is_number = !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || matches!(end, "state" | "filter" | "pointer" | "sums") {
        return refuse(format!(
            "`:{end}` is what keys of the list `{}` end with",
            key.rsplit_once(':').map_or("", |(list, _)| list)
        ));
    }
    Ok(())
}
