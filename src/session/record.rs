//! What is kept of a session, as text: the version of this format (1), when it began and when it was kept,
//! in milliseconds since 1970, and the state as JSON, with a space in between.

use std::io::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, ErrorKind};
use crate::value::{self, DecodeError};

const VERSION: &str = "1";

pub(super) struct Record<'a> {
    pub(super) created_ms: u64,
    pub(super) touched_ms: u64,
    state: &'a [u8],
}

impl<'a> Record<'a> {
    pub(super) fn encode<T: Serialize>(
        created_ms: u64,
        touched_ms: u64,
        state: &T,
    ) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        // Writing to a `Vec` does not fail.
        let _infallible = write!(bytes, "{VERSION} {created_ms} {touched_ms} ");
        serde_json::to_writer(&mut bytes, state).map_err(ErrorKind::Encode)?;
        Ok(bytes)
    }

    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        Record::parts(bytes).ok_or_else(|| {
            let reason = DecodeError::Codec("it is cut short, or of another version".to_owned());
            ErrorKind::Decode(reason).into()
        })
    }

    fn parts(bytes: &'a [u8]) -> Option<Self> {
        let mut parts = bytes.splitn(4, |byte| *byte == b' ');
        let version = parts.next()?;
        let mut moment = || str::from_utf8(parts.next()?).ok()?.parse().ok();
        let (created_ms, touched_ms) = (moment()?, moment()?);
        let state = parts.next()?;
        (version == VERSION.as_bytes()).then_some(Record {
            created_ms,
            touched_ms,
            state,
        })
    }

    pub(super) fn state<T: DeserializeOwned>(&self) -> Result<T, Error> {
        value::json(self.state).map_err(|reason| ErrorKind::Decode(reason).into())
    }

    /// Whether its lifetime is over. That it was idle for too long is told by its place, which has
    /// forgotten it.
    pub(super) fn is_over(&self, now_ms: u64, lifetime_ms: u64) -> bool {
        now_ms >= self.created_ms.saturating_add(lifetime_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_and_what_is_garbled_is_told() {
        let bytes = Record::encode(1, 2, &"state").unwrap();
        let record = Record::decode(&bytes).unwrap();
        assert_eq!((record.created_ms, record.touched_ms), (1, 2));
        assert_eq!(record.state::<String>().unwrap(), "state");
        for cut in 0..bytes.len() {
            let read = Record::decode(&bytes[..cut]).and_then(|record| record.state::<String>());
            assert!(
                matches!(read.unwrap_err().kind(), ErrorKind::Decode(_)),
                "{cut}"
            );
        }
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..20_000 {
            let mut garbled = bytes.clone();
            let at = random.usize(..garbled.len());
            garbled[at] = random.u8(..);
            let read = Record::decode(&garbled).and_then(|record| record.state::<String>());
            assert!(read.is_ok() || matches!(read.unwrap_err().kind(), ErrorKind::Decode(_)));
        }
    }
}
