//! A copy of a generation's manifest that the API returns in full.
//!
//! The API returns values of more than 1,024 bytes as a hash, so a publisher cannot read back the
//! manifests that it wrote. It needs them to write only shards that have changed, to roll back, and
//! to delete the keys of old generations. So each generation has a sorted set whose members are
//! pieces of the manifest and of the shards' hashes, each short enough to be returned.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use fastedge::blocklist::format::hash;
use fastedge::edge_storage_api::{Entry, EntryError, StoredValue};

/// The length of a piece, in bytes. In base64, and with its number, it has fewer than 1,024
/// characters.
const PIECE_BYTES: usize = 720;

/// A generation's manifest, or its whole list, and the hashes of its shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) root: Vec<u8>,
    pub(super) sums: Vec<u8>,
}

impl Record {
    /// Returns the entry that writes the record.
    pub(super) fn entry(&self, key: &str) -> Result<Entry, EntryError> {
        let bytes = self.encode();
        let pieces = bytes.chunks(PIECE_BYTES).enumerate();
        let members = pieces.map(|(number, piece)| {
            let member = format!("{number} {}", BASE64.encode(piece));
            (number as f64, member)
        });
        Entry::sorted_set(key, members)
    }

    /// Reads a record from the members of its set; `None` if pieces are missing or damaged.
    pub(super) fn read(members: &[(StoredValue, f64)]) -> Option<Self> {
        let mut pieces = Vec::with_capacity(members.len());
        for (member, _) in members {
            let text = str::from_utf8(member.bytes()?).ok()?;
            let (number, piece) = text.split_once(' ')?;
            let number: usize = number.parse().ok()?;
            pieces.push((number, BASE64.decode(piece).ok()?));
        }
        pieces.sort();
        pieces.dedup();
        let mut bytes = Vec::new();
        for (wanted, (number, piece)) in pieces.into_iter().enumerate() {
            if number != wanted {
                return None;
            }
            bytes.extend(piece);
        }
        Record::decode(&bytes)
    }

    /// Encodes the manifest's length, the manifest, the hashes, and a hash of all these.
    fn encode(&self) -> Vec<u8> {
        let mut bytes = (self.root.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.root);
        bytes.extend_from_slice(&self.sums);
        let sum = hash(&[0; 16], &bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (bytes, sum) = bytes.split_last_chunk()?;
        if u64::from_le_bytes(*sum) != hash(&[0; 16], bytes) {
            return None;
        }
        let (length, bytes) = bytes.split_first_chunk()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (root, sums) = bytes.split_at_checked(length)?;
        Some(Record {
            root: root.to_vec(),
            sums: sums.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(record: &Record) -> Vec<(StoredValue, f64)> {
        let bytes = record.encode();
        let pieces = bytes.chunks(PIECE_BYTES).enumerate();
        pieces
            .map(|(number, piece)| {
                let member = format!("{number} {}", BASE64.encode(piece));
                assert!(member.len() < 1_000);
                (StoredValue::Bytes(member.into_bytes().into()), 0.0)
            })
            .collect()
    }

    #[test]
    fn record_in_any_order_is_read_and_incomplete_record_is_not() {
        for (root, sums) in [(0, 0), (1, 0), (700, 16), (720, 720), (100_000, 9_000)] {
            let mut random = fastrand::Rng::with_seed(root as u64);
            let mut bytes = |length| (0..length).map(|_| random.u8(..)).collect();
            let record = Record {
                root: bytes(root),
                sums: bytes(sums),
            };
            let mut members = members(&record);
            fastrand::Rng::with_seed(1).shuffle(&mut members);
            assert_eq!(Record::read(&members), Some(record.clone()));
            // A server may list a piece twice if it was written twice.
            members.push(members[0].clone());
            assert_eq!(Record::read(&members), Some(record.clone()));
            members.pop();
            for missing in 0..members.len() {
                let mut members = members.clone();
                members.remove(missing);
                assert_eq!(Record::read(&members), None);
            }
        }
        assert_eq!(Record::read(&[]), None);
    }

    #[test]
    fn garbled_members_are_no_record() {
        let record = Record {
            root: vec![7; 2_000],
            sums: vec![9; 80],
        };
        let members = members(&record);
        let mut random = fastrand::Rng::with_seed(2);
        for _ in 0..5_000 {
            let mut garbled = members.clone();
            let at = random.usize(..garbled.len());
            let mut member = garbled[at].0.bytes().unwrap().to_vec();
            let byte = random.usize(..member.len());
            member[byte] = random.u8(..);
            garbled[at].0 = StoredValue::Bytes(member.into());
            let read = Record::read(&garbled);
            assert!(read.is_none() || read.as_ref() == Some(&record));
        }
    }
}
