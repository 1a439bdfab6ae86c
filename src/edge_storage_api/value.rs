//! Values as the API returns them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::Value;

/// The longest value that the API returns in full: 1,024 bytes. It returns longer ones as their
/// SHA-256.
pub const MAX_READABLE_BYTES: usize = 1024;

/// A value as the API returns it: the bytes, or only their SHA-256.
///
/// The API returns values of more than [`MAX_READABLE_BYTES`], and masked ones, as a hash. Apps read
/// them in full; tools can only compare them.
///
/// ```
/// use fastedge::edge_storage_api::StoredValue;
///
/// let value = StoredValue::from_sha256_hex(
///     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
/// ).unwrap();
/// assert!(value.is(b"hello"));
/// assert!(value.bytes().is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredValue {
    /// The bytes.
    Bytes(Value),
    /// The SHA-256 of a value that the API does not return.
    Sha256([u8; 32]),
}

impl StoredValue {
    /// Creates a hashed value from the 64 hexadecimal digits of its SHA-256, in upper or lower case.
    pub fn from_sha256_hex(digits: &str) -> Option<Self> {
        let digits = digits.as_bytes();
        let mut hash = [0; 32];
        if digits.len() != 2 * hash.len() {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
                return None;
            };
            *byte = (high * 16 + low) as u8;
        }
        Some(StoredValue::Sha256(hash))
    }

    /// Returns the bytes, if the API returned them.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            StoredValue::Bytes(value) => Some(value.as_bytes()),
            StoredValue::Sha256(_) => None,
        }
    }

    /// Returns whether this is the value `bytes`.
    ///
    /// A hash matches if it is the SHA-256 of the bytes, or of their base64: the platform does not
    /// document which of the two it returns for a value that was sent as base64.
    pub fn is(&self, bytes: &[u8]) -> bool {
        match self {
            StoredValue::Bytes(value) => value.as_bytes() == bytes,
            StoredValue::Sha256(hash) => {
                let is_hash_of = |bytes: &[u8]| Sha256::digest(bytes)[..] == hash[..];
                is_hash_of(bytes) || is_hash_of(STANDARD.encode(bytes).as_bytes())
            }
        }
    }
}

/// Prints text as it is, other bytes as their number, and a hash as its digits.
impl fmt::Display for StoredValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoredValue::Bytes(value) => match value.as_text() {
                Ok(text) => f.write_str(text),
                Err(_) => write!(f, "{} bytes", value.as_bytes().len()),
            },
            StoredValue::Sha256(hash) => {
                f.write_str("sha256:")?;
                hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
