//! A remembered value, as bytes: a tag (1), the store's revision (8), when the value expires in
//! milliseconds since 1970 (8), and the value if there is one; little-endian.

const DELETED: u8 = 0;
const PUT: u8 = 1;
const HEADER_BYTES: usize = 17;
const NEVER: u64 = u64::MAX;

pub(super) struct Remembered {
    pub(super) revision: u64,
    expires_ms: u64,
    value: Option<Vec<u8>>,
}

impl Remembered {
    /// The value at a moment, for which the clock is asked only where it matters.
    pub(super) fn at(self, now_ms: impl FnOnce() -> u64) -> Option<Option<Vec<u8>>> {
        let has_expired = self.expires_ms != NEVER && now_ms() >= self.expires_ms;
        Some(self.value.filter(|_| !has_expired))
    }
}

pub(super) fn written(value: Option<&[u8]>, revision: u64, expires_ms: Option<u64>) -> Vec<u8> {
    let tag = if value.is_some() { PUT } else { DELETED };
    let mut entry = vec![tag];
    entry.extend_from_slice(&revision.to_le_bytes());
    entry.extend_from_slice(&expires_ms.unwrap_or(NEVER).to_le_bytes());
    entry.extend_from_slice(value.unwrap_or_default());
    entry
}

/// `None` for bytes that this did not write.
pub(super) fn read(mut entry: Vec<u8>) -> Option<Remembered> {
    let (tag, rest) = entry.split_first()?;
    let (revision, rest) = rest.split_first_chunk()?;
    let (expires_ms, _) = rest.split_first_chunk()?;
    let (tag, revision) = (*tag, u64::from_le_bytes(*revision));
    let expires_ms = u64::from_le_bytes(*expires_ms);
    let value = match tag {
        DELETED => None,
        PUT => {
            entry.drain(..HEADER_BYTES);
            Some(entry)
        }
        _ => return None,
    };
    Some(Remembered {
        revision,
        expires_ms,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_were_written() {
        let at = |entry: Vec<u8>, now: u64| read(entry).unwrap().at(|| now);
        assert_eq!(
            at(written(Some(b"v"), 7, None), 9),
            Some(Some(b"v".to_vec()))
        );
        assert_eq!(
            at(written(Some(b""), 7, Some(10)), 9),
            Some(Some(Vec::new()))
        );
        assert_eq!(at(written(Some(b"v"), 7, Some(9)), 9), Some(None));
        assert_eq!(at(written(None, 7, None), 9), Some(None));
        assert_eq!(read(written(None, 7, None)).unwrap().revision, 7);
        assert!(read(vec![PUT; HEADER_BYTES - 1]).is_none());
        assert!(read(vec![9; 30]).is_none());
    }
}
