//! What is kept of a session: the version of this format (1), when it began (8 bytes) and when it was
//! kept (8), in milliseconds since 1970, little-endian; and the state as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Error, ErrorKind};
use crate::value::{self, DecodeError};

const VERSION: u8 = 1;

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
        let mut bytes = vec![VERSION];
        bytes.extend(created_ms.to_le_bytes());
        bytes.extend(touched_ms.to_le_bytes());
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
        let (version, rest) = bytes.split_first()?;
        let (created, rest) = rest.split_first_chunk()?;
        let (touched, state) = rest.split_first_chunk()?;
        (*version == VERSION).then(|| Record {
            created_ms: u64::from_le_bytes(*created),
            touched_ms: u64::from_le_bytes(*touched),
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
