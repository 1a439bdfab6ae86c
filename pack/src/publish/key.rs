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
            "a list's key has 1 to {most} bytes, so that those of its shards have at most \
             {MAX_KEY_BYTES}, and this one has {}",
            key.len()
        ));
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = key.split(':').skip(1).find(|part| is_number(part)) {
        return refuse(format!("`:{number}` is reserved for generations"));
    }
    let end = key.rsplit_once(':').map_or("", |(_, end)| end);
    if matches!(
        end,
        "state" | "generations" | "record" | "filter" | "pointer"
    ) {
        return refuse(format!("`:{end}` is reserved for what belongs to a list"));
    }
    Ok(())
}
