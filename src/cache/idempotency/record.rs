//! What a key was completed with: the version of this format (1), the request's fingerprint (32 bytes),
//! and the answer.

use super::{Begin, Fingerprint};
use crate::cache::{Error, Retry};
use crate::value::DecodeError;

const VERSION: u8 = 1;

pub(super) fn encode(fingerprint: Fingerprint, with: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(1 + fingerprint.0.len() + with.len());
    record.push(VERSION);
    record.extend(fingerprint.0);
    record.extend(with);
    record
}

/// What a key was completed with, if it was. A record that cannot be read is an error: to take it for
/// none would carry the request out again.
pub(super) fn completed(key: &str, fingerprint: Fingerprint) -> Result<Option<Begin>, Error> {
    let Some(record) = Retry::default().get_bytes(key)? else {
        return Ok(None);
    };
    let [VERSION, rest @ ..] = record.as_slice() else {
        return Err(garbled(key, "it is of another version"));
    };
    let (of, with) = rest
        .split_first_chunk()
        .ok_or_else(|| garbled(key, "it is cut short"))?;
    Ok(Some(match Fingerprint(*of) == fingerprint {
        true => Begin::Completed(with.to_vec()),
        false => Begin::OtherRequest,
    }))
}

pub(super) fn garbled(key: &str, reason: &'static str) -> Error {
    let reason = format!("not the record of a completed request: {reason}");
    Error::of_decoding(key, DecodeError::Codec(reason))
}
