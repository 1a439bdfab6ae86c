//! The keys of objects.

use std::fmt::Write;

use fastedge::http::StatusCode;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// What S3 takes.
const MAX_KEY_BYTES: usize = 1024;

/// Where content without a name goes. What is there is what its name says, so nobody names it.
const NAMELESS: &str = "uploads/";

/// The key that a path names. A key is taken as it is written: only letters, digits and `-_./`, and
/// no empty, `.` or `..` segments, which would be other keys to other programs.
pub(crate) fn key_of_path(path: &str) -> Result<String, Problem> {
    let key = path.strip_prefix('/').unwrap_or(path);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let is_named = |segment: &str| !matches!(segment, "" | "." | "..");
    if key.starts_with(NAMELESS) {
        let detail = format!("`{NAMELESS}` is for what is uploaded without a name");
        return Err(Problem::new(StatusCode::FORBIDDEN, "Not a name to choose").detail(detail));
    }
    if key.len() <= MAX_KEY_BYTES && key.chars().all(is_plain) && key.split('/').all(is_named) {
        return Ok(key.to_owned());
    }
    Err(
        Problem::new(StatusCode::BAD_REQUEST, "Not a name for an object").detail(format!(
            "a path of letters, digits, `-`, `_`, `.` and `/`, without empty segments, `.` and \
             `..`, of at most {MAX_KEY_BYTES} bytes, is wanted"
        )),
    )
}

/// The key of a body that comes without a name: its SHA-256.
pub(crate) fn key_of_content(content: &[u8]) -> String {
    let mut key = NAMELESS.to_owned();
    for byte in Sha256::digest(content) {
        // Into a `String`: it does not fail.
        let _infallible = write!(key, "{byte:02x}");
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_name_one_object_are_keys() {
        for (path, key) in [
            ("/a", "a"),
            ("/photos/2026/cat-1_b.png", "photos/2026/cat-1_b.png"),
            ("/...", "..."),
        ] {
            assert_eq!(key_of_path(path).unwrap(), key);
        }
        let long = format!("/{}", "x".repeat(1025));
        for path in [
            "/", "/a/", "//a", "/a/../b", "/.", "/a b", "/a%2Fb", "/ü", &long,
        ] {
            assert!(key_of_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn content_has_its_digest_for_a_key() {
        assert_eq!(
            key_of_content(b"abc"),
            "uploads/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
